"""What a new password must be: long, and not among the first to be tried. No rules of composition (SP 800-63B-4)."""

import re
from unicodedata import normalize

from app.accounts.blocklist import reason_to_refuse
from app.core.errors import invalid_field
from app.core.types import canonical_email

LONGEST_PASSWORD = 256
"""In code points. Longer ones add nothing and cost time."""

_REASONS = {
    "repeated": "It repeats a few characters.",
    "keyboard_run": "It follows the keyboard, the alphabet or the digits.",
    "context_word": "It is made of your address or the name of this service.",
    "common": "It is made of words that are tried first.",
}


def check_new_password(password: str, *, shortest: int, email: str, service: str, pointer: str = "/password") -> None:
    """Accept `password` for the account of `email`, or say why not.

    Length is counted in code points after NFC, so an emoji is one character and a composed letter too.

    Raises:
        Problem: 422 with the reason, which names the rule and never the password.
    """
    normal = normalize("NFC", password)
    if len(normal) < shortest:
        raise invalid_field(pointer, "too_short", f"Use at least {shortest} characters; a sentence is fine.")
    if len(normal) > LONGEST_PASSWORD:
        raise invalid_field(pointer, "too_long", f"Use at most {LONGEST_PASSWORD} characters.")
    if "\0" in normal:
        raise invalid_field(pointer, "not_text", "Use characters that can be typed.")
    reason = reason_to_refuse(normal, _context_words(email, service))
    if reason is not None:
        raise invalid_field(pointer, reason, _REASONS[reason])


def _context_words(email: str, service: str) -> set[str]:
    address = canonical_email(email)
    local, _, domain = address.partition("@")
    names = {address, local, domain, domain.partition(".")[0], service}
    names |= {re.sub(r"[\W_]+", "", name) for name in names}
    return names | set(re.split(r"[\W\d_]+", f"{local} {service}"))
