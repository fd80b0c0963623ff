"""How limits are written, and what stands where nothing is written."""

from pathlib import Path

import pytest

from app.core.settings import SettingsError
from app.rate_limit.settings import RateLimitSettings, limit_from
from tests.support.environment import Machine
from tests.support.limits import NAMES

GOOD = {
    "10/minute": (10, 60),
    "1/second": (1, 1),
    "5/hours": (5, 3600),
    "100/5 minutes": (100, 300),
    "100/5minutes": (100, 300),
    "20000000/day": (20_000_000, 86400),
}
BAD = (
    "",
    "0/minute",
    "00/minute",
    "-5/minute",
    "+5/minute",
    "1.5/minute",
    "5",
    "5/",
    "/minute",
    "5/0 minutes",
    "5/-1 minutes",
    "5 per minute",
    "5/minute;10/hour",
    "5/minute, 10/hour",
    "5/minute\n",
    " 5/minute",
    "5/fortnight",
    "5/month",
    "5/2 days",
    "5/25 hours",
    "\u0665/minute",
    "999999999/minute",
    "many/minute",
)


def loaded(machine: Machine) -> RateLimitSettings:
    settings = machine.load()
    assert settings.warnings == ()
    (limits,) = (each for each in settings.by_class.values() if isinstance(each, RateLimitSettings))
    return limits


@pytest.mark.parametrize(("text", "meant"), GOOD.items())
def test_a_limit_is_how_many_in_which_time(text: str, meant: tuple[int, int]) -> None:
    limit = limit_from(text)

    assert (limit.amount, limit.get_expiry()) == meant


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_limit_is_refused_with_the_right_form(text: str) -> None:
    with pytest.raises(ValueError, match="like 10/minute or 100/5 minutes"):
        limit_from(text)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_limit_of_nothing_is_one_line_that_names_the_setting(machine: Machine, name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        machine.set(**{name: "0/minute"}).load()

    _, line = str(caught.value).splitlines()
    assert line.strip().startswith(f"{name}: write how many in which time")


def test_it_stops_a_developers_machine_too(machine: Machine) -> None:
    with pytest.raises(SettingsError, match="RATE_LIMIT_LOGIN"):
        machine.set(APP_ENV="local", RATE_LIMIT_LOGIN="0/minute").load()


@pytest.mark.asvs("V2.4.1", "V6.3.1")
def test_no_limit_is_so_wide_that_it_turns_counting_off(machine: Machine) -> None:
    """All of them, also those of actions that a slice brings: each is named, in one line."""
    with pytest.raises(SettingsError) as caught:
        machine.set(**dict.fromkeys(NAMES, "99999999/second")).load()

    _, line = str(caught.value).splitlines()
    names, _, _ = line.partition(": so wide")
    assert set(names.strip().split(", ")) == NAMES
    assert line.endswith("(ACCEPTED_RISKS=wide-limits)")


@pytest.mark.parametrize(
    ("name", "widest"),
    [("LOGIN", "100/minute"), ("LOGIN", "100/hour"), ("REGISTER", "50/5 minutes"), ("GENERAL", "100/second")],
)
def test_ten_times_the_default_is_not_too_wide_yet(machine: Machine, name: str, widest: str) -> None:
    assert machine.set(**{f"RATE_LIMIT_{name}": widest}).load().warnings == ()


def test_an_operator_sets_each_limit_by_its_name(machine: Machine) -> None:
    machine.write("RATE_LIMIT_LOGIN=7/minute\nRATE_LIMIT_GENERAL=8/second\n")

    limits = loaded(machine)

    assert (limits.of("login").amount, limits.general.amount) == (7, 8)


@pytest.mark.asvs("V6.3.1")
def test_what_stands_where_nothing_is_written_slows_guessing_down(machine: Machine) -> None:
    limits = loaded(machine)

    a_minute = {action: limits.of(action).amount * 60 / limits.of(action).get_expiry() for action in ("login", "x")}
    assert a_minute == {"login": 10, "x": 60}
    assert limits.general.amount == 600


def test_the_documents_name_these_numbers(machine: Machine) -> None:
    limits = loaded(machine)
    security, readme = (Path(name).read_text(encoding="utf-8") for name in ("SECURITY.md", "README.md"))

    login, register, general = (each.amount for each in (limits.of("login"), limits.of("register"), limits.general))
    assert f"{login} logins a minute and {register} registrations for example" in security
    assert f"all else shares {general} requests" in security
    assert f"`{login}/minute`, `{general}/minute`" in readme
