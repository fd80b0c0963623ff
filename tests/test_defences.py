"""`_defences` in `copier.yml` says the truth: about what there is, where it lies, and what each choice protects."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from pathspec import GitIgnoreSpec

from bastion.knowing.catalogue import Catalogue, Choice
from tests.conftest import Render
from tests.support.checkout import capabilities, questionnaire
from tests.support.combinations import capabilities_of, largest
from tests.support.renders import Rendered
from tests.support.trees import files

ALWAYS = "always"
EXAMPLE = "notes"
LONGEST = 200
DEFENCES: Mapping[str, Mapping[str, Any]] = questionnaire()["_defences"]
NO_DEFENCES: Mapping[str, str] = questionnaire()["_no_defences"]
CATALOGUE = Catalogue(questionnaire())
CHOICES = [choice for some in CATALOGUE.choices.values() for choice in some]
PATTERNS = [(name, pattern) for name, said in DEFENCES.items() for pattern in (*said["files"], *said.get("keeps", ()))]


def sentences() -> Iterator[str]:
    for said in DEFENCES.values():
        yield from (said[key] for key in ("stops", "without") if key in said)
    yield from NO_DEFENCES.values()


def files_matching(patterns: Iterable[str], paths: Iterable[str]) -> list[str]:
    """Match as Copier matches `_exclude`."""
    return list(GitIgnoreSpec.from_lines(patterns).match_files(paths))


def test_only_capabilities_are_defences_or_none() -> None:
    assert [name for name in (*DEFENCES, *NO_DEFENCES) if name not in (*capabilities(), ALWAYS)] == []
    assert DEFENCES.keys() & NO_DEFENCES.keys() == set()


def test_every_defence_but_what_is_always_there_says_what_is_missing_without_it() -> None:
    assert [name for name, said in DEFENCES.items() if "without" not in said] == [ALWAYS]
    assert [name for name, said in DEFENCES.items() if not (said["stops"] and said["files"])] == []


@pytest.mark.parametrize(("capability", "pattern"), PATTERNS)
def test_the_files_of_a_defence_are_there_exactly_with_it(rows: list[Rendered], capability: str, pattern: str) -> None:
    seen = set()
    for row in rows:
        is_on = capability == ALWAYS or capability in row.capabilities
        assert bool(files_matching([pattern], row.files)) == is_on, row.combination
        seen.add(is_on)

    assert seen == ({True} if capability == ALWAYS else {True, False})


def test_every_slice_belongs_to_a_defence_or_is_the_example(render: Render) -> None:
    project = render(largest())
    main = ast.parse((project / "app" / "main.py").read_text(encoding="utf-8"))
    (slices,) = (node.names for node in main.body if isinstance(node, ast.ImportFrom) and node.module == "app")
    carried = [pattern for said in DEFENCES.values() for pattern in said["files"]]

    left = {each.name for each in slices if not files_matching(carried, [f"app/{each.name}/__init__.py"])}

    assert left == {EXAMPLE}


def test_what_is_carried_twice_is_part_of_another_defence(render: Render) -> None:
    """A file of two defences would be told as two changes, unless one of them lies within the other."""
    project = files(render(largest()))
    carried = {name: set(files_matching(said["files"], project)) for name, said in DEFENCES.items()}

    for one, its_files in carried.items():
        for other, their_files in carried.items():
            if one != other and its_files & their_files:
                assert its_files <= their_files or their_files <= its_files, (one, other)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.answer)
def test_every_choice_protects_something_or_says_why_not_or_brings_nothing(choice: Choice) -> None:
    explained = [capability for capability in choice.turns_on if capability in NO_DEFENCES]

    assert choice.defends or explained or not choice.turns_on


@pytest.mark.parametrize("capability", list(NO_DEFENCES))
def test_what_is_no_defence_is_what_a_choice_turns_on(capability: str) -> None:
    assert [choice for choice in CHOICES if capability in choice.turns_on]


@pytest.mark.parametrize("capability", [name for name in DEFENCES if name != ALWAYS])
def test_every_defence_can_be_chosen_and_left_out(capability: str) -> None:
    assert [choice for choice in CHOICES if capability in choice.defends]
    assert [choice for choice in CHOICES if capability not in capabilities_of(choice.without_it)]


@pytest.mark.parametrize("sentence", list(sentences()))
def test_a_sentence_is_short_and_fits_into_another(sentence: str) -> None:
    assert len(sentence) <= LONGEST
    assert sentence[0].islower()
    assert sentence[-1] not in ".;,"
    assert sentence == " ".join(sentence.split())


def test_no_two_defences_say_the_same() -> None:
    said = [sentence for each in DEFENCES.values() for sentence in (each["stops"], each.get("without")) if sentence]

    assert len(said) == len(set(said))
