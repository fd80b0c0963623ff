"""YAML in which no key stands twice: PyYAML takes the last one without a word, and what the first one said is gone."""

from collections.abc import Iterator
from typing import Any

import yaml


class _Loader(yaml.CSafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"the key {key.value} is there twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def load(text: str) -> Any:  # noqa: ANN401 - whatever YAML can hold
    """Read a document.

    Args:
        text: Its content.
    """
    return yaml.load(text, _Loader)  # noqa: S506 - it is a safe one


def load_all(text: str) -> Iterator[Any]:
    """Read several documents in one text.

    Args:
        text: Their content.
    """
    return yaml.load_all(text, _Loader)


def reason(error: yaml.YAMLError) -> str:
    """Say what is wrong and where, in one line.

    Args:
        error: As PyYAML raised it: of several lines, with an excerpt.
    """
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark else ""
    return f"{getattr(error, 'problem', None) or error}{where}"
