"""`BROWSER_ORIGINS` holds origins in the one spelling that browsers send, or the application does not start."""

from pathlib import Path

import pytest

from app.core.origins import LOCAL_ORIGINS, OriginsSettings, allowed_origins
from app.core.settings import CoreSettings, Settings, SettingsError, load
from tests.conftest import MakeApp
from tests.support.environment import Machine
from tests.support.production import GOOD_SECRET

NO_ORIGINS = {
    "everyone": "*",
    "the scheme alone": "https://*",
    "every subdomain": "https://*.example.com",
    "any port": "https://app.example.com:*",
    "sandboxed pages and local files": "null",
    "no scheme": "app.example.com",
    "a scheme that no page has": "ftp://app.example.com",
    "another scheme": "wss://app.example.com",
    "no host": "https://",
    "a slash behind": "https://app.example.com/",
    "a path": "https://app.example.com/login",
    "a query": "https://app.example.com?x=1",
    "a fragment": "https://app.example.com#x",
    "a user": "https://app.example.com@evil.example",
    "a user and a password": "https://user:word@app.example.com",
    "upper case": "https://App.example.com",
    "an upper-case scheme": "HTTPS://app.example.com",
    "the default port": "https://app.example.com:443",
    "the default port of http": "http://localhost:80",
    "no port behind the colon": "https://app.example.com:",
    "a port that is none": "https://app.example.com:65536",
    "port 0": "https://app.example.com:0",
    "a port with a zero before it": "https://app.example.com:08443",
    "a port in other digits": "https://app.example.com:\u0664\u0664\u0664",
    "letters that browsers send as punycode": "https://b\u00fccher.example",
    "a dot behind": "https://app.example.com.",
    "a dot before": "https://.example.com",
    "two dots": "https://app..example.com",
    "a space within": "https://app.example.com https://evil.example",
    "a line feed within": "https://app.example.com\nhttps://evil.example",
    "a line feed before the port": "https://app.example.com\n:8443",
    "a backslash": "https://app.example.com\\evil",
    "an escaped dot": "https://app%2eexample.com",
    "a regular expression": "https://(app|www).example.com",
    "an address in short": "http://127.1",
    "an address in octal": "http://0177.0.0.1",
    "an address in hexadecimal": "http://0x7f000001",
    "an address that is none": "http://127.0.0.256",
    "a long form of an IPv6 address": "http://[0:0:0:0:0:0:0:1]",
    "an IPv6 address without brackets": "http://::1",
    "a list of another kind": '["https://app.example.com"]',
    "a host that is too long": f"https://{'a.' * 127}aa",
}
ORIGINS = (
    "https://app.example.com",
    "https://app.example.com:8443",
    "https://xn--bcher-kva.example",
    "https://my_app.example.com",
    "https://203.0.113.7",
    "https://[2001:db8::7]:65535",
    "https://intranet",
)


def refusal(machine: Machine, **variables: str | None) -> list[str]:
    """Return the lines of the one message."""
    with pytest.raises(SettingsError) as caught:
        machine.set(**variables).load()
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


def origins_of(machine: Machine, written: str | None, environment: str) -> tuple[frozenset[str], Settings]:
    settings = machine.set(BROWSER_ORIGINS=written, APP_ENV=environment).load()
    found = [each for each in settings.by_class.values() if isinstance(each, OriginsSettings)]
    (allowed,) = {allowed_origins(each, settings.core) for each in found}
    return allowed, settings


@pytest.mark.asvs("V3.4.2", "V13.4.2")
@pytest.mark.parametrize("environment", ["production", "test", "local"])
@pytest.mark.parametrize("entry", NO_ORIGINS.values(), ids=NO_ORIGINS)
def test_what_no_browser_sends_stops_the_start_in_one_line(machine: Machine, entry: str, environment: str) -> None:
    written = f"https://good.example.com,{entry}"

    (line,) = refusal(machine, APP_ENV=environment, BROWSER_ORIGINS=written)

    assert line.startswith("BROWSER_ORIGINS: ")
    assert "good.example.com" not in line
    assert entry.rpartition("@")[2].encode("unicode_escape").decode()[:100] in line


@pytest.mark.parametrize(
    ("entry", "right"),
    [
        ("https://app.example.com/", "write https://app.example.com"),
        ("HTTPS://App.Example.com:8443", "write https://app.example.com:8443"),
        ("https://app.example.com:443/", "write https://app.example.com"),
        ("http://localhost:80", "write http://localhost"),
        ("app.example.com", "write scheme://host or scheme://host:port, like https://app.example.com"),
        ("https://b\u00fccher.example", "write the host in punycode, as xn--..."),
        ("https://*.example.com", "name each origin"),
        ("null", "name the page's own origin"),
    ],
)
def test_the_line_names_the_right_form(machine: Machine, entry: str, right: str) -> None:
    (line,) = refusal(machine, BROWSER_ORIGINS=entry)

    assert line.endswith(right)


@pytest.mark.asvs("V16.2.5")
def test_a_password_in_an_origin_is_not_repeated(machine: Machine) -> None:
    (line,) = refusal(machine, BROWSER_ORIGINS="https://kanary7:kanary7/kanary7@app.example.com")

    assert line.startswith("BROWSER_ORIGINS: ...@app.example.com is no origin")
    assert "kanary7" not in line


def test_each_wrong_entry_has_its_line(machine: Machine) -> None:
    lines = refusal(machine, BROWSER_ORIGINS="*, null ,https://app.example.com/,https://ok.example.com")

    assert len(lines) == 3


@pytest.mark.parametrize("risk", ["*", "any-origin", "plain-http-origin", "None", ""])
def test_plain_http_never_reaches_production(machine: Machine, risk: str) -> None:
    line, *_ = refusal(machine, BROWSER_ORIGINS="http://app.example.com:8080", ACCEPTED_RISKS=risk)

    assert line.endswith("write https://app.example.com:8080")
    assert "ACCEPTED_RISKS" not in line
    assert refusal(machine, BROWSER_ORIGINS="http://localhost:3000")


def test_plain_http_is_fine_on_this_machine_and_said_elsewhere(machine: Machine) -> None:
    here = "http://localhost,http://127.0.0.1:5000,http://[::1]:5000"

    for environment in ("local", "test"):
        assert origins_of(machine, here, environment)[1].warnings == ()
        allowed, settings = origins_of(machine, "http://app.example.com", environment)
        assert allowed == {"http://app.example.com"}
        assert [warning for warning in settings.warnings if "http://app.example.com" in warning] != []


@pytest.mark.parametrize("environment", ["production", "test", "local"])
def test_origins_are_taken_as_they_are_written(machine: Machine, environment: str) -> None:
    allowed, settings = origins_of(machine, " , ".join(ORIGINS) + ",", environment)

    assert allowed == set(ORIGINS)
    assert settings.warnings == ()


def test_unset_means_the_usual_development_ports_in_local_and_nobody_elsewhere(machine: Machine) -> None:
    assert origins_of(machine, None, "local")[0] == LOCAL_ORIGINS
    assert origins_of(machine, "", "local")[0] == LOCAL_ORIGINS
    assert origins_of(machine, None, "test")[0] == frozenset()
    assert origins_of(machine, None, "production")[0] == frozenset()
    assert {"http://localhost:3000", "http://127.0.0.1:5173", "http://localhost:4200"} < LOCAL_ORIGINS
    assert "http://localhost:8000" not in LOCAL_ORIGINS


def test_every_default_would_be_taken_if_it_were_written(machine: Machine) -> None:
    allowed, settings = origins_of(machine, ",".join(sorted(LOCAL_ORIGINS)), "local")

    assert allowed == LOCAL_ORIGINS
    assert settings.warnings == ()


def test_two_slices_that_read_it_say_what_is_wrong_once(machine: Machine, tmp_path: Path) -> None:
    class Another(OriginsSettings):
        """The settings of a slice that reads it too."""

    class Third(OriginsSettings, env_prefix="THIRD_"):
        """One with a prefix of its own, which this variable does not get."""

    machine.set(BROWSER_ORIGINS="*")

    with pytest.raises(SettingsError) as caught:
        load((OriginsSettings, Another, Third), env_file=tmp_path / "none")

    assert str(caught.value).count("BROWSER_ORIGINS") == 1


async def test_all_who_ask_where_a_request_comes_from_go_by_these_names(make_app: MakeApp) -> None:
    assert make_app().state.kernel.named_origins == set()
    assert make_app(BROWSER_ORIGINS="https://app.example.com").state.kernel.named_origins == {"https://app.example.com"}


def test_the_variable_is_known_in_env(machine: Machine) -> None:
    machine.write(f"SECRET_KEY={GOOD_SECRET}\nBROWSER_ORIGINS=https://app.example.com\n")

    assert origins_of(machine, None, "production")[0] == {"https://app.example.com"}


def test_an_entry_is_judged_by_itself() -> None:
    core = CoreSettings(app_env="production")

    assert list(OriginsSettings(BROWSER_ORIGINS="https://app.example.com").findings(core)) == []
    assert len(list(OriginsSettings(BROWSER_ORIGINS="https://app.example.com.").findings(core))) == 1
