"""How commands talk with who runs them: answers and complaints in streams of their own, a password in no argument."""

import sys
from getpass import getpass

from app.core.errors import Problem, invalid_field


def say(text: str) -> None:
    """Write an answer."""
    sys.stdout.write(f"{text}\n")


def complain(about: str | Problem) -> int:
    """Write what went wrong, in a line; return the exit code that says so."""
    if isinstance(about, Problem):
        about = "; ".join(error["detail"] for error in about.errors) or about.detail
    sys.stderr.write(f"{about}\n")
    return 1


def read_password() -> str:
    """Return a password typed at a prompt or piped in; an argument would show in `ps`.

    Raises:
        Problem: what is piped in is no text.
    """
    try:
        return getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise invalid_field("/password", "not_text", "The password is not text in this terminal's encoding.") from None
