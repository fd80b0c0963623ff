"""Settings: one class a slice, read from the environment and `.env`, all of them before the first slice is installed.

So every problem comes in one message, a line each, and never with a value: most values here are secrets.
"""

import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, TypeVar

from dotenv import dotenv_values
from pydantic import AliasChoices, AliasPath, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UndecodableError

from app.core.keys import Roots, RootSecret

LOCAL, TEST, PRODUCTION = "local", "test", "production"
ENV_FILE = Path(".env")

_SHORTEST_SECRET = 32
_FEWEST_BITS = 128
_ANYONE = "*"
_WIDEST_NETWORK = {4: 8, 6: 16}
_PRIVATE_IPV6 = ip_network("fd00::/8")
"""Wide, and yet not of the internet (RFC 4193). The widest private network of IPv4 is a /8."""

_EXAMPLES = ("change", "example", "insecure", "placeholder", "replace", "secret", "your-", "xxxx", "1234567890")
_NAME_OF_RISK = re.compile(r"[A-Za-z_-]{1,40}", re.ASCII)


class SettingsError(Exception):
    """The settings cannot be used. Its text is meant for the person who starts the application."""


@dataclass(frozen=True)
class Finding:
    """Something that must not reach production.

    `risk` is the name under which an operator may accept it in `ACCEPTED_RISKS`; None means that it cannot be
    accepted, only mended. What is `everywhere` stops a start in `local` too, since nothing could run with it.
    """

    message: str
    risk: str | None = None
    everywhere: bool = False


def _split(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""A comma-separated list in one variable."""


class SliceSettings(BaseSettings):
    """The base of a slice's settings. Give the subclass an `env_prefix` of its own."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True)

    def findings(self, core: "CoreSettings") -> Iterator[Finding]:
        """Yield what must not reach production. `core` holds the settings that concern every slice."""
        del core
        yield from ()

    def notes(self) -> Iterator[str]:
        """Yield what an operator should know of these settings, though nothing about it can be mended here."""
        yield from ()


class CoreSettings(SliceSettings):
    """What concerns every slice. No prefix: these names are the ones that operators know."""

    app_env: str = PRODUCTION
    secret_key: SecretStr | None = None
    secret_key_fallbacks: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)] = ()
    secret_key_next: SecretStr | None = None
    database_url: SecretStr = SecretStr("")
    database_pool_size: int = Field(default=10, ge=1, le=200)
    database_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    web_concurrency: int = Field(default=1, ge=1, le=256)
    forwarded_allow_ips: Listed = ("127.0.0.1",)
    debug: bool = False
    log_exception_messages: bool = False
    reauthenticate_within_seconds: int = Field(default=600, ge=30, le=3600)
    accepted_risks: Listed = ()

    @property
    def environment(self) -> str:
        """`local`, `test` or `production`. Unset, or any other word, is production: a typo must not open a door."""
        return self.app_env if self.app_env in {LOCAL, TEST} else PRODUCTION

    @property
    def is_local(self) -> bool:
        """Whether this is a developer's own machine."""
        return self.environment == LOCAL

    @property
    def is_production(self) -> bool:
        """Whether the rules for production apply."""
        return self.environment == PRODUCTION

    @property
    def roots(self) -> Roots:
        """The root secrets from which every key is derived."""
        assert self.secret_key is not None  # noqa: S101 - `load` refuses to go on without one
        upcoming = self.secret_key_next
        return Roots(
            current=_root(self.secret_key),
            fallbacks=tuple(_root(secret) for secret in self.secret_key_fallbacks),
            upcoming=None if upcoming is None else _root(upcoming),
        )

    def findings(self, core: "CoreSettings") -> Iterator[Finding]:
        """Yield what must not reach production."""
        del core
        for name in ("secret_key", "secret_key_next"):
            secret = getattr(self, name)
            if secret is not None:
                yield from _weaknesses(name.upper(), secret)
        for fallback in self.secret_key_fallbacks:
            yield from _weaknesses("SECRET_KEY_FALLBACKS", fallback)
        if self.debug:
            yield Finding("DEBUG: every SQL statement would be logged; unset it", "debug")
        if self.log_exception_messages:
            yield Finding("LOG_EXCEPTION_MESSAGES: they can quote what was sent; unset it", "exception-messages")
        yield from _judge_proxies(self.forwarded_allow_ips)


def _judge_proxies(proxies: Iterable[str]) -> Iterator[Finding]:
    # The server takes these for names that it compares with addresses: no proxy is ever met by one.
    if any(each != _ANYONE and _network(each) is None for each in proxies):
        message = "holds what is no address and no network; write them like 10.0.0.5 or 10.0.0.0/24"
        yield Finding(f"FORWARDED_ALLOW_IPS: {message}", everywhere=True)
    if any(map(_is_everyone, proxies)):
        yield Finding(
            "FORWARDED_ALLOW_IPS: trusting everyone lets every caller choose its address; name the proxies",
            "any-proxy-trusted",
        )


def _network(proxies: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(proxies)
    except ValueError:
        return None


def _is_everyone(proxies: str) -> bool:
    """Return whether `proxies` is `*`, or a network like `0.0.0.0/0` that comes to the same."""
    network = _network(proxies)
    if network is None or network == _PRIVATE_IPV6:
        return proxies == _ANYONE
    return network.prefixlen < _WIDEST_NETWORK[network.version]


def _root(secret: SecretStr) -> RootSecret:
    return RootSecret(secret.get_secret_value().encode())


def _weaknesses(name: str, secret: SecretStr) -> Iterator[Finding]:
    """Yield why a secret could be guessed. That is no risk to accept: whoever guesses it signs whatever they like."""
    value = secret.get_secret_value()
    remedy = "make one with: python -m app.manage secrets --print"
    if len(value) < _SHORTEST_SECRET:
        yield Finding(f"{name}: shorter than {_SHORTEST_SECRET} characters; {remedy}")
    elif any(word in value.casefold() for word in _EXAMPLES):
        yield Finding(f"{name}: looks like an example; {remedy}")
    elif _bits(_repeated(value)) < _FEWEST_BITS:
        yield Finding(f"{name}: too regular to be random; {remedy}")


def _repeated(text: str) -> str:
    """Return what `text` says again and again, the last time perhaps in part; else all of it."""
    periods = (length for length in range(1, len(text) // 2 + 1) if text.startswith(text[length:]))
    return text[: next(periods, len(text))]


def _bits(text: str) -> float:
    """Return the Shannon entropy of `text` in bits, taking its characters as independent: an upper bound."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -len(text) * sum(share * math.log2(share) for share in shares)


S = TypeVar("S", bound=SliceSettings)


@dataclass(frozen=True)
class Settings:
    """The settings of all slices, and what was found but accepted or, outside of production, only said.

    `unused` are the names in `ACCEPTED_RISKS` that accepted nothing.
    """

    by_class: Mapping[type[SliceSettings], SliceSettings]
    warnings: Sequence[str] = ()
    accepted: Sequence[str] = ()
    unused: Sequence[str] = ()

    def __getitem__(self, wanted: type[S]) -> S:
        """Return the settings of one slice, by their class."""
        found = self.by_class[wanted]
        assert isinstance(found, wanted)  # noqa: S101 - narrows the type; `load` builds the mapping
        return found

    @property
    def core(self) -> CoreSettings:
        """The settings that concern every slice."""
        return self[CoreSettings]

    @property
    def notes(self) -> list[str]:
        """What an operator should know of these settings."""
        return [*_unused(self.unused), *(note for each in self.by_class.values() for note in each.notes())]


def load(
    classes: Iterable[type[SliceSettings]],
    more: Callable[[CoreSettings], Iterable[Finding]] = lambda _core: (),
    env_file: Path = ENV_FILE,
) -> Settings:
    """Read all settings and judge them.

    Args:
        classes: the settings class of every slice that has one.
        more: yields the findings that the caller alone understands.
        env_file: read after the environment, which wins; ignored when `APP_ENV` is `test`.

    Raises:
        SettingsError: with all problems, a line each.
    """
    under_test = os.environ.get("APP_ENV") == TEST
    file = None if under_test or not env_file.exists() else env_file
    if file is None and not under_test and "SECRET_KEY" not in os.environ and "APP_ENV" not in os.environ:
        message = "There is no .env here and no SECRET_KEY in the environment. Make one: python -m app.manage secrets"
        raise SettingsError(message)
    wanted = (CoreSettings, *classes)
    loaded, problems = _read(wanted, file)
    unknown = _unknown_names(wanted, file)
    if CoreSettings not in loaded:
        raise SettingsError(_message([*problems, *unknown]))
    settings = Settings(loaded)
    # Slices that read the same variable find the same in it; it is said once.
    findings = list(dict.fromkeys([*_findings(settings), *more(settings.core)]))
    return _judged(settings, findings, problems=problems, unknown=unknown)


def _read(
    wanted: Iterable[type[SliceSettings]], file: Path | None
) -> tuple[dict[type[SliceSettings], SliceSettings], list[str]]:
    loaded: dict[type[SliceSettings], SliceSettings] = {}
    problems: list[str] = []
    # An empty variable means "not set" elsewhere. Whoever empties this one does not want what `.env` says.
    overruled = {"app_env": PRODUCTION} if os.environ.get("APP_ENV") == "" else {}
    for cls in wanted:
        try:
            loaded[cls] = cls(_env_file=file, **overruled)
        except ValidationError as error:
            said = ((found["loc"], found["msg"].removeprefix("Value error, ")) for found in error.errors())
            problems += [f"{_field_at(cls, place)}: {message}" for place, message in said]
        except UndecodableError as error:
            message = "is no JSON; declare a list with commas between as app.core.settings.Listed"
            problems.append(f"{_undecodable(cls, error)}: {message}")
    core = loaded.get(CoreSettings)
    if isinstance(core, CoreSettings) and core.secret_key is None:
        problems.insert(0, "SECRET_KEY: missing; make one with: python -m app.manage secrets")
    return loaded, problems


def _names_of(cls: type[SliceSettings], field: str) -> list[str]:
    """Return the variables that set a field, the first one first: its aliases, or its name behind the prefix."""
    alias = cls.model_fields[field].validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [] if alias is None else [alias]
    names = [str(each.path[0]) if isinstance(each, AliasPath) else each for each in choices]
    if not names or cls.model_config.get("populate_by_name"):
        names.append(f"{cls.model_config.get('env_prefix', '')}{field}")
    return [name.upper() for name in names]


def _undecodable(cls: type[SliceSettings], error: UndecodableError) -> str:
    """Return the variable whose text cannot be taken apart. The error says its field, in words only."""
    fields = (field for field in cls.model_fields if f'"{field}"' in str(error))
    return next((_names_of(cls, field)[0] for field in fields), cls.__name__)


def _field_at(cls: type[SliceSettings], place: tuple[int | str, ...]) -> str:
    """Return the variable that an error is about. Pydantic names a field by its alias where it has one."""
    if not place:
        return cls.__name__
    name = str(place[0])
    return _names_of(cls, name)[0] if name in cls.model_fields else name.upper()


def _findings(settings: Settings) -> Iterator[Finding]:
    for each in settings.by_class.values():
        yield from each.findings(settings.core)


def _judged(
    settings: Settings, findings: Sequence[Finding], *, problems: Sequence[str], unknown: Sequence[str]
) -> Settings:
    core = settings.core
    accepted = {finding.risk for finding in findings if finding.risk in core.accepted_risks}
    refused = [finding for finding in findings if finding.risk not in accepted]
    stopping = refused if core.is_production else [finding for finding in refused if finding.everywhere]
    # A slice whose settings cannot be read finds nothing, and what it would have found may be accepted.
    unused = () if problems else tuple(name for name in dict.fromkeys(core.accepted_risks) if name not in accepted)
    if problems or stopping or (core.is_production and unknown):
        raise SettingsError(_message([*problems, *map(_refusal, stopping), *unknown, *_unused(unused)]))
    warnings = (*map(_refusal, refused), *unknown)
    return Settings(settings.by_class, warnings, tuple(sorted(risk for risk in accepted if risk)), unused)


def _refusal(finding: Finding) -> str:
    return finding.message if finding.risk is None else f"{finding.message} (ACCEPTED_RISKS={finding.risk})"


def _unused(names: Iterable[str]) -> list[str]:
    """Return a line on names that accept nothing: misspelt, or left from a risk that would come back unseen."""
    # What has another form may be a value that belongs elsewhere, a secret for one.
    shown = [name if _NAME_OF_RISK.fullmatch(name) else "what is no name of a risk" for name in names]
    return [f"ACCEPTED_RISKS: accepts nothing now: {', '.join(shown)}"] if shown else []


def _unknown_names(classes: Iterable[type[SliceSettings]], file: Path | None) -> list[str]:
    """Return the names in `.env` that no slice reads: a misspelt setting is a defence that is not there."""
    if file is None:
        return []
    known = {name for cls in classes for field in cls.model_fields for name in _names_of(cls, field)}
    unknown = {name: value for name, value in dotenv_values(file).items() if name.upper() not in known}
    # A name without a value may be half of a secret; base64 ends with =.
    names = (name if (value or "").strip("=") else "a line without a value" for name, value in unknown.items())
    return [f"{name}: no slice knows this setting (.env)" for name in names]


def _message(problems: Sequence[str]) -> str:
    return "The settings cannot be used:\n" + "\n".join(f"  {problem}" for problem in problems)
