"""Who may do what: closed routes, owners, ended rights."""

from tests.planted.defect import Defect

DEFECTS = (
    Defect(
        name="a route is open to everyone",
        file="app/notes/__init__.py",
        old="kernel.mount(router)",
        new="kernel.mount(router, public=True)",
        red="tests/core/test_openapi.py",
    ),
    Defect(
        name="the body is read before anyone is authenticated",
        file="app/core/routing.py",
        old="    request.state.principal = await kernel.principals.authenticate(request)\n    asked_at",
        new="""\
    await request.body()
    request.state.principal = await kernel.principals.authenticate(request)
    asked_at""",
        red="tests/core/test_closed_by_default.py",
    ),
    Defect(
        name="a closed route authenticates nobody",
        file="app/core/routing.py",
        old="if self.origin not in request.app.state.kernel.public_routes:",
        new="if False:",
        red="tests/core/test_closed_by_default.py",
    ),
    Defect(
        name="the application starts with a mount that nobody guards",
        file="app/core/routing.py",
        old="if not isinstance(route, Route) or route.origin not in mounted:",
        new="if False:",
        red="tests/core/test_closed_by_default.py",
    ),
    Defect(
        name="a note is found by its id alone",
        file="app/notes/service.py",
        old="return select(Note).where(Note.owner_id == owner)",
        new="return select(Note)",
        red="tests/notes/test_notes.py",
    ),
    Defect(
        name="an account stores without end",
        file="app/notes/service.py",
        old="if await _number_of_notes(db, owner) >= MOST_NOTES:",
        new="if False:",
        red="tests/notes/test_notes.py",
    ),
    Defect(
        name="a page of the longest notes fills the memory of who serves it",
        file="app/notes/schemas.py",
        old="limit: Annotated[int, Field(ge=1, le=25), Digits]",
        new="limit: Annotated[int, Field(ge=1, le=100), Digits]",
        red="tests/notes/test_notes.py",
    ),
    Defect(
        name="several notes at once pass the most that there may be",
        file="app/notes/service.py",
        old="    await lock_account(db, owner)\n",
        new="",
        red="tests/notes/test_notes.py",
        # SQLite takes the write lock at the beginning, so that only PostgreSQL shows the race.
        answers={"database": "postgresql"},
    ),
    Defect(
        name="a list sorts the bodies of all notes to return a page of them",
        file="app/notes/service.py",
        old="ids = _owned_by(owner).with_only_columns(Note.id).order_by(*order)",
        new="ids = _owned_by(owner).order_by(*order)",
        red="tests/notes/test_notes.py::test_what_is_sorted_and_skipped_for_a_page_holds_no_body",
    ),
    Defect(
        name="a note is deleted by its id alone",
        file="app/notes/service.py",
        old="delete(Note).where(Note.owner_id == owner, Note.id == note_id)",
        new="delete(Note).where(Note.id == note_id)",
        red="tests/notes/test_notes.py",
    ),
    Defect(
        name="an account with a note cannot be deleted",
        file="app/notes/models.py",
        old='ForeignKey("users.id", ondelete="CASCADE")',
        new='ForeignKey("users.id")',
        red="tests/accounts/test_profile.py",
    ),
    Defect(
        name="a disabled account goes on",
        file="app/core/principals.py",
        old="statement.where(authenticator.match, User.disabled_at.is_(None))",
        new="statement.where(authenticator.match)",
        red="tests/bearer/test_session_end.py",
    ),
    Defect(
        name="a session begins anew after its transaction has ended",
        file="app/core/database.py",
        old='"close_resets_only": False',
        new='"close_resets_only": True',
        red="tests/core/test_transactions.py",
    ),
    Defect(
        name="a GET opens a transaction that writes",
        file="app/core/routing.py",
        old="writing(allowed=request.method not in READS_ONLY)",
        new="writing(allowed=bool(READS_ONLY))",
        red="tests/core/test_reading.py",
    ),
    Defect(
        name="the session of a GET can commit",
        file="app/core/database.py",
        old="engine.execution_options(**kind.read_only), **once",
        new="engine, **once",
        red="tests/core/test_reading.py",
    ),
    Defect(
        name="an old login is recent enough",
        file="app/core/principals.py",
        old="if at is not None and (kernel.now() - at).total_seconds() <= within:",
        new="if at is not None:",
        red="tests/accounts/test_recent_login.py",
    ),
    Defect(
        name="a permission is declared that nobody can hold",
        file="app/core/kernel.py",
        old="if not _PERMISSION.fullmatch(name):",
        new="if not name:",
        red="tests/core/test_closed_by_default.py",
    ),
    Defect(
        name="scopes asked for in the way of FastAPI are let be and not looked at",
        file="app/core/application.py",
        old="        if ignored:\n",
        new="        if False:\n",
        red="tests/core/test_closed_by_default.py",
    ),
    Defect(
        name="a closed router is mounted once more, and public",
        file="app/core/kernel.py",
        old="routes & self.routes)",
        new="routes & set())",
        red="tests/core/test_closed_by_default.py",
    ),
)
