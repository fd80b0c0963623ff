"""The operations that are marked as guesses."""

from app.core.application import Application
from app.core.routing import api_routes
from tests.support.openapi import Operation, operations


def guesses(app: Application) -> list[tuple[Operation, str]]:
    """Return every operation that is marked as a guess, with its action."""
    marked = {
        (method, path): app.state.kernel.guessable[route.origin]
        for method, path, route in api_routes(app.routes)
        if route.origin in app.state.kernel.guessable
    }
    return [(each, marked[each.method, each.path]) for each in operations(app) if (each.method, each.path) in marked]
