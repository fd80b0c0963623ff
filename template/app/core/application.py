"""The ASGI application: FastAPI, with the guards around it and a start that refuses open routes."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from app.core.errors import LOST_RACE, NOT_REACHED, Problem, handle_problem
from app.core.events import SecurityEvent
from app.core.kernel import Kernel
from app.core.log import log
from app.core.openapi import completed
from app.core.perimeter import Perimeter
from app.core.routing import (
    UndeclaredPermissionError,
    UnguardedRouteError,
    allowed_methods,
    has_too_many_parameters,
    routes_of,
    undeclared,
    unguarded,
    unlooked_at,
)


class Application(FastAPI):
    """FastAPI with the guards outside even its server-error layer."""

    def __init__(self, kernel: Kernel, *, title: str) -> None:
        super().__init__(
            title=title,
            debug=False,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            lifespan=_lifespan,
            # Where somebody collects logs with OpenTelemetry, FastAPI would send them each exception with its message.
            # To trace a request it takes its query apart, before any guard and however long it is.
            telemetry={"logs": kernel.core.log_exception_messages, "exclude": has_too_many_parameters},
        )
        self.state.kernel = kernel
        for kind in (HTTPException, RequestValidationError, *LOST_RACE, *NOT_REACHED, Exception):
            self.add_exception_handler(kind, handle_problem)
        self.add_exception_handler(HTTPStatus.METHOD_NOT_ALLOWED, _name_the_methods)
        kernel.finish(self)

    def refuse_misguarded_routes(self) -> None:
        """Look at each route: whether it is guarded, and by what anybody can hold.

        Raises:
            UnguardedRouteError: with every route that is neither closed nor public.
            UndeclaredPermissionError: with every permission that a route asks for and that no slice declares, or with
                every scope that it asks for by FastAPI's `Security`.
        """
        kernel: Kernel = self.state.kernel
        found = sorted(unguarded(routes_of(self.router), kernel.routes))
        if found:
            message = f"neither closed nor public, so the application does not start: {', '.join(found)}"
            raise UnguardedRouteError(message)
        unknown = sorted(set(undeclared(kernel.routes, kernel.permissions)))
        if unknown:
            message = f"misspelt, or kernel.permission was never called, so nobody could hold: {', '.join(unknown)}"
            raise UndeclaredPermissionError(message)
        ignored = sorted(set(unlooked_at(kernel.routes)))
        if ignored:
            message = f"asked for by Security, which nobody looks at here; say Requires: {', '.join(ignored)}"
            raise UndeclaredPermissionError(message)

    def build_middleware_stack(self) -> ASGIApp:
        """Return the whole stack. Called once, at start or at the first request: what was added till then is looked at.

        Raises:
            UnguardedRouteError, UndeclaredPermissionError: as `refuse_misguarded_routes` does.
        """
        self.refuse_misguarded_routes()
        kernel: Kernel = self.state.kernel
        stack = super().build_middleware_stack()
        for wrap in reversed(kernel.guards):
            stack = wrap(stack)
        return Perimeter(stack, kernel)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, with the security schemes and every status that is sent."""
        if not self.openapi_schema:
            self.openapi_schema = completed(super().openapi(), self.state.kernel, self.routes)
        return self.openapi_schema


async def _name_the_methods(request: Request, error: Exception) -> Response:
    """Answer 405 with every method of the path, where Starlette names those of one route."""
    methods = allowed_methods(request.app.routes, request.scope["path"])
    if not methods:
        return await handle_problem(request, error)
    return await handle_problem(request, Problem(405, "method_not_allowed", headers={"Allow": ", ".join(methods)}))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    kernel: Kernel = app.state.kernel
    async with AsyncExitStack() as stack:
        await kernel.run(stack)
        for warning in kernel.settings.warnings:
            log.warning("setting_not_fit_for_production", description=warning)
        for note in kernel.settings.notes:
            log.info("setting_to_know_about", description=note)
        for risk in kernel.settings.accepted:
            log.warning("accepted_risk", risk=risk)
        kernel.tell(SecurityEvent(name="sys_startup"))
        await kernel.flush()
        yield
        kernel.tell(SecurityEvent(name="sys_shutdown"))
        await kernel.flush()
