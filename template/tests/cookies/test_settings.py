"""Settings of sessions and cookies."""

import pytest

from app.core.settings import SettingsError
from tests.conftest import MakeApp
from tests.cookies.browser import registered
from tests.support.environment import Machine


@pytest.mark.asvs("V3.3.1")
def test_production_refuses_cookies_over_http(machine: Machine) -> None:
    with pytest.raises(SettingsError, match=r"COOKIES_OVER_HTTP: anyone on the way"):
        machine.set(COOKIES_OVER_HTTP="true", ACCEPTED_RISKS="cookies-over-http").load()


def test_a_developers_machine_may_use_them(machine: Machine) -> None:
    assert "COOKIES_OVER_HTTP" in " ".join(machine.set(APP_ENV="local", COOKIES_OVER_HTTP="true").load().warnings)


async def test_over_http_the_cookies_lose_what_a_browser_would_refuse(make_app: MakeApp) -> None:
    browser = await registered(make_app(COOKIES_OVER_HTTP="true"))

    answer = await browser.log_in()

    (session,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("session=")]
    assert session.endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert (await browser.get("/users/me")).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SESSION_IDLE_SECONDS", "0"),
        ("SESSION_IDLE_SECONDS", "86401"),
        ("SESSION_ABSOLUTE_SECONDS", "-1"),
        ("SESSION_ABSOLUTE_SECONDS", "2592001"),
        ("SESSION_SAME_SITE", "none"),
        ("COOKIES_OVER_HTTP", "sometimes"),
    ],
)
def test_a_setting_that_cannot_be_is_named(machine: Machine, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        machine.set(**{name: value}).load()


def test_an_operator_is_told_that_pages_of_another_site_send_no_cookie(machine: Machine) -> None:
    assert any("SameSite" in note for note in machine.set(BROWSER_ORIGINS="https://app.example.com").load().notes)
