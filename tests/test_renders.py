"""What `tests.support.rendering` leaves out changes nothing in what is written."""

from pathlib import Path

import pytest

from tests.support.combinations import Combination, as_text, largest, name_of, smallest
from tests.support.commands import COPIER, succeed
from tests.support.renders import TEMPLATE, Renders
from tests.support.trees import files_without_secret


@pytest.mark.parametrize("combination", [largest(), smallest()], ids=name_of)
def test_a_render_is_what_the_command_writes(renders: Renders, tmp_path: Path, combination: Combination) -> None:
    answers = [f"--data={name}={as_text(answer)}" for name, answer in combination.items()]

    succeed(*COPIER, "copy", "--defaults", *answers, str(renders.folder / TEMPLATE), "theirs", cwd=tmp_path)

    assert files_without_secret(renders.of(combination)) == files_without_secret(tmp_path / "theirs")
