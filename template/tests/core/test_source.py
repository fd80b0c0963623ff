"""What the source must not hold: each rule with a sample that it finds, so that it is known to see."""

import ast
import re
from collections.abc import Callable

import pytest

from tests.support.routes import READ_BODIES_BY_HAND
from tests.support.source import (
    Found,
    Rule,
    calls,
    exceptions_no_longer_of,
    found_by,
    name_of,
    names_of_events,
    nodes_of,
    samples_not_found_by,
)


def bare_calls(*names: str) -> Callable[[ast.AST], Found]:
    def find(tree: ast.AST) -> Found:
        return (node for node in nodes_of(tree) if isinstance(node, ast.Call) and name_of(node.func) in names)

    return find


def imports(*modules: str) -> Callable[[ast.AST], Found]:
    def find(tree: ast.AST) -> Found:
        for node in nodes_of(tree):
            named = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                named = [f"{node.module}.{each.name}" for each in node.names]
            if any(f"{name}.".startswith(f"{module}.") for name in named for module in modules):
                yield node

    return find


def sql_that_is_no_literal(tree: ast.AST) -> Found:
    for node in calls("text", "exec_driver_sql", "literal_column", "executescript")(tree):
        assert isinstance(node, ast.Call)
        if not node.args or not isinstance(node.args[0], ast.Constant):
            yield node


SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|DROP|ALTER|CREATE|WITH|PRAGMA|ORDER BY|WHERE)\s", re.IGNORECASE)


def built_sql(tree: ast.AST) -> Found:
    for node in nodes_of(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr) and len(node.values) > 1:
            parts = node.values
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
            parts = [node.left, node.right]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            parts = [node.func.value]
        if any(isinstance(part, ast.Constant) and SQL.match(str(part.value)) for part in parts):
            yield node


def switched_off(tree: ast.AST) -> Found:
    for node in nodes_of(tree):
        if isinstance(node, ast.keyword) and node.arg in {"verify", "ssl", "check_hostname"}:
            value = node.value
            if isinstance(value, ast.Constant) and value.value is False:
                yield node
        if isinstance(node, ast.Attribute) and node.attr in {"CERT_NONE", "_create_unverified_context"}:
            yield node


BROKEN = re.compile(
    r"md[245]|sha_?-?1|ripemd_?-?160|(triple|3)des|des3|a?rc4|blowfish|fernet|(mode_)?(ecb|cbc)|rsa1_5|pkcs1v15",
    re.IGNORECASE,
)


def broken_cryptography(tree: ast.AST) -> Found:
    """Yield hashes and ciphers that are broken, by whatever name they are asked for, and a hash named at run time."""
    for node in nodes_of(tree):
        names = [node.attr] if isinstance(node, ast.Attribute) else []
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [each.name.rpartition(".")[2] for each in node.names]
        if isinstance(node, ast.Constant):
            names = [str(node.value)]
        if any(BROKEN.fullmatch(name) for name in names) or name_of(node) == "hashlib.new":
            yield node


def patterns_that_are_no_literal(tree: ast.AST) -> Found:
    for node in bare_calls(*(f"re.{name}" for name in ("compile", "match", "fullmatch", "search", "sub", "split")))(
        tree
    ):
        assert isinstance(node, ast.Call)
        if not isinstance(node.args[0], ast.Constant):
            yield node


def awaited_in(tree: ast.AST) -> Found:
    """Yield what is waited for: a body comes with time, so whoever reads one waits, by whatever name it knows it."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Await):
            yield node.value
        if isinstance(node, ast.AsyncFor) or (isinstance(node, ast.comprehension) and node.is_async):
            yield node.iter
        if isinstance(node, ast.AsyncWith):
            yield from (item.context_expr for item in node.items)


OF_A_REQUEST = re.compile(r"(.*\.)?\w*request\.(json|body|form|stream|_?receive)")


def bodies_read_by_hand(tree: ast.AST) -> Found:
    waited_for = [node.func for node in awaited_in(tree) if isinstance(node, ast.Call) and reads_a_body(node)]
    named = [
        node for node in nodes_of(tree) if isinstance(node, ast.Attribute) and OF_A_REQUEST.fullmatch(name_of(node))
    ]
    yield from dict.fromkeys([*waited_for, *named])


def reads_a_body(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    # What streams the answer of another server is told which one.
    return name in {"json", "body", "form"} or (name == "stream" and not call.args)


def names_of_events_that_are_no_literal(tree: ast.AST) -> Found:
    return (name for name in names_of_events(tree) if not isinstance(name, ast.Constant))


RULES = {
    "bodies read by hand": Rule(
        find=bodies_read_by_hand,
        samples=(
            "async def f(r): return await r.json()",
            "async def f(r): return (await r.body()).decode()",
            "async def f(r):\n async with r.form(max_files=1) as form: ...",
            "async def f(r):\n async for chunk in r.stream(): ...",
            "async def f(r): return [chunk async for chunk in r.stream()]",
            "read = request.json",
            "async def f(request): return await request.receive()",
        ),
        but_in=frozenset(READ_BODIES_BY_HAND),
    ),
    "code that runs text": Rule(
        find=bare_calls("eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec"),
        samples=("eval(x)", "exec(x)", "compile(x, '', 'exec')", "__import__(name)"),
    ),
    "objects made from bytes": Rule(
        find=imports("pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "joblib", "xml"),
        samples=("import pickle", "from marshal import loads", "import yaml\nyaml.load(x)"),
    ),
    "other programs": Rule(
        find=imports("subprocess", "pty", "commands"),
        samples=("import subprocess", "from subprocess import run"),
        but_in=frozenset({"app/core/project_commands.py"}),
    ),
    "a shell": Rule(
        find=calls("os.system", "os.popen", r"os.exec\w*", r"os.spawn\w*", r"create_subprocess_\w+"),
        samples=("os.system(x)", "os.popen(x)", "await asyncio.create_subprocess_shell(x)"),
        # `serve` becomes the server, so that signals reach it.
        but_in=frozenset({"app/core/project_commands.py"}),
    ),
    "randomness that can be foretold": Rule(
        find=imports("random", "numpy"),
        samples=("import random", "from random import choice", "import numpy.random"),
    ),
    "hashes and ciphers that are broken": Rule(
        find=broken_cryptography,
        samples=(
            "from hashlib import md5 as quick",
            "hashlib.sha1(x)",
            "hashlib.new(name)",
            "hmac.new(key, x, 'SHA1')",
            "hashes.MD5()",
            "modes.ECB()",
            "from cryptography.fernet import Fernet",
            "key.decrypt(x, padding.PKCS1v15())",
        ),
    ),
    "another library's cryptography": Rule(
        find=imports("Crypto", "Cryptodome", "M2Crypto", "OpenSSL", "ecdsa", "jose", "nacl", "pyaes", "rsa"),
        samples=("from Crypto.Cipher import AES", "import nacl.secret", "from jose import jws"),
    ),
    "clients that call other servers": Rule(
        find=imports(
            *("aiohttp", "aiosmtplib", "ftplib", "http.client", "httpcore", "httpx", "imaplib", "niquests", "poplib"),
            *("requests", "smtplib", "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc"),
        ),
        samples=(
            "import httpx",
            "from urllib import request",
            "from urllib.request import urlopen",
            "import http.client",
            "from smtplib import SMTP",
        ),
    ),
    "SQL that is no literal": Rule(
        find=sql_that_is_no_literal,
        samples=("text(query)", "db.execute(sa.text(f'SELECT {x}'))", "connection.exec_driver_sql(x)"),
    ),
    "SQL put together": Rule(
        find=built_sql,
        samples=(
            "f'SELECT * FROM users WHERE id = {x}'",
            "'DELETE FROM ' + x",
            "'select %s' % x",
            "'UPDATE {}'.format(x)",
        ),
    ),
    "checks of certificates switched off": Rule(
        find=switched_off,
        samples=("get(url, verify=False)", "connect(ssl=False)", "context.verify_mode = ssl.CERT_NONE"),
    ),
    "events whose name nobody finds in SECURITY.md": Rule(
        find=names_of_events_that_are_no_literal,
        samples=(
            "tell(SecurityEvent(name=name))",
            "about(user_id, f'greeting_{x}')",
            "events.about(user, name=name)",
            "attempt_from(network, name, text)",
        ),
        but_in=frozenset({"app/core/events.py"}),
    ),
    "patterns made at run time": Rule(
        find=patterns_that_are_no_literal,
        samples=("re.search(wanted, text)", "re.compile(f'{x}')", "re.match('a' + x, y)"),
    ),
}

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


@pytest.mark.asvs(
    "V1.2.4", "V1.2.5", "V1.2.9", "V1.3.2", "V1.5.2", "V11.2.1", "V11.3.1", "V11.4.1", "V11.5.1", "V13.2.4"
)
@each_rule
def test_the_source_holds_none(rule: Rule) -> None:
    assert found_by(rule) == []


@each_rule
def test_the_rule_would_find_one(rule: Rule) -> None:
    assert samples_not_found_by(rule) == []


@each_rule
def test_each_exception_is_still_one(rule: Rule) -> None:
    assert exceptions_no_longer_of(rule) == []
