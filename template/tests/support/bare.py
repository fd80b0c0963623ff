"""An application of the core, headers and one carrier: no accounts, one person put into the database by hand."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
from fastapi import Request
from fastapi.security import APIKeyHeader
from sqlalchemy import ColumnElement, bindparam, event

from app.core.application import Application
from app.core.errors import Problem
from app.core.events import SecurityEvent
from app.core.kernel import Kernel
from app.core.login import Proven
from app.core.models import AuthSession, User
from app.core.principals import AnyScope, CurrentUser, Principal, Requires, challenge_of
from app.core.routing import Router
from app.core.start import install_all, load_settings
from app.main import DATABASE, SLICES
from tests.support.carrying import Way
from tests.support.clock import FakeClock
from tests.support.people import Person


class Badge:
    """A second way to present a credential: `X-Badge: <id of an account>`, `bad` for one that is malformed."""

    name = "badge"
    sent_unasked = False
    source = AuthSession
    scheme = APIKeyHeader(name="X-Badge", auto_error=False)

    def __init__(self) -> None:
        self.asked = 0

    @property
    def match(self) -> ColumnElement[bool]:
        return AuthSession.user_id == bindparam("badge")

    async def read(self, request: Request) -> Mapping[str, Any] | None:
        self.asked += 1
        value = request.headers.get("X-Badge")
        if value == "bad":
            raise self.refusal(request)
        return None if value is None else {"badge": UUID(value)}

    def challenge(self, **parameters: str) -> str:
        return challenge_of("Badge", **parameters)

    def refusal(self, request: Request) -> Problem:
        del request
        return Problem(401, "invalid_badge", headers={"WWW-Authenticate": "Badge"})


def routes() -> Router:
    router = Router(prefix="/probe")

    @router.get("/who")
    async def who(user: CurrentUser) -> dict[str, Any]:
        return {"email": user.email, "carrier": user.carrier, "permissions": sorted(user.permissions)}

    @router.get("/anyone")
    async def anyone(user: AnyScope) -> str:
        return user.email

    @router.get("/nobody")
    async def nobody() -> str:
        return "nobody in particular"

    @router.get("/read")
    async def read(reader: Annotated[Principal, Requires("things:read")]) -> str:
        return str(reader.user_id)

    @router.post("/write")
    async def write(body: dict[str, int], writer: Annotated[Principal, Requires("things:write")]) -> str:
        return f"{body} {writer.user_id}"

    @router.post("/purge")
    async def purge(writer: Annotated[Principal, Requires("things:write", recent=True)]) -> str:
        return str(writer.user_id)

    return router


class Bare:
    """An application of the core, headers and one carrier, with one account that was put into the database."""

    def __init__(self, clock: FakeClock, way: Way) -> None:
        slices = [each for each in SLICES if each.name in {"headers", way.slice}]
        self.kernel = Kernel(name="bare", settings=load_settings(slices, DATABASE), database=DATABASE, now=clock)
        install_all(slices, self.kernel)
        self.kernel.mount(routes())
        self.kernel.permission("things:read", everyone=True)
        self.kernel.permission("things:write")
        self.heard: list[SecurityEvent] = []
        self.kernel.listeners.append(self._listen)
        self.user_id = uuid4()
        self._way = way

    async def _listen(self, told: SecurityEvent) -> None:
        self.heard.append(told)

    async def start(self) -> Person:
        """Make the account and return a client that presents its session. Slices are complete by now."""
        alice = Person(Application(self.kernel, title="Bare"), "alice@example.com", way=self._way)
        async with self.kernel.store.transaction() as db:
            values = {"email": alice.email, "canonical_email": alice.email, "created_at": self.kernel.now()}
            db.add(User(id=self.user_id, disabled_at=None, **values))
        proven = Proven(user_id=self.user_id, methods=("pwd",))
        answer = await self.kernel.login.proceed(proven, carrier=self._way.name)
        await self.kernel.flush()
        self.heard.clear()
        alice.take(httpx.Response(answer.status_code, headers=answer.raw_headers, content=bytes(answer.body)))
        return alice


@contextmanager
def statements(kernel: Kernel) -> Generator[list[str]]:
    """Collect what is sent to the database."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    engine = kernel.store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
