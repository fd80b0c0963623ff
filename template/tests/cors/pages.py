"""Pages on other origins, and what their browser sends and looks at."""

from collections.abc import Mapping

import httpx

from tests.support.client import ApiClient

PAGE = "https://good.example"
PAGE_WITH_PORT = "https://good.example:8443"

ALLOW_ORIGIN = "Access-Control-Allow-Origin"


async def preflight(
    client: ApiClient, path: str, *, origin: str = PAGE, method: str = "GET", headers: str = "", **more: str
) -> httpx.Response:
    """Ask, as a browser does before a call that a form could not make."""
    asked = {"Origin": origin, "Access-Control-Request-Method": method, **more}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    return await client.options(path, headers=asked)


def cors_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what an answer tells the browser about other origins."""
    return {name.lower(): value for name, value in headers.items() if name.lower().startswith("access-control-")}


def listed(header: str) -> set[str]:
    """Return the values of a header that is a list."""
    return {value.strip() for value in header.split(",")}


def varies_by_origin(answer: httpx.Response) -> bool:
    """Return whether a cache keeps this answer apart for each origin."""
    return "Origin" in listed(answer.headers.get("Vary", ""))
