"""Every combination is rendered and read, though not run: each distinct file once, in some render that holds it."""

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.renders import Rendered, Renders, assert_in_none
from tests.support.trees import empty_folders

DOCUMENTS = (".md", ".toml", ".ini", ".yml", ".yaml", ".env", ".env.example")
GAP = re.compile(r"\A\n|\n\n\n|[ \t]\n|\n\n\Z|[^\n]\Z")
# With a dollar in front it is an expression of GitHub's, in a workflow.
TAG = re.compile(r"\{%|(?<!\$)\{\{ (?!\})|%\}")


def test_an_excluded_file_leaves_no_empty_folder(every_render: list[Rendered]) -> None:
    assert_in_none(every_render, lambda rendered: empty_folders(rendered.folder))


def test_no_tag_survives_the_rendering(renders: Renders, every_render: list[Rendered]) -> None:
    def has_a_tag(_path: str, text: str) -> bool:
        return TAG.search(text) is not None

    assert_in_none(every_render, files_that(has_a_tag, renders))


def test_a_block_that_is_left_out_leaves_no_gap(renders: Renders, every_render: list[Rendered]) -> None:
    """Python is held to more than this by its formatter; examples of it in the documents may have two empty lines."""

    def has_a_gap(path: str, text: str) -> bool:
        return path.endswith(DOCUMENTS) and GAP.search(re.sub(r"```.+?```", "...", text, flags=re.DOTALL)) is not None

    assert_in_none(every_render, files_that(has_a_gap, renders))


def files_that(are_wrong: Callable[[str, str], bool], renders: Renders) -> Callable[[Rendered], Iterator[str]]:
    """Look at each content of a path once, in whatever combination it comes."""
    known = cache(lambda path, digest: are_wrong(path, renders.text(digest)))

    def find(rendered: Rendered) -> Iterator[str]:
        return (path for path, digest in rendered.files.items() if known(path, digest))

    return find


def test_every_render_has_the_same_rules_for_its_linter(renders: Renders, every_render: list[Rendered]) -> None:
    texts = {renders.text(rendered.files["pyproject.toml"]) for rendered in every_render}

    assert len({repr(tomllib.loads(text)["tool"]["ruff"]) for text in texts}) == 1


@pytest.mark.parametrize("check", [("check",), ("format", "--check")], ids=" ".join)
def test_every_python_file_passes_the_projects_own_linter(
    tmp_path: Path, every_render: list[Rendered], check: tuple[str, ...]
) -> None:
    """The files lie in folders that each hold one version of a path, with what the linter looks for around it."""
    lay_out(every_render, tmp_path)

    found = run(sys.executable, "-m", "ruff", *check, "--no-cache", "--quiet", cwd=tmp_path)

    assert found.returncode == 0, found.stdout[-8000:]


def lay_out(every: Iterable[Rendered], folder: Path) -> None:
    versions: dict[str, dict[str, Rendered]] = defaultdict(dict)
    for rendered in every:
        for path, digest in rendered.files.items():
            if path.endswith(".py") or path == "pyproject.toml":
                versions[path].setdefault(digest, rendered)
    for path, by_digest in versions.items():
        for number, rendered in enumerate(by_digest.values()):
            # The linter takes for the project's own what it finds as a package.
            around = ("pyproject.toml", "app/__init__.py", "tests/__init__.py", *_packages_of(path))
            for each in (path, *around):
                _link(rendered, each, folder / str(number))


def _packages_of(path: str) -> list[str]:
    return [(parent / "__init__.py").as_posix() for parent in Path(path).parents]


def _link(rendered: Rendered, path: str, folder: Path) -> None:
    target = folder / path
    if path in rendered.files and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(rendered.folder / path)
