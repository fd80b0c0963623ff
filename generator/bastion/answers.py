"""The answers given on the command line: `--data KEY=VALUE` and `--data-file FILE`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from bastion.problems import Problem

Answers = Mapping[str, Any]


def read_answers(pairs: Iterable[str], file: Path | None) -> Answers:
    """Join both sources; a `--data` wins over the file.

    Args:
        pairs: `KEY=VALUE` each.
        file: A YAML file of answers, such as a preset.
    """
    return {**(_from_file(file) if file else {}), **read_pairs(pairs, "--data ")}


def read_pairs(pairs: Iterable[str], flag: str = "") -> Answers:
    """Read answers as the command line has them.

    Args:
        pairs: `KEY=VALUE` each.
        flag: What stands in front of each, a space included.
    """
    answers: dict[str, str] = {}
    for key, value in (_split(pair, flag) for pair in pairs):
        if key in answers:
            # The last one would win, and with it a defence of the first could vanish without a word.
            raise Problem(
                f"{flag}{key} is answered twice", f"answer it once; several choices are {key}=[first, second]"
            )
        answers[key] = value
    return answers


def _split(pair: str, flag: str) -> tuple[str, str]:
    key, equals, value = pair.partition("=")
    if not (key and equals):
        raise Problem(f"{flag}{pair!r} is no KEY=VALUE", f"write it as {flag}question=answer")
    return key.strip(), value


def _from_file(file: Path) -> Answers:
    try:
        answers = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"cannot read {file}", "check that --data-file names a text file you may read") from error
    except yaml.YAMLError as error:
        raise Problem(f"{file} is not YAML", "write a line `question: answer` for each answer") from error
    if not isinstance(answers, dict):
        raise Problem(f"{file} holds no answers", "write a line `question: answer` for each answer")
    return {str(key): answer for key, answer in answers.items()}
