"""The first tier on templates where nothing is wrong, and its parts against what they stand for."""

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import combinations as every
from itertools import pairwise, product
from pathlib import Path

import pytest
import yaml

from bastion.problems import Problem
from bastion.proof.static import prove_statically
from bastion.proof.static.agreement import Agreement
from bastion.proof.static.array import STRENGTH, covering
from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import Layout
from bastion.proof.static.progress import Silence, progress_bar
from bastion.proof.static.renderer import Renderer
from bastion.proof.static.sets import Combinations
from bastion.proof.static.tools.ruff import RuffCheck
from bastion.proof.static.wording import Wording
from bastion.space.space import Space
from tests.proof import clean_template
from tests.proof.planted import replace_in
from tests.proof.timing import at_most
from tests.space import made_up
from tests.support.checkout import ROOT

MAIN = "template/app/main.py.jinja"
MANIFEST = "template/pyproject.toml.jinja"

CPU_SECONDS_TODAY = 3 * 2 * 20.0
"""Twenty seconds on two idle cores are aimed at. A core that others share counts a second more than once."""

CPU_SECONDS_OF_MANY = 120.0
"""Two minutes are aimed at, and one core has to be enough for that."""


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clean template; nobody may change it."""
    return clean_template.write(tmp_path_factory.mktemp("kitchen"))


@pytest.fixture(scope="module")
def combinations(kitchen: Path) -> Combinations:
    return Combinations(Space.read(kitchen / "copier.yml"))


class Told:
    """Somebody who writes down what he is told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.steps: list[tuple[int, int]] = []

    def stage(self, name: str, steps: int) -> None:
        self.stages.append(name)
        self.steps.append((0, steps))

    def advance(self, steps: int = 1) -> None:
        done, of = self.steps[-1]
        self.steps[-1] = done + steps, of


@pytest.mark.long
def test_every_combination_of_the_real_template_reads_well() -> None:
    with at_most(CPU_SECONDS_TODAY):
        result = prove_statically(ROOT)

    assert result.findings == []
    assert result.combinations == Space.read(ROOT / "copier.yml").count()
    assert result.partial == []


# --- A quarter of a million combinations ------------------------------------------------------------------------------


@pytest.mark.long
def test_in_a_quarter_of_a_million_combinations_nothing_is_found_where_nothing_is_planted(tmp_path: Path) -> None:
    with at_most(CPU_SECONDS_OF_MANY):
        result = prove_statically(made_up.write(tmp_path))

    assert (result.findings, result.combinations) == ([], made_up.COMBINATIONS)


def test_what_is_wrong_in_few_of_a_quarter_of_a_million_is_found_exactly(tmp_path: Path) -> None:
    """In a file of which only some assignments are rendered, too: imports are known in every combination."""
    root = made_up.write(tmp_path)
    for file, old, new in (
        (MAIN, "{% if jobs %}\n    jobs,\n{% endif %}", "{% if postgresql %}\n    jobs,\n{% endif %}"),
        (MANIFEST, "{% if mail %}", "{% if mfa %}"),
        ("template/README.md.jinja", "The kubernetes\n\nIt is there.\n", "The kubernetes\n\nIt is there. \n"),
    ):
        replace_in(root / file, old, new)

    with at_most(CPU_SECONDS_OF_MANY):
        result = prove_statically(root, compared=2)

    found = {(each.check, each.message): each.answers.partition(" (")[0] for each in result.findings}
    assert result.combinations == made_up.COMBINATIONS
    assert set(result.partial) == {
        MAIN,
        "template/README.md.jinja",
        "template/{{_copier_conf.answers_file}}.jinja",
    }
    assert (
        found.items()
        >= {
            ("imports", "imports jobs from app, which has none"): "database=postgresql, features without jobs",
            ("dependencies", "imports aiosmtplib, and pyproject.toml declares nothing that brings it"): (
                "features with mail, features without mfa"
            ),
            ("text", "has a space at the end of a line: It is there."): "deploy=kubernetes",
        }.items()
    )


@pytest.mark.long
def test_each_two_blocks_of_a_file_that_can_be_neighbours_are_read_as_neighbours(tmp_path: Path) -> None:
    """Where only some assignments are rendered, what is wrong between two blocks would show in few combinations."""
    sets = Combinations(Space.read(made_up.write(tmp_path) / "copier.yml"))
    layout = Layout(tmp_path, sets.space.environment)
    readme = next(each for each in Renderer(layout, sets, Findings(sets)).documents() if each.path == "README.md")
    texts = [rendering.content.decode() for rendering in readme.renderings]
    read = {pair for text in texts for pair in pairwise(re.findall(r"## The (\w+)", text))}

    assert readme.partial
    assert set(_possible_neighbours(sets, list(made_up.CAPABILITIES))) == read


def _possible_neighbours(sets: Combinations, blocks: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each two blocks between which some combination has none."""
    for (at, one), (after, other) in every(enumerate(blocks), 2):
        between = [sets.having(name) for name in blocks[at + 1 : after]]
        if reduce(lambda left, having: left & ~having, between, sets.having(one) & sets.having(other)):
            yield one, other


def test_a_block_that_names_too_much_is_said_where_every_combination_has_to_be_known(tmp_path: Path) -> None:
    root = made_up.write(tmp_path)
    text = (root / MAIN).read_text(encoding="utf-8")
    begins = "".join(f"{{% if {name} %}}\n" for name in made_up.FEATURES)
    nested = f"{begins}import cellar\n" + "{% endif %}\n" * len(made_up.FEATURES)
    (root / MAIN).write_text(nested + text, encoding="utf-8")

    found = prove_statically(root, compared=1).findings

    assert [each.file for each in found if "a block in it that names too much" in each.message] == [MAIN]


def test_a_linter_is_told_what_each_combination_wants(tmp_path: Path) -> None:
    """Where the rules differ, a file is held to those of the projects that it is in."""
    manifest = clean_template.FILES[MANIFEST]
    narrow = "{% if waiter %}\nline-length = 20\n{% endif %}\n{% if not waiter %}\nline-length = 100\n{% endif %}"
    assert "line-length = 100" in manifest

    root = clean_template.write(tmp_path, {MANIFEST: manifest.replace("line-length = 100", narrow)})
    found = [each for each in prove_statically(root, compared=1).findings if "E501" in each.message]

    assert {each.answers.partition(" (")[0] for each in found} >= {
        "helpers with waiter",
        "helpers with cook, helpers with waiter",
    }
    assert [each for each in found if "helpers with waiter" not in each.answers] == []


# --- Sets of combinations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "questionnaire", [clean_template.COPIER_YML, yaml.safe_dump(made_up.questionnaire(), sort_keys=False)]
)
def test_the_sets_say_of_each_combination_what_copier_would(questionnaire: str) -> None:
    sets = Combinations(Space.of(yaml.safe_load(questionnaire)))
    step = max(1, sets.count // 500)

    for number in range(0, sets.count, step):
        variables = sets.space.variables(sets[number])
        assert {name: bool(sets.having(name) >> number & 1) for name in sets.space.capabilities} == {
            name: variables[name] for name in sets.space.capabilities
        }
        assert all(sets.answered(name, sets[number].get(name)) >> number & 1 for name in sets.space.axes)
        for name, boxes in ((name, sets.boxes(name)) for name in sets.space.axes if sets.boxes(name)):
            assert {box for box, (on, _) in boxes.items() if on >> number & 1} == set(variables[name])


def test_each_variable_has_one_value_in_each_combination(combinations: Combinations) -> None:
    for parts in combinations.parts([*combinations.space.axes, *combinations.space.capabilities]):
        assert sum(parts) == combinations.every
        assert all(one & other == 0 for one, other in every(parts, 2))


@pytest.mark.parametrize(
    ("capabilities", "words"),
    [
        ([], "any answers (48 of 48"),
        (["cook"], "helpers with cook (24 of 48"),
        (["black", "van"], "fuel=black, house=van (8 of 48"),
        (["coal", "washer"], "stove=coal, helpers with washer (16 of 48"),
    ],
)
def test_a_set_is_said_in_few_words(combinations: Combinations, capabilities: list[str], words: str) -> None:
    wrong = combinations.every
    for name in capabilities:
        wrong &= combinations.having(name)

    assert Wording(combinations).explain(wrong, combinations.every).startswith(words)


def test_a_set_of_several_reasons_is_said_with_all_of_them(combinations: Combinations) -> None:
    wrong = combinations.having("gas") | combinations.having("van")

    assert Wording(combinations).explain(wrong, combinations.every).startswith("stove=gas; or house=van (32 of 48")


def test_a_covering_array_holds_each_four_values_that_can_meet() -> None:
    sets = Combinations(Space.of(made_up.questionnaire()))
    variables = sets.parts(["auth", "algorithm", "features", "deploy"])[:9]

    numbers = covering(variables, sets.every)

    chosen = sum(1 << number for number in numbers)
    assert len(numbers) < 400
    for some in every(variables, STRENGTH):
        for values in product(*some):
            together = sets.every
            for each in values:
                together &= each
            assert bool(together) == bool(together & chosen)
    assert covering(variables, sets.every) == numbers


# --- Copier -----------------------------------------------------------------------------------------------------------


def test_a_file_that_copier_writes_otherwise_is_found(
    tmp_path: Path, kitchen: Path, combinations: Combinations
) -> None:
    findings = Findings(combinations)
    layout = Layout(kitchen, combinations.space.environment)
    renderer = Renderer(layout, combinations, findings)
    documents = [document for document in renderer.documents() if document.path != "setup.cfg"]
    wrong = next(document for document in documents if document.path == "app/waiter.py")
    wrong.renderings[0].content += b"# and more\n"
    agreement = Agreement(layout, combinations, tmp_path / "copies", combinations.count)
    try:
        agreement.compare(renderer, documents, findings, Silence())
    finally:
        agreement.close()

    assert [(each.file, each.answers.partition(" (")[0], each.message) for each in findings.explained()] == [
        ("copier.yml", "any answers", "setup.cfg is written by Copier, and not composed"),
        ("template/app/waiter.py", "helpers with waiter", "app/waiter.py is composed otherwise than Copier writes it"),
    ]


def test_a_template_that_copier_refuses_is_said(tmp_path: Path) -> None:
    root = clean_template.write(tmp_path, {"copier.yml": "_min_copier_version: 99.0.0\n" + clean_template.COPIER_YML})

    (finding,) = prove_statically(root, compared=1).findings

    assert (finding.check, finding.file) == ("composition", "copier.yml")
    assert "99.0.0" in finding.message


# --- What a person sees -----------------------------------------------------------------------------------------------


def test_progress_is_told_and_each_stage_with_steps_is_finished(kitchen: Path) -> None:
    told = Told()

    prove_statically(kitchen, told)

    assert told.stages[0] == "counting the combinations"
    assert told.stages[-1] == "comparing with Copier"
    of_many = {name: steps for name, steps in zip(told.stages, told.steps, strict=True) if steps[1] > 1}
    assert list(of_many) == ["rendering every file", "reading every distinct rendering", "comparing with Copier"]
    assert {name: (done, of) for name, (done, of) in of_many.items() if done != of} == {}
    assert of_many["comparing with Copier"] == (48, 48), "fifty combinations, or all that there are"


def test_where_there_is_no_terminal_nothing_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as progress:
        progress.stage("waiting", 2)
        progress.advance()

    assert capfd.readouterr() == ("", "")


def test_a_tool_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Missing(RuffCheck):
        program = "no-such-linter"

    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Problem, match=r"no-such-linter is not installed: install fastapi-bastion\[proof\]"):
        list(Missing().complaints(tmp_path, []))


@pytest.mark.parametrize(
    "text",
    [
        "words: 1\nexcused: [{}]",
        "[]",
        "without_import: { limits: {} }",
        "brought_along: { anyio: starlette }",
        "brought_along: { anyio: { by: starlette } }",
    ],
)
def test_tables_that_cannot_be_read_are_a_problem(tmp_path: Path, text: str) -> None:
    with pytest.raises(Problem, match=r"cannot read proof\.yml"):
        prove_statically(clean_template.write(tmp_path, {"proof.yml": text}))
