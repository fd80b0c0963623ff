"""The proof as somebody in front of a terminal sees it: what it is at, and afterwards only what it found."""

import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are a Unix thing; what is written is tested everywhere", allow_module_level=True)

from tests.proof import clean_template
from tests.proof.proving import ONE_ROW, ROW, Prover
from tests.support.commands import BASTION, environment
from tests.support.screens import Terminal
from tests.support.terminal import without_colours

BAR = "━━━━"
STAGES = ("reading every distinct rendering", "comparing with Copier")


def drawn(terminal: Terminal) -> str:
    """Give all that was ever on the screen: a stage may last less than a look at it."""
    return without_colours(terminal.received.decode())


def test_reading_shows_a_bar_for_each_stage_and_in_the_end_only_the_result(tmp_path: Path) -> None:
    kitchen = clean_template.write(tmp_path / "kitchen")
    command = (*BASTION, "prove", "--static", "--template", str(kitchen))
    terminal = Terminal(*command, cwd=tmp_path, env=environment())

    ended_with = terminal.end()

    assert ended_with == 0
    assert [stage for stage in STAGES if stage not in drawn(terminal)] == []
    assert BAR in drawn(terminal)
    (line,) = terminal.lines()
    assert line.startswith("48 combinations, ")
    assert line.endswith(": no findings")


def test_a_row_shows_what_it_is_doing_and_in_the_end_only_how_it_ended(prover: Prover, tmp_path: Path) -> None:
    terminal = Terminal(*prover.command(*ONE_ROW), cwd=tmp_path, env=prover.variables())

    ended_with = terminal.end()

    assert ended_with == 0
    assert f"{ROW} (tests)" in drawn(terminal)
    assert BAR in drawn(terminal)
    assert "0/1" in drawn(terminal)
    first, last = terminal.lines()
    assert first == "1 of 24 valid combinations, 1 at a time"
    assert last.startswith("1/1 passed ")
    assert last.endswith(ROW)
