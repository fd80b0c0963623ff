"""The parts that one project has and another lacks: the difference between two renders, not a list kept by hand."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from bastion.anatomy import Route, dependencies_of, files_of, routes_of, settings_of
from bastion.knowing.promises import Test, tests_of
from bastion.project import ANSWERS_FILE

_DIFFERENT_IN_ALL = (ANSWERS_FILE, ".env")
"""The files with the answers, and with the secret, which is drawn anew for each project."""


@dataclass(frozen=True, kw_only=True)
class Addition:
    """The parts of a project that come with a choice or a capability.

    Attributes:
        files: the paths of the new files, those for tests included.
        changed: the paths of the files that both projects have, with other content.
        routes: the new routes.
        settings: the new variables that the project reads.
        dependencies: group and requirement, as `pyproject.toml` has them.
        tests: the new tests.
        requirements: the requirements of ASVS that no test proves without it.
    """

    files: frozenset[str]
    changed: frozenset[str]
    routes: frozenset[Route]
    settings: frozenset[str]
    dependencies: frozenset[tuple[str, str]]
    tests: frozenset[Test]
    requirements: frozenset[str]

    @classmethod
    def between(cls, without: Path, with_it: Path) -> Self:
        """Compare two renders.

        Args:
            without: The folder of the project that lacks something.
            with_it: The folder of the same project with it.
        """
        before, after = frozenset(files_of(without)), frozenset(files_of(with_it))
        tests_before, tests_after = frozenset(tests_of(without)), frozenset(tests_of(with_it))
        return cls(
            files=after - before,
            changed=frozenset(
                each
                for each in after & before - {*_DIFFERENT_IN_ALL}
                if (without / each).read_bytes() != (with_it / each).read_bytes()
            ),
            routes=frozenset(routes_of(with_it)) - frozenset(routes_of(without)),
            settings=frozenset(settings_of(with_it)) - frozenset(settings_of(without)),
            dependencies=_declared(with_it) - _declared(without),
            tests=tests_after - tests_before,
            requirements=_proven(tests_after) - _proven(tests_before),
        )

    def __and__(self, other: Self) -> Self:
        """Return the parts that both add."""
        return type(self)(**{each.name: getattr(self, each.name) & getattr(other, each.name) for each in fields(self)})

    @property
    def also_proven(self) -> frozenset[str]:
        """The requirements that its tests prove and that other tests prove too."""
        return _proven(self.tests) - self.requirements


def in_order(requirements: Iterable[str]) -> list[str]:
    """Sort ids as the standard does: V2 comes before V10.

    Args:
        requirements: Ids such as `V6.2.4`.
    """
    return sorted(requirements, key=lambda each: [int(number) for number in re.findall(r"\d+", each)])


def _declared(project: Path) -> frozenset[tuple[str, str]]:
    return frozenset((group, each) for group, found in dependencies_of(project).items() for each in found)


def _proven(tests: Iterable[Test]) -> frozenset[str]:
    return frozenset(requirement for test in tests for requirement in test.requirements)
