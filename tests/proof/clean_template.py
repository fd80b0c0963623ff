"""A made-up template in which the first tier finds nothing: a file of each kind it reads, and 48 combinations.

Its questions are about a kitchen, so that nobody takes it for the real one. It is rendered and read, never run.
"""

from collections.abc import Mapping
from pathlib import Path

COPIER_YML = """\
_subdirectory: template
_templates_suffix: .jinja
_answers_file: .copier-answers.yml
_envops:
  undefined: jinja2.StrictUndefined
  trim_blocks: true
  lstrip_blocks: true
  keep_trailing_newline: true

title:
  type: str
  default: Kitchen

stove:
  type: str
  choices: [gas, coal]
  default: gas

fuel:
  type: str
  when: "{{ stove == 'coal' }}"
  choices: [brown, black]
  default: brown

helpers:
  type: str
  multiselect: true
  choices: [cook, waiter, washer]
  default: [cook]

house:
  type: str
  choices: [tent, van]
  default: tent

gas:
  type: bool
  when: false
  default: "{{ stove == 'gas' }}"
coal:
  type: bool
  when: false
  default: "{{ not gas }}"
black:
  type: bool
  when: false
  default: "{{ coal and fuel == 'black' }}"
cook:
  type: bool
  when: false
  default: "{{ 'cook' in helpers }}"
waiter:
  type: bool
  when: false
  default: "{{ 'waiter' in helpers }}"
washer:
  type: bool
  when: false
  default: "{{ 'washer' in helpers }}"
van:
  type: bool
  when: false
  default: "{{ house == 'van' }}"

_exclude:
  - __pycache__
  - |
    {% if not coal %}
    /app/coal.py
    {% endif %}
  - |
    {% if not cook %}
    /app/cook
    /tests/test_cook.py
    {% endif %}
  - |
    {% if not waiter %}
    /app/waiter.py
    {% endif %}
  - |
    {% if not washer %}
    /app/washer.py
    {% endif %}
  - |
    {% if not van %}
    /.github
    /deploy
    {% endif %}
"""
COMBINATIONS = (1 + 2) * 2**3 * 2
CAPABILITIES = ("gas", "coal", "black", "cook", "waiter", "washer", "van")

PROOF_YML = """\
imported_as:
  pyyaml: [yaml]
run_by_name:
  app/main.py: the door
brought_along:
  pydantic: { by: pydantic-settings, why: "its fields are of pydantic" }
without_import:
  aiosqlite: { when: coal, why: "a driver that is named in an address" }
  ruff: { why: "checks and formats" }
computed_settings:
  COOK_(KNIVES|SPOONS): { when: cook, why: "one for each tool" }
words:
  gas: [\\bgas\\b]
  coal: [\\bcoal\\b]
  black: [\\bblack\\b]
  cook: ["cook(?!ie)"]
  waiter: [waiter]
  washer: [washer]
  van: [\\bvan\\b]
foreign_text:
  .copier-answers.yml: the names of all questions
"""

_WORKFLOW = """\
name: checks

on:
  push:
    branches: [main]

permissions: {}

concurrency:
  group: checks-${{ '{{ github.ref }}' }}
  cancel-in-progress: true

jobs:
  tests:
    name: tests of the van
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read # to check it out
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
{% if cook %}
      - run: echo "cook"
{% endif %}
"""

FILES: Mapping[str, str] = {
    "copier.yml": COPIER_YML,
    "proof.yml": PROOF_YML,
    "template/.env.jinja": """\
SECRET={{ '%064x' | format((2**256) | ans_random) }}
{% if cook %}
COOK_PATIENCE=5
{% endif %}
{% if cook %}
COOK_KNIVES=2
{% endif %}
# KITCHEN_SEATS=4
""",
    "template/{{_copier_conf.answers_file}}.jinja": "{{ _copier_answers | to_nice_yaml -}}\n",
    "template/pyproject.toml.jinja": """\
[project]
name = "kitchen"
version = "0"
dependencies = [
{% if coal %}
    "aiosqlite>=0.22",
{% endif %}
{% if waiter %}
    "httpx>=0.28",
{% endif %}
    "pydantic-settings>=2.12",
{% if washer %}
    "PyYAML>=6",
{% endif %}
]

[dependency-groups]
dev = [
    "pytest>=9",
    "ruff>=0.17",
]

[tool.pytest.ini_options]
addopts = [
    "-p", "tests.support",
]

[tool.ruff]
line-length = 100

[tool.ruff.lint]
select = ["D", "E", "F", "I"]
ignore = ["D203", "D213"]

[tool.ruff.lint.per-file-ignores]
"tests/**" = ["D"]
""",
    "template/README.md.jinja": """\
# {{ title }}

{% if gas %}
It burns gas.
{% endif %}
{% if coal %}
It burns coal, in lumps.
{% endif %}
{% if black %}
They are black.
{% endif %}
{% if cook %}

The cook is at work.
{% endif %}
{% if waiter %}

The waiter is at work.
{% endif %}
{% if washer %}

The washer is at work.
{% endif %}
""",
    "template/setup.cfg": "[metadata]\nlicense = MIT\n",
    "template/.vscode/settings.json": '{ "editor.rulers": [100] }\n',
    "template/app/__init__.py": '"""A kitchen."""\n',
    "template/app/main.py.jinja": '''\
"""The kitchen as a whole."""

from app import (
{% if coal %}
    coal,
{% endif %}
{% if cook %}
    cook,
{% endif %}
    settings,
{% if waiter %}
    waiter,
{% endif %}
{% if washer %}
    washer,
{% endif %}
)

PARTS = (
    settings.KitchenSettings,
    settings.RoomSettings,
{% if coal %}
    coal.ADDRESS,
{% endif %}
{% if cook %}
    cook.SLICE,
{% endif %}
{% if waiter %}
    waiter.CLIENT,
{% endif %}
{% if washer %}
    washer.LOAD,
{% endif %}
)
''',
    "template/app/settings.py": '''\
"""What can be set."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class KitchenSettings(BaseSettings):
    """The base of all."""

    secret: str

    def is_safe(self) -> bool:
        """Say so."""
        return len(self.secret) > 8


class RoomSettings(KitchenSettings):
    """The room's."""

    model_config = SettingsConfigDict(env_prefix="KITCHEN_")

    seats: int = 4

    def has_room(self) -> bool:
        """Say so."""
        return self.seats > 0
''',
    "template/app/coal.py": '"""Coal."""\n\nADDRESS = "sqlite+aiosqlite://"\n',
    "template/app/cook/__init__.py": '''\
"""The cook."""

from app.cook.settings import CookSettings

SLICE = CookSettings
''',
    "template/app/cook/settings.py": '''\
"""What the cook can be told."""

from pydantic import Field

from app.settings import KitchenSettings


class CookSettings(KitchenSettings):
    """The cook's."""

    patience: int = Field(default=5, validation_alias="COOK_PATIENCE")

    def waits(self) -> bool:
        """Say so."""
        return self.patience > 0
''',
    "template/app/waiter.py": '"""The waiter."""\n\nimport httpx\n\nCLIENT = httpx.Client\n',
    "template/app/washer.py": '"""The washer."""\n\nimport yaml\n\nLOAD = yaml.safe_load\n',
    "template/tests/__init__.py": "",
    "template/tests/support.py": "import pytest\n\nmark = pytest.mark\n",
    "template/tests/test_cook.py": """\
from app.cook import SLICE
from tests import support


@support.mark.slow
def test_the_cook() -> None:
    assert f"{{spoon}} {SLICE}" != "{{fork}}"
""",
    "template/.github/workflows/checks.yml.jinja": _WORKFLOW,
    "template/deploy/Dockerfile": """\
FROM debian:13-slim
COPY . /van
CMD ["/van/run"]
""",
    "template/deploy/run": '#!/bin/sh\nset -eu\nexec "$@"\n',
    "template/deploy/van.yml": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: van
data:
  wheels: "4"
""",
}


def write(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write the template.

    Args:
        folder: Where to.
        changes: Files that are otherwise, or that there are more of.
    """
    for name, text in {**FILES, **(changes or {})}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    return folder
