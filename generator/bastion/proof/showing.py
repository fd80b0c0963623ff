"""The matrix as people and machines read it."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bastion.problems import Problem
from bastion.proof.matrix import Matrix, Row, matrix_of, read_shard
from bastion.proof.selection import Wish
from bastion.space.expressions import atom
from bastion.space.parts import Part
from bastion.space.space import Space
from bastion.template import own_data

GITHUB_JOBS = 256
"""A matrix of GitHub Actions has no more jobs than these in one run."""


def rows_of(template: Path | None, wish: Wish, form: str) -> str:
    """Write down the rows of a template.

    Args:
        template: Its folder; None means the template inside this package.
        wish: How many answers meet, and which of how many shares of the rows.
        form: One of `FORMATS`.
    """
    _refuse_other_than(FORMATS, form)
    # Refused now, and not when the matrix has been made.
    read_shard(wish.shard)
    return FORMATS[form](matrix_of(template or own_data(), wish.strength), wish.shard)


def count_of(template: Path | None, wish: Wish, form: str) -> str:
    """Write down how many valid combinations a template has, and how that comes about.

    Args:
        template: Its folder; None means the template inside this package.
        wish: Refused when it asks for some rows.
        form: One of `COUNT_FORMATS`.
    """
    if wish != Wish():
        raise Problem("--count counts every combination", "it goes with --template and --format alone")
    _refuse_other_than(FORMATS, form)
    _refuse_other_than(COUNT_FORMATS, form, " of --count")
    return COUNT_FORMATS[form](Space.read((template or own_data()) / "copier.yml"))


def _refuse_other_than(formats: Collection[str], form: str, what_of: str = "") -> None:
    if form not in formats:
        raise Problem(f"--format {form!r}{what_of} is unknown", f"use {', '.join(formats)}")


def _table(matrix: Matrix, shard: str) -> str:
    rows = [(matrix.space.id_of(row.combination), ", ".join(row.why)) for row in matrix.shard(shard)]
    width = max((len(name) for name, _ in rows), default=0)
    lines = [f"{number:>4}  {name:<{width}}  {why}" for number, (name, why) in enumerate(rows, 1)]
    return "\n".join([*lines, "", f"{len(rows)} of {matrix.space.count()} valid combinations"])


def _json(matrix: Matrix, shard: str) -> str:
    content = {
        "combinations": matrix.space.count(),
        "strength": matrix.strength,
        "shard": shard,
        "rows": [_as_data(matrix.space, row) for row in matrix.shard(shard)],
        "never": list(matrix.never),
        "undecided": list(matrix.undecided),
    }
    return json.dumps(content, indent=2)


def _as_data(space: Space, row: Row) -> dict[str, Any]:
    return {
        "id": space.id_of(row.combination),
        "why": list(row.why),
        "answers": row.combination.as_data(),
        "flags": space.flags_of(row.combination),
    }


def _github(matrix: Matrix, shard: str) -> str:
    """Write a `strategy.matrix`: each job proves one row, or one shard when there are more rows than jobs."""
    index, count = read_shard(shard)
    jobs = min(GITHUB_JOBS, len(matrix.shard(shard)))
    shards = [f"{index + count * job}/{count * jobs}" for job in range(jobs)]
    return json.dumps({"include": [{"name": _name(matrix, each), "shard": each} for each in shards]})


def _name(matrix: Matrix, shard: str) -> str:
    rows = matrix.shard(shard)
    return matrix.space.id_of(rows[0].combination) if len(rows) == 1 else f"shard {shard}"


FORMATS: Mapping[str, Callable[[Matrix, str], str]] = {"table": _table, "json": _json, "github": _github}


def counted(space: Space) -> str:
    """Write down how many valid combinations there are, and how that comes about.

    Args:
        space: What may be answered.
    """
    parts = " x ".join(f"{ways} {label}" for ways, label in _factors(space)) or "1"
    return f"{space.count()} valid combinations = {parts}"


def _counted_as_json(space: Space) -> str:
    factors = [{"ways": ways, "of": label.removeprefix("of ")} for ways, label in _factors(space)]
    return json.dumps({"count": space.count(), "factors": factors}, indent=2)


COUNT_FORMATS: Mapping[str, Callable[[Space], str]] = {"table": counted, "json": _counted_as_json}


def _factors(space: Space) -> Iterator[tuple[int, str]]:
    """Yield how many ways each part has, with what it is about; free checkboxes of one question are taken together."""
    free: dict[str, list[Part]] = {}
    for part in space.parts.all:
        free.setdefault(_checkbox_of(part), []).append(part)
    for part in space.parts.all:
        question = _checkbox_of(part)
        if not question:
            yield len(part.ways), _label(space, part.factors)
        elif part is free[question][0]:
            yield (
                2 ** len(free[question]),
                _label(space, [factor for each in free[question] for factor in each.factors]),
            )


def _checkbox_of(part: Part) -> str:
    """Name the question whose free checkbox a part is."""
    question, equals, _ = part.factors[0].partition("=")
    return question if equals and len(part.factors) == 1 else ""


def _label(space: Space, factors: Sequence[str]) -> str:
    """Name the questions of some factors, and of checkboxes which, unless all of them."""
    names = []
    for question in dict.fromkeys(factor.partition("=")[0] for factor in factors):
        boxes = [str(box) for box in space.known[question] if atom(question, box) in factors]
        names.append(question if len(boxes) == len(space.known[question]) else f"{question} ({', '.join(boxes)})")
    return f"of {', '.join(names)}" if len(names) > 1 else names[0]
