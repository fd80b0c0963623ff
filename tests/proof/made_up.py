"""A questionnaire that nobody answers: about 250,000 valid combinations, so that the proof feels today what comes later.

It has what the real one may get: twelve features, choices that others close, validators over several checkboxes, a
question that depends on a checkbox, capabilities of capabilities. And a little template of files to go with it, whose
composition root names more capabilities than can all be rendered.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

COMBINATIONS = 0
"""Counted by hand, below, in `test_space.py`."""

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
