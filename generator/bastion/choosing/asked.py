"""What is asked in a terminal besides the template's own questions: which preset, and whether to go on.

By the library that Copier asks with, so that all questions look alike.
"""

from collections.abc import Sequence

import questionary

from bastion.choosing.presets import Preset

_MARK = "🎤"
_OTHER = "other"
_WHICH = """Which preset do you start from?
  A preset says who calls and what that needs. Where it runs is asked afterwards.
  """


def ask_for_preset(presets: Sequence[Preset]) -> Preset | None:
    """Let the user choose a preset, or none of them.

    Args:
        presets: All there are.
    """
    width = max(len(preset.name) for preset in presets)
    choices = [questionary.Choice(_described(preset, width), value=preset.name) for preset in presets]
    choices.append(questionary.Choice(f"{_OTHER:{width}}  None of these: let me answer every question.", value=_OTHER))
    chosen = questionary.select(_WHICH, choices, qmark=_MARK).unsafe_ask()
    return next((preset for preset in presets if preset.name == chosen), None)


def ask_to_go_on(folder: str) -> bool:
    """Ask whether to write what was shown.

    Args:
        folder: The destination as the user wrote it.
    """
    return bool(questionary.confirm(f"Create {folder}?", qmark=_MARK).unsafe_ask())


def _described(preset: Preset, width: int) -> str:
    indent = " " * (width + 5)
    return f"{preset.name:{width}}  {preset.audience}\n{indent}{_implied(preset)}"


def _implied(preset: Preset) -> str:
    return ", ".join(f"{name}: {_as_text(answer)}" for name, answer in preset.answers.items())


def _as_text(answer: object) -> str:
    return " + ".join(map(str, answer)) if isinstance(answer, list) else str(answer)
