"""Fixtures for the cookies slice: every application has a board to write on."""

import pytest

from app.core.application import Application
from tests.conftest import MakeApp
from tests.cookies.board import BOARD
from tests.support.planting import plant


@pytest.fixture
def make_app(make_app: MakeApp) -> MakeApp:
    """Make an application with settings of your own, and a board."""

    def make(**settings: str) -> Application:
        app = make_app(**settings)
        plant(app, BOARD)
        return app

    return make
