"""Errors as problem details (RFC 9457): one shape for every refusal but a protocol's own, and never a value of a body.

FastAPI's own 422 repeats the submitted body, password included, even for a `SecretStr`. Names of fields and parameters
are repeated, up to 64 characters of each: who sent them has to find them.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from socket import gaierror
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from app.core.context import current_request
from app.core.log import log

NOT_REACHED = (OperationalError, InterfaceError, PoolTimeoutError, ConnectionError, TimeoutError, gaierror)
"""What a database raises that cannot be reached, takes nothing or nobody at the moment, or is locked (ASVS V13.2.6)."""

LOST_RACE = (IntegrityError, StaleDataError)
"""What a write raises that somebody else's has overtaken: a constraint refuses it, or what it changes has gone."""

MEDIA_TYPE = "application/problem+json"

MOST_FAULTS = 50
"""How many faults a refusal names: an answer must not grow with what was sent."""


class Problem(HTTPException):
    """A refusal. Raise it anywhere; it becomes a problem details answer.

    `code` is for programs and stays the same between releases; `detail` is for people. `hint` names a setting or a
    command and is sent in `local` only.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        hint: str = "",
    ) -> None:
        super().__init__(status, detail=detail, headers=dict(headers) if headers else None)
        self.code = code
        self.errors = errors
        self.hint = hint

    def members(self) -> dict[str, Any]:
        """Return the members of the answer's body."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "code": self.code,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = list(self.errors)
        return body

    def response(self, *, with_hint: bool) -> Response:
        """Return the answer to send; the request's id is its `instance`, for a report to be found by."""
        body = self.members()
        request = current_request()
        if request is not None:
            body["instance"] = f"urn:request:{request.request_id}"
        if with_hint and self.hint:
            body["hint"] = self.hint
        return ProblemResponse(body, status_code=self.status_code, headers=self.headers)


class ProblemResponse(JSONResponse):
    """The answer that a problem becomes."""

    media_type = MEDIA_TYPE


def invalid(*errors: Mapping[str, str]) -> Problem:
    """Return the 422 that names the fields at fault."""
    return Problem(422, "invalid_input", "Some of what was sent cannot be accepted.", errors=errors)


def invalid_field(pointer: str, code: str, detail: str) -> Problem:
    """Return the 422 for one field of the body, named by its JSON pointer (RFC 6901)."""
    return invalid({"pointer": pointer, "code": code, "detail": detail})


def from_validation_error(error: RequestValidationError) -> Problem:
    """Return the 422 for what Pydantic found, without the input it found it in."""
    return invalid(*(_described(found) for found in error.errors()[:MOST_FAULTS]))


def from_model_error(error: ValidationError) -> Problem:
    """Return the 422 for a model that was not filled by FastAPI: by a command, say."""
    return invalid(*(_described({**found, "loc": ("body", *found["loc"])}) for found in error.errors()))


def from_http_exception(error: HTTPException) -> Problem:
    """Return the problem for an exception that Starlette or FastAPI raised (404, 405, 413, ...)."""
    code = HTTPStatus(error.status_code).name.lower()
    return Problem(error.status_code, code, headers=error.headers)


def internal_error() -> Problem:
    """Return the one answer to every unexpected exception: it says nothing of what went wrong (ASVS V16.5.1)."""
    return Problem(500, "internal_server_error", "Something went wrong here. The request's id finds it in the log.")


def conflict() -> Problem:
    """Return the 409 for a write that came too late: somebody else was faster."""
    return Problem(409, "conflict", "What this is about has changed meanwhile.")


def unavailable() -> Problem:
    """Return the 503 for a database that is gone, full, locked or changing; nothing was let through."""
    return Problem(503, "unavailable", "Try again in a moment.", headers={"Retry-After": "5"})


def _described(found: Mapping[str, Any]) -> dict[str, str]:
    place, *path = found["loc"]
    code = str(found["type"])
    where = {"pointer": "".join(f"/{escaped(part)}" for part in path if not isinstance(part, bool))}
    if place != "body":
        where = {"parameter": ".".join(str(part)[:64] for part in path), "in": str(place)}
    elif code == "json_invalid":
        where = {"pointer": ""}
    return {**where, "code": code, "detail": _detail(code, str(found["msg"]))}


def escaped(part: Any) -> str:
    """Return one part of a JSON pointer (RFC 6901), of a name without end its beginning."""
    return str(part)[:64].replace("~", "~0").replace("/", "~1")


def _detail(code: str, message: str) -> str:
    """Return Pydantic's message unless it is of a kind that quotes the input."""
    quotes_input = code.endswith(("_parsing", "_invalid", "_syntax_violation")) or "_from_" in code
    return "It is not in the form that is asked for." if quotes_input else message.removeprefix("Value error, ")


async def handle_problem(request: Request, error: Exception) -> Response:
    """Answer any exception: a `Problem` as it says, what is known as a problem of its kind, the rest as a 500."""
    if isinstance(error, Problem):
        problem = error
    elif isinstance(error, RequestValidationError):
        problem = from_validation_error(error)
    elif isinstance(error, HTTPException):
        problem = from_http_exception(error)
    elif isinstance(error, LOST_RACE):
        problem = conflict()
    elif isinstance(error, NOT_REACHED) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        log.error("database_not_reached", exc_info=error)
        problem = unavailable()
    else:
        problem = internal_error()
    return problem.response(with_hint=request.app.state.kernel.core.is_local)
