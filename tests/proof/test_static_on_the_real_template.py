"""What the first tier has to catch, planted in a copy of the real template: it names the file and the answers."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bastion.proof.results import Finding
from bastion.proof.static import prove_statically
from tests.proof.planted import replace_in
from tests.support.checkout import copy_of_what_is_proven

QUESTIONNAIRE, README = "copier.yml", "template/README.md.jinja"
MAIN, MANIFEST = "template/app/main.py.jinja", "template/pyproject.toml.jinja"
ENV, WORKFLOW = "template/.env.example.jinja", "template/.github/workflows/checks.yml.jinja"
COUNTING, POSTGRESQL = "template/app/rate_limit/counting.py", "template/app/core/postgresql.py"

Change = tuple[str, str, str]
"""A file, a text in it, and what stands there instead."""

Told = tuple[str, str, str, str]
"""The check that speaks, the file, what it says, and the answers."""

MISSPELT: dict[Change, Told] = {
    (README, "{% if cors %}", "{% if corz %}"): (
        *("names", README, "names corz, which is neither a question nor a capability", "any answers"),
    ),
}

UNREADABLE: dict[Change, Told] = {
    (WORKFLOW, "    timeout-minutes: 10\n", "   timeout-minutes: 10\n"): (
        *("syntax", WORKFLOW, "is no YAML: did not find expected key at `timeout-minutes: 10`", "ci=github"),
    ),
    (POSTGRESQL, "import os\nfrom collections", "import typing\nimport os\nfrom collections"): (
        *("ruff", POSTGRESQL, "I001 Import block is un-sorted or un-formatted at `import typing`"),
        "database=postgresql",
    ),
}
"""Where files cannot be read, nothing else is looked for."""

CONTRADICTING: dict[Change, Told] = {
    (MAIN, "    cors,\n", "    cors2,\n"): (
        *("imports", MAIN, "imports cors2 from app, which has none", "features with cors"),
    ),
    (QUESTIONNAIRE, "    {% if not es256 %}\n", "    {% if es256 %}\n"): (
        *("imports", MAIN, "imports es256 from app.bearer, which has none", "jwt_algorithm=ES256"),
    ),
    (MANIFEST, "{% if limiter %}", "{% if redis %}"): (
        *("dependencies", COUNTING, "imports limits, and pyproject.toml declares nothing that brings it"),
        "rate_limit=memory",
    ),
    (MANIFEST, '    "aiosqlite>=0.22",\n', ""): (
        *("dependencies", MANIFEST, "lacks aiosqlite (SQLAlchemy imports it for sqlite+aiosqlite://)"),
        "database=sqlite",
    ),
    (MANIFEST, '    "alembic>=1.18",\n', '    "alembic>=1.18",\n    "attrs>=25",\n'): (
        *("dependencies", MANIFEST, "declares attrs, which nothing that runs imports", "any answers"),
    ),
    (ENV, "{% if cookies %}", "{% if bearer %}"): (
        *("settings", ENV, "names COOKIES_OVER_HTTP, which no code reads", "auth=bearer"),
    ),
    (QUESTIONNAIRE, "\nci:\n", "\ncolour:\n  type: str\n  choices: [red, green]\n  default: red\n\nci:\n"): (
        *("effects", QUESTIONNAIRE, "colour=red and colour=green render the same, whatever the other answers"),
        "any answers",
    ),
    (POSTGRESQL, '"""PostgreSQL through', '"""{{ postgresql }} through'): (
        *("text", POSTGRESQL),
        'holds a tag that was left over: """{{ postgresql }} through asyncpg: several processes, one database."""',
        "database=postgresql",
    ),
}
"""Files that can be read, and do not fit together."""


@pytest.mark.long
@pytest.mark.parametrize(
    "planted", [MISSPELT, UNREADABLE, CONTRADICTING], ids=["misspelt", "unreadable", "contradicting"]
)
def test_a_defect_is_found_and_told_with_its_file_and_answers(tmp_path: Path, planted: dict[Change, Told]) -> None:
    root = copy_of_what_is_proven(tmp_path)
    for file, old, new in planted:
        replace_in(root / file, old, new)

    findings = prove_statically(root, compared=2).findings

    assert [told for told in planted.values() if told not in _in_short(findings)] == [], findings


def _in_short(findings: Sequence[Finding]) -> list[Told]:
    return [(each.check, each.file, each.message, each.answers.partition(" (")[0]) for each in findings]


@pytest.mark.long
def test_where_nothing_is_planted_in_the_real_template_nothing_is_found(tmp_path: Path) -> None:
    assert prove_statically(copy_of_what_is_proven(tmp_path), compared=2).findings == []
