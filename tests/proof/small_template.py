"""A made-up template whose renders are proven in seconds: three questions, no dependency but the tools.

Its application is ASGI, with a server of a few lines. `bell` and `whistle` are guards; the root refuses strangers.
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

title: {type: str, default: Small}
colour: {type: str, choices: [red, green], default: red}
shade: {type: str, when: "{{ colour == 'green' }}", choices: [light, dark], default: light}
size: {type: str, choices: [small, large], default: small}
extras: {type: str, multiselect: true, choices: [bell, whistle], default: []}

red: {type: bool, when: false, default: "{{ colour == 'red' }}"}
large: {type: bool, when: false, default: "{{ size == 'large' }}"}
bell: {type: bool, when: false, default: "{{ 'bell' in extras }}"}
whistle: {type: bool, when: false, default: "{{ 'whistle' in extras }}"}

_exclude:
  - __pycache__
  - "{% if not bell %}/app/bell.py{% endif %}"
  - "{% if not bell %}/tests/test_bell.py{% endif %}"
  - "{% if not whistle %}/app/whistle.py{% endif %}"
  - "{% if not whistle %}/tests/test_whistle.py{% endif %}"
"""

COMBINATIONS = 24

_GUARD = '''\
"""A guard that adds a header."""

from app.asgi_types import App, Message, Receive, Scope, Send


class {name}:
    """Adds `{header}` to every answer."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"{header}", b"yes"))
            await send(message)

        await self._app(scope, receive, send_more)
'''

_TEST_OF_GUARD = """\
from app.main import create_app
from tests.client import get


def test_its_header_is_there() -> None:
    assert (b"{header}", b"yes") in get(create_app(), "/notes").headers
"""

FILES: Mapping[str, str] = {
    "pyproject.toml.jinja": """\
[project]
name = "small"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = []

[dependency-groups]
dev = [
    "pyrefly>=1.4",
    "pytest>=9",
    "ruff>=0.17",
]

[tool.uv]
package = false

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
filterwarnings = ["error"]

[tool.ruff]
line-length = 120

[tool.ruff.lint]
select = ["E", "F", "I"]

[tool.pyrefly]
project-includes = ["app", "tests"]
""",
    ".env.jinja": """\
SECRET_KEY={{ '%064x' | format((2**256) | ans_random) }}
COLOUR={{ colour }}
""",
    "{{_copier_conf.answers_file}}.jinja": "{{ _copier_answers | to_nice_yaml }}",
    "app/__init__.py": "",
    "app/asgi_types.py": '''\
"""What ASGI passes around."""

from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
''',
    "app/root.py": '''\
"""The innermost application: it is healthy, shows its map, and refuses strangers."""

import json

from app.asgi_types import Receive, Scope, Send

MAP = {"paths": {"/notes/{id}": {"get": {"security": [{"any": []}]}}, "/health/ready": {"get": {"security": []}}}}
OPEN = {"/health/ready": {"status": "ok"}, "/openapi.json": MAP}


class Root:
    """Answers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 200 if scope["path"] in OPEN else 401
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(OPEN.get(scope["path"], {})).encode()})
''',
    "app/bell.py": _GUARD.format(name="Bell", header="x-bell"),
    "app/whistle.py": _GUARD.format(name="Whistle", header="x-whistle"),
    "app/main.py.jinja": '''\
"""The composition root."""

from app.asgi_types import App
{% if bell %}
from app.bell import Bell
{% endif %}
from app.root import Root
{% if whistle %}
from app.whistle import Whistle
{% endif %}

COLOUR = "{{ colour }}"
SIZE = "{{ size }}"


def create_app() -> App:
    app: App = Root()
{% if bell %}
    app = Bell(app)
{% endif %}
{% if whistle %}
    app = Whistle(app)
{% endif %}
    return app
''',
    "app/manage.py": '''\
"""`python -m app.manage migrate` and `serve --port N`, which says where it listens."""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter

from app.asgi_types import Message
from app.main import create_app


def main(arguments: list[str]) -> int:
    if arguments[0] == "serve":
        asyncio.run(serve(int(arguments[2])))
    return 0


async def serve(port: int) -> None:
    app = create_app()

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        method, path, _ = (await reader.readline()).decode().split()
        while (await reader.readline()).strip():
            pass

        async def from_client() -> Message:
            return {"type": "http.request", "body": b""}

        async def to_client(message: Message) -> None:
            if message["type"] == "http.response.start":
                writer.write(b"HTTP/1.0 %d It is\\r\\n\\r\\n" % message["status"])
            else:
                writer.write(message["body"])

        await app({"type": "http", "method": method, "path": path}, from_client, to_client)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    print(f"running on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
''',
    "tests/__init__.py": "",
    "tests/client.py": '''\
"""Asks an application."""

import asyncio
from dataclasses import dataclass, field

from app.asgi_types import App, Message


@dataclass
class Answer:
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


def get(app: App, path: str) -> Answer:
    answer = Answer()

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], message["headers"]

    asyncio.run(ask(app, path, receive, send))
    return answer


async def ask(app: App, path: str, receive, send) -> None:
    await app({"type": "http", "method": "GET", "path": path}, receive, send)
''',
    "tests/test_root.py": """\
from app.main import create_app
from tests.client import get


def test_strangers_are_refused() -> None:
    assert get(create_app(), "/notes").status == 401


def test_it_is_healthy() -> None:
    assert get(create_app(), "/health/ready").status == 200
""",
    "tests/test_bell.py": _TEST_OF_GUARD.format(header="x-bell"),
    "tests/test_whistle.py": _TEST_OF_GUARD.format(header="x-whistle"),
}


def write(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write the template into a folder.

    Args:
        folder: Where `copier.yml` and `template/` go.
        changes: Files of the template that are other ones; the questionnaire is called `copier.yml` here too.
    """
    files = {"copier.yml": COPIER_YML, **{f"template/{name}": text for name, text in FILES.items()}}
    files |= {name if name == "copier.yml" else f"template/{name}": text for name, text in (changes or {}).items()}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def replaced(name: str, old: str, new: str) -> dict[str, str]:
    """Change one file in one place."""
    text = FILES[name]
    assert text.count(old) == 1, f"{name} holds the text to replace {text.count(old)} times"
    return {name: text.replace(old, new)}
