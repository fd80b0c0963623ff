"""Images, scripts and Kubernetes: what stands around the application."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from bastion.proof.static.tools.tool import Complaint, Tool, shares

_YAML = {".yml", ".yaml"}
_SHELL = re.compile(r"#!.*\b(?:ba|da|k)?sh\b")
_KINDS = re.compile(r"^apiVersion:.*?^kind:|^kind:.*?^apiVersion:", re.MULTILINE | re.DOTALL)
_INVALID = re.compile(r"^(?:ERROR|WARNING)\s+(\S+) (.+)$", re.MULTILINE)


class Hadolint(Tool):
    """Reads Dockerfiles."""

    program = "hadolint"

    def wants(self, path: str, text: str) -> bool:
        """Take what is called so."""
        del text
        name = PurePosixPath(path).name
        return name == "Dockerfile" or name.startswith("Dockerfile.") or name.endswith(".Dockerfile")

    def complaints(self, tree: Path, files: Sequence[str]) -> Iterator[Complaint]:
        """Run it."""
        for share in shares(files):
            for said in self.json_of(tree, ("--format", "json", *share)):
                yield Complaint(said["file"], f"{said['code']} {said['message']}", said["line"])


class Shellcheck(Tool):
    """Reads shell scripts."""

    program = "shellcheck"

    def wants(self, path: str, text: str) -> bool:
        """Take what is called so, or says so in its first line."""
        return PurePosixPath(path).suffix in {".sh", ".bash"} or bool(_SHELL.match(text))

    def complaints(self, tree: Path, files: Sequence[str]) -> Iterator[Complaint]:
        """Run it."""
        for share in shares(files):
            for said in self.json_of(tree, ("--format=json", *share)):
                yield Complaint(said["file"], f"SC{said['code']} {said['message']}", said["line"])


class KubernetesValidate(Tool):
    """Reads the objects of Kubernetes."""

    program = "kubernetes-validate"

    def wants(self, path: str, text: str) -> bool:
        """Take YAML that says what kind of object it is."""
        return PurePosixPath(path).suffix in _YAML and bool(_KINDS.search(text))

    def complaints(self, tree: Path, files: Sequence[str]) -> Iterator[Complaint]:
        """Run it. It refuses properties that nobody knows, too."""
        for share in shares(files):
            finished = self.run(tree, ("--strict", "--quiet", *share))
            said = finished.stdout + finished.stderr
            found = [Complaint(file, message) for file, message in _INVALID.findall(said)]
            # What it says of a file that it cannot read at all has no form.
            yield from found or ([Complaint(share[0], said.strip().splitlines()[-1])] if finished.returncode else [])
