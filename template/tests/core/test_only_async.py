"""Nothing blocks the event loop and nothing wraps requests twice: pure ASGI guards, async routes and dependencies."""

import ast
import inspect
from pathlib import Path

import pytest
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware

from app.core.application import Application
from app.core.parameters import dependants_of
from app.core.routing import Router, api_routes
from tests.support.layers import stack_of
from tests.support.planting import plant

SOURCES = sorted(Path("app").rglob("*.py"))
FORBIDDEN = {"BaseHTTPMiddleware", "add_middleware", "middleware", "on_event", "run_in_threadpool"}


def forbidden_names(tree: ast.AST) -> list[str]:
    named = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    named += [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    named += [name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names]
    return sorted(FORBIDDEN & set(named))


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_no_middleware_but_pure_asgi(path: Path) -> None:
    assert forbidden_names(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "planted",
    [
        "from starlette.middleware.base import BaseHTTPMiddleware",
        "@app.middleware('http')\nasync def guard(request, call_next): ...",
        "app.add_middleware(Guard)",
        "@app.on_event('startup')\nasync def start(): ...",
    ],
)
def test_another_middleware_would_be_found(planted: str) -> None:
    assert forbidden_names(ast.parse(planted)) != []


def blocking(app: Application) -> set[str]:
    """Return the routes and dependencies that FastAPI would run in a thread."""
    calls = {each.call for _, _, route in api_routes(app.routes) for each in dependants_of(route.dependant)}
    return {
        getattr(call, "__name__", repr(call))
        for call in calls
        if not inspect.iscoroutinefunction(call) and not inspect.isasyncgenfunction(call)
    }


async def test_every_route_and_dependency_is_async(app: Application) -> None:
    assert blocking(app) == set()


async def test_a_blocking_route_would_be_found(app: Application) -> None:
    router = Router()

    @router.get("/blocking")
    def blocks() -> None:
        return None

    plant(app, router)

    assert blocking(app) == {"blocks"}


async def test_no_guard_wraps_requests_twice(app: Application) -> None:
    assert not any(isinstance(each, BaseHTTPMiddleware) for each in stack_of(app))
    assert app.user_middleware == []


async def test_a_guard_that_wraps_requests_twice_would_be_found(app: Application) -> None:
    app.state.kernel.guard(GZipMiddleware)
    app.state.kernel.guard(BaseHTTPMiddleware)

    assert any(isinstance(each, BaseHTTPMiddleware) for each in stack_of(app))
