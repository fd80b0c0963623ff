"""`bastion features` and `bastion explain`: what there is to choose, and what one choice adds."""

from typing import Annotated

import typer

from bastion.cli.telling import one_line_per_problem

Json = Annotated[bool, typer.Option("--json", help="Write JSON, for machines.")]


def features(*, as_json: Json = False) -> None:
    """Show all questions: the answers to each, what goes together, what each protects against."""
    with one_line_per_problem():
        from bastion.choosing.presets import own_presets
        from bastion.knowing import choices_page, data
        from bastion.knowing.catalogue import Catalogue

        catalogue, presets = Catalogue.of_this_package(), own_presets()
        typer.echo(data.features(catalogue, presets) if as_json else choices_page.written(catalogue, presets))


def explain(
    feature: Annotated[
        str, typer.Argument(metavar="FEATURE", help="An answer that `bastion features` shows.", show_default=False)
    ],
    *,
    as_json: Json = False,
    tests: Annotated[bool, typer.Option("--tests", help="Show what each of its tests promises.")] = False,
) -> None:
    """Show what one answer adds to a project, which attack it stops, and what is missing without it.

    Two projects are rendered in a temporary folder, one with it and one without: their difference is what it adds.
    """
    with one_line_per_problem():
        from bastion.knowing import data, explanation_page
        from bastion.knowing.catalogue import Catalogue
        from bastion.knowing.explaining import added_by, find

        subject = find(Catalogue.of_this_package(), feature)
        adds = added_by(subject)
        typer.echo(data.explanation(subject, adds) if as_json else explanation_page.written(subject, adds, tests=tests))
