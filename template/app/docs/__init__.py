"""`/docs`: Swagger UI for developers, without a CDN. Only in `local`, unless `EXPOSE_DOCS` says otherwise.

Threats: a map of the API for everyone (ASVS V13.4.5), and scripts of a third party run on this origin: FastAPI's own
page loads them from a CDN without integrity (ASVS V3.6.1). The assets come from the development dependency
`fastapi-offline`; where it is not installed there is no page.

Remove it: delete this folder and `tests/docs/`, both its lines in `app/main.py`, `fastapi-offline` in `pyproject.toml`,
and what README.md, `.env.example` and `tests/support/production.py` say of it. In `tests/core/test_commands.py` and
`tests/core/test_settings.py` its setting stands for any that is not fit: take another.
"""

from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from importlib.util import find_spec

from fastapi import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.core.errors import Problem
from app.core.kernel import CurrentKernel, Kernel
from app.core.routing import Router
from app.core.settings import CoreSettings, Finding, SliceSettings
from app.core.slices import Slice

ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Scripts only from here. Swagger UI sets `style` attributes, so styles may be inline; that runs no code."""

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{title}</title>
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
    <link rel="icon" href="/docs/assets/favicon.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
"""

START = """window.beforeEachRequest = [];
%s
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis],
  requestInterceptor: (request) =>
    window.beforeEachRequest.reduce((earlier, change) => earlier.then(change), Promise.resolve(request)),
});
"""

router = Router(include_in_schema=False)


class DocsSettings(SliceSettings):
    """`EXPOSE_DOCS`: whether to serve `/docs` and `/openapi.json`; unset means only in `local`."""

    expose_docs: bool | None = None

    def findings(self, core: CoreSettings) -> Iterator[Finding]:
        """Yield what must not reach production: the map of the API."""
        del core
        if self.expose_docs:
            yield Finding("EXPOSE_DOCS: the API's map would be public; unset it", "exposed-docs")


@router.get("/openapi.json")
async def openapi_document(request: Request) -> JSONResponse:
    """Return the OpenAPI document."""
    return JSONResponse(request.app.openapi())


@router.get("/docs")
async def docs_page(request: Request) -> HTMLResponse:
    """Return the page. It allows itself scripts from this origin, which no other answer does."""
    return HTMLResponse(PAGE.format(title=escape(request.app.title)), headers={"Content-Security-Policy": POLICY})


@router.get("/docs/start.js")
async def start_script(kernel: CurrentKernel) -> Response:
    """Return the script that starts Swagger UI; inline it would need 'unsafe-inline'.

    Slices may run something before it, `window.beforeEachRequest.push(change)` for one.
    """
    scripts = "\n".join(kernel.docs_scripts)
    return Response(START.replace("%s\n", scripts and f"{scripts}\n"), media_type="text/javascript")


@router.get("/docs/assets/{name}")
async def asset(name: str) -> Response:
    """Return one of the three files of `ASSETS`; the name is looked up and never a path."""
    if name not in ASSETS:
        raise Problem(404, "not_found")
    return Response(_read(name), media_type=ASSETS[name])


@cache
def _read(name: str) -> bytes:
    return (files("fastapi_offline") / "static" / name).read_bytes()


def install(kernel: Kernel, settings: DocsSettings) -> None:
    """Serve the page where it may be seen and its assets are installed."""
    wanted = kernel.core.is_local if settings.expose_docs is None else settings.expose_docs
    if wanted and find_spec("fastapi_offline") is not None:
        kernel.mount(router, public=True)


SLICE = Slice(name="docs", install=install, settings=DocsSettings)
