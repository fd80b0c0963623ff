"""The settings of the tokens, by the names that operators write."""

import pytest

from app.bearer.settings import BearerSettings
from app.core.settings import SettingsError
from tests.support.environment import Machine

NO_ISSUERS = {
    "a user": "https://kwq7@api.example.org",
    "a password": "https://user:kwq7@api.example.org",
    "a query": "https://api.example.org/?x=1",
    "an empty query": "https://api.example.org?",
    "a fragment": "https://api.example.org/#kwq7",
    "both": "https://api.example.org/?x=1#y",
    "a space": "https://a b",
    "a space in the path": "https://api.example.org/a b",
    "a tab": "https://api.example.org/\t",
    "a newline behind it": "https://api.example.org\n",
    "a space of another kind": "https://api.example.org/\u00a0",
    "no host": "https://",
    "no host before a port": "https://:443",
    "a backslash": "https://api.example.org\\@attacker.example",
    "another scheme": "ftp://api.example.org",
    "no scheme": "api.example.org",
}
ANY_MACHINES = (
    "https://localhost",
    "https://LOCALHOST:8443/auth",
    "https://api.localhost",
    "https://127.0.0.1",
    "https://127.8.8.8/",
    "https://0.0.0.0",
    "https://[::1]:8443",
)
GOOD = (
    "https://api.example.org",
    "https://api.example.org/",
    "https://api.example.org:8443/tenants/7",
    "https://[fd00::7]",
)


def refusal(machine: Machine, issuer: str) -> str:
    with pytest.raises(SettingsError) as caught:
        machine.set(BEARER_ISSUER=issuer).load()
    _, line = str(caught.value).splitlines()
    return line.strip()


@pytest.mark.parametrize("environment", ["production", "local"])
@pytest.mark.parametrize("issuer", NO_ISSUERS.values(), ids=NO_ISSUERS)
def test_what_is_more_or_less_than_an_address_is_written_into_no_token(
    machine: Machine, issuer: str, environment: str
) -> None:
    line = refusal(machine.set(APP_ENV=environment), issuer)

    assert line.startswith("BEARER_ISSUER: write https://host or https://host/path")
    assert "ACCEPTED_RISKS" not in line
    assert "kwq7" not in line


@pytest.mark.parametrize("issuer", ANY_MACHINES)
def test_production_takes_no_issuer_that_every_machine_is_to_itself(machine: Machine, issuer: str) -> None:
    line = refusal(machine, issuer)

    assert line.endswith("(ACCEPTED_RISKS=local-issuer)")
    assert machine.set(APP_ENV="local").load().core.is_local


@pytest.mark.parametrize("issuer", GOOD)
def test_an_issuer_is_this_services_own_address(machine: Machine, issuer: str) -> None:
    settings = machine.set(BEARER_ISSUER=issuer).load()

    assert settings.warnings == ()
    assert settings[BearerSettings].issuer == issuer


def test_each_setting_is_read_from_env_by_its_name(machine: Machine) -> None:
    machine.write("REFRESH_RACE_SECONDS=3\nREFRESH_IDLE_SECONDS=3600\nBEARER_AUDIENCE=api\n")

    settings = machine.load()
    bearer = settings[BearerSettings]

    assert settings.warnings == ()
    assert (bearer.refresh_race_seconds, bearer.refresh_idle_seconds, bearer.audience) == (3, 3600, "api")
