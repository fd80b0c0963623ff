"""Problems that a user can solve: with other input, or with other permissions or space."""

import errno

INVALID_INPUT = 2
STOPPED_BY_SIGNAL = 128
"""The number that shells add to a signal's: 130 after Ctrl-C."""

_REMEDIES = {
    errno.ENOSPC: "free some space there, or choose another place",
    errno.EDQUOT: "free some space there, or choose another place",
    errno.ENAMETOOLONG: "choose a shorter path",
    errno.EROFS: "choose a folder you may write to",
    errno.EACCES: "choose a folder you may write to",
    errno.EPERM: "choose a folder you may write to",
}


class Problem(Exception):  # noqa: N818 - it is told to people, and "error" tells them nothing
    """Bad input, or something that the system refuses: one line that says what is wrong and what to do about it."""

    def __init__(self, what: str, remedy: str = "") -> None:
        """Join the problem and its remedy into one line.

        Args:
            what: What is wrong.
            remedy: What the user can do, in the imperative.
        """
        one_line = " ".join(what.split()).rstrip(".")
        super().__init__(f"{one_line}: {remedy}" if remedy else one_line)

    @classmethod
    def of_the_system(cls, what: str, error: OSError, remedy: str = "try another place") -> "Problem":
        """Make a problem of a system's error, with the remedy for its reason.

        Args:
            what: What could not be done.
            error: The system's error.
            remedy: The remedy for a reason that is not known here.
        """
        return cls(f"{what} ({error.strerror or error})", _REMEDIES.get(error.errno or 0, remedy))
