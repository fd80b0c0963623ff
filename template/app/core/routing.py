"""Routes are closed unless they say otherwise, and authenticate before a byte of the body is read.

An application-wide dependency would not do: it leaves mounts open and parses an anonymous body first (a 422 where a
401 belongs).
"""

import re
from collections.abc import Callable, Container, Coroutine, Iterable, Iterator
from copy import copy
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts, request_response
from starlette.datastructures import FormData
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Receive, Scope

from app.core import strict_json
from app.core.database import READS_ONLY, writing
from app.core.errors import MOST_FAULTS, escaped, invalid
from app.core.parameters import (
    MOST_PARAMETERS,
    Cookies,
    dependants_of,
    faults_in,
    form_fields,
    query_names,
    takes_files,
)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

FRESH_FOR = timedelta(milliseconds=250)
"""How long a principal may wait for the body of its own request before it is asked for again."""

_LONGEST_MEDIA_TYPE = 256
"""Of a form. A boundary has 70 characters at most (RFC 2046 section 5.1.1). 64 KiB of parameters take 0.2 s to read."""


E = TypeVar("E", bound=Callable[..., Any])

ACTIONS: set[str] = set()
"""What can be guessed here, by the names given to `guessable`: complete when all slices have been imported."""


def guessable(action: str) -> Callable[[E], E]:
    """Mark an endpoint whose answer tells whether a guess was right: a limiter counts it apart, as `action`.

    The mark is read when the router is mounted, so it may stand above the router's own decorator or below it.
    """

    def mark(endpoint: E) -> E:
        endpoint.guessed = action  # type: ignore[attr-defined]
        return endpoint

    ACTIONS.add(action)
    return mark


def ends_session(endpoint: E) -> E:
    """Mark an endpoint that ends the session it is asked with: its client has no use for the credential any more."""
    endpoint.ends_session = True  # type: ignore[attr-defined]
    return endpoint


def is_to_end_session(scope: Scope) -> bool:
    """Return whether the route that a request has reached is marked by `ends_session`."""
    return hasattr(getattr(scope.get("route"), "endpoint", None), "ends_session")


def takes_uploads(scope: Scope) -> bool:
    """Return whether the route that a request has reached declares a file, or a `max_body_size` of its own."""
    return getattr(scope.get("route"), "takes_uploads", False)


class UnguardedRouteError(Exception):
    """A route is neither closed nor marked public. The application refuses to start with it."""


class UndeclaredPermissionError(Exception):
    """A route asks for a permission that no slice declares, or in a way that nobody looks at.

    The one would answer 403 to everybody, whatever they may; the other would let everybody in.
    """


class StrictRequest(Request):
    """A request whose JSON and whose form have one meaning only.

    Args:
        fields: those of the form that its route declares, each with whether it may be repeated.
    """

    def __init__(self, scope: Scope, receive: Receive, fields: dict[str, bool]) -> None:
        super().__init__(scope, receive)
        self._fields = fields

    async def _get_form(self, **limits: Any) -> FormData:
        """Return the form.

        Raises:
            Problem: a field is unknown or repeated, where the route declares any; or `Content-Type` is too long.
        """
        if len(self.headers.get("content-type", "")) > _LONGEST_MEDIA_TYPE:
            raise invalid({"parameter": "content-type", "in": "header", "code": "string_too_long"})
        form = await super()._get_form(**limits)
        codes = {"unknown": "extra_forbidden", "repeated": "repeated_field"}
        found = faults_in(form, self._fields) if self._fields else ()
        errors = [{"pointer": f"/{escaped(name)}", "code": codes[fault]} for name, fault in found]
        if errors:
            await form.close()
            raise invalid(*errors[:MOST_FAULTS])
        return form

    @property
    def cookies(self) -> Any:
        """The cookies, unread until somebody looks for one."""
        if not hasattr(self, "_unread_cookies"):
            self._unread_cookies = Cookies(self.headers.getlist("cookie"))
        return self._unread_cookies

    async def json(self) -> Any:
        """Return the body's value. Raises `json.JSONDecodeError` for what `strict_json` refuses."""
        if not hasattr(self, "_json"):
            self._json = strict_json.loads(await self.body())
        return self._json


class Route(APIRoute):
    """A route that authenticates first, unless its router was mounted with `public=True`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        # The route as its router declares it; a copy bound to an application keeps it.
        self.origin: Route = self
        self.takes_any_scope = any(hasattr(each.call, "takes_any_scope") for each in self.dependant.dependencies)
        """Whether it judges by itself what a session narrowed by scopes may do; other routes refuse one.

        Its own dependencies count and not theirs: what loads a thing and asks whether one may read it says nothing of
        the route that changes it.
        """
        self.takes_uploads = self.max_body_size is not None or takes_files(self.dependant)
        """Whether its bodies may be larger than JSON and forms are: the route says so, and not who sends one."""

    def bound_to(self, app: FastAPI) -> "Route":
        """Return this route for one application, so that the application's `dependency_overrides` reach it.

        `include_router` would build every route anew at the first request, and look through a tree at each one.
        """
        bound = copy(self)
        bound.dependency_overrides_provider = app
        bound.app = request_response(bound.get_route_handler())
        if self.max_body_size is not None:
            bound.app = RequestBodyLimitMiddleware(bound.app, max_body_size=self.max_body_size)
        return bound

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the request is for this route, in no other spelling of its path.

        Starlette's pattern ends in `$`, which also fits before a last newline: `/login%0A` would be a login that
        no guard takes for one.
        """
        return (Match.NONE, {}) if scope.get("path", "").endswith("\n") else super().matches(scope)

    # Known by identity: two routes that look alike may be mounted differently.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def get_route_handler(self) -> Handler:
        """Return the handler, with the checks that come before FastAPI reads anything."""
        handle = super().get_route_handler()
        names, fields = query_names(self.dependant), form_fields(self.dependant)

        async def guarded(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive, fields)
            if self.origin not in request.app.state.kernel.public_routes:
                await _authenticate(strict)
            _refuse_ambiguous_query(strict, names)
            with writing(allowed=request.method not in READS_ONLY):
                return await handle(strict)

        return guarded


async def _authenticate(request: StrictRequest) -> None:
    """Find out who asks before a byte of the body is read, and once more when the body has kept us waiting.

    A body held back would otherwise act with the rights of the moment its headers came: after a logout, after the
    account has gone, after the login was recent (ASVS V7.4.1).
    """
    kernel = request.app.state.kernel
    request.state.principal = await kernel.principals.authenticate(request)
    asked_at = kernel.now()
    await request.body()
    if kernel.now() - asked_at > FRESH_FOR:
        request.state.principal = await kernel.principals.authenticate(request)


class Router(APIRouter):
    """An `APIRouter` whose routes are `Route`s. `Kernel.mount` takes no other."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, redirect_slashes=False, **options)


def has_too_many_parameters(scope: Scope) -> bool:
    """Return whether the query of `scope` has too many to be taken apart (ASVS V15.2.2)."""
    query: bytes = scope.get("query_string", b"")
    return query.count(b"&") >= MOST_PARAMETERS


def _refuse_ambiguous_query(request: Request, names: dict[str, bool]) -> None:
    """Refuse an unknown parameter, a repeated one, and too many before they are taken apart (ASVS V15.2.2)."""
    if not request.scope["query_string"]:
        return
    if has_too_many_parameters(request.scope):
        raise invalid({"in": "query", "code": "too_many_parameters"})
    errors = [
        {"parameter": name[:64], "in": "query", "code": f"{fault}_parameter"}
        for name, fault in faults_in(request.query_params, names)
    ]
    if errors:
        raise invalid(*errors[:MOST_FAULTS])


def dependencies_of(dependant: Dependant) -> Iterator[Any]:
    """Yield every function that a route depends on, however deep."""
    yield from (each.call for each in dependants_of(dependant) if each is not dependant)


def routes_of(router: APIRouter) -> Iterator[BaseRoute]:
    """Yield all that `router` serves, with the frontends: files that it keeps apart and offers when no route fits."""
    yield from router.routes
    for each in router._iter_low_priority_routes():  # noqa: SLF001 - FastAPI shows its frontends in no other way
        yield each if isinstance(each, BaseRoute) else each.original_route


def unguarded(routes: Iterable[BaseRoute], mounted: frozenset[Route] | set[Route]) -> Iterator[str]:
    """Yield a description of every route that no kernel mounted: mounts, WebSockets, hidden and plain ones.

    `iter_route_contexts` walks FastAPI's tree of included routers; OpenAPI would show neither mounts nor hidden routes.
    """
    for context in iter_route_contexts(list(routes)):
        route = context.original_route
        if not isinstance(route, Route) or route.origin not in mounted:
            yield f"{type(route).__name__} {context.path or route!r}"


def undeclared(routes: Iterable[Route], declared: Container[str]) -> Iterator[str]:
    """Yield each permission that a route asks for and that is not `declared`, with the route's path."""
    for route in routes:
        for each in dependencies_of(route.dependant):
            yield from (f"{name} ({route.path})" for name in getattr(each, "permissions", ()) if name not in declared)


def unlooked_at(routes: Iterable[Route]) -> Iterator[str]:
    """Yield each scope that a route asks for by FastAPI's `Security`, with the route's path: `Requires` would be it."""
    for route in routes:
        for each in dependants_of(route.dependant):
            yield from (f"{scope} ({route.path})" for scope in each.own_oauth_scopes or ())


def api_routes(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str, Route]]:
    """Yield (method, path template, route) for everything that can be asked of the application."""
    for context in iter_route_contexts(list(routes)):
        if isinstance(context.original_route, Route):
            for method in sorted(context.methods or ()):
                yield method, context.path or "", context.original_route


def allowed_methods(routes: Iterable[BaseRoute], path: str) -> list[str]:
    """Return every method served at `path`. The route that refused one knows only its own (RFC 9110 15.5.6)."""
    return sorted({method for method, template, _ in api_routes(routes) if _pattern(template).fullmatch(path)})


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return compile_path(template)[0]
