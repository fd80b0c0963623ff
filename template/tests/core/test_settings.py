"""What must not reach production does not start there, and says so in one message that holds no secret."""

from pathlib import Path

import pytest
from pydantic import AliasChoices, AliasPath, Field
from pydantic_settings import SettingsConfigDict

from app.accounts.settings import AccountsSettings
from app.core.application import Application
from app.core.settings import CoreSettings, Listed, SettingsError, SliceSettings, load
from tests.conftest import MakeApp
from tests.support.environment import Machine, names_of_settings
from tests.support.production import FIT, GOOD_SECRET, NOT_FIT, RISKS, needed_by_slices

OF_SECRETS = [name for name, (variable, *_) in NOT_FIT.items() if variable.startswith("SECRET_KEY")]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """A machine without any setting."""
    return Machine(monkeypatch, tmp_path)


def refusal(machine: Machine) -> list[str]:
    """Return the lines of the one message."""
    with pytest.raises(SettingsError) as caught:
        machine.load()
    title, *lines = str(caught.value).splitlines()
    assert title == "The settings cannot be used:"
    return [line.strip() for line in lines]


def test_what_is_fit_starts(machine: Machine) -> None:
    settings = machine.set(**FIT).load()

    assert settings.core.is_production
    assert (settings.warnings, settings.accepted) == ((), ())


@pytest.mark.asvs("V13.4.2", "V13.2.3", "V13.4.5", "V11.4.2", "V6.2.1")
@pytest.mark.parametrize(("name", "value", "line"), NOT_FIT.values(), ids=NOT_FIT)
def test_production_refuses(machine: Machine, name: str, value: str | None, line: str) -> None:
    lines = refusal(machine.set(**FIT).set(**{name: value}))

    assert len(lines) == 1
    assert lines[0].startswith(line)


def test_cheap_hashing_is_judged_as_a_whole(machine: Machine) -> None:
    machine.set(**FIT)

    machine.set(PASSWORD_ROUNDS="1", PASSWORD_MEMORY_KIB="47103")
    assert refusal(machine)[0].endswith("(ACCEPTED_RISKS=cheap-hash)")
    machine.set(PASSWORD_ROUNDS="1", PASSWORD_MEMORY_KIB="47104")
    assert machine.load().warnings == ()
    machine.set(PASSWORD_ROUNDS="3", PASSWORD_MEMORY_KIB="12288")
    assert machine.load().warnings == ()
    machine.set(PASSWORD_SCHEME="bcrypt_sha256", PASSWORD_BCRYPT_COST="9", PASSWORD_MEMORY_KIB="8")
    assert refusal(machine) == ["PASSWORD_BCRYPT_COST: below OWASP's minimum of 10 (ACCEPTED_RISKS=cheap-hash)"]
    machine.set(PASSWORD_BCRYPT_COST="10")
    assert machine.load().warnings == ()


def test_all_problems_come_in_one_message_a_line_each(machine: Machine) -> None:
    machine.set(SECRET_KEY=None, REGISTRATION=None, DEBUG="true", ALLOWED_HOSTS="*", EXPOSE_DOCS="true")
    machine.set(PASSWORD_MEMORY_KIB="8", FORWARDED_ALLOW_IPS="*", DATABASE_POOL_SIZE="0", APP_ENV="production")
    machine.set(DATABASE_URL=FIT["DATABASE_URL"]).write("ALOWED_HOSTS=api.example.com\n")

    without_number = refusal(machine)
    machine.set(DATABASE_POOL_SIZE=None)
    lines = refusal(machine)

    names = [line.partition(":")[0] for line in lines]
    assert without_number[0].startswith("DATABASE_POOL_SIZE: ")
    assert needed_by_slices() <= set(names)
    assert [name for name in names if name not in needed_by_slices()] == [
        "SECRET_KEY",
        "DEBUG",
        "FORWARDED_ALLOW_IPS",
        "ALLOWED_HOSTS",
        "REGISTRATION",
        "PASSWORD_MEMORY_KIB, PASSWORD_ROUNDS",
        "EXPOSE_DOCS",
        "ALOWED_HOSTS",
    ]


@pytest.mark.asvs("V16.2.5", "V13.4.2")
def test_no_message_holds_a_value(machine: Machine) -> None:
    canary = "kanary7"
    machine.set(**FIT)
    for name in ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "SECRET_KEY_NEXT", "REGISTRATION", "PASSWORD_THREADS"):
        machine.set(**{name: canary})

    several = "\n".join(refusal(machine))
    machine.set(PASSWORD_THREADS=None, REGISTRATION="open", DATABASE_URL=f"driver://u:p@{canary}:{canary}")
    database = "\n".join(refusal(machine))
    unknown = "\n".join(refusal(machine.write(f"SECRET_KYE={canary}\n")))

    assert several.count("\n") >= 4
    assert "SECRET_KYE" in unknown
    assert canary not in several + database + unknown


@pytest.mark.parametrize("environment", [None, "", "production", "prod", "Local", "LOCAL", "lokal", "TEST", "local "])
def test_an_environment_unset_or_misspelt_is_production(machine: Machine, environment: str | None) -> None:
    machine.set(**FIT).set(APP_ENV=environment, DEBUG="true")

    assert refusal(machine)[0].startswith("DEBUG")


@pytest.mark.asvs("V16.2.5")
@pytest.mark.parametrize("end", ["", "=", "=="])
def test_half_of_a_secret_that_stands_in_a_line_of_its_own_is_not_shown(machine: Machine, end: str) -> None:
    machine.write(f"APP_ENV=local\nSECRET_KEY={GOOD_SECRET}\n{'9f' * 32}{end}\n")

    warnings = machine.set(DATABASE_URL=FIT["DATABASE_URL"]).load().warnings

    assert "a line without a value: no slice knows this setting (.env)" in warnings
    assert "9f9f" not in "\n".join(warnings)


def test_local_starts_and_says_what_production_would_refuse(machine: Machine) -> None:
    machine.write(f"APP_ENV=local\nSECRET_KEY={GOOD_SECRET}\nALOWED_HOSTS=x\nDEBUG=1\n")

    settings = machine.set(DATABASE_URL=FIT["DATABASE_URL"]).load()

    warnings = "\n".join(settings.warnings)
    assert settings.core.is_local
    assert "ALOWED_HOSTS: no slice knows this setting (.env)" in warnings
    assert "DEBUG: " in warnings
    assert [name for name in ("ALLOWED_HOSTS", *needed_by_slices()) if f"{name}: " not in warnings] == []


def test_what_nothing_could_run_with_stops_local_too(machine: Machine) -> None:
    machine.set(**FIT).set(APP_ENV="local", DEBUG="true", DATABASE_URL="driver://app@db/app")

    (line,) = refusal(machine)

    assert line == "DATABASE_URL: cannot be read; write it like the one in .env.example"


def test_every_setting_can_stand_in_env_without_being_unknown(machine: Machine) -> None:
    known = (f"{name}=" for name in sorted(names_of_settings() - {"PASSWORD_THREADS"}))
    machine.set(**FIT).write("\n".join(("password_threads=3", *known)))

    settings = machine.load()

    assert settings.warnings == ()
    assert settings[AccountsSettings].password_threads == 3


class ProjectsSettings(SliceSettings):
    """The settings of a slice that somebody adds."""

    model_config = SettingsConfigDict(env_prefix="PROJECTS_", populate_by_name=True)

    tags: list[str] = Field(default_factory=list)
    words: Listed = ()
    most: int = Field(default=1, validation_alias=AliasChoices("PROJECTS_MOST", "OLD_MOST"))
    first: int = Field(default=1, validation_alias=AliasPath("PROJECTS_ORDER", 0))


def test_a_list_that_is_no_json_is_one_problem_among_the_others(machine: Machine) -> None:
    machine.set(**FIT).set(DATABASE_POOL_SIZE="many")
    machine.write("PROJECTS_TAGS=kanary7,b\nPROJECTS_WORDS=a,b\n")

    with pytest.raises(SettingsError) as caught:
        load([ProjectsSettings], env_file=machine.env_file)

    _, number, tags = str(caught.value).splitlines()
    assert number.strip().startswith("DATABASE_POOL_SIZE: ")
    assert tags.strip() == "PROJECTS_TAGS: is no JSON; declare a list with commas between as app.core.settings.Listed"


def test_each_name_that_a_setting_answers_to_is_known(machine: Machine) -> None:
    machine.set(**FIT).write("OLD_MOST=3\nPROJECTS_ORDER=[7]\nPROJECTS_WORDS=a,b\nprojects_tags=[]\n")
    by_alias = load([ProjectsSettings], env_file=machine.env_file)[ProjectsSettings]
    machine.write("PROJECTS_MOST=3\nPROJECTS_FIRST=7\n")
    by_name = load([ProjectsSettings], env_file=machine.env_file)[ProjectsSettings]

    assert (by_alias.most, by_alias.first, by_alias.words) == (3, 7, ("a", "b"))
    assert (by_name.most, by_name.first) == (3, 7)


def test_the_environment_wins_over_env(machine: Machine) -> None:
    machine.set(**FIT).write("PASSWORD_THREADS=3\nPASSWORD_QUEUE=5\n").set(PASSWORD_THREADS="7")

    settings = machine.load()[AccountsSettings]

    assert (settings.password_threads, settings.password_queue) == (7, 5)


def test_tests_never_read_env(machine: Machine) -> None:
    machine.write("PASSWORD_THREADS=3\nDATABASE_URL=nonsense\n").set(**FIT).set(APP_ENV="test")

    assert machine.load()[AccountsSettings].password_threads == AccountsSettings().password_threads


def test_a_clone_without_env_gets_one_line_that_names_the_command(machine: Machine) -> None:
    with pytest.raises(SettingsError) as caught:
        machine.load()

    (line,) = str(caught.value).splitlines()
    assert line.endswith("python -m app.manage secrets")


@pytest.mark.asvs("V15.3.4")
@pytest.mark.parametrize("proxies", ["10.0.0.0/8, 192.0.2.7", "2001:db8::/32,::1", "fd00::/8"])
def test_production_takes_a_private_network_of_proxies(machine: Machine, proxies: str) -> None:
    assert machine.set(**FIT).set(FORWARDED_ALLOW_IPS=proxies).load().warnings == ()


@pytest.mark.parametrize("proxies", ["proxy.internal", "10.0.0.5/8", "10.0.0.5:443", "*.example.com", "none"])
def test_a_proxy_that_is_never_met_stops_local_too(machine: Machine, proxies: str) -> None:
    (line,) = refusal(machine.set(**FIT).set(APP_ENV="local", FORWARDED_ALLOW_IPS=proxies))

    assert line.startswith("FORWARDED_ALLOW_IPS: holds what is no address")
    assert proxies not in line


@pytest.mark.parametrize("risk", RISKS)
def test_a_risk_is_accepted_by_its_name_and_by_no_other(machine: Machine, risk: str) -> None:
    machine.set(**FIT).set(**RISKS[risk])

    (line,) = refusal(machine)
    accepted_another, unused = refusal(machine.set(ACCEPTED_RISKS=f"{risk}s, all, *"))
    settings = machine.set(ACCEPTED_RISKS=f"something-else, {risk}").load()

    assert line.endswith(f"(ACCEPTED_RISKS={risk})")
    assert accepted_another == line
    assert unused == f"ACCEPTED_RISKS: accepts nothing now: {risk}s, all, what is no name of a risk"
    assert (settings.warnings, settings.accepted) == ((), (risk,))


@pytest.mark.asvs("V11.2.3")
@pytest.mark.parametrize("name", [*OF_SECRETS, "undecided registration", "unreadable database"])
def test_what_can_only_be_mended_has_no_name_to_accept(machine: Machine, name: str) -> None:
    variable, value, _ = NOT_FIT[name]
    machine.set(**FIT).set(**{variable: value}).set(ACCEPTED_RISKS="weak-secret,registration,database,None,")

    line, *_ = refusal(machine)

    assert "(ACCEPTED_RISKS" not in line


def test_a_name_that_accepts_nothing_is_told_and_stops_no_start(machine: Machine) -> None:
    """A typo leaves a risk refused; a name whose risk was mended would accept it unseen when it comes back."""
    mended = "exposed-docs"
    machine.set(**FIT).set(DEBUG="true", ACCEPTED_RISKS=f"weak_secret,debug,{mended},nonsense,nonsense,")

    settings = machine.load()

    assert (settings.warnings, settings.accepted) == ((), ("debug",))
    assert f"ACCEPTED_RISKS: accepts nothing now: weak_secret, {mended}, nonsense" in settings.notes
    assert not [note for note in machine.set(ACCEPTED_RISKS="debug").load().notes if "accepts nothing" in note]


def test_a_secret_that_was_pasted_among_the_accepted_risks_is_not_shown(machine: Machine) -> None:
    machine.set(**FIT).set(ACCEPTED_RISKS=f"debug,{GOOD_SECRET}")

    unread = refusal(machine.set(DATABASE_POOL_SIZE="many"))
    settings = machine.set(DATABASE_POOL_SIZE=None).load()

    assert "ACCEPTED_RISKS: accepts nothing now: debug, what is no name of a risk" in settings.notes
    assert GOOD_SECRET not in "".join((*settings.notes, *unread))


def test_what_cannot_be_judged_yet_is_not_called_unused(machine: Machine) -> None:
    machine.set(**FIT).set(PASSWORD_MIN_LENGTH="many", ACCEPTED_RISKS="short-passwords")

    (line,) = refusal(machine)

    assert line.startswith("PASSWORD_MIN_LENGTH: ")


async def test_accepted_risks_are_logged_at_every_start(make_app: MakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        app: Application = make_app(DEBUG="true", ACCEPTED_RISKS="debug,local-hosts-only,dbug")
        async with app.router.lifespan_context(app):
            printed = capsys.readouterr().out

        assert printed.count('"event": "accepted_risk"') == 2
        assert '"risk": "debug"' in printed
        assert '"risk": "local-hosts-only"' in printed
        assert printed.count("ACCEPTED_RISKS: accepts nothing now: dbug") == 1
        assert printed.count("sys_startup") == 1


def test_the_repr_of_settings_and_of_roots_shows_no_secret() -> None:
    core = CoreSettings(secret_key=GOOD_SECRET, database_url=FIT["DATABASE_URL"])

    shown = repr(core) + str(core) + repr(core.roots) + str(core.model_dump())

    assert GOOD_SECRET not in shown
    assert "kwq7Zt0vXn" not in shown
