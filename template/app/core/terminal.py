"""How commands talk with who runs them: answers and complaints in streams of their own, a password in no argument."""

import signal
import sys
from collections.abc import Mapping
from getpass import getpass

from app.core.errors import Problem, invalid_field


def say(text: str) -> None:
    """Write an answer."""
    sys.stdout.write(f"{text}\n")


def complain(about: str | Problem) -> int:
    """Write what went wrong, in a line; return the exit code that says so."""
    if isinstance(about, Problem):
        about = "; ".join(map(_of_field, about.errors)) or about.detail
    sys.stderr.write(f"{about}\n")
    return 1


def _of_field(error: Mapping[str, str]) -> str:
    return f"{error['pointer'].removeprefix('/')}: {error['detail']}"


def read_password() -> str:
    """Return a password typed at a prompt or piped in; an argument would show in `ps`.

    Raises:
        Problem: it is no text, or the prompt was left without one.
        KeyboardInterrupt: it was left by Ctrl-C.
    """
    try:
        return _prompt() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise invalid_field("/password", "not_text", "The password is not text in this terminal's encoding.") from None
    except EOFError:
        raise invalid_field("/password", "missing", "No password was given.") from None


def _prompt() -> str:
    # The event loop takes Ctrl-C for itself, and would look at it when somebody has typed a password.
    of_loop = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return getpass("Password: ")
    except (EOFError, KeyboardInterrupt):
        # What is written next would stand behind the prompt.
        sys.stderr.write("\n")
        raise
    finally:
        signal.signal(signal.SIGINT, of_loop)
