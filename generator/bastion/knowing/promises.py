"""The promises of a rendered project's tests: their names, and the requirements of OWASP ASVS 5.0 they are marked with.

The tests are read and never run. A function with parameters is one test here, however many cases it has.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bastion.anatomy import text_of

_TESTS, _PREFIX = "tests", "test_"
_MARKER = "pytest.mark.asvs"


@dataclass(frozen=True, order=True)
class Test:
    """One test.

    Attributes:
        file: its path in the project.
        line: its line in the file.
        name: the function's name.
        requirements: the ids of the requirements that it is marked with.
    """

    file: str
    line: int
    name: str
    requirements: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The test's promise: its name, as a sentence."""
        return self.name.removeprefix(_PREFIX).replace("_", " ")


def tests_of(project: Path) -> list[Test]:
    """List the tests of a project, in the order of their files.

    Args:
        project: The folder of a project.
    """
    return [test for file in sorted((project / _TESTS).rglob(f"{_PREFIX}*.py")) for test in _tests(file, project)]


def _tests(file: Path, project: Path) -> Iterator[Test]:
    path = file.relative_to(project).as_posix()
    for node in ast.parse(text_of(file)).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(_PREFIX):
            yield Test(path, node.lineno, node.name, tuple(_requirements(node)))


def _requirements(test: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == _MARKER:
            yield from (str(ast.literal_eval(each)) for each in decorator.args)
