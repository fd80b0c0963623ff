"""Jinja lives in a short list of files; everything else is what an editor, ruff and a reader think it is."""

import re
from fnmatch import fnmatchcase

import pytest

from tests.support.checkout import TEMPLATE

# The list. A file that joins it needs a reason: a place where capabilities meet.
FILES_WITH_TAGS = (
    ".env.example.jinja",
    ".env.jinja",
    ".github/workflows/checks.yml.jinja",
    "README.md.jinja",
    "SECURITY.md.jinja",
    "app/main.py.jinja",
    "migrations/versions/*initial*.py.jinja",
    "pyproject.toml.jinja",
    "{{_copier_conf.answers_file}}.jinja",
)

# Above this, a reader of a Python file no longer sees the Python. Known templates reach 54 where features meet.
TAGS_PER_100_LINES = 30

TAG = re.compile(r"\{%.*?%\}")


def _template_files() -> list[str]:
    found = (path.relative_to(TEMPLATE) for path in TEMPLATE.rglob("*") if path.is_file())
    return sorted(
        path.as_posix() for path in found if not any(part.endswith(("cache", "cache__", "venv")) for part in path.parts)
    )


JINJA_FILES = [path for path in _template_files() if path.endswith(".jinja")]


def _text(path: str) -> str:
    return (TEMPLATE / path).read_text(encoding="utf-8")


def test_only_listed_files_are_templates() -> None:
    unlisted = [path for path in JINJA_FILES if not any(fnmatchcase(path, pattern) for pattern in FILES_WITH_TAGS)]

    assert unlisted == []


@pytest.mark.parametrize("pattern", FILES_WITH_TAGS)
def test_every_listed_file_exists_and_uses_what_it_is_allowed(pattern: str) -> None:
    files = [path for path in JINJA_FILES if fnmatchcase(path, pattern)]

    assert files
    assert [path for path in files if "{{" not in _text(path) and "{%" not in _text(path)] == []


def test_no_other_file_carries_a_tag() -> None:
    tagged = []
    for path in set(_template_files()) - set(JINJA_FILES):
        content = (TEMPLATE / path).read_bytes()
        if b"\0" not in content and TAG.search(content.decode("utf-8")) and "/static/" not in path:
            tagged.append(path)

    assert tagged == []


def test_no_file_name_is_a_condition_or_breaks_a_windows_checkout() -> None:
    assert [path for path in _template_files() if "{%" in path or '"' in path or "|" in path] == []


@pytest.mark.parametrize("path", [path for path in JINJA_FILES if path.endswith(".py.jinja")])
def test_python_with_tags_stays_readable(path: str) -> None:
    text = _text(path)

    assert len(TAG.findall(text)) * 100 <= TAGS_PER_100_LINES * len(text.splitlines())


@pytest.mark.parametrize("path", JINJA_FILES)
def test_blocks_are_whole_lines_flat_and_of_one_capability(path: str) -> None:
    depth = 0
    for line in _text(path).splitlines():
        for tag in TAG.findall(line):
            assert line.strip() == tag, f"a tag shares its line: {line}"
            assert not tag.startswith("{%-")
            assert not tag.endswith("-%}")
            if tag.startswith("{% if"):
                assert re.fullmatch(r"\{% if (not )?\w+ %\}", tag), f"not one capability: {tag}"
                depth += 1
            elif tag == "{% endif %}":
                depth -= 1
            assert depth in {0, 1}, f"a block inside a block: {line}"

    assert depth == 0
