"""`bastion features` and `bastion explain`: all choices, and the difference that one of them makes."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated

import typer

from bastion.cli import telling
from bastion.cli.telling import one_line_per_problem
from bastion.problems import Problem

if TYPE_CHECKING:
    from bastion.choosing.presets import Preset
    from bastion.knowing.catalogue import Catalogue

Json = Annotated[bool, typer.Option("--json", help="Write JSON, for machines.")]


def features(*, as_json: Json = False) -> None:
    """Show all questions, their answers, and the attacks these stop.

    It also shows which answers exclude each other, and the presets.
    """
    with one_line_per_problem(write=telling.as_json if as_json else None):
        from bastion.choosing.presets import own_presets
        from bastion.knowing import choices_page, data
        from bastion.knowing.catalogue import Catalogue

        catalogue, presets = Catalogue.of_this_package(), own_presets()
        typer.echo(data.features(catalogue, presets) if as_json else choices_page.written(catalogue, presets))


def explain(
    answer: Annotated[
        str,
        typer.Argument(
            metavar="ANSWER", help="An answer or a preset that `bastion features` shows.", show_default=False
        ),
    ],
    *,
    as_json: Json = False,
    tests: Annotated[bool, typer.Option("--tests", help="Show what each of its tests promises.")] = False,
) -> None:
    """Show what an answer or a preset is for, and what it adds.

    For an answer: the attack it stops and what is missing without it. For a preset: whom it is for and what it answers.

    For an answer, two projects are rendered in a temporary folder, one with it and one without it. Their difference is
    what it adds.
    """
    with one_line_per_problem(write=telling.as_json if as_json else None):
        from bastion.choosing.presets import own_presets
        from bastion.knowing.catalogue import Catalogue

        catalogue = Catalogue.of_this_package()
        presets = {each.name: each for each in own_presets()}
        if preset := presets.get(answer.strip().lower()):
            _explain_preset(preset, catalogue, as_json=as_json, tests=tests)
        else:
            _explain_answer(answer, catalogue, presets, as_json=as_json, tests=tests)


def _explain_preset(preset: "Preset", catalogue: "Catalogue", *, as_json: bool, tests: bool) -> None:
    from bastion.knowing import data, preset_page

    if tests:
        answers = ", ".join(choice.answer for choice in catalogue.chosen_by(preset.answers))
        raise Problem(f"the preset {preset.name} has no tests of its own", f"explain one of its answers: {answers}")
    typer.echo(data.of_preset(preset, catalogue) if as_json else preset_page.written(preset, catalogue))


def _explain_answer(
    given: str, catalogue: "Catalogue", presets: Collection[str], *, as_json: bool, tests: bool
) -> None:
    from bastion.knowing import data, explanation_page
    from bastion.knowing.explaining import added_by, find

    subject = find(catalogue, given, presets)
    adds = added_by(subject)
    typer.echo(data.explanation(subject, adds) if as_json else explanation_page.written(subject, adds, tests=tests))
