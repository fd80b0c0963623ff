"""The parts that a choice, or a capability that several choices bring, adds to a project: two renders, compared."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import and_
from pathlib import Path

from bastion.defences import Defence
from bastion.knowing.addition import Addition
from bastion.knowing.catalogue import Catalogue, Choice
from bastion.problems import Problem
from bastion.questionnaire import nearest
from bastion.space.combinations import Combination
from bastion.template import to_look_at
from bastion.temporary import temporary_folder

_SHORTEST_WORD = 3


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A choice or a capability that somebody wants explained.

    Attributes:
        name: a choice as a flag writes it, or a capability.
        brought_by: the choice itself; for a capability, each choice that turns it on.
        defends: its defences, by capability.
        no_defence: the reasons why it is no defence, although it looks like one.
        misses: the defences that another choice would bring instead.
    """

    name: str
    brought_by: Sequence[Choice]
    defends: Mapping[str, Defence]
    no_defence: Sequence[str]
    misses: Mapping[str, Defence]

    @property
    def choice(self) -> Choice | None:
        """The choice; None for a capability."""
        return self.brought_by[0] if self.brought_by[0].answer == self.name else None


def find(catalogue: Catalogue, given: str, presets: Collection[str] = ()) -> Subject:
    """Find an answer, with its question in front or alone, or a capability; capitals do not matter.

    Args:
        catalogue: All choices.
        given: The name as the user wrote it.
        presets: The names of the presets, which are explained elsewhere.

    Raises:
        Problem: nothing has this name, or several choices have it.
    """
    wanted = given.strip().lower()
    choices = [choice for some in catalogue.choices.values() for choice in some]
    meant = [each for each in choices if wanted in {each.value.lower(), each.answer.lower()}]
    if len(meant) > 1:
        raise Problem(f"{given!r} is an answer to several questions", f"say {' or '.join(one.answer for one in meant)}")
    if meant:
        return _choice(catalogue, meant[0])
    bringing = [choice for choice in choices if wanted in choice.turns_on]
    if bringing:
        return _capability(catalogue, wanted, bringing)
    raise _unknown(catalogue, given, choices, presets)


def added_by(subject: Subject) -> Addition:
    """Render the projects to compare, and return their difference; for a capability, the parts that all choices add.

    Args:
        subject: The choice or the capability.
    """
    with _renders({each for one in subject.brought_by for each in (one.with_it, one.without_it)}) as folder_of:
        return reduce(
            and_,
            (Addition.between(folder_of[each.without_it], folder_of[each.with_it]) for each in subject.brought_by),
        )


def _choice(catalogue: Catalogue, choice: Choice) -> Subject:
    return Subject(
        name=choice.answer,
        brought_by=[choice],
        defends={each: catalogue.defences[each] for each in choice.defends},
        no_defence=() if choice.defends else _no_defence(catalogue, choice.turns_on),
        misses={each: catalogue.defences[each] for each in choice.misses},
    )


def _capability(catalogue: Catalogue, name: str, bringing: Sequence[Choice]) -> Subject:
    return Subject(
        name=name,
        brought_by=bringing,
        defends={each: defence for each, defence in catalogue.defences.items() if each == name},
        no_defence=_no_defence(catalogue, [name]),
        misses={},
    )


def _no_defence(catalogue: Catalogue, capabilities: Iterable[str]) -> list[str]:
    return [catalogue.no_defences[each] for each in capabilities if each in catalogue.no_defences]


def _unknown(catalogue: Catalogue, given: str, choices: Sequence[Choice], presets: Collection[str]) -> Problem:
    of_question = [choice.value for choice in catalogue.choices.get(given.strip(), ())]
    if of_question:
        return Problem(f"{given!r} is a question", f"explain one of its answers: {', '.join(of_question)}")
    naming = [choice.answer for choice in choices if _names(catalogue, choice, given)]
    if naming:
        return Problem(f"nothing is called {given!r}, but it is named by {', '.join(naming)}", "explain one of them")
    names = (*(choice.value for choice in choices), *catalogue.space.capabilities, *presets)
    known = list(dict.fromkeys(name.lower() for name in names))  # a capability may be called like its choice
    return Problem(f"there is nothing called {given!r} to explain", nearest(given.lower(), known, "names"))


def _names(catalogue: Catalogue, choice: Choice, given: str) -> bool:
    """Say whether the text on a choice has a word that begins like this; the shortest words are in any sentence."""
    word = given.strip()
    told = (choice.meaning, *(catalogue.defences[each].stops for each in choice.defends))
    return len(word) >= _SHORTEST_WORD and re.search(rf"\b{re.escape(word)}", " ".join(told), re.IGNORECASE) is not None


@contextmanager
def _renders(combinations: Iterable[Combination]) -> Iterator[Mapping[Combination, Path]]:
    """Render each combination once, for as long as the block lasts."""
    with to_look_at() as template, temporary_folder("bastion-") as room:
        from bastion.rendering import render

        folders = {each: room / str(number) for number, each in enumerate(combinations)}
        for combination, folder in folders.items():
            render(template, folder, combination.as_data())
        yield folders
