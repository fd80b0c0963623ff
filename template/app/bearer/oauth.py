"""The protocol's own way to read requests and to refuse them (RFC 6749).

Unknown parameters are ignored and repeated ones refused (section 3.2); errors are `{"error": ...}` (section 5.2). Every
other route of this application speaks problem details.
"""

import json
import re
from collections.abc import Container, Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.responses import JSONResponse, Response

from app.core import strict_json
from app.core.errors import Problem
from app.core.models import LONGEST_SCOPES

_MOST_PARAMETERS = 20
_SCOPES = re.compile(r"[!#-\[\]-~]+( [!#-\[\]-~]+)*", re.ASCII)
"""RFC 6749 section 3.3."""


class OAuthError(Problem):
    """A refusal in the protocol's own form. `code` is one of RFC 6749 section 5.2.

    Or it is `interaction_required` (OpenID Connect Core section 3.1.2.6), for a login that has to prove more.
    """

    def __init__(self, code: str, description: str, *, status: int = 400) -> None:
        super().__init__(status, code, description, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    def response(self, *, with_hint: bool) -> Response:
        """Return the answer to send."""
        del with_hint
        body = {"error": self.code, "error_description": self.detail}
        return JSONResponse(body, status_code=self.status_code, headers=self.headers)


async def read_form(request: Request) -> dict[str, str]:
    """Return the parameters of a form body.

    Raises:
        OAuthError: `invalid_request` when it is no form, or a parameter is repeated.
    """
    if _content_type(request) != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "Send a form: application/x-www-form-urlencoded")
    try:
        text = (await request.body()).decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise OAuthError("invalid_request", "The form cannot be read") from None
    return _unique(pairs)


async def read_json(request: Request) -> dict[str, Any]:
    """Return the members of a JSON body.

    Raises:
        OAuthError: `invalid_request` when it is no JSON object.
    """
    if _content_type(request) != "application/json":
        raise OAuthError("invalid_request", "Send JSON: application/json")
    try:
        value = strict_json.loads(await request.body())
    except json.JSONDecodeError:
        raise OAuthError("invalid_request", "The JSON cannot be read") from None
    if not isinstance(value, dict):
        raise OAuthError("invalid_request", "Send a JSON object")
    return value


def required(parameters: dict[str, Any], name: str, *, longest: int) -> str:
    """Return the parameter `name`, at most `longest` characters of it.

    Raises:
        OAuthError: `invalid_request` when it is missing, empty, no string or longer, or holds NUL: no value of the
            protocol does (RFC 6749 appendix A), and not every database can compare text with it.
    """
    value = parameters.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or "\0" in value:
        raise OAuthError("invalid_request", f"{name} is missing or malformed")
    return value


def scopes_in(parameters: Mapping[str, Any], declared: Container[str]) -> frozenset[str] | None:
    """Return the scopes that are asked for, each the name of a permission; None where nothing is, or the empty text.

    A parameter without a value counts as left out (RFC 6749 section 3.2).

    Raises:
        OAuthError: `invalid_scope` when it is malformed (section 3.3) or names what no slice declares.
    """
    text = parameters.get("scope") or None
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > LONGEST_SCOPES or not _SCOPES.fullmatch(text):
        raise OAuthError("invalid_scope", "The scope is malformed")
    scopes = frozenset(text.split(" "))
    if not all(scope in declared for scope in scopes):
        raise OAuthError("invalid_scope", "The scope names something unknown")
    return scopes


def _unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise OAuthError("invalid_request", "A parameter is repeated")
    return parameters


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
