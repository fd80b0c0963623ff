"""What administrators do to accounts, and what nobody may.

Nobody acts on someone who may do more, nor gives anybody what they may not do themselves, and an enabled admin is left
over, whatever happens at the same time: changes wait for each other, and look at the rights of both sides only then.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Problem
from app.core.events import Level, about
from app.core.kernel import Kernel
from app.core.models import User
from app.core.principals import Principal
from app.core.sessions import end_all_sessions, lock_account
from app.rbac import grants
from app.rbac.directory import roles_of, user_not_found
from app.rbac.models import Role, RolePermission, UserRole

READ, WRITE = "users:read", "users:write"


class Administration:
    """Roles given and taken, accounts disabled and enabled, sessions ended."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._read = grants.read_by(kernel.permissions)

    async def set_roles(self, db: AsyncSession, actor: Principal, user_id: UUID, roles: Collection[Role]) -> None:
        """Give an account these roles and no others.

        An actor whose session is narrowed by scopes may take what it likes, and give only what its scopes name.

        Raises:
            Problem: 404, 403 for rights beyond the actor's, 409 for the last admin, 401 when the actor's session has
                ended meanwhile.
        """
        user, mine = await self._begin(db, actor, user_id)
        within = _within_scopes(actor, mine)
        before, after = await self._permissions(db, user_id), await self._permissions_of(db, roles)
        if after - before and not after <= within:
            raise self._beyond(actor, user_id)
        if user.disabled_at is None and Role.ADMIN not in roles:
            await self.keep_an_admin(db, user_id)
        await self._assign(db, user_id, roles)
        self._tell_of(actor, "roles", user_id)

    async def disable(self, db: AsyncSession, actor: Principal, user_id: UUID) -> None:
        """Refuse an account from now on, and end its sessions. Raises: as `set_roles`."""
        user, _ = await self._begin(db, actor, user_id)
        await self.keep_an_admin(db, user_id)
        if user.disabled_at is None:
            user.disabled_at = self._kernel.now()
            await self._end_sessions(db, user_id)
            self._kernel.tell(about(user_id, "user_archived", level=Level.WARN))
            self._tell_of(actor, "disable", user_id)

    async def enable(self, db: AsyncSession, actor: Principal, user_id: UUID) -> None:
        """Let an account in again. Raises: as `set_roles`, 403 also for rights that the actor's scopes do not name."""
        user, mine = await self._begin(db, actor, user_id)
        if not await self._permissions(db, user_id) <= _within_scopes(actor, mine):
            raise self._beyond(actor, user_id)
        if user.disabled_at is not None:
            user.disabled_at = None
            self._kernel.tell(about(user_id, "user_updated", "enabled", level=Level.WARN))
            self._tell_of(actor, "enable", user_id)

    async def end_sessions(self, db: AsyncSession, actor: Principal, user_id: UUID) -> None:
        """End every session of an account. Raises: as `set_roles`, but for the last admin."""
        await self._begin(db, actor, user_id)
        await self._end_sessions(db, user_id)
        self._tell_of(actor, "end-sessions", user_id)

    async def make_admin(self, user_id: UUID) -> bool:
        """Make an account an admin, for an operator; return whether it was none. Other roles would add nothing."""
        async with self._kernel.store.transaction() as db:
            await _one_at_a_time(db)
            if await lock_account(db, user_id) is None:
                raise user_not_found()
            if Role.ADMIN in await roles_of(db, user_id):
                return False
            await self._assign(db, user_id, {Role.ADMIN})
        return True

    async def let_go(self, db: AsyncSession, user_id: UUID) -> None:
        """Let an account be deleted, with all that belongs to it, which may take long. Raises: Problem 409.

        Only while an admin's goes do those who administer others wait. Of anybody else the account alone is locked, so
        that nobody makes it an admin's meanwhile.
        """
        if await _is_admin(db, user_id):
            await self.keep_an_admin(db, user_id)
            return
        await lock_account(db, user_id)
        if await _is_admin(db, user_id):
            # The lock of all comes before that of an account, or two would wait for each other.
            raise Problem(409, "roles_changed", "The roles of this account have just changed. Try again.")

    async def keep_an_admin(self, db: AsyncSession, user_id: UUID) -> None:
        """Refuse to let this account go, or its role, while no other enabled one is an admin. Raises: Problem 409."""
        await _one_at_a_time(db)
        admins = select(UserRole.user_id).join(User, User.id == UserRole.user_id)
        enabled = await db.scalars(admins.where(UserRole.role == Role.ADMIN, User.disabled_at.is_(None)))
        if set(enabled) == {user_id}:
            raise Problem(409, "last_admin", "This is the last admin. Make another one first.")

    async def _begin(self, db: AsyncSession, actor: Principal, user_id: UUID) -> tuple[User, frozenset[str]]:
        """Return the account, locked, and what the actor may now: not what it was when the request came.

        Raises:
            Problem: 401 when the actor's session has ended meanwhile, 404, 403.
        """
        await _one_at_a_time(db)
        # Both accounts: nobody else locks two, and those who do here wait for each other before.
        await self._kernel.principals.lock_account_of(db, actor)
        user = await lock_account(db, user_id)
        if user is None:
            raise user_not_found()
        mine = await self._permissions(db, actor.user_id)
        if WRITE not in mine or not await self._permissions(db, user_id) <= mine:
            raise self._beyond(actor, user_id)
        return user, mine

    async def _permissions(self, db: AsyncSession, user_id: UUID) -> frozenset[str]:
        names = select(grants.of_account()).select_from(User).where(User.id == user_id)
        return self._read(await db.scalar(names))

    async def _permissions_of(self, db: AsyncSession, roles: Collection[Role]) -> frozenset[str]:
        return self._read(await db.scalar(grants.of_roles(roles)))

    async def _assign(self, db: AsyncSession, user_id: UUID, roles: Collection[Role]) -> None:
        """Store the roles. Whoever may do more than before logs in again.

        A session id that was handed out with fewer rights, and may be in the wrong hands since then, must not become
        one with more (OWASP Session Management; ASVS V7.2.4). Rights that are lost are lost at the next request.
        """
        former, before = await roles_of(db, user_id), await self._permissions(db, user_id)
        await db.execute(delete(UserRole).where(UserRole.user_id == user_id))
        if roles:
            await db.execute(insert(UserRole), [{"user_id": user_id, "role": role.value} for role in roles])
        if await self._permissions(db, user_id) - before:
            await self._end_sessions(db, user_id)
        change = ("+".join(sorted(former)), "+".join(sorted(roles or {Role.USER})))
        self._kernel.tell(about(user_id, "authz_change", *change, level=Level.WARN))

    async def _end_sessions(self, db: AsyncSession, user_id: UUID) -> None:
        ended = await end_all_sessions(db, user_id, now=self._kernel.now())
        self._kernel.tell(about(user_id, "session_ended", str(ended)))

    def _tell_of(self, actor: Principal, what: str, user_id: UUID) -> None:
        self._kernel.tell(about(actor.user_id, "authz_admin", what, str(user_id), level=Level.WARN))

    def _beyond(self, actor: Principal, user_id: UUID) -> Problem:
        self._kernel.tell(about(actor.user_id, "authz_fail", str(user_id), level=Level.CRITICAL))
        return Problem(403, "beyond_your_rights", "This needs rights that you do not have yourself.")


async def _is_admin(db: AsyncSession, user_id: UUID) -> bool:
    return await db.get(UserRole, (user_id, Role.ADMIN.value)) is not None


async def _one_at_a_time(db: AsyncSession) -> None:
    """Wait until no other transaction changes who is what.

    All of them lock one row that is always there. The rows of the admins would not do: of those that are added while
    one waits, the lock knows nothing.
    """
    administering = (RolePermission.role == Role.ADMIN, RolePermission.permission == WRITE)
    await db.execute(select(RolePermission.role).where(*administering).with_for_update())


def _within_scopes(actor: Principal, permissions: frozenset[str]) -> frozenset[str]:
    """Return what the actor may with the credential at hand."""
    return permissions if actor.scopes is None else permissions & actor.scopes
