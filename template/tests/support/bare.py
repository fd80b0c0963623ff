"""An application of the core, headers and bearer alone: no accounts, one person put into the database by hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Request
from fastapi.security import APIKeyHeader
from sqlalchemy import ColumnElement, bindparam, event

from app.bearer.tokens import AccessTokens
from app.core.application import Application
from app.core.errors import Problem
from app.core.events import SecurityEvent
from app.core.kernel import Kernel
from app.core.models import AuthSession, User
from app.core.principals import CurrentUser, Principal, Requires, challenge_of
from app.core.routing import Router
from app.core.sessions import open_session
from app.core.start import install_all, load_settings
from app.main import DATABASE, SLICES
from tests.support.client import ApiClient
from tests.support.clock import FakeClock

SLICES_NEEDED = tuple(each for each in SLICES if each.name in {"headers", "bearer"})


class Badge:
    """A second way to present a credential: `X-Badge: <id of an account>`, `bad` for one that is malformed."""

    name = "badge"
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
            raise self.refusal()
        return None if value is None else {"badge": UUID(value)}

    def challenge(self, **parameters: str) -> str:
        return challenge_of("Badge", **parameters)

    def refusal(self) -> Problem:
        return Problem(401, "invalid_badge", headers={"WWW-Authenticate": "Badge"})


def routes() -> Router:
    router = Router(prefix="/probe")

    @router.get("/who")
    async def who(user: CurrentUser) -> dict[str, Any]:
        return {"email": user.email, "carrier": user.carrier, "permissions": sorted(user.permissions)}

    @router.get("/read")
    async def read(reader: Annotated[Principal, Requires("things:read")]) -> str:
        return str(reader.user_id)

    @router.post("/write")
    async def write(body: dict[str, int], writer: Annotated[Principal, Requires("things:write")]) -> str:
        return f"{body} {writer.user_id}"

    return router


class Bare:
    """An application of the core, headers and bearer, with one account that was put into the database."""

    def __init__(self, clock: FakeClock) -> None:
        self.kernel = Kernel(name="bare", settings=load_settings(SLICES_NEEDED, DATABASE), database=DATABASE, now=clock)
        install_all(SLICES_NEEDED, self.kernel)
        self.kernel.mount(routes())
        self.kernel.permission("things:read", everyone=True)
        self.kernel.permission("things:write")
        self.heard: list[SecurityEvent] = []
        self.kernel.listeners.append(self._listen)
        self.user_id = uuid4()
        self.token = ""

    async def _listen(self, told: SecurityEvent) -> None:
        self.heard.append(told)

    async def start(self) -> ApiClient:
        """Make the account and return a client that sends its token. Slices are complete by now."""
        app = Application(self.kernel, title="Bare")
        now = self.kernel.now()
        address = "alice@example.com"
        async with self.kernel.store.transaction() as db:
            db.add(User(id=self.user_id, email=address, canonical_email=address, created_at=now, disabled_at=None))
            await db.flush()
            issued = await open_session(
                db,
                self.user_id,
                carrier="bearer",
                methods=("pwd",),
                lifetimes=self.kernel.login.carriers["bearer"].lifetimes,
                now=now,
                entropy=self.kernel.entropy,
            )
        self.token = self.kernel.provided(AccessTokens).issue(issued.session)
        return ApiClient(app, headers={"Authorization": f"Bearer {self.token}"})


@contextmanager
def statements(kernel: Kernel) -> Iterator[list[str]]:
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
