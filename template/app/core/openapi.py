"""Completes FastAPI's OpenAPI document: how to authenticate, and the statuses that guards and routes answer with."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute

from app.core.database import READS_ONLY
from app.core.errors import MEDIA_TYPE
from app.core.routing import Route, api_routes, dependencies_of

if TYPE_CHECKING:
    from app.core.kernel import Kernel

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "hint": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "parameter", "in", "code", "detail")},
            },
        },
    },
}
"""RFC 9457, as `app.core.errors` writes it."""

_EVERYWHERE = {
    400: "Bad Request",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    422: "Invalid input",
    429: "Too Many Requests",
}
_CLOSED = {401: "Not authenticated"}
_ALWAYS = {500: "Internal Server Error", 503: "Service Unavailable"}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that refuses with these statuses, beyond those every route has."""
    return {status: {"description": _PHRASES.get(status, "Refused")} for status in statuses}


_PHRASES = {403: "Not allowed", 404: "Not found", 409: "Conflict"}


def completed(schema: dict[str, Any], kernel: "Kernel", routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Return `schema` with security, problem details and what guards answer before routing."""
    schemes = {
        each.name: each.scheme.model.model_dump(mode="json", by_alias=True, exclude_none=True)
        for each in kernel.principals.authenticators
    }
    components = schema.setdefault("components", {})
    components["securitySchemes"] = schemes
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    for method, path, route in api_routes(routes):
        operation = schema["paths"].get(path, {}).get(method.lower())
        if operation is not None:
            closed = route.origin not in kernel.public_routes
            if _may_forbid(route, closed=closed):
                operation["responses"].setdefault("403", {"description": _PHRASES[403]})
            if method not in READS_ONLY:
                _name_refusals(operation, kernel.refused_changes)
            _complete(operation, closed=closed, schemes=schemes)
    schema["paths"] |= kernel.described_paths
    return schema


def _may_forbid(route: Route, *, closed: bool) -> bool:
    """Return whether a route asks for a permission, or is closed to sessions that scopes have narrowed."""
    needs_permission = any(hasattr(each, "permissions") for each in dependencies_of(route.dependant))
    return needs_permission or (closed and not route.takes_any_scope)


def _name_refusals(operation: dict[str, Any], refusals: dict[int, str]) -> None:
    for status, description in refusals.items():
        operation["responses"].setdefault(str(status), {"description": description})


def _complete(operation: dict[str, Any], *, closed: bool, schemes: Iterable[str]) -> None:
    statuses = {**_EVERYWHERE, **_ALWAYS, **(_CLOSED if closed else {})}
    if closed:
        operation["security"] = [{name: []} for name in schemes]
    responses = operation["responses"]
    for status, description in statuses.items():
        responses.setdefault(str(status), {"description": description})
    responses["422"] = {"description": _EVERYWHERE[422]}
    for status, response in responses.items():
        if int(status) >= HTTPStatus.BAD_REQUEST and "content" not in response:
            response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"] = dict(sorted(responses.items()))
