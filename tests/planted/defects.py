"""The table of defects. Each is a change that a tired person could make, in one place of a render."""

from dataclasses import dataclass, field

from tests.support.combinations import Combination


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One defence broken in one place of the render."""

    name: str
    """What is wrong now, as a sentence."""

    file: str
    """The rendered file, like `app/notes/service.py`."""

    old: str
    """The text to replace; it occurs exactly once."""

    new: str
    """What stands there instead; it must still be Python that can be imported."""

    red: str
    """The test file, folder or node id of which at least one test must fail."""

    answers: Combination = field(default_factory=dict)
    """The answers of the render, where they are not the defaults."""


ACCESS = (
    Defect(
        name="a route is open to everyone",
        file="app/notes/__init__.py",
        old="kernel.mount(router)",
        new="kernel.mount(router, public=True)",
        red="tests/core",
    ),
    Defect(
        name="the body is read before anyone is authenticated",
        file="app/core/routing.py",
        old="if self not in kernel.public_routes:",
        new="if False:",
        red="tests/core",
    ),
    Defect(
        name="the application starts with a mount that nobody guards",
        file="app/core/routing.py",
        old="if not isinstance(route, Route) or route not in mounted:",
        new="if False:",
        red="tests/core",
    ),
    Defect(
        name="a note is found by its id alone",
        file="app/notes/service.py",
        old="return select(Note).where(Note.owner_id == owner)",
        new="return select(Note)",
        red="tests/notes",
    ),
    Defect(
        name="a note is deleted by its id alone",
        file="app/notes/service.py",
        old="delete(Note).where(Note.owner_id == owner, Note.id == note_id)",
        new="delete(Note).where(Note.id == note_id)",
        red="tests/notes",
    ),
    Defect(
        name="a disabled account goes on",
        file="app/core/principals.py",
        old="statement.where(authenticator.match, User.disabled_at.is_(None))",
        new="statement.where(authenticator.match)",
        red="tests/accounts",
    ),
    Defect(
        name="an old login is recent enough",
        file="app/core/principals.py",
        old="if at is not None and (kernel.now() - at).total_seconds() <= within:",
        new="if at is not None:",
        red="tests/accounts",
    ),
)

TOKENS = (
    Defect(
        name="the issuer is not checked",
        file="app/bearer/tokens.py",
        old="                issuer=self.issuer,\n",
        new="",
        red="tests/bearer",
    ),
    Defect(
        name="the audience is not checked",
        file="app/bearer/tokens.py",
        old='"verify_exp": False,',
        new='"verify_exp": False, "verify_aud": False,',
        red="tests/bearer",
    ),
    Defect(
        name="an expired token lives on",
        file="app/bearer/tokens.py",
        old='if now >= claims["exp"]:',
        new="if False:",
        red="tests/bearer",
    ),
    Defect(
        name="a token of another type is taken",
        file="app/bearer/tokens.py",
        old="if kind.lower() not in ACCEPTED_TYPES or ",
        new="if ",
        red="tests/bearer",
    ),
    Defect(
        name="one token has many spellings",
        file="app/bearer/tokens.py",
        old=" or not _COMPACT.fullmatch(token)",
        new="",
        red="tests/bearer",
    ),
    Defect(
        name="a refresh token is read, then written",
        file="app/bearer/rotation.py",
        old="""\
    session = (await db.scalars(statement)).one_or_none()
    if session is not None:
        await db.execute(insert(""",
        new="""\
    unspent = select(AuthSession).where(AuthSession.secret_hash == spent, live(now), active)
    session = (await db.scalars(unspent)).one_or_none()
    if session is not None:
        await __import__("asyncio").sleep(0.01)
        session.secret_hash, session.used_at, session.idle_expires_at = following, now, now + idle
        await db.flush()
        await db.execute(insert(""",
        red="tests/bearer",
        # SQLite takes the write lock at the beginning, so that only PostgreSQL shows the race.
        answers={"database": "postgresql"},
    ),
    Defect(
        name="a spent refresh token does not end its family",
        file="app/bearer/rotation.py",
        old="is_race = spent_at == session.used_at and now - spent_at < race_window",
        new="is_race = True",
        red="tests/bearer",
    ),
)

INPUT_AND_OUTPUT = (
    Defect(
        name="a search is pasted into SQL",
        file="app/notes/service.py",
        old="statement.where(Note.title.icontains(wanted.q, autoescape=True))",
        new="""statement.where(__import__("sqlalchemy").text(f"notes.title LIKE '%{wanted.q}%'"))""",
        red="tests/notes",
    ),
    Defect(
        name="a header is missing",
        file="app/headers/__init__.py",
        old='    "X-Content-Type-Options": "nosniff",\n',
        new="",
        red="tests/headers",
    ),
    Defect(
        name="every host is trusted",
        file="app/hosts/__init__.py",
        old='if scope["type"] != "http" or self._trusts(scope):',
        new="if True:",
        red="tests/hosts",
    ),
    Defect(
        name="a chunked body has no end",
        file="app/body_limit/__init__.py",
        old="if received > self._most_bytes:",
        new="if False:",
        red="tests/body_limit",
    ),
    Defect(
        name="the last of two equal names wins",
        file="app/core/strict_json.py",
        old="if len(members) != len(pairs):",
        new="if False:",
        red="tests/core",
    ),
)

PASSWORDS = (
    Defect(
        name="an unknown address is answered faster",
        file="app/accounts/hashing.py",
        old="            self._fits(password, self._nobodys_hash())\n",
        new="",
        red="tests/accounts",
    ),
    Defect(
        name="failures do not count",
        file="app/accounts/throttle.py",
        old="if blocked is not None:",
        new="if False:",
        red="tests/accounts",
    ),
)

DEFECTS: tuple[Defect, ...] = (*ACCESS, *TOKENS, *INPUT_AND_OUTPUT, *PASSWORDS)
