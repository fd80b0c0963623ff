"""A questionnaire that nobody answers: about 250,000 valid combinations, so that the proof feels them today.

It has what the real one may get: twelve features, choices that others close, validators over several checkboxes, a
question that depends on a checkbox, capabilities of capabilities. And a little template of files to go with it, whose
composition root names more capabilities than can all be rendered.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml

from tests.space.oracle import NOT_ASKED, Oracle, Rule

COMBINATIONS = (2 + 3 * 3) * (2 * 5 + 2 * 6 + 2 * 2 * 6) * 2**7 * 2 * 2
"""Counted by hand.

- SQLite has no jobs and 2 ways to be deployed; PostgreSQL 3 ways to have jobs or none, and 3 to be deployed.
- Mail, mfa and sso can be had in 5 ways with bearer and in 6 otherwise: times 2 algorithms where there are tokens,
  times passkeys or none where there are cookies.
- 7 features, the documentation and the CI are free.
"""

FEATURES = {
    "api_keys": "",
    "audit": "structlog",
    "cors": "",
    "encryption": "cryptography",
    "jobs": "",
    "mail": "aiosmtplib",
    "mfa": "pyotp",
    "passkeys": "webauthn",
    "roles": "",
    "search": "",
    "sso": "httpx",
    "uploads": "aiofiles",
}
"""Each feature and the distribution that only it imports."""

_CLOSED = {
    "passkeys": "{% if auth == 'bearer' %}passkeys need a page in a browser{% endif %}",
    "jobs": "{% if database == 'sqlite' %}jobs need a database that several processes share{% endif %}",
}


def _choice(name: str) -> str | dict[str, str]:
    return {"value": name, "validator": _CLOSED[name]} if name in _CLOSED else name


def _one_of(*choices: str, **details: Any) -> dict[str, Any]:  # noqa: ANN401 - what YAML can hold
    return {
        "type": "str",
        "choices": {choice.capitalize(): choice for choice in choices},
        "default": choices[0],
        **details,
    }


def _capability(expression: str) -> dict[str, Any]:
    return {"type": "bool", "when": False, "default": f"{{{{ {expression} }}}}"}


QUESTIONS: Mapping[str, Any] = {
    "project_name": {"type": "str", "default": "Made Up"},
    "database": _one_of("sqlite", "postgresql"),
    "auth": _one_of("bearer", "cookie", "both"),
    "algorithm": _one_of("symmetric", "asymmetric", when="{{ auth != 'cookie' }}"),
    "features": {
        "type": "str",
        "multiselect": True,
        "choices": {f"With {name}": _choice(name) for name in FEATURES},
        "default": ["audit"],
        "validator": (
            "{% if 'mfa' in features and 'mail' not in features %}mfa needs mail{% endif %}"
            "{% if 'mfa' in features and 'sso' in features and auth == 'bearer' %}sso asks for it already{% endif %}"
        ),
    },
    "broker": _one_of("redis", "rabbitmq", when="{{ 'jobs' in features }}"),
    "deploy": {
        "type": "str",
        "choices": {
            "Not yet": "nowhere",
            "Docker": "docker",
            "Kubernetes": {
                "value": "kubernetes",
                "validator": "{% if database == 'sqlite' %}several pods cannot share one file{% endif %}",
            },
        },
        "default": "nowhere",
    },
    "documented": {"type": "bool", "default": True},
    "ci": _one_of("none", "github"),
}

CAPABILITIES: Mapping[str, str] = {
    "sqlite": "database == 'sqlite'",
    "postgresql": "database == 'postgresql'",
    "bearer": "auth != 'cookie'",
    "cookies": "auth != 'bearer'",
    "symmetric": "bearer and algorithm == 'symmetric'",
    "asymmetric": "bearer and algorithm == 'asymmetric'",
    **{name: f"'{name}' in features" for name in FEATURES},
    "redis": "jobs and broker == 'redis'",
    "rabbitmq": "jobs and broker == 'rabbitmq'",
    "docker": "deploy != 'nowhere'",
    "kubernetes": "deploy == 'kubernetes'",
    "docs": "documented",
    "github": "ci == 'github'",
    "origins": "cookies or cors",
    "outgoing": "mail or sso",
}

ORACLE = Oracle(
    answers={
        "database": ["sqlite", "postgresql"],
        "auth": ["bearer", "cookie", "both"],
        "algorithm": ["symmetric", "asymmetric"],
        "broker": ["redis", "rabbitmq"],
        "deploy": ["nowhere", "docker", "kubernetes"],
        "documented": [True, False],
        "ci": ["none", "github"],
    },
    checkboxes={"features": list(FEATURES)},
    sometimes_asked=["algorithm", "broker"],
    rules=[
        Rule("no tokens", "", "algorithm", "not asked", {"auth": ["cookie"], "algorithm": ["symmetric", "asymmetric"]}),
        Rule("tokens", "", "algorithm", "not answered", {"auth": ["bearer", "both"], "algorithm": [NOT_ASKED]}),
        Rule("no jobs", "", "broker", "not asked", {"features: jobs": [False], "broker": ["redis", "rabbitmq"]}),
        Rule("jobs", "", "broker", "not answered", {"features: jobs": [True], "broker": [NOT_ASKED]}),
        Rule("jobs are shared", "", "features", "choice", {"features: jobs": [True], "database": ["sqlite"]}),
        Rule("a page asks for passkeys", "", "features", "choice", {"features: passkeys": [True], "auth": ["bearer"]}),
        Rule("mfa is mailed", "", "features", "answer", {"features: mfa": [True], "features: mail": [False]}),
        Rule(
            "sso asks already",
            "",
            "features",
            "answer",
            {"features: mfa": [True], "features: sso": [True], "auth": ["bearer"]},
        ),
        Rule("pods share", "", "deploy", "choice", {"deploy": ["kubernetes"], "database": ["sqlite"]}),
    ],
)
"""The same, said again without looking."""

_EXCLUDED = {
    **{name: [f"/app/{name}", f"/tests/{name}"] for name in FEATURES},
    "bearer": ["/app/bearer", "/tests/bearer"],
    "asymmetric": ["/app/bearer/keys.py"],
    "cookies": ["/app/cookies", "/tests/cookies"],
    "origins": ["/app/core/origins.py"],
    "redis": ["/app/jobs/redis.py"],
    "rabbitmq": ["/app/jobs/rabbitmq.py"],
    "docker": ["/Dockerfile"],
    "kubernetes": ["/deploy"],
    "docs": ["/app/docs", "/tests/docs"],
    "github": ["/.github"],
}

_SLICES = sorted([*FEATURES, "bearer", "cookies", "core", "docs"])

_DEPENDENCIES = {
    **{name: distribution for name, distribution in FEATURES.items() if distribution},
    "asymmetric": "pyjwt",
    "postgresql": "asyncpg",
    "rabbitmq": "aio-pika",
    "redis": "redis",
    "sqlite": "aiosqlite",
}

_ALSO_SAID = {"asymmetric": ["jwt"], "kubernetes": ["deploy/"]}

EXCEPTIONS: Mapping[str, Any] = {
    "run_by_name": {"app/*": "nobody runs it at all"},
    "imported_as": {"pyjwt": ["jwt"]},
    "without_import": {
        "aiosqlite": {"when": "sqlite", "why": "a driver that is named in an address"},
        "asyncpg": {"when": "postgresql", "why": "a driver that is named in an address"},
    },
    "words": {name: [rf"(?<![a-z]){name}(?!:)", *_ALSO_SAID.get(name, ())] for name in CAPABILITIES},
    "foreign_text": {".copier-answers.yml": "the names of all questions"},
}
"""What `proof.yml` says."""


def questionnaire() -> dict[str, Any]:
    """Give what `copier.yml` says."""
    return {
        "_min_copier_version": "9.19.1",
        "_subdirectory": "template",
        "_templates_suffix": ".jinja",
        "_answers_file": ".copier-answers.yml",
        "_envops": {
            "undefined": "jinja2.StrictUndefined",
            "trim_blocks": True,
            "lstrip_blocks": True,
            "keep_trailing_newline": True,
        },
        **QUESTIONS,
        **{name: _capability(expression) for name, expression in CAPABILITIES.items()},
        "_exclude": [
            "__pycache__",
            *(
                "\n".join([f"{{% if not {name} %}}", *paths, "{% endif %}", ""])  # whole lines, as in the real one
                for name, paths in _EXCLUDED.items()
            ),
        ],
    }


def write(folder: Path) -> Path:
    """Write the template, questionnaire and files, as a maintainer would have it in a checkout."""
    files = {
        "copier.yml": yaml.safe_dump(questionnaire(), sort_keys=False),
        "proof.yml": yaml.safe_dump(EXCEPTIONS),
        **dict(_files()),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _files() -> Iterator[tuple[str, str]]:
    for name, text in _rendered_files():
        yield f"template/{name}", text
    for name, distribution in FEATURES.items():
        yield from _slice(name, f"import {distribution}\n\n" if distribution else "", distribution)
    for name in ("bearer", "cookies", "docs"):
        yield from _slice(name, "", "")


def _slice(name: str, imports: str, distribution: str) -> Iterator[tuple[str, str]]:
    needs = f", needs={distribution}.__name__" if distribution else ""
    yield (
        f"template/app/{name}/__init__.py",
        f'"""The slice {name}."""\n\n{imports}from app.core import Slice\n\nSLICE = Slice("{name}"{needs})\n',
    )
    yield (
        f"template/app/{name}/settings.py",
        dedent(
            f'''\
            """The settings of {name}."""

            from pydantic_settings import BaseSettings, SettingsConfigDict


            class Settings(BaseSettings):
                """`{name.upper()}_...`."""

                model_config = SettingsConfigDict(env_prefix="{name.upper()}_")

                enabled: bool = False

                def is_on(self) -> bool:
                    return self.enabled
            '''
        ),
    )
    yield f"template/tests/{name}/__init__.py", ""
    yield (
        f"template/tests/{name}/test_{name}.py",
        f'from app.{name} import SLICE\n\n\ndef test_it_is_there() -> None:\n    assert SLICE.name == "{name}"\n',
    )


def _blocks(lines: Mapping[str, str], always: str = "") -> str:
    """Put each line in a block of its capability; what is in no block belongs to `always`."""
    return "".join(
        line if name == always else f"{{% if {name} %}}\n{line}{{% endif %}}\n" for name, line in lines.items()
    )


def _rendered_files() -> Iterator[tuple[str, str]]:
    slices = {name: f"    {name},\n" for name in _SLICES}
    yield (
        "app/main.py.jinja",
        '"""Join the parts."""\n\nfrom app import (\n'
        + _blocks(slices, "core")
        + ")\n\nSLICES = (\n"
        + _blocks({name: f"    {name}.SLICE,\n" for name in _SLICES}, "core")
        + ")\n",
    )
    yield (
        "pyproject.toml.jinja",
        '[project]\nname = "made-up"\nversion = "0"\ndependencies = [\n'
        + _blocks({name: f'    "{distribution}",\n' for name, distribution in _by_distribution()}, "always")
        + "]\n",
    )
    yield (
        "README.md.jinja",
        "# {{ project_name }}\n\nMade up.\n"
        + _blocks({name: f"\n## The {name}\n\nIt is there.\n" for name in CAPABILITIES}),
    )
    yield (
        ".env.jinja",
        "# Of {{ project_name }}\n" + _blocks({name: f"{name.upper()}_ENABLED=yes\n" for name in FEATURES}),
    )
    yield "{{_copier_conf.answers_file}}.jinja", "{{ _copier_answers|to_nice_yaml -}}\n"
    yield from _plain_files()


def _by_distribution() -> list[tuple[str, str]]:
    return sorted([*_DEPENDENCIES.items(), ("always", "pydantic-settings")], key=lambda each: each[1])


def _plain_files() -> Iterator[tuple[str, str]]:
    yield "app/__init__.py", ""
    yield "tests/__init__.py", ""
    yield (
        "app/core/__init__.py",
        dedent(
            '''\
            """What every slice may import."""

            from dataclasses import dataclass


            @dataclass(frozen=True)
            class Slice:
                """A part that can be left out."""

                name: str
                needs: str = ""


            SLICE = Slice("core")
            '''
        ),
    )
    yield "app/core/origins.py", '"""Origins."""\n\nORIGINS = ("https://made.up",)\n'
    yield "app/bearer/keys.py", '"""Keys."""\n\nimport jwt\n\nALGORITHMS = jwt.algorithms\n'
    yield "app/jobs/redis.py", '"""Redis."""\n\nimport redis\n\nBROKER = redis.Redis\n'
    yield "app/jobs/rabbitmq.py", '"""RabbitMQ."""\n\nimport aio_pika\n\nBROKER = aio_pika.connect\n'
    yield "Dockerfile", "FROM scratch\n"
    yield "deploy/deployment.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: made-up\n"
    yield (
        ".github/workflows/ci.yml",
        dedent(
            """\
            on: push
            permissions: {}
            jobs:
              nothing:
                runs-on: ubuntu-24.04
                steps:
                  - run: "true"
            """
        ),
    )
