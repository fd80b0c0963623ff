"""An HTTP client that talks to the application in this process and holds every answer against OpenAPI."""

import re
from functools import cache
from typing import Any

import httpx

from app.core.application import Application
from tests.support.openapi import document_of

NOT_IN_OPENAPI = frozenset({404, 405})
"""What is answered where nothing is documented: no such path, no such method."""


class ApiClient(httpx.AsyncClient):
    """A client of the application. `network` is the address that requests seem to come from.

    An unexpected exception is a 500 here, as it is for real clients. An answer whose status is not documented for its
    route fails the test, whatever the test was about.
    """

    def __init__(
        self, app: Application, *, network: str = "127.0.0.1", base_url: str = "http://localhost", **options: Any
    ) -> None:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(network, 40000))
        super().__init__(transport=transport, base_url=base_url, **options)
        self.app = app

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send `request` and check that the answer is one that OpenAPI names."""
        response = await super().send(request, **options)
        documented = documented_statuses(self.app, request.method, request.url.path)
        assert response.status_code in documented | NOT_IN_OPENAPI or not documented, (
            f"{request.method} {request.url.path} answered {response.status_code}, which OpenAPI does not name"
        )
        return response


def documented_statuses(app: Application, method: str, path: str) -> set[int]:
    """Return the statuses that OpenAPI names for a request; none when it knows no such route."""
    for template, operations in document_of(app)["paths"].items():
        if method.lower() in operations and _pattern(template).fullmatch(path):
            return {int(status) for status in operations[method.lower()]["responses"]}
    return set()


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)))
