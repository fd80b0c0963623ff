"""`python -m app.manage rotate-key`: a new signing key, and nobody has to log in again."""

import os
from argparse import ArgumentParser, Namespace

from app.core.env_file import EnvFile, new_secret_key
from app.core.events import Level, SecurityEvent
from app.core.kernel import Kernel
from app.core.settings import ENV_FILE
from app.core.slices import Command
from app.core.terminal import complain, say

_MOST_FALLBACKS = 2
_MEANS_SOMETHING_IN_A_LIST = frozenset(",#$'\"\\")
_NAMES = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "SECRET_KEY_NEXT")


async def rotate_key(kernel: Kernel, arguments: Namespace) -> int:
    """Rotate the root secret in `.env`, by one step of two; return the exit code.

    The next key must be accepted wherever it is verified before it signs, by processes that have yet to restart and by
    others who keep our public keys: the first call announces it, a second one, when all have heard of it, puts it to
    use. A key that somebody else may know is not waited for.
    """
    set_outside = {name.upper() for name, value in os.environ.items() if value}.intersection(_NAMES)
    if set_outside:
        # The environment wins over `.env`: a rotation in the file would be reported and never happen.
        do = "replace it there, and keep no other" if arguments.compromised else "rotate it where it is set"
        return complain(f"{', '.join(sorted(set_outside))}: set in the environment, so {do}")
    env = EnvFile(ENV_FILE)
    unlisted = [] if arguments.compromised else _that_no_list_holds(env)
    if unlisted:
        remedy = "use --compromised, or put one there from: python -m app.manage secrets --print"
        return complain(f"{', '.join(unlisted)}: holds what no list of keys can hold; {remedy}")
    done = "replaced" if arguments.compromised else "used" if env.get("SECRET_KEY_NEXT") else "announced"
    say(replace(env) if arguments.compromised else rotate(env))
    what = ("operator", "SECRET_KEY", done)
    kernel.tell(SecurityEvent(name="sensitive_update", arguments=what, level=Level.WARN))
    return 0


def _that_no_list_holds(env: EnvFile) -> list[str]:
    """Return the names in `env` whose secrets are others once they are fallbacks: their tokens would be refused."""
    secrets = {name: [env.get(name)] for name in _NAMES} | {"SECRET_KEY_FALLBACKS": _fallbacks(env)}
    return [name for name in _NAMES if not all(map(can_be_listed, secrets[name]))]


def can_be_listed(secret: str) -> bool:
    """Return whether `SECRET_KEY_FALLBACKS` gives `secret` back as it was: written into `.env` between commas."""
    return not any(character in _MEANS_SOMETHING_IN_A_LIST or character.isspace() for character in secret)


def _fallbacks(env: EnvFile) -> list[str]:
    return [secret.strip() for secret in env.get("SECRET_KEY_FALLBACKS").split(",") if secret.strip()]


def rotate(env: EnvFile) -> str:
    """Announce the next secret in `env`, or put the one to use that was; return what to do next."""
    upcoming = env.get("SECRET_KEY_NEXT")
    if not upcoming:
        env.set("SECRET_KEY_NEXT", new_secret_key())
        return "Restart every process, then run this again; where others fetch the public keys, 5 minutes after that."
    fallbacks = [env.get("SECRET_KEY"), *_fallbacks(env)][:_MOST_FALLBACKS]
    env.set("SECRET_KEY_FALLBACKS", ",".join(fallbacks))
    env.set("SECRET_KEY", upcoming)
    env.set("SECRET_KEY_NEXT", "")
    return "Restart every process. When the last token of the old key has expired, empty SECRET_KEY_FALLBACKS."


def replace(env: EnvFile) -> str:
    """Put a new secret in the place of all others in `env`; return what to do next.

    The next one goes too: it lay beside the one that is known.
    """
    env.set("SECRET_KEY", new_secret_key())
    env.set("SECRET_KEY_FALLBACKS", "")
    env.set("SECRET_KEY_NEXT", "")
    return "Restart every process now: until then the old key signs. Clients then get new tokens by a refresh."


def _takes_compromised(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--compromised",
        action="store_true",
        help="somebody may know the key: replace it in one step, and accept nothing that it has signed",
    )


COMMAND = Command(
    name="rotate-key",
    help="make a new signing key, in two steps, and keep accepting the old one",
    run=rotate_key,
    arguments=_takes_compromised,
)
