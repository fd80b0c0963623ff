"""The answers given on the command line: `--data KEY=VALUE` and `--data-file FILE`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bastion.mistakes import Mistakes
from bastion.problems import Problem
from bastion.reading_yaml import plain_yaml

Answers = Mapping[str, Any]

_FLAG = "--data "


def read_pairs(pairs: Iterable[str], mistakes: Mistakes, flag: str = _FLAG) -> Answers:
    """Read answers as the command line has them.

    Args:
        pairs: `KEY=VALUE` each.
        mistakes: The collector for pairs that are no answer.
        flag: The text in front of each, a space included.
    """
    answers: dict[str, str] = {}
    for pair in pairs:
        written, equals, value = pair.partition("=")
        key = written.strip()
        if not (written and equals):
            mistakes.note(Problem(f"{flag}{pair!r} is no KEY=VALUE", f"write it as {flag}question=answer"))
        elif key in answers:
            # The last one would win, and with it a defence of the first could vanish without a word.
            remedy = f"answer it once; several choices are {key}=[first, second]"
            mistakes.note(Problem(f"{flag}{key} is answered twice", remedy))
        else:
            answers[key] = value
    return answers


def read_file(file: Path) -> Answers:
    """Read a YAML file of answers.

    Args:
        file: The file that `--data-file` names, or a preset.

    Raises:
        Problem: The file has no answers, or cannot be read.
    """
    try:
        answers = plain_yaml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"cannot read {file}", "check that --data-file names a text file you may read") from error
    except ValueError as error:
        raise Problem(f"{file} is not YAML", "write a line `question: answer` for each answer") from error
    if not isinstance(answers, dict):
        raise Problem(f"{file} holds no answers", "write a line `question: answer` for each answer")
    return {str(key): answer for key, answer in answers.items()}
