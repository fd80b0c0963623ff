"""Workflows and their updates: safe on a stranger's pull request, and without slips."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from bastion.proof.static.tools.tool import Complaint, Tool, shares

_YAML = {".yml", ".yaml"}
_CONFIGURATIONS = {"dependabot", "action"}


class Zizmor(Tool):
    """Finds what is unsafe."""

    program = "zizmor"

    def wants(self, path: str, text: str) -> bool:
        """Take workflows, actions and the configuration of Dependabot."""
        del text
        name = PurePosixPath(path)
        return _is_workflow(path) or (name.stem in _CONFIGURATIONS and name.suffix in _YAML)

    def complaints(self, tree: Path, files: Sequence[str]) -> Iterator[Complaint]:
        """Run it without asking anybody on the network."""
        for share in shares(files):
            said = self.json_of(tree, ("--offline", "--quiet", "--no-progress", "--format=json", *share))
            for finding in said:
                if not finding["ignored"]:
                    yield _complaint(finding)


def _is_workflow(path: str) -> bool:
    name = PurePosixPath(path)
    return name.parent.name == "workflows" and name.suffix in _YAML


def _complaint(finding: dict[str, Any]) -> Complaint:
    location = next(each for each in finding["locations"] if each["symbolic"]["kind"] == "Primary")
    symbolic = location["symbolic"]
    return Complaint(
        PurePosixPath(symbolic["key"]["Local"]["verbatim_path"]).as_posix(),
        f"{finding['ident']}: {symbolic['annotation']}",
        location["concrete"]["location"]["start_point"]["row"] + 1,
    )


class Actionlint(Tool):
    """Finds what cannot run."""

    program = "actionlint"

    def wants(self, path: str, text: str) -> bool:
        """Take workflows."""
        del text
        return _is_workflow(path)

    def complaints(self, tree: Path, files: Sequence[str]) -> Iterator[Complaint]:
        """Run it."""
        for share in shares(files):
            for said in self.json_of(tree, ("-no-color", "-format", "{{json .}}", *share)):
                yield Complaint(said["filepath"], said["message"], said["line"])
