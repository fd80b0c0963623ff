"""Presets: files of answers beside `copier.yml`, for users who would rather start from a project like theirs.

Their first comment says whom they are for. Copier takes the same files: `copier copy --data-file presets/spa.yml`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bastion.answers import Answers, read_file
from bastion.problems import Problem
from bastion.questionnaire import Questionnaire, nearest
from bastion.template import own_data


@dataclass(frozen=True)
class Preset:
    """Answers with a name."""

    name: str
    audience: str
    """Whom it is for: one line."""

    answers: Answers

    @property
    def implied(self) -> str:
        """Its answers, for people."""
        return ", ".join(f"{name}: {_as_text(answer)}" for name, answer in self.answers.items())


def presets_of(template: Path, questionnaire: Questionnaire) -> list[Preset]:
    """Read the presets of a template: the defaults first, then the smaller before the larger.

    Args:
        template: The folder with `copier.yml`, and perhaps with `presets/`.
        questionnaire: Its questions.
    """
    presets = [_read(file) for file in sorted((template / "presets").glob("*.yml"))]
    return sorted(presets, key=lambda preset: (not questionnaire.by_default(preset.answers), _size(preset.answers)))


def own_presets() -> list[Preset]:
    """Read the presets of the template in this package."""
    return presets_of(own_data(), Questionnaire.read(own_data() / "copier.yml"))


def preset_named(name: str, presets: Sequence[Preset]) -> Preset:
    """Find a preset.

    Args:
        name: As the user wrote it.
        presets: All presets.

    Raises:
        Problem: There is no preset of that name.
    """
    found = {preset.name: preset for preset in presets}
    if name not in found:
        raise Problem(f"there is no preset {name!r}", nearest(name, list(found), "presets"))
    return found[name]


def _read(file: Path) -> Preset:
    first_line = file.read_text(encoding="utf-8").partition("\n")[0]
    return Preset(file.stem, first_line.removeprefix("#").strip(), read_file(file))


def _size(answers: Answers) -> tuple[int, int]:
    """Count the checkboxes that are set, and the answers."""
    boxes = [len(answer) for answer in answers.values() if isinstance(answer, list)]
    return sum(boxes), len(answers)


def _as_text(answer: object) -> str:
    return " + ".join(map(str, answer)) if isinstance(answer, list) else str(answer)
