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
        """Yield this operation with one parameter or field after the other set to `value`."""
        for name in self.in_path:
            yield f"{self} path {name}", replace(self, in_path={**self.in_path, name: value})
        for name in self.schemas:
            if name.startswith("query "):
                parameter = name.removeprefix("query ")
                yield f"{self} {name}", replace(self, in_query={**self.in_query, parameter: value})
        for name in self.in_body:
            yield f"{self} body {name}", replace(self, in_body={**self.in_body, name: value})


_documents: dict[tuple[frozenset[Route], frozenset[Route]], dict[str, Any]] = {}


def document_of(app: Application) -> dict[str, Any]:
    """Return the OpenAPI document, made once for all applications with the same routes: it takes long."""
    kernel = app.state.kernel
    routes = frozenset(kernel.public_routes), frozenset(kernel.closed_routes)
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
    return Operation(
        method=method,
        path=path,
        closed=bool(said.get("security")),
        media_type=media_type,
        in_path={name[5:]: sample_of(schema) for name, schema in schemas.items() if name.startswith("path ")},
        in_query={name[6:]: sample_of(schema) for name, schema in schemas.items() if name in required_queries},
        in_body={name[5:]: sample_of(schema) for name, schema in schemas.items() if name.startswith("body ")},
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


def open_parts(document: Mapping[str, Any], schema: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Yield each part of an answer's schema that lets anything out, such as `dict[str, Any]` does."""
    yield from _open_parts(document, schema, where, frozenset())


def _open_parts(
    document: Mapping[str, Any], schema: Mapping[str, Any], where: str, inside: frozenset[str]
) -> Iterator[str]:
    if reference := schema.get("$ref"):
        if reference not in inside:
            yield from _open_parts(document, _named(document, reference), where, inside | {reference})
        return
    parts = {f"{where}.{name}": each for name, each in schema.get("properties", {}).items()}
    parts |= {f"{where}|{number}": each for number, each in enumerate(alternatives_of(schema))}
    if schema.get("type") == "array":
        items = schema.get("prefixItems") or [schema.get("items", {})]
        parts |= {f"{where}[{number}]": each for number, each in enumerate(items)}
    if schema.get("type") == "object":
        more = schema.get("additionalProperties", "properties" not in schema)
        parts |= {f"{where}.*": {} if more is True else more} if more is not False else {}
    if not parts and not {"type", "enum", "const"} & set(schema):
        yield where or "all of it"
    for name, each in parts.items():
        yield from _open_parts(document, each, name, inside)


def sample_of(schema: Mapping[str, Any]) -> Any:
    """Return a value that fits."""
    schema = schema.get("anyOf", [schema])[0]
    if "enum" in schema:
        return schema["enum"][0]
    if "items" in schema:
        return [sample_of(schema["items"])]
    kind = schema.get("format", schema.get("type"))
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    if schema.get("type") == "integer":
        return schema.get("minimum", 1)
    return "12.50" if "[0-9]" in schema.get("pattern", "") and "A-Z" not in schema["pattern"] else "sample"
