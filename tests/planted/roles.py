"""Defects of roles: who may what, who may give it, and who is always left."""

from tests.planted.defect import Defect

ANSWERS = {"features": ["rbac"]}
MATRIX, PERMISSIONS, ROLES, BEYOND, LAST, OTHERS, COMMANDS, SERVER, ENDED = (
    f"tests/rbac/test_{name}.py"
    for name in (
        "matrix",
        "permissions",
        "roles",
        "beyond_rights",
        "last_admin",
        "administration",
        "commands",
        "postgresql",
        "ended_meanwhile",
    )
)

DEFECTS = (
    Defect(
        name="whoever reads notes reads the list of all accounts",
        file="app/rbac/router.py",
        old="Reader = Annotated[Principal, Requires(READ)]",
        new='Reader = Annotated[Principal, Requires("notes:read")]',
        red=MATRIX,
        answers=ANSWERS,
    ),
    Defect(
        name="roles are stored and decide nothing",
        file="app/rbac/__init__.py",
        old='kernel.principals.facets.append(Facet("permissions"',
        new='_ = (Facet("permissions"',
        red=MATRIX,
        answers=ANSWERS,
    ),
    Defect(
        name="a guest may what a user may",
        file="app/rbac/grants.py",
        old='return everyone and permission.endswith(":read")',
        new="return everyone",
        red=MATRIX,
        answers=ANSWERS,
    ),
    Defect(
        name="a start gives back what an operator took",
        file="app/rbac/grants.py",
        old="if permission not in granted and granted_by_default(",
        new="if granted_by_default(",
        red=PERMISSIONS,
        answers=ANSWERS,
    ),
    Defect(
        name="a role that the code no longer knows still grants",
        file="app/rbac/grants.py",
        old="select(UserRole.role).where(mine, known)",
        new="select(UserRole.role).where(mine)",
        red=PERMISSIONS,
        answers=ANSWERS,
    ),
    Defect(
        name="a session from before gains the new rights",
        file="app/rbac/service.py",
        old="        if await self._permissions(db, user_id) - before:\n",
        new="        if not before:\n",
        red=ROLES,
        answers=ANSWERS,
    ),
    Defect(
        name="an old login administers",
        file="app/rbac/router.py",
        old="Requires(WRITE, recent=True)",
        new="Requires(WRITE)",
        red=ROLES,
        answers=ANSWERS,
    ),
    Defect(
        name="somebody acts on who may do more",
        file="app/rbac/service.py",
        old="if WRITE not in mine or not await self._permissions(db, user_id) <= mine:",
        new="if WRITE not in mine:",
        red=BEYOND,
        answers=ANSWERS,
    ),
    Defect(
        name="somebody gives what they do not have",
        file="app/rbac/service.py",
        old="if after - before and not after <= within:",
        new="if after - before and not within:",
        red=BEYOND,
        answers=ANSWERS,
    ),
    Defect(
        name="rights count as they were when the request came",
        file="app/rbac/service.py",
        old="mine = await self._permissions(db, actor.user_id)",
        new="mine = actor.permissions",
        red=BEYOND,
        answers=ANSWERS,
    ),
    Defect(
        name="an administrator acts whose session has ended meanwhile",
        file="app/rbac/service.py",
        old="        await self._kernel.principals.lock_account_of(db, actor)\n",
        new="",
        red=ENDED,
        answers=ANSWERS,
    ),
    Defect(
        name="who gives roles is not told that no address is proven",
        file="app/rbac/router.py",
        old="    No address is proven: before",
        new="    Before",
        red="tests/rbac/test_documents.py",
        answers=ANSWERS,
    ),
    Defect(
        name="the last admin is demoted",
        file="app/rbac/service.py",
        old="if user.disabled_at is None and Role.ADMIN not in roles:",
        new="if user.disabled_at is None and not roles:",
        red=LAST,
        answers=ANSWERS,
    ),
    Defect(
        name="the last admin deletes the account",
        file="app/rbac/__init__.py",
        old="    kernel.login.leaving.append(administration.let_go)\n",
        new="",
        red=LAST,
        answers=ANSWERS,
    ),
    Defect(
        name="a disabled admin counts as one who is left",
        file="app/rbac/service.py",
        old="admins.where(UserRole.role == Role.ADMIN, User.disabled_at.is_(None))",
        new="admins.where(UserRole.role == Role.ADMIN)",
        red=LAST,
        answers=ANSWERS,
    ),
    Defect(
        name="two last admins go at once",
        file="app/rbac/service.py",
        old="where(*administering).with_for_update()",
        new="where(*administering)",
        red=LAST,
        # SQLite takes the write lock at the beginning, so that only PostgreSQL shows the race.
        answers={**ANSWERS, "database": "postgresql"},
    ),
    Defect(
        name="whoever has just become the last admin goes",
        file="app/rbac/service.py",
        old="""\
        await lock_account(db, user_id)
        if await _is_admin(db, user_id):
            #""",
        new="""\
        await lock_account(db, user_id)
        if False:
            #""",
        red=SERVER,
        answers={**ANSWERS, "database": "postgresql"},
    ),
    Defect(
        name="everybody who administers waits until an account is deleted",
        file="app/rbac/service.py",
        old="        if await _is_admin(db, user_id):\n            await self.keep",
        new="        if user_id:\n            await self.keep",
        red=SERVER,
        answers={**ANSWERS, "database": "postgresql"},
    ),
    Defect(
        name="sessions wait for a disabled account to come back",
        file="app/rbac/service.py",
        old="""\
            await self._end_sessions(db, user_id)
            self._kernel.tell(about(user_id, "user_archived\"""",
        new="""\
            self._kernel.tell(about(user_id, "user_archived\"""",
        red=OTHERS,
        answers=ANSWERS,
    ),
    Defect(
        name="who looks for people looks by pattern",
        file="app/rbac/directory.py",
        old="User.email.icontains(text, autoescape=True)",
        new="User.email.icontains(text)",
        red=OTHERS,
        answers=ANSWERS,
    ),
    Defect(
        name="who registered the address first becomes the admin",
        file="app/rbac/commands.py",
        old="    proof = await kernel.login.check_password(account, password)\n",
        new="    return found\n    proof = await kernel.login.check_password(account, password)\n",
        red=COMMANDS,
        answers=ANSWERS,
    ),
    Defect(
        name="a login under way outlives the account's disabling",
        file="app/core/login.py",
        old="if account is None or account.disabled_at is not None:",
        new="if account is None:",
        red="tests/accounts/test_password_change.py",
    ),
)
