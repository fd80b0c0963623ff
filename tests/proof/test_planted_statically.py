"""Each kind of defect that the first tier claims to catch, planted in a template where it finds nothing else."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bastion.proof.results import Finding
from bastion.proof.static import prove_statically
from tests.proof.clean_template import FILES, write

MAIN, MANIFEST, README = "template/app/main.py.jinja", "template/pyproject.toml.jinja", "template/README.md.jinja"
WORKFLOW, COOK = "template/.github/workflows/checks.yml.jinja", "template/app/cook/settings.py"
ANY = "any answers"


@dataclass(frozen=True)
class Planted:
    """A change of one file, and what has to be said of it."""

    title: str
    file: str
    old: str
    new: str
    check: str
    message: str
    answers: str
    found_in: str = ""
    """The file that is named, if it is another."""


NAMES = (
    Planted(
        "a misspelt capability",
        README,
        "{% if coal %}",
        "{% if cola %}",
        "names",
        "names cola, which is neither a question nor a capability",
        ANY,
    ),
    Planted(
        "a misspelt capability in an exclusion",
        "copier.yml",
        "{% if not coal %}",
        "{% if not cola %}",
        "names",
        "names cola, which is neither a question nor a capability",
        ANY,
    ),
    Planted(
        "a misspelt answer",
        "copier.yml",
        "'cook' in helpers",
        "'chef' in helpers",
        "names",
        "compares helpers with 'chef', which is no answer to it",
        ANY,
    ),
    Planted(
        "a block that never ends",
        README,
        "{% endif %}\n{% if black",
        "{% if black",
        "names",
        "is no template: Unexpected end of template",
        ANY,
    ),
    Planted(
        "an expression that cannot be computed",
        README,
        "{{ title }}",
        "{{ title + 1 }}",
        "rendering",
        "cannot be rendered: can only concatenate str",
        ANY,
    ),
    Planted(
        "a capability that nothing asks for",
        "copier.yml",
        "_exclude:",
        'tram:\n  type: bool\n  when: false\n  default: "{{ van }}"\n\n_exclude:',
        "names",
        "defines tram, which nothing asks for",
        ANY,
    ),
)

IMPORTS = (
    Planted(
        "an inverted exclusion",
        "copier.yml",
        "{% if not waiter %}",
        "{% if waiter %}",
        "imports",
        "imports waiter from app, which has none",
        "helpers with waiter (24",
        MAIN,
    ),
    Planted(
        "an import left behind",
        MAIN,
        "{% if coal %}\n    coal,\n{% endif %}",
        "    coal,",
        "imports",
        "imports coal from app, which has none",
        "stove=gas (16",
    ),
    Planted(
        "an import of a module left behind, in a function",
        "template/app/settings.py",
        "class RoomSettings",
        "def call() -> object:\n    from app.waiter import CLIENT\n\n    return CLIENT\n\n\nclass RoomSettings",
        "imports",
        "imports app.waiter, which is not there",
        "helpers without waiter (24",
    ),
    Planted(
        "an import of a name that is gone",
        COOK,
        "import KitchenSettings\n\n\nclass CookSettings(KitchenSettings):",
        "import CellarSettings\n\n\nclass CookSettings(CellarSettings):",
        "imports",
        "imports CellarSettings from app.settings, which has none",
        "helpers with cook (24",
    ),
    Planted(
        "a use of what is gone",
        "template/app/waiter.py",
        "CLIENT =",
        "AGENT =",
        "imports",
        "uses app.waiter.CLIENT, which is not there",
        "helpers with waiter (24",
        MAIN,
    ),
    Planted(
        "a plugin of pytest left behind",
        MANIFEST,
        '"-p", "tests.support",',
        '"-p", "tests.test_cook",',
        "imports",
        "loads tests.test_cook, which is not there",
        "helpers without cook (24",
    ),
    Planted(
        "a defect that only three answers together show",
        MAIN,
        "PARTS = (",
        "{% if black %}\n{% if cook %}\n{% if van %}\nimport cellar\n{% endif %}\n{% endif %}\n{% endif %}\nPARTS = (",
        "dependencies",
        "imports cellar, and pyproject.toml declares nothing that brings it",
        "fuel=black, helpers with cook, house=van (4",
    ),
)

DEPENDENCIES = (
    Planted(
        "a dependency missing in one combination",
        MANIFEST,
        "{% if waiter %}",
        "{% if cook %}",
        "dependencies",
        "imports httpx, and pyproject.toml declares nothing that brings it",
        "helpers without cook, helpers with waiter (12",
        "template/app/waiter.py",
    ),
    Planted(
        "a dependency declared for development alone",
        MANIFEST,
        '{% if waiter %}\n    "httpx>=0.28",\n{% endif %}\n    "pydantic-settings>=2.12",',
        '    "pydantic-settings>=2.12",',
        "dependencies",
        "imports httpx, and pyproject.toml declares nothing that brings it",
        "helpers with waiter (24",
        "template/app/waiter.py",
    ),
    Planted(
        "one that is needed at run time only, missing",
        MANIFEST,
        '{% if coal %}\n    "aiosqlite>=0.22",\n{% endif %}\n',
        "",
        "dependencies",
        "lacks aiosqlite (a driver that is named in an address)",
        "stove=coal (32",
    ),
    Planted(
        "one that is needed at run time only, left behind",
        MANIFEST,
        '{% if coal %}\n    "aiosqlite>=0.22",\n{% endif %}\n',
        '    "aiosqlite>=0.22",\n',
        "dependencies",
        "declares aiosqlite, which nothing that runs imports",
        "stove=gas (16",
    ),
    Planted(
        "one declared but unused",
        MANIFEST,
        '    "pydantic-settings',
        '    "limits>=5",\n    "pydantic-settings',
        "dependencies",
        "declares limits, which nothing that runs imports",
        ANY,
    ),
    Planted(
        "one declared for running that only tests use",
        MANIFEST,
        '    "pydantic-settings',
        '    "pytest>=9",\n    "pydantic-settings',
        "dependencies",
        "declares pytest, which nothing that runs imports",
        ANY,
    ),
    Planted(
        "one for development that nothing uses",
        MANIFEST,
        '    "ruff',
        '    "mypy>=2",\n    "ruff',
        "dependencies",
        "declares mypy for development, and nothing imports it",
        ANY,
    ),
    Planted(
        "an extra missing",
        "proof.yml",
        "  ruff: {",
        '  "pydantic-settings[yaml]": { when: washer, why: "it reads YAML" }\n  ruff: {',
        "dependencies",
        "lacks the extra of pydantic-settings[yaml] (it reads YAML)",
        "helpers with washer (24",
        MANIFEST,
    ),
)

LEFTOVERS = (
    Planted(
        "a setting left over",
        "template/.env.jinja",
        "{% if cook %}\nCOOK_PATIENCE=5\n{% endif %}",
        "COOK_PATIENCE=5",
        "settings",
        "names COOK_PATIENCE, which no code reads",
        "helpers without cook (24",
    ),
    Planted(
        "a setting that was renamed",
        "template/app/settings.py",
        "seats: int",
        "chairs: int",
        "settings",
        "names KITCHEN_SEATS, which no code reads",
        ANY,
        "template/.env.jinja",
    ),
    Planted(
        "a leaked word",
        "template/app/settings.py",
        "The room's.",
        "The room's, where a waiter walks.",
        "words",
        'holds a word of waiter, which is off: """The room\'s, where a waiter walks."""',
        "helpers without waiter (24",
    ),
    Planted(
        "a leaked word in a path",
        "copier.yml",
        "    /app/washer.py\n",
        "    /app/washes.py\n",
        "words",
        "holds a word of washer, which is off: app/washer.py",
        "helpers without washer (24",
        "template/app/washer.py",
    ),
    Planted(
        "a word that occurs nowhere",
        "proof.yml",
        "  waiter: [waiter]",
        "  waiter: [waiter, butler]",
        "words",
        "'butler' of waiter occurs nowhere",
        ANY,
    ),
    Planted(
        "an excuse for nothing",
        "proof.yml",
        "foreign_text:",
        "excused:\n  - { words: [van], files: [app/*], lines: ., reason: it is loud }\nforeign_text:",
        "words",
        "excuses van in app/*, which needs no excuse",
        ANY,
    ),
    Planted(
        "a folder left behind",
        "copier.yml",
        "    /app/cook\n",
        "    /app/cook/\n",
        "folders",
        "_exclude leaves the folder app/cook behind, empty",
        "helpers without cook (24",
    ),
    Planted(
        "a feature that changes nothing",
        "copier.yml",
        "choices: [cook, waiter, washer]",
        "choices: [cook, waiter, washer, taster]",
        "effects",
        "helpers with and without taster render the same, whatever the other answers",
        ANY,
    ),
    Planted(
        "an answer that changes nothing",
        "copier.yml",
        "choices: [tent, van]",
        "choices: [tent, van, barn]",
        "effects",
        "house=tent and house=barn render the same, whatever the other answers",
        ANY,
    ),
    Planted(
        "a text that changes nothing",
        README,
        "{{ title }}",
        "Kitchen",
        "effects",
        "title changes nothing",
        ANY,
        "copier.yml",
    ),
)

TOOLS = (
    Planted(
        "an unsorted import",
        MAIN,
        "{% if washer %}\n    washer,\n{% endif %}\n)\n",
        "{% if washer %}\n    washer,\n{% endif %}\n{% if van %}\n    main,\n{% endif %}\n)\n",
        "ruff",
        "I001 Import block is un-sorted",
        "house=van",
    ),
    Planted(
        "code that the formatter would change",
        "template/app/waiter.py",
        "CLIENT = httpx",
        "CLIENT =  httpx",
        "ruff",
        "File would be reformatted at `CLIENT =  httpx.Client`",
        "helpers with waiter (24",
    ),
    Planted(
        "broken Python",
        MAIN,
        "    cook,\n",
        "    cook;\n",
        "syntax",
        "is no Python: invalid syntax at `cook;`",
        "helpers with cook (24",
    ),
    Planted(
        "a broken YAML indent",
        WORKFLOW,
        '      - run: echo "cook"',
        '     - run: echo "cook"',
        "syntax",
        "is no YAML: ",
        "helpers with cook, house=van (12",
    ),
    Planted(
        "broken TOML",
        MANIFEST,
        '"PyYAML>=6",',
        '"PyYAML>=6,',
        "syntax",
        "is no TOML: ",
        "helpers with washer (24",
    ),
    Planted("broken JSON", "template/.vscode/settings.json", "[100] }", "[100], }", "syntax", "is no JSON: ", ANY),
    Planted("a broken INI file", "template/setup.cfg", "[metadata]", "metadata", "syntax", "is no INI file: ", ANY),
    Planted(
        "a workflow that trusts a tag",
        WORKFLOW,
        "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
        "@v7",
        "zizmor",
        "unpinned-uses: action is not pinned to a hash",
        "house=van (24",
    ),
    Planted(
        "a workflow that cannot run",
        WORKFLOW,
        "{{ github.ref }}",
        "{{ githbu.ref }}",
        "actionlint",
        'undefined variable "githbu"',
        "house=van (24",
    ),
    Planted(
        "an image that nobody can build again",
        "template/deploy/Dockerfile",
        "debian:13-slim",
        "debian:latest",
        "hadolint",
        "DL3007 Using latest is prone to errors",
        "house=van (24",
    ),
    Planted(
        "a script that splits words",
        "template/deploy/run",
        '"$@"',
        "$@",
        "shellcheck",
        "SC2068 Double quote array expansions",
        "house=van (24",
    ),
    Planted(
        "an object that Kubernetes refuses",
        "template/deploy/van.yml",
        'wheels: "4"',
        "wheels: 4",
        "kubernetes-validate",
        "data.wheels: 4 is not of type 'string'",
        "house=van (24",
    ),
)

TEXTS = (
    Planted(
        "a carriage return",
        "template/app/waiter.py",
        'waiter."""\n',
        'waiter."""\r\n',
        "text",
        "holds a carriage return",
        "helpers with waiter (24",
    ),
    Planted(
        "a missing final newline",
        WORKFLOW,
        '      - run: echo "cook"\n{% endif %}\n',
        '      - run: echo "cook"\n{% endif %}\n{% if not cook %}\n      - run: "true"{% endif %}\n',
        "text",
        "does not end with a newline",
        "helpers without cook, house=van (12",
    ),
    Planted(
        "an empty line at the end",
        README,
        "The washer is at work.\n",
        "The washer is at work.\n\n",
        "text",
        "ends with an empty line",
        "helpers with washer (24",
    ),
    Planted(
        "a gap",
        README,
        "The cook is at work.\n",
        "The cook is at work.\n\n",
        "text",
        "has a gap of two empty lines",
        "helpers with cook, helpers with waiter; or",
    ),
    Planted(
        "a tag left over in a file without the suffix",
        "template/app/waiter.py",
        '"""The waiter."""\n',
        '"""The waiter of {{ title }}."""\n',
        "text",
        'holds a tag that was left over: """The waiter of {{ title }}."""',
        "helpers with waiter (24",
    ),
    Planted(
        "a word of the template left over",
        README,
        "# {{ title }}\n",
        "# {{ title }}\n\nMade of `README.md.jinja`.\n",
        "text",
        "holds a word of the template that was left over",
        ANY,
    ),
    Planted(
        "a space at the end of a line",
        README,
        "They are black.\n",
        "They are black. \n",
        "text",
        "has a space at the end of a line: They are black.",
        "fuel=black (16",
    ),
)

PLANTED = (*NAMES, *IMPORTS, *DEPENDENCIES, *LEFTOVERS, *TOOLS, *TEXTS)


def test_nothing_is_found_where_nothing_is_planted(tmp_path: Path) -> None:
    assert prove_statically(write(tmp_path)).findings == []


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.title)
def test_a_planted_defect_is_named_with_its_file_and_answers(tmp_path: Path, planted: Planted) -> None:
    before = FILES[planted.file]
    assert before.count(planted.old) == 1, "this is no longer what is planted"

    root = write(tmp_path, {planted.file: before.replace(planted.old, planted.new)})
    findings = prove_statically(root, compared=2).findings

    assert [each for each in findings if names(each, planted)], findings


def names(finding: Finding, planted: Planted) -> bool:
    return (
        finding.check == planted.check
        and finding.file == (planted.found_in or planted.file)
        and planted.message in finding.message
        and finding.answers.startswith(planted.answers)
    )
