"""What became of one combination, as it is kept between runs and told in the report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that was done with a render."""

    name: str
    passed: bool
    seconds: float = 0.0
    """By the clock on the wall."""

    cpu_seconds: float = 0.0
    """Of one core, by everything that the step started and waited for."""

    message: str = ""
    """What is wrong, in a sentence; empty when it passed."""

    output: str = ""
    """The last lines of what was printed; empty when it passed."""


@dataclass(frozen=True, kw_only=True)
class Timed:
    """A test and how long it took."""

    test: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A test that did not run, and why."""

    test: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one combination has shown."""

    id: str
    answers: Mapping[str, Any]
    steps: Sequence[Step]
    tests: int = 0
    """How many of its own tests passed."""

    skipped: Sequence[Skipped] = ()
    slowest: Sequence[Timed] = ()
    guards: Sequence[str] = ()
    """The guards found in the render, each of them reached."""

    made: str = ""
    """When it was shown: ISO 8601, UTC."""

    python: str = ""
    """The version of the interpreter that the render was installed for."""

    cached: bool = False
    """True when nothing that can change it has changed since it was shown."""

    @property
    def passed(self) -> bool:
        """True when every step passed."""
        return all(step.passed for step in self.steps)

    @property
    def failures(self) -> Iterator[Step]:
        """The steps that did not pass."""
        return (step for step in self.steps if not step.passed)

    @property
    def seconds(self) -> float:
        """How long it took by the clock."""
        return sum(step.seconds for step in self.steps)

    @property
    def cpu_seconds(self) -> float:
        """How long it took of one core."""
        return sum(step.cpu_seconds for step in self.steps)

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Outcome":
        """Read what `as_data` wrote. Raises TypeError or KeyError for anything else."""
        return cls(
            **{
                **data,
                "steps": tuple(Step(**each) for each in data["steps"]),
                "skipped": tuple(Skipped(**each) for each in data["skipped"]),
                "slowest": tuple(Timed(**each) for each in data["slowest"]),
                "guards": tuple(data["guards"]),
            }
        )
