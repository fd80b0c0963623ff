"""Several mistakes at once: all are told, so that nobody mends one only to hear of the next."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bastion.problems import Problem


class SeveralProblems(Problem):
    """Several problems, told in a line each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Join problems.

        Args:
            problems: At least two.
        """
        super().__init__("")
        self.problems = problems

    def __str__(self) -> str:
        """Give a line for each problem."""
        return "\n".join(map(str, self.problems))


def each_of(problem: Problem) -> Sequence[Problem]:
    """Return the problems that a problem consists of: several, or itself."""
    return problem.problems if isinstance(problem, SeveralProblems) else (problem,)


def together(problems: Sequence[Problem]) -> Problem:
    """Make one problem of at least one."""
    return problems[0] if len(problems) == 1 else SeveralProblems(problems)


class Mistakes:
    """The problems found so far."""

    def __init__(self) -> None:
        """Start with none."""
        self._found: dict[str, Problem] = {}

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Note a problem of the block instead of ending there."""
        try:
            yield
        except Problem as problem:
            self.note(*each_of(problem))

    def note(self, *problems: Problem) -> None:
        """Note problems; the same problem is told only once.

        Args:
            problems: The problems.
        """
        self._found |= {str(each): each for each in problems}

    def raise_if_any(self) -> None:
        """Raise the problems found so far, if there are any.

        Raises:
            Problem: There are some; it tells of all of them.
        """
        found = list(self._found.values())
        if found:
            raise together(found)
