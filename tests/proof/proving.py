"""`bastion prove` as its users run it, on the small template, with environments that all tests share."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.proof.small_template import write
from tests.support.commands import BASTION, Finished, environment, run

ONE_ROW = ("--only", "colour=red", "--only", "size=small", "--only", "extras=[bell]")
"""The answers that name a single combination."""

ROW = "red-small-bell"
"""Its name."""


@dataclass(frozen=True)
class Prover:
    """The command, with a template and a cache."""

    template: Path
    cache: Path

    def change(self, changes: Mapping[str, str]) -> None:
        """Change files of the template."""
        write(self.template, changes)

    def prove(self, *flags: str, env: Mapping[str, str] | None = None) -> Finished:
        """Prove; without flags, all that strength 2 promises."""
        return run(*self.command(*flags), cwd=self.template, env=self.variables(env))

    def command(self, *flags: str) -> Sequence[str]:
        """Return the command."""
        return (*BASTION, "prove", "--template", str(self.template), *flags)

    def variables(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of the command."""
        return environment({"BASTION_CACHE_DIR": str(self.cache), **(changes or {})})

    def prove_again(self, finished: Finished) -> Finished:
        """Run the one command that a failed row printed, as a shell would."""
        (again,) = set(re.findall(r"again: (.*bastion .+)", finished.stdout))
        path = os.pathsep.join([str(Path(*BASTION).parent), os.environ["PATH"]])
        return run("sh", "-c", again, cwd=self.cache, env=self.variables({"PATH": path}))


def verdicts(finished: Finished) -> dict[str, str]:
    """Return what became of each row, by its name."""
    return {name: verdict for verdict, name in re.findall(r"^ *\d+/\d+ (\w+) .* (\S+)$", finished.stdout, re.MULTILINE)}
