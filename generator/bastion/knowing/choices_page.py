"""`bastion features` for people: each question, its answers, and the attacks that they stop."""

from collections.abc import Iterator, Sequence

from bastion.choosing.presets import Preset
from bastion.knowing.catalogue import Catalogue, Choice
from bastion.knowing.constraints import Constraint, ruled_out_with, unasked_with
from bastion.knowing.page import Page, as_said
from bastion.space.questions import Question

_COLUMN = 19
"""Where the text beside an answer begins."""


def written(catalogue: Catalogue, presets: Sequence[Preset]) -> str:
    """Write all questions, and the presets.

    Args:
        catalogue: All choices.
        presets: All presets.
    """
    page = Page()
    page.paragraph("The questions of `bastion new`; * marks the answers of --defaults.")
    page.paragraph("`bastion explain ANSWER` shows what one of the answers adds to a project.")
    for question in catalogue.questions:
        page.blank()
        _question(page, catalogue, question)
    if presets:
        page.blank()
        page.heading("Presets: `bastion new --preset NAME` starts from one")
    for preset in presets:
        page.entry(f"  {preset.name}", f"{preset.audience} {preset.implied}", indent=2, column=_COLUMN, strong=True)
    if catalogue.always:
        page.blank()
        page.heading("Whatever you answer")
        page.paragraph(f"it stops {catalogue.always.stops}", indent=2)
    return str(page)


def _question(page: Page, catalogue: Catalogue, question: Question) -> None:
    asked, how_to_know = catalogue.help_of(question.name)
    page.heading(f"{question.name}: {asked}")
    page.paragraph(how_to_know, indent=2, dim=True)
    for note in _notes(catalogue, question):
        page.paragraph(note, indent=2, dim=True)
    choices = catalogue.choices.get(question.name, ())
    for choice in choices:
        mark = "*" if choice.is_default else " "
        page.entry(f"{mark} {choice.value}", choice.meaning, indent=2, column=_COLUMN, strong=True)
        for constraint in ruled_out_with(catalogue.space, question, choice.value):
            page.paragraph(_ruled_out(constraint), indent=_COLUMN)
    _defended(page, catalogue, choices)


def _notes(catalogue: Catalogue, question: Question) -> Iterator[str]:
    if not question.choices:
        yield f"By default: {as_said(catalogue.default_of(question.name))}"
    if rule := catalogue.rule_of(question):
        yield f"The rule: {rule}"
    for constraint in unasked_with(catalogue.space, question) if question.choices else ():
        yield f"Not asked with {' and '.join(constraint.answers)}."
    if question.multiselect:
        yield "Any number of these, or none:"


def _ruled_out(constraint: Constraint) -> str:
    answers = " and ".join(constraint.answers)
    return f"not with {answers}: {constraint.reason}" if constraint.reason else f"not with {answers}"


def _defended(page: Page, catalogue: Catalogue, choices: Sequence[Choice]) -> None:
    before = ""
    for capability, defence in catalogue.defences.items():
        by = [choice.value for choice in choices if capability in choice.defends]
        if by:
            label = ", ".join(by)
            text = f"{'stop' if len(by) > 1 else 'stops'} {defence.stops}"
            page.entry("" if label == before else label, text, indent=4, column=_COLUMN, strong=True)
            before = label
