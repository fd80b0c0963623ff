"""Accounts: made, changed and deleted here; passwords checked, changed and reset."""

import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256
from unicodedata import normalize
from uuid import UUID, uuid4

from pydantic import ValidationError
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.hashing import PasswordHasher
from app.accounts.models import PasswordCredential, PasswordResetCode
from app.accounts.policy import check_new_password
from app.accounts.schemas import NewAccount
from app.accounts.settings import AccountsSettings
from app.accounts.throttle import Throttle
from app.core.context import current_network
from app.core.errors import Problem, from_model_error, invalid_field
from app.core.events import Level, SecurityEvent, about
from app.core.kernel import Kernel
from app.core.login import LOGIN, Challenge, InvalidCredentials, Proof, Proven
from app.core.models import User
from app.core.principals import Principal
from app.core.sessions import end_all_sessions, lock_account, new_secret
from app.core.types import canonical_email

RESET_CODE_LIFETIME = timedelta(minutes=15)


class Accounts:
    """What can be done with an account. Security writes commit by themselves, before any error is raised."""

    def __init__(self, kernel: Kernel, settings: AccountsSettings, hasher: PasswordHasher, throttle: Throttle) -> None:
        self._kernel = kernel
        self._settings = settings
        self._hasher = hasher
        self._throttle = throttle

    async def make_account(self, email: str, password: str) -> User:
        """Make an account for an operator: by the rules of registration, also while it is closed.

        Raises:
            Problem: 422 for an address or a password that will not do, 409 when the address has an account.
        """
        try:
            wanted = NewAccount(email=email, password=password)
        except ValidationError as error:
            raise from_model_error(error) from None
        return await self.register(wanted.email, wanted.password)

    async def register(self, email: str, password: str) -> User:
        """Make an account and return it.

        Raises:
            Problem: 422 for a password that will not do, 409 when the address has an account.
        """
        self._check_new_password(password, email)
        encoded_hash = await self._hasher.hash(password)
        now = self._kernel.now()
        user = User(id=uuid4(), email=email, canonical_email=canonical_email(email), created_at=now, disabled_at=None)
        try:
            async with self._kernel.store.transaction() as db:
                db.add(user)
                await db.flush()
                db.add(PasswordCredential(user_id=user.id, encoded_hash=encoded_hash, changed_at=now))
                await self._throttle.forget_address(db, user.canonical_email)
        except IntegrityError:
            # The unique constraint decides, not a look beforehand: of twenty at once one is first.
            raise email_taken() from None
        self._kernel.tell(about(user.id, "user_created"))
        return user

    async def check_password(self, account: str, password: str) -> Proof | None:
        """Return what an address and a password open. One verification runs, whoever asks."""
        user_id, proof = await self._try(account, password)
        if proof is None:
            self._tell_of_failure(user_id)
        return proof

    async def _try(self, account: str, password: str) -> tuple[UUID | None, Proof | None]:
        """Return whose address it is, and the proof if the password opens the account."""
        statement = (
            select(User.id, User.disabled_at, PasswordCredential.encoded_hash, PasswordCredential.changed_at)
            .outerjoin(PasswordCredential, PasswordCredential.user_id == User.id)
            .where(User.canonical_email == account)
        )
        found = await self._kernel.store.first(statement, {})
        stored = None if found is None else found.encoded_hash
        fits, replacement = await self._hasher.verify(password, stored)
        if found is None:
            return None, None
        if not fits or found.disabled_at is not None:
            return found.id, None
        if replacement is not None:
            await self._replace_hash(found.id, found.encoded_hash, replacement)
        return found.id, Proof(user_id=found.id, since=found.changed_at)

    async def refuse_replaced_password(self, db: AsyncSession, proven: Proven) -> Challenge | None:
        """Refuse a login whose password was changed, or whose account went, while the old one was being verified.

        A change ends all sessions; without this, a login that was under way would outlive it (ASVS V7.4.3). Both
        lock the account first, so one of them comes second and sees the other.
        """
        if "pwd" in proven.methods and await _changed_at(db, proven.user_id) != proven.since:
            self._tell_of_failure(proven.user_id)
            raise InvalidCredentials
        return None

    async def change_password(self, principal: Principal, current: str, new: str) -> None:
        """Set a new password and end every other session of the account.

        Raises:
            Problem: 403 when `current` is wrong, 422 when `new` will not do, 429 after too many wrong ones, 401 when
                the session has ended meanwhile.
        """
        self._check_new_password(new, principal.email, pointer="/new_password")
        if current == new:
            raise invalid_field("/new_password", "unchanged", "The new password is the current one.")
        account = canonical_email(principal.email)
        async with self._kernel.login.attempt(LOGIN, account) as attempt:
            # The address may have gone to somebody else since the request was authenticated, and may have come back
            # since the guess was counted.
            _, proof = await self._try(account, current)
            if proof is None or not proof.user_id == attempt.owner == principal.user_id:
                raise self._wrong_password(principal)
        encoded_hash = await self._hasher.hash(new)
        async with self._kernel.store.transaction() as db:
            user = await self._kernel.principals.lock_account_of(db, principal)
            if await _changed_at(db, user.id) != proof.since:
                raise self._wrong_password(principal)
            await self._store_password(db, principal.user_id, encoded_hash, spare=principal.session_id)
            # Also which other networks have logged in: one of them may be whoever knew the old password.
            await self._throttle.forget_action(db, user.canonical_email, LOGIN, spare=attempt.network)
        self._kernel.tell(about(principal.user_id, "authn_password_change"))

    async def change_email(self, principal: Principal, email: str) -> User:
        """Give the account another address.

        Raises:
            Problem: 409 when that one is taken, 401 when the session has ended meanwhile.
        """
        try:
            async with self._kernel.store.transaction() as db:
                user = await self._kernel.principals.lock_account_of(db, principal)
                former = user.canonical_email
                user.email, user.canonical_email = email, canonical_email(email)
                await db.flush()
                await self._throttle.move_address(db, former, user.canonical_email)
        except IntegrityError:
            raise email_taken() from None
        self._kernel.tell(about(principal.user_id, "user_updated", "email"))
        return user

    async def delete(self, principal: Principal) -> None:
        """Delete the account, and with it everything that belongs to it.

        Raises:
            Problem: what a hook of `login.leaving` refuses with, such as 409 for an account that has to stay; 401 when
                the session has ended meanwhile.
        """
        async with self._kernel.store.transaction() as db:
            for asked in self._kernel.login.leaving:
                await asked(db, principal.user_id)
            # Behind the hooks: the lock of one may have to come before that of an account.
            address = (await self._kernel.principals.lock_account_of(db, principal)).canonical_email
            await db.execute(delete(User).where(User.id == principal.user_id))
            await self._throttle.forget_address(db, address)
        self._kernel.tell(about(principal.user_id, "user_deleted", level=Level.WARN))

    async def make_reset_code(self, email: str) -> str | None:
        """Return a code for an operator, which sets a password once, within 15 minutes; None for nobody's address.

        Raises:
            Problem: 409 when the account's address is written in another way. Whoever writes a sharp s may have another
                mailbox than the owner of the account, who writes `ss`.
        """
        code = new_secret(self._kernel.entropy)
        async with self._kernel.store.transaction() as db:
            user = await db.scalar(select(User).where(User.canonical_email == canonical_email(email)))
            if user is None:
                return None
            if _without_ascii_case(email) != _without_ascii_case(user.email):
                raise Problem(409, "another_spelling", f"The account's address is {user.email}. Does its owner ask?")
            await db.execute(delete(PasswordResetCode).where(PasswordResetCode.user_id == user.id))
            expires_at = self._kernel.now() + RESET_CODE_LIFETIME
            db.add(PasswordResetCode(code_hash=_code_hash(code), user_id=user.id, expires_at=expires_at))
        what = ("operator", "reset-password", str(user.id))
        self._kernel.tell(SecurityEvent(name="authz_admin", arguments=what, level=Level.WARN))
        return code

    async def reset_password(self, code: str, new: str) -> None:
        """Set a new password by a code and end every session. It logs nobody in (ASVS V6.4.3).

        Raises:
            Problem: 403 when the code is unknown, used or expired, 422 when `new` will not do; the code then stays.
        """
        live = (PasswordResetCode.code_hash == _code_hash(code), PasswordResetCode.expires_at > self._kernel.now())
        async with self._kernel.store.reading() as db:
            owner = (await db.execute(select(User.id, User.email).join(PasswordResetCode).where(*live))).first()
        if owner is None:
            self._tell_of_invalid_code()
            raise invalid_code()
        user_id, email = owner
        self._check_new_password(new, email, pointer="/new_password")
        encoded_hash = await self._hasher.hash(new)
        async with self._kernel.store.transaction() as db:
            user = await lock_account(db, user_id)
            spent = delete(PasswordResetCode).where(*live).returning(PasswordResetCode.user_id)
            if user is None or await db.scalar(spent) is None:
                self._tell_of_invalid_code()
                raise invalid_code()
            await self._store_password(db, user_id, encoded_hash, spare=None)
            # Also which networks have logged in: one of them may be whoever knew the old password.
            await self._throttle.forget_action(db, user.canonical_email, LOGIN)
        self._kernel.tell(about(user_id, "authn_password_change"))

    async def purge(self) -> int:
        """Delete what has expired: reset codes and old failures; return how many rows."""
        expired = PasswordResetCode.expires_at <= self._kernel.now()
        codes = await self._kernel.store.delete_in_batches(PasswordResetCode, expired)
        return codes + await self._throttle.purge()

    def _check_new_password(self, password: str, email: str, pointer: str = "/password") -> None:
        shortest = self._settings.password_min_length
        check_new_password(password, shortest=shortest, email=email, service=self._kernel.name, pointer=pointer)

    async def _store_password(self, db: AsyncSession, user_id: UUID, encoded_hash: str, *, spare: UUID | None) -> None:
        now = self._kernel.now()
        await db.merge(PasswordCredential(user_id=user_id, encoded_hash=encoded_hash, changed_at=now))
        await db.execute(delete(PasswordResetCode).where(PasswordResetCode.user_id == user_id))
        await end_all_sessions(db, user_id, now=now, spare=spare)

    async def _replace_hash(self, user_id: UUID, stored: str, replacement: str) -> None:
        """Store a stronger hash of the same password, unless the password was changed meanwhile."""
        unchanged = (PasswordCredential.user_id == user_id, PasswordCredential.encoded_hash == stored)
        async with self._kernel.store.transaction() as db:
            await db.execute(update(PasswordCredential).where(*unchanged).values(encoded_hash=replacement))

    def _wrong_password(self, principal: Principal) -> Problem:
        self._kernel.tell(about(principal.user_id, "authn_password_change_fail", level=Level.CRITICAL))
        return Problem(403, "wrong_password", "The current password is wrong.")

    def _tell_of_invalid_code(self) -> None:
        # Anybody can send one, and it costs no hash: it is told as what strangers do, and of nobody's account.
        what = ("unknown", current_network())
        self._kernel.tell_seldom(
            SecurityEvent(
                name="authn_password_change_fail",
                arguments=what,
                level=Level.WARN,
                description="The reset code is wrong, used or expired.",
            )
        )

    def _tell_of_failure(self, user_id: UUID | None) -> None:
        if user_id is None:
            event = SecurityEvent(name="authn_login_fail", arguments=("unknown", current_network()), level=Level.WARN)
        else:
            event = about(user_id, "authn_login_fail", level=Level.WARN)
        self._kernel.tell(event)


def email_taken() -> Problem:
    """Return the 409 for an address that has an account. It reveals that; only a mail to the address would not."""
    return Problem(409, "email_taken", "This address already has an account.")


def invalid_code() -> Problem:
    """Return the one answer to a reset code that does not work, for whatever reason."""
    return Problem(403, "invalid_code", "The code is wrong, used or expired.")


async def _changed_at(db: AsyncSession, user_id: UUID) -> datetime | None:
    """Return since when an account has had its password, whose equality no two clocks need agree on.

    It is read after the account was locked: by the same statement it would be what it was before.
    """
    return await db.scalar(select(PasswordCredential.changed_at).where(PasswordCredential.user_id == user_id))


def _without_ascii_case(address: str) -> str:
    """Return an address in which nothing is folded but what each mail system takes for the same."""
    return re.sub("[A-Z]", lambda letter: letter.group().lower(), normalize("NFC", address))


def _code_hash(code: str) -> bytes:
    # Keyed by purpose, as session secrets are by carrier: a code is nothing but a code.
    return hmac.new(b"password-reset-code", code.encode(), sha256).digest()
