"""How a summary looks to people: in colour where the terminal has it, plain in a pipe or with NO_COLOR."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.columns import Columns
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from bastion.anatomy import METHODS, PROJECT, Route
from bastion.choosing.summary import Summary

_NAME, _QUIET = "cyan", "dim"
_BOUND = re.compile(r"[ ;<>=!~@]")


def show_tree(folder: str, summary: Summary) -> None:
    """Show each file in its folder.

    Args:
        folder: The name of the project's folder.
        summary: The project.
    """
    tree = Tree(Text(folder, style="bold"))
    branches = {"": tree}
    for file in summary.files:
        parent, _, name = file.rpartition("/")
        _branch(branches, parent).add(Text(name))
    Console(highlight=False).print(tree)


def show_summary(summary: Summary, meanings: Mapping[str, str]) -> None:
    """Show the project as it will be.

    Args:
        summary: The project.
        meanings: The meaning of each answer, by question.
    """
    for title, content in _sections(summary, meanings):
        _show_section(title, content)


def _sections(summary: Summary, meanings: Mapping[str, str]) -> Iterator[tuple[str, RenderableType]]:
    yield f"{len(summary.files)} files", Text(", ".join(_areas(summary.files)))
    for group, requirements in summary.dependencies.items():
        purpose = "dependencies" if group == PROJECT else f"more in the dependency group {group}"
        yield f"{len(requirements)} {purpose}", Text(", ".join(map(_distribution, requirements)))
    documented = [route for route in summary.routes if route.documented]
    if documented:
        yield f"{len(documented)} routes", Columns(_by_path(documented), padding=(0, 3), column_first=True)
    # Last, so that they are still in sight when somebody has to agree.
    yield "Answers", _answers(summary, meanings)


def _show_section(title: str, content: RenderableType) -> None:
    console = Console(highlight=False)
    console.print(Text(f"\n{title}", style="bold"))
    with console.capture() as captured:
        console.print(Padding(content, (0, 0, 0, 2)))
    # Text copied from here should have no invisible blanks at the end of a line.
    console.file.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _branch(branches: dict[str, Tree], path: str) -> Tree:
    if path not in branches:
        parent, _, name = path.rpartition("/")
        branches[path] = _branch(branches, parent).add(Text(f"{name}/", style=_NAME))
    return branches[path]


def _answers(summary: Summary, meanings: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, answer in summary.answers.items():
        chosen = ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)
        written = Text(chosen) if chosen else Text("nothing", style=_QUIET)
        table.add_row(Text(name, style=_NAME), written, Text(meanings.get(name, ""), style=_QUIET))
    return table


def _areas(files: Sequence[str]) -> Iterator[str]:
    """Count the files of each folder at the top."""
    counts = Counter(file.partition("/")[0] if "/" in file else "" for file in files)
    at_the_top = counts.pop("", 0)
    yield from (f"{folder}/ {count}" for folder, count in counts.items())
    yield f"{at_the_top} at the top"


def _distribution(requirement: str) -> str:
    """Return a requirement without its bounds, address and markers."""
    return _BOUND.split(requirement, maxsplit=1)[0]


def _by_path(routes: Sequence[Route]) -> Iterator[Text]:
    for path, methods in groupby(routes, key=lambda route: route.path):
        in_order = sorted((each.method for each in methods), key=METHODS.index)
        yield Text.assemble(path, " ", (" ".join(in_order), _QUIET))
