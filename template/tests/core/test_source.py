"""What the source must not hold: each rule with a sample that it finds, so that it is known to see."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SOURCES = sorted([*Path("app").rglob("*.py"), *Path("migrations").glob("*.py")])

Found = Iterator[ast.AST]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`find` yields what is forbidden; `sample` is source in which it finds something; `but_in` are the exceptions."""

    find: Callable[[ast.AST], Found]
    samples: tuple[str, ...]
    but_in: frozenset[str] = field(default_factory=frozenset)


def name_of(node: ast.AST) -> str:
    """Return `a.b.c` for a name or an attribute, without what comes before a call."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return ""


def calls(*names: str) -> Callable[[ast.AST], Found]:
    pattern = re.compile(rf"(.*\.)?({'|'.join(names)})")

    def find(tree: ast.AST) -> Found:
        return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and pattern.fullmatch(name_of(node.func)))

    return find


def bare_calls(*names: str) -> Callable[[ast.AST], Found]:
    def find(tree: ast.AST) -> Found:
        return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node.func) in names)

    return find


def imports(*modules: str) -> Callable[[ast.AST], Found]:
    def find(tree: ast.AST) -> Found:
        for node in ast.walk(tree):
            named = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                named = [node.module or ""]
            if any(name.split(".")[0] in modules for name in named):
                yield node

    return find


def sql_that_is_no_literal(tree: ast.AST) -> Found:
    for node in calls("text", "exec_driver_sql", "literal_column", "executescript")(tree):
        assert isinstance(node, ast.Call)
        if not node.args or not isinstance(node.args[0], ast.Constant):
            yield node


SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|DROP|ALTER|CREATE|WITH|PRAGMA|ORDER BY|WHERE)\s", re.IGNORECASE)


def built_sql(tree: ast.AST) -> Found:
    for node in ast.walk(tree):
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
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in {"verify", "ssl", "check_hostname"}:
            value = node.value
            if isinstance(value, ast.Constant) and value.value is False:
                yield node
        if isinstance(node, ast.Attribute) and node.attr in {"CERT_NONE", "_create_unverified_context"}:
            yield node


def patterns_that_are_no_literal(tree: ast.AST) -> Found:
    for node in bare_calls(*(f"re.{name}" for name in ("compile", "match", "fullmatch", "search", "sub", "split")))(
        tree
    ):
        assert isinstance(node, ast.Call)
        if not isinstance(node.args[0], ast.Constant):
            yield node


RULES = {
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
    "SQL that is no literal": Rule(
        find=sql_that_is_no_literal,
        samples=("text(query)", "db.execute(sa.text(f'SELECT {x}'))", "connection.exec_driver_sql(x)"),
        # One of the three constants beside it.
        but_in=frozenset({"app/core/sqlite.py"}),
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
    "tokens signed elsewhere": Rule(
        find=calls(r"_?jwt\.encode", r"_?jwt\.decode", r"PyJWT"),
        samples=("jwt.encode(claims, key)", "jwt.decode(token, options={})", "jwt.PyJWT()"),
        but_in=frozenset({"app/bearer/tokens.py"}),
    ),
    "patterns made at run time": Rule(
        find=patterns_that_are_no_literal,
        samples=("re.search(wanted, text)", "re.compile(f'{x}')", "re.match('a' + x, y)"),
    ),
}

each_rule = pytest.mark.parametrize("name", RULES)


@pytest.mark.asvs("V1.2.4", "V1.2.5", "V1.2.9", "V1.3.2", "V1.5.2", "V11.5.1", "V12.3.2")
@each_rule
def test_the_source_holds_none(name: str) -> None:
    rule = RULES[name]
    found = [
        f"{path}:{getattr(node, 'lineno', 0)}"
        for path in SOURCES
        if path.as_posix() not in rule.but_in
        for node in rule.find(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert found == []


@each_rule
def test_the_rule_would_find_one(name: str) -> None:
    rule = RULES[name]

    assert [sample for sample in rule.samples if not list(rule.find(ast.parse(sample)))] == []


@each_rule
def test_each_exception_is_still_one(name: str) -> None:
    rule = RULES[name]

    for path in rule.but_in:
        assert not Path(path).exists() or list(rule.find(ast.parse(Path(path).read_text(encoding="utf-8")))), path
