"""What goes wrong because of what the user gave."""

INVALID_INPUT = 2
INTERRUPTED = 130


class Problem(Exception):  # noqa: N818 - it is told to people, and "error" tells them nothing
    """Bad input: one line that says what is wrong and what to do about it."""

    def __init__(self, what: str, remedy: str = "") -> None:
        """Join the problem and its remedy into one line.

        Args:
            what: What is wrong.
            remedy: What the user can do, in the imperative.
        """
        one_line = " ".join(what.split()).rstrip(".")
        super().__init__(f"{one_line}: {remedy}" if remedy else one_line)
