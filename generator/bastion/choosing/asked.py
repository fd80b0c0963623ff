"""The questions in a terminal besides the template's own: which preset, and whether to go on.

They are asked by the library that Copier uses, so that all questions look alike.
"""

from collections.abc import Sequence
from typing import Any

import questionary
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from bastion.choosing.presets import Preset
from bastion.choosing.wrapping import wrapped, wrapped_choice, wrapped_question

_MARK = "🎤"
_OTHER = "other"
_WHICH = """Which preset do you start from?
  It says who calls and what that needs. The database and a few other things
  are asked afterwards, and nothing is written before you agree. `bastion
  features` explains the words."""


def ask_for_preset(presets: Sequence[Preset]) -> Preset | None:
    """Let the user choose a preset, or none of them.

    Args:
        presets: All presets.
    """
    width = max(len(preset.name) for preset in presets)
    choices = [questionary.Choice(_described(preset, width), value=preset.name) for preset in presets]
    choices.append(questionary.Choice(f"{_OTHER:{width}}  None of these: ask me each question.", value=_OTHER))
    chosen = _answer_to(_ending_with_input(questionary.select(f"{wrapped(_WHICH)}\n  ", choices, qmark=_MARK)))
    return next((preset for preset in presets if preset.name == chosen), None)


def ask_to_go_on(folder: str, *, git: bool, install: bool) -> bool:
    """Ask whether to write the project that was shown.

    Args:
        folder: The destination as the user wrote it.
        git: Whether it becomes a repository.
        install: Whether its dependencies are installed.
    """
    more = " and ".join(["a git repository"] * git + ["its dependencies installed"] * install)
    # A user who says no to a list of things may think that only the last of them is refused.
    question = f"Create {folder}{more and f', with {more}'}? If not, nothing is written."
    return bool(_answer_to(questionary.confirm(wrapped_question(question), qmark=_MARK)))


def _answer_to(question: questionary.Question) -> Any:  # noqa: ANN401 - an answer of any type
    """Ask; the end of input (Ctrl-D) is a stop like Ctrl-C."""
    try:
        return question.unsafe_ask()
    except EOFError as end:
        raise KeyboardInterrupt from end


def _ending_with_input(question: questionary.Question) -> questionary.Question:
    """Let Ctrl-D end a list, which would ignore it."""
    bindings = question.application.key_bindings
    if isinstance(bindings, KeyBindings):

        @bindings.add("c-d", eager=True)
        def _(event: KeyPressEvent) -> None:
            event.app.exit(exception=EOFError)

    return question


def _described(preset: Preset, width: int) -> str:
    indent = " " * (width + 5)
    return wrapped_choice(f"{preset.name:{width}}  {preset.audience}\n{indent}{preset.implied}", indent)
