"""What a person sees while rows are proven: a line for each that is done, and in a terminal what is being done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bastion.proof.rows.outcome import Outcome

_LINES_OF_OUTPUT = 20


class Screen:
    """The terminal, or a file that a terminal's output goes to."""

    def __init__(self, count: int) -> None:
        """Expect `count` rows."""
        self._count = count
        self._done = 0
        self._doing: dict[str, str] = {}
        self._console = Console(highlight=False, soft_wrap=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._bar = self._progress.add_task("proving", total=count)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show what is being done for as long as the block lasts."""
        with self._progress:
            yield

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self._console.print(text, markup=False)

    def doing(self, row: str) -> Callable[[str], None]:
        """Return what a row calls to say what it is doing."""

        def report(step: str) -> None:
            self._doing[row] = step
            self._show()

        return report

    def done(self, outcome: Outcome, reproduction: str) -> None:
        """Write how a row ended; of one that failed, what failed and how to see it again."""
        self._done += 1
        self._doing.pop(outcome.id, None)
        self._progress.advance(self._bar)
        self._show()
        took = "shown before" if outcome.cached else f"{outcome.seconds:6.1f} s"
        verdict = "passed" if outcome.passed else "FAILED"
        self.say(f"{self._done:>{len(str(self._count))}}/{self._count} {verdict} {took:>12}  {outcome.id}")
        for step in outcome.failures:
            self.say(f"    {step.name}: {step.message}")
            for line in step.output.splitlines()[-_LINES_OF_OUTPUT:]:
                self.say(f"      | {line}")
        if not outcome.passed:
            self.say(f"    again: {reproduction}")

    def _show(self) -> None:
        now = ", ".join(f"{row} ({step})" for row, step in list(self._doing.items())[:2])
        self._progress.update(self._bar, description=now or "proving")
