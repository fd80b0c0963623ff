"""`bastion explain` for people, of a preset: for whom it is, and what it answers."""

from bastion.choosing.presets import Preset
from bastion.knowing.catalogue import Catalogue
from bastion.knowing.page import Page

_COLUMN = 24
"""Where the text beside an answer begins."""


def written(preset: Preset, catalogue: Catalogue) -> str:
    """Write for whom a preset is, and what it answers.

    Args:
        preset: The preset.
        catalogue: All choices.
    """
    page = Page()
    page.heading(preset.name)
    page.paragraph(f"A preset. {preset.audience}", indent=2)
    page.blank()
    page.heading("What it answers")
    for choice in catalogue.chosen_by(preset.answers):
        page.entry(choice.answer, choice.meaning, indent=2, column=_COLUMN, strong=True)
    page.blank()
    page.paragraph("What one of these answers adds, stops and misses: bastion explain ANSWER", dim=True)
    page.paragraph(f"To have them: bastion new my-api --preset {preset.name}", dim=True)
    return str(page)
