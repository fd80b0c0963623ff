"""Which combinations a run proves: rows of the matrix, or all; what was asked for; this machine's share."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bastion.problems import Problem
from bastion.proof.matrix import Row, matrix_of, read_shard, share_of
from bastion.space.space import Space

_PROMISES = {1: "every answer", 2: "every pair of answers", 3: "every triple of answers"}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the user wants proven."""

    strength: int = 2
    everything: bool = False
    only: Sequence[str] = ()
    shard: str = "1/1"

    def in_words(self) -> str:
        """Say what is promised, for the report."""
        rows = "every combination" if self.everything else _PROMISES.get(self.strength, f"strength {self.strength}")
        narrowed = [f"with {' '.join(self.only)}"] if self.only else []
        share = [f"share {self.shard}"] if self.shard != "1/1" else []
        return ", ".join([rows, *narrowed, *share])


def select(root: Path, space: Space, wish: Wish) -> list[Row]:
    """Return the combinations to prove, in a fixed order.

    Args:
        root: The folder of the template.
        space: What may be answered there.
        wish: What the user wants proven.
    """
    # Refused now, and not when the matrix has been made.
    read_shard(wish.shard)
    wanted = [_wanted(space, pair) for pair in wish.only]
    rows = list(_fitting(_rows(root, space, wish), wanted))
    if not rows:
        # What was asked for by name is proven also where the matrix has no row for it.
        rows = list(_fitting(_all(space), wanted))[:1]
    if not rows:
        raise Problem(f"no valid combination has {' '.join(wish.only)}", "leave one of --only out")
    return share_of(rows, wish.shard)


def _rows(root: Path, space: Space, wish: Wish) -> Iterable[Row]:
    return _all(space) if wish.everything else matrix_of(root, wish.strength).rows


def _all(space: Space) -> Iterator[Row]:
    return (Row(combination, ("asked for",)) for combination in space.valid())


def _wanted(space: Space, pair: str) -> tuple[str, Any]:
    question, equals, text = pair.partition("=")
    if not equals:
        raise Problem(f"--only {pair!r} is no KEY=VALUE", "write it as --only question=answer")
    if question not in space.axes:
        raise Problem(f"there is no question {question!r} with choices", f"they are {', '.join(space.axes)}")
    answer = _read(text)
    if not any(_is(each, answer) for each in space.axes[question]):
        known = {box for each in space.axes[question] for box in (each if isinstance(each, tuple) else (each,))}
        raise Problem(f"{question} has no answer {text!r}", f"its answers are {', '.join(sorted(map(str, known)))}")
    return question, answer


def _read(text: str) -> Any:  # noqa: ANN401 - whatever YAML can hold
    try:
        return yaml.safe_load(text) if text.startswith("[") or text in {"true", "false"} else text
    except (yaml.YAMLError, ValueError) as error:
        raise Problem(f"--only {text!r} is no list", "write it as --only question=[first, second]") from error


def _fitting(rows: Iterable[Row], wanted: Sequence[tuple[str, Any]]) -> Iterator[Row]:
    return (row for row in rows if _answers_so(row.combination, wanted))


def _answers_so(answers: Mapping[str, Any], wanted: Sequence[tuple[str, Any]]) -> bool:
    return all(question in answers and _is(answers[question], answer) for question, answer in wanted)


def _is(given: object, wanted: object) -> bool:
    """Compare; of checkboxes a list wants exactly these, and a single one wants it among them."""
    if isinstance(given, tuple):
        if not isinstance(wanted, list):
            return wanted in given
        # No sets: YAML may hold what has no hash.
        return all(each in given for each in wanted) and all(each in wanted for each in given)
    return given == wanted or str(given) == str(wanted)
