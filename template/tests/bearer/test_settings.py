"""The settings of the tokens, by the names that operators write."""

from pathlib import Path

import pytest

from app.bearer.settings import BearerSettings
from tests.support.environment import Machine
from tests.support.production import FIT


def test_each_setting_is_read_from_env_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = Machine(monkeypatch, tmp_path).set(**FIT)
    machine.write("REFRESH_RACE_SECONDS=3\nREFRESH_IDLE_SECONDS=3600\nBEARER_AUDIENCE=api\n")

    settings = machine.load()
    bearer = settings[BearerSettings]

    assert settings.warnings == ()
    assert (bearer.refresh_race_seconds, bearer.refresh_idle_seconds, bearer.audience) == (3, 3600, "api")
