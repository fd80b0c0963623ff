"""Walks the OpenAPI document: every operation, what can be sent to it, and a request that fits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import httpx

from app.core.application import Application
from app.core.routing import Route

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"

_BY_KIND = {
    "boolean": True,
    "uuid": UNKNOWN_ID,
    "email": "sample@example.com",
    "password": "a lantern over the dark water",
    "date": "2030-01-31",
    "date-time": "2030-01-31T12:00:00Z",
}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path, with a value that fits for everything that can be sent."""

    method: str
    path: str
    closed: bool
    media_type: str = ""
    in_path: Mapping[str, Any] = field(default_factory=dict)
    in_query: Mapping[str, Any] = field(default_factory=dict)
    in_body: Mapping[str, Any] = field(default_factory=dict)
    schemas: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def request(self, client: httpx.AsyncClient) -> httpx.Request:
        """Return the request. Optional query parameters are left out, so that a list is the whole one."""
        body: dict[str, Any] = {}
        if self.media_type:
            body = {"json" if self.media_type == JSON else "data": dict(self.in_body)}
        return client.build_request(self.method, self._filled_path(), params=dict(self.in_query), **body)

    def raw(self, client: httpx.AsyncClient, content: bytes, media_type: str | None = None) -> httpx.Request:
        """Return the request with this body and nothing else in it."""
        headers = {"Content-Type": media_type or self.media_type}
        return client.build_request(self.method, self._filled_path(), content=content, headers=headers)

    def _filled_path(self) -> str:
        return self.path.format(**{name: quote(str(value), safe="") for name, value in self.in_path.items()})

    def with_each_replaced(self, value: Any) -> Iterator[tuple[str, "Operation"]]:
        """Yield this operation with one parameter or field after the other, however deep, set to `value`."""
        for name in self.in_path:
            yield f"{self} path {name}", replace(self, in_path={**self.in_path, name: value})
        for name in self.schemas:
            if name.startswith("query "):
                parameter = name.removeprefix("query ")
                yield f"{self} {name}", replace(self, in_query={**self.in_query, parameter: value})
        for name, sample in self.in_body.items():
            for where, changed in _with_each_replaced(sample, value):
                yield f"{self} body {name}{where}", replace(self, in_body={**self.in_body, name: changed})


def _with_each_replaced(sample: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield `value`, then `sample` with one thing in it after the other set to `value`, each with its place."""
    yield "", value
    held = dict(enumerate(sample)) if isinstance(sample, list) else sample if isinstance(sample, dict) else {}
    for key, inner in held.items():
        for where, changed in _with_each_replaced(inner, value):
            whole = {**held, key: changed}
            yield f".{key}{where}", list(whole.values()) if isinstance(sample, list) else whole


_documents: dict[tuple[frozenset[Route], frozenset[Route]], dict[str, Any]] = {}


def document_of(app: Application) -> dict[str, Any]:
    """Return the OpenAPI document, made once for all applications with the same routes: it takes long."""
    kernel = app.state.kernel
    routes = frozenset(kernel.public_routes), frozenset(kernel.routes)
    if routes not in _documents:
        _documents[routes] = app.openapi()
    return _documents[routes]


def operations(app: Application) -> list[Operation]:
    """Return every operation that OpenAPI documents."""
    document = document_of(app)
    found = []
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            found.append(_operation(document, method.upper(), path, said))
    return found


def _operation(document: Mapping[str, Any], method: str, path: str, said: Mapping[str, Any]) -> Operation:
    parameters = said.get("parameters", ())
    schemas = {f"{each['in']} {each['name']}": _resolved(document, each["schema"]) for each in parameters}
    required_queries = {
        f"query {each['name']}" for each in parameters if each["in"] == "query" and each.get("required")
    }
    content = said.get("requestBody", {}).get("content", {})
    media_type = next(iter(content), "")
    body = _resolved(document, content[media_type]["schema"]) if content else {}
    schemas |= {f"body {name}": _resolved(document, each) for name, each in body.get("properties", {}).items()}
    samples = {name: _filled(document, schema) for name, schema in schemas.items()}
    return Operation(
        method=method,
        path=path,
        closed=bool(said.get("security")),
        media_type=media_type,
        in_path={name[5:]: sample for name, sample in samples.items() if name.startswith("path ")},
        in_query={name[6:]: sample for name, sample in samples.items() if name in required_queries},
        in_body={name[5:]: sample for name, sample in samples.items() if name.startswith("body ")},
        schemas=schemas,
        required=frozenset(body.get("required", ())),
    )


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """Return the schema itself: references followed, and of `string or null` the string.

    Where there are several alternatives all of them stay, below `anyOf`: each is taken.
    """
    if "$ref" in schema:
        return _resolved(document, _named(document, schema["$ref"]))
    alternatives = [_resolved(document, each) for each in alternatives_of(schema) if each.get("type") != "null"]
    if alternatives:
        return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}
    if "items" in schema:
        return {**schema, "items": _resolved(document, schema["items"])}
    return schema


def _named(document: Mapping[str, Any], reference: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def alternatives_of(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the schemas of which a value fits one; none where there is no choice."""
    return [*schema.get("anyOf", ()), *schema.get("oneOf", ())]


def open_parts(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield each part of an answer's schema that lets anything out, such as `dict[str, Any]` does."""
    for where, part in parts_of(document, schema):
        if not _held_by(part) and not {"type", "enum", "const"} & set(part):
            yield where or "all of it"


def parts_of(
    document: Mapping[str, Any], schema: Mapping[str, Any], where: str = "", inside: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a schema and all that it holds, however deep, each with its place. What holds itself is looked at once."""
    if reference := schema.get("$ref"):
        if reference not in inside:
            yield from parts_of(document, _named(document, reference), where, inside | {reference})
        return
    yield where, schema
    for place, each in _held_by(schema).items():
        yield from parts_of(document, each, f"{where}{place}", inside)


def _held_by(schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    held = {f".{name}": each for name, each in schema.get("properties", {}).items()}
    held |= {f"|{number}": each for number, each in enumerate(alternatives_of(schema))}
    if schema.get("type") == "array":
        items = schema.get("prefixItems") or [schema.get("items", {})]
        held |= {f"[{number}]": each for number, each in enumerate(items)}
    if schema.get("type") == "object":
        more = schema.get("additionalProperties", "properties" not in schema)
        held |= {".*": {} if more is True else more} if more is not False else {}
    return held


def _filled(document: Mapping[str, Any], schema: Mapping[str, Any], inside: frozenset[str] = frozenset()) -> Any:
    """Return a value that fits: of a model what it requires, and no item that the list itself is in."""
    if reference := schema.get("$ref"):
        return _filled(document, _named(document, reference), inside | {reference})
    if alternatives := alternatives_of(schema):
        return _filled(document, alternatives[0], inside)
    if schema.get("type") == "array":
        items = schema.get("prefixItems") or [schema["items"]]
        return [_filled(document, each, inside) for each in items if each.get("$ref") not in inside]
    if schema.get("type") == "object":
        return {name: _filled(document, schema["properties"][name], inside) for name in schema.get("required", ())}
    return sample_of(schema)


def sample_of(schema: Mapping[str, Any]) -> Any:
    """Return a value that fits a schema in which there is no other."""
    if {"enum", "const"} & set(schema):
        return schema["const"] if "const" in schema else schema["enum"][0]
    kind = schema.get("format", schema.get("type"))
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    return "12.50" if "[0-9]" in schema.get("pattern", "") and "A-Z" not in schema["pattern"] else "sample"
