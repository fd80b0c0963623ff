"""Health: `/health/live` says that the process answers, `/health/ready` that it can do its work.

Answered before the host check and before routing, because probes come by address and must stay cheap. Both say
nothing but `ok` or `unavailable`; readiness is asked at most once a second, so a flood of probes reaches no database.

Remove it: delete this folder and `tests/health/`, and both its lines in `app/main.py`. Other tests ask `/health/live`,
as what answers whoever asks: give those that fail another path.
"""

from asyncio import Lock
from datetime import datetime, timedelta

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.errors import Problem
from app.core.kernel import Kernel
from app.core.log import log
from app.core.settings import SliceSettings
from app.core.slices import Slice

LIVE, READY = "/health/live", "/health/ready"
METHODS = ("GET", "HEAD")
KEPT_FOR = timedelta(seconds=1)


class Health:
    """Pure ASGI: answers the two probes and passes everything else on."""

    def __init__(self, app: ASGIApp, kernel: Kernel) -> None:
        self._app = app
        self._kernel = kernel
        self._is_ready = False
        self._answered_at: datetime | None = None
        self._asking = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in (LIVE, READY):
            await self._app(scope, receive, send)
        elif scope["method"] not in METHODS:
            refusal = Problem(405, "method_not_allowed", headers={"Allow": ", ".join(METHODS)})
            await refusal.response(with_hint=False)(scope, receive, send)
        else:
            healthy = scope["path"] == LIVE or await self._ready()
            await _ANSWERS[healthy](scope, receive, send)

    async def _ready(self) -> bool:
        # Probes that come while the answer is awaited share it.
        async with self._asking:
            if not self._knows():
                self._is_ready = await self._ask()
                # Only now: of an answer that took long, those who have waited for it would each ask again.
                self._answered_at = self._kernel.now()
            return self._is_ready

    def _knows(self) -> bool:
        # An age below zero is a clock that was set back.
        return self._answered_at is not None and timedelta(0) <= self._kernel.now() - self._answered_at < KEPT_FOR

    async def _ask(self) -> bool:
        try:
            for check in self._kernel.ready_checks:
                await check()
        except Exception:
            log.exception("not_ready")
            return False
        return True


_ANSWERS = {
    True: JSONResponse({"status": "ok"}),
    False: JSONResponse({"status": "unavailable"}, status_code=503),
}


def install(kernel: Kernel, _settings: SliceSettings | None) -> None:
    """Answer the probes, outside of everything else."""
    kernel.guard(lambda app: Health(app, kernel))
    kernel.ready(kernel.store.check)
    for path in (LIVE, READY):
        kernel.unlogged_paths.add(path)
        kernel.describe(path, {method.lower(): _operation(path) for method in METHODS})


def _operation(path: str) -> dict[str, object]:
    answers = {"200": {"description": "ok"}}
    if path == READY:
        answers["503"] = {"description": "unavailable"}
    return {"summary": path, "tags": ["health"], "responses": answers, "security": []}


SLICE = Slice(name="health", install=install)
