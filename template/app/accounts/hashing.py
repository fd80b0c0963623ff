"""Password hashing: Argon2id through passlib's API, in a pool that is bounded and never blocks the event loop."""

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar
from unicodedata import normalize

from passlib.context import CryptContext

from app.accounts.settings import AccountsSettings
from app.core.errors import Problem

T = TypeVar("T")

RETRY_AFTER_SECONDS = 2


def context_for(settings: AccountsSettings) -> CryptContext:
    """Return the schemes that are understood: the chosen one for new hashes, the others to verify and replace.

    Plain bcrypt, which takes no more than 72 bytes, is there for imported users only and never makes a hash.
    """
    return CryptContext(
        schemes=["argon2", "bcrypt_sha256", "bcrypt"],
        default=settings.password_scheme.value,
        deprecated="auto",
        argon2__type="ID",
        argon2__memory_cost=settings.password_memory_kib,
        argon2__time_cost=settings.password_rounds,
        argon2__parallelism=1,
        bcrypt_sha256__rounds=settings.password_bcrypt_cost,
    )


class PasswordHasher:
    """Hashes and verifies. All work is done in `password_threads` threads; `password_queue` calls may wait.

    `context` does the work; tests put one in its place that counts.
    """

    def __init__(self, settings: AccountsSettings) -> None:
        self.context = context_for(settings)
        self._pool = ThreadPoolExecutor(settings.password_threads, thread_name_prefix="password")
        self._room = settings.password_threads + settings.password_queue
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        """Return the encoded hash of `password`, with its own salt and parameters.

        Raises:
            Problem: 503 when too many wait already.
        """
        return await self._run(lambda: self.context.hash(_normalised(password)))

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Return whether `password` fits, and a new hash when the stored one should be replaced.

        Exactly one verification runs its course, also when `stored` is None or a hash that cannot be that of
        `password`: then it is against a hash of ours with the same parameters, whose outcome counts for nothing, so
        that the same work is done whether or not an account exists (ASVS V6.3.8): tests count it, and measure no time.
        Only an imported hash costs what its own scheme costs, until the first login replaces it.

        Raises:
            Problem: 503 when too many wait already.
        """
        return await self._run(lambda: self._verify(_normalised(password), stored))

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        if stored is None:
            self._works_for_nobody(password)
            return False, None
        fits = self._fits(password, stored)
        return fits, self.context.hash(password) if fits and self.context.needs_update(stored) else None

    def _fits(self, password: str, stored: str) -> bool:
        # passlib raises for NUL bytes, for more than 4096 characters, for bcrypt beyond 72 bytes and for a hash it
        # does not know. None of these is a reason for a 500, nor for an answer that comes sooner.
        try:
            return self.context.verify(password, stored)
        except (ValueError, TypeError):
            self._works_for_nobody(password)
            return False

    def _works_for_nobody(self, password: str) -> None:
        with suppress(ValueError, TypeError):
            self.context.verify(password, self._nobodys_hash())

    def _nobodys_hash(self) -> str:
        if self._dummy is None:
            self._dummy = self.context.hash("nobody has this password")
        return self._dummy

    def warm_up(self) -> None:
        """Make the hash for accounts that do not exist, so that the first login is no slower than the others."""
        self._nobodys_hash()

    async def _run(self, work: Callable[[], T]) -> T:
        with self._place_in_queue():
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    @contextmanager
    def _place_in_queue(self) -> Generator[None]:
        if self._room == 0:
            raise Problem(
                503,
                "busy",
                "Too many passwords at once. Try again.",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
                hint="PASSWORD_QUEUE, PASSWORD_THREADS",
            )
        self._room -= 1
        try:
            yield
        finally:
            self._room += 1


def _normalised(password: str) -> str:
    """Return the password in NFC: what two keyboards type alike is one password (SP 800-63B-4 section 3.1.1.2)."""
    return normalize("NFC", password)
