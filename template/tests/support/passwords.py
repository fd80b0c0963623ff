"""Passwords as they lie in the database, what is done to verify one, and the three ways to set a new one."""

from typing import Any
from uuid import UUID

import httpx
from passlib.context import CryptContext
from sqlalchemy import delete, select, update

from app.accounts.models import PasswordCredential
from app.accounts.service import Accounts
from app.core.application import Application
from app.core.kernel import Kernel
from app.core.models import User
from tests.support.client import ApiClient
from tests.support.people import Person

NEW_PASSWORD = "seven lamps and a copper kettle"


def kernel_of(app: Application) -> Kernel:
    """Return the kernel of `app`, with its types."""
    kernel: Kernel = app.state.kernel
    return kernel


async def id_of(app: Application, email: str) -> UUID:
    """Return the id of an account."""
    async with kernel_of(app).store.reading() as db:
        found = await db.scalar(select(User.id).where(User.email == email))
    assert found is not None
    return found


async def stored_hash(app: Application, email: str) -> str:
    """Return the encoded hash of an account."""
    async with kernel_of(app).store.reading() as db:
        found = await db.scalar(select(PasswordCredential.encoded_hash).join(User).where(User.email == email))
    assert found is not None
    return found


async def import_hash(app: Application, email: str, encoded_hash: str) -> None:
    """Store a hash that another program has made."""
    user_id = await id_of(app, email)
    async with kernel_of(app).store.transaction() as db:
        mine = PasswordCredential.user_id == user_id
        await db.execute(update(PasswordCredential).where(mine).values(encoded_hash=encoded_hash))


async def take_password_away(app: Application, email: str) -> None:
    """Leave an account without a password."""
    user_id = await id_of(app, email)
    async with kernel_of(app).store.transaction() as db:
        await db.execute(delete(PasswordCredential).where(PasswordCredential.user_id == user_id))


async def disable(app: Application, email: str) -> None:
    """Disable an account."""
    kernel = kernel_of(app)
    async with kernel.store.transaction() as db:
        await db.execute(update(User).where(User.email == email).values(disabled_at=kernel.now()))


async def reset_code(app: Application, email: str) -> str:
    """Return a code, as `python -m app.manage reset-password` prints it."""
    code = await kernel_of(app).provided(Accounts).make_reset_code(email)
    assert code is not None
    return code


async def reset(client: ApiClient, code: str, password: str = NEW_PASSWORD) -> httpx.Response:
    """Set a new password by a code."""
    return await client.post("/auth/reset-password", json={"code": code, "new_password": password})


async def change(person: Person, new: str = NEW_PASSWORD, *, current: str | None = None) -> httpx.Response:
    """Change the password of someone who is logged in."""
    body = {"current_password": current or person.password, "new_password": new}
    return await person.post("/users/me/password", json=body)


async def each_way_to_set(person: Person, code: str, password: str) -> list[httpx.Response]:
    """Try `password` at registration, change and reset; return the answers."""
    made = await person.post("/auth/register", json={"email": "new@example.com", "password": password})
    return [made, await change(person, password), await reset(person, code, password)]


def reason(response: httpx.Response) -> tuple[int, str]:
    """Return the status, and the code of the first field at fault."""
    return response.status_code, response.json()["errors"][0]["code"]


class CountingContext:
    """Does what a `CryptContext` does, and notes the parameters of every hash that is made or verified."""

    def __init__(self, inner: CryptContext) -> None:
        self._inner = inner
        self.verified: list[str] = []
        self.finished: list[str] = []
        self.hashed = 0

    def verify(self, password: str, stored: str) -> bool:
        """Verify, and note against which parameters, also whether that ran its course and was not refused before."""
        parameters = stored.rsplit("$", 2)[0]
        self.verified.append(parameters)
        fits = self._inner.verify(password, stored)
        self.finished.append(parameters)
        return fits

    def hash(self, password: str) -> str:
        """Hash, and count it."""
        self.hashed += 1
        return self._inner.hash(password)

    def needs_update(self, stored: str) -> bool:
        """Return whether `stored` should be replaced."""
        return self._inner.needs_update(stored)


def count_hashing(app: Application) -> CountingContext:
    """Count what the application hashes and verifies from now on; the hash for nobody is made before."""
    hasher: Any = kernel_of(app).provided(Accounts)._hasher
    hasher.warm_up()
    hasher.context = CountingContext(hasher.context)
    counting: CountingContext = hasher.context
    return counting
