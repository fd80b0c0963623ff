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
        name="a note is deleted by its id alone",
        file="app/notes/service.py",
        old="delete(Note).where(Note.owner_id == owner, Note.id == note_id)",
        new="delete(Note).where(Note.id == note_id)",
        red="tests/notes/test_notes.py",
    ),
    Defect(
        name="a disabled account goes on",
        file="app/core/principals.py",
        old="statement.where(authenticator.match, User.disabled_at.is_(None))",
        new="statement.where(authenticator.match)",
        red="tests/bearer/test_session_end.py",
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
        red="tests/bearer/test_access_tokens.py",
    ),
    Defect(
        name="the audience is not checked",
        file="app/bearer/tokens.py",
        old='"verify_exp": False,',
        new='"verify_exp": False, "verify_aud": False,',
        red="tests/bearer/test_access_tokens.py",
    ),
    Defect(
        name="an expired token lives on",
        file="app/bearer/tokens.py",
        old='if now >= claims["exp"]:',
        new="if False:",
        red="tests/bearer/test_expiry.py",
    ),
    Defect(
        name="a token of another type is taken",
        file="app/bearer/tokens.py",
        old="if kind.lower() not in ACCEPTED_TYPES or ",
        new="if ",
        red="tests/bearer/test_access_tokens.py",
    ),
    Defect(
        name="one token has many spellings",
        file="app/bearer/tokens.py",
        old=" or not _COMPACT.fullmatch(token)",
        new="",
        red="tests/bearer/test_malformed_tokens.py",
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
        red="tests/bearer/test_refresh_races.py",
        # SQLite takes the write lock at the beginning, so that only PostgreSQL shows the race.
        answers={"database": "postgresql"},
    ),
    Defect(
        name="a spent refresh token does not end its family",
        file="app/bearer/rotation.py",
        old="is_race = spent_at == session.used_at and now - spent_at < race_window",
        new="is_race = True",
        red="tests/bearer/test_refresh.py",
    ),
    Defect(
        name="a token fits the session of another account",
        file="app/bearer/authenticator.py",
        old='        AuthSession.user_id == bindparam("user_id"),\n',
        new="",
        red="tests/bearer/test_access_tokens.py",
    ),
    Defect(
        name="an ended session goes on",
        file="app/bearer/authenticator.py",
        old="        live(),\n",
        new="",
        red="tests/bearer/test_session_end.py",
    ),
    Defect(
        name="a token may name its own key",
        file="app/bearer/tokens.py",
        old="set(header) != _HEADER_NAMES or ",
        new="",
        red="tests/bearer/test_malformed_tokens.py",
    ),
    Defect(
        name="the end of a family is rolled back with the refusal",
        file="app/bearer/rotation.py",
        old="    return Replayed(session.user_id, session.id, family_ended=ended)",
        new="""\
    outcome = Replayed(session.user_id, session.id, family_ended=ended)
    await db.rollback()
    return outcome""",
        red="tests/bearer/test_refresh.py",
    ),
    Defect(
        name="any spent token is taken for a race",
        file="app/bearer/rotation.py",
        old="is_race = spent_at == session.used_at and ",
        new="is_race = ",
        red="tests/bearer/test_refresh_races.py",
    ),
    Defect(
        name="the root secret signs",
        file="app/bearer/hs256.py",
        old='secret = root.derive("access-token/HS256/1")',
        new="secret = root.material",
        red="tests/bearer/test_hs256.py",
    ),
    Defect(
        name="the private key is published",
        file="app/bearer/es256.py",
        old='{**jwk, "kid": kid,',
        new='{**jwk, "d": base64url(private.private_numbers().private_value.to_bytes(32, "big")), "kid": kid,',
        red="tests/bearer/test_jwks.py",
        answers={"jwt_algorithm": "ES256"},
    ),
    Defect(
        name="of two credentials the first wins",
        file="app/core/principals.py",
        old="if len(presented) > 1:",
        new="if False:",
        red="tests/core/test_principals.py",
    ),
)

INPUT_AND_OUTPUT = (
    Defect(
        name="a search is pasted into SQL",
        file="app/notes/service.py",
        old="statement.where(Note.title.icontains(wanted.q, autoescape=True))",
        new="""statement.where(__import__("sqlalchemy").text(f"notes.title LIKE '%{wanted.q}%'"))""",
        red="tests/core/test_sql_injection.py",
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
        red="tests/hosts/test_hosts.py",
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
        red="tests/core/test_strict_json.py",
    ),
    Defect(
        name="files are served to strangers",
        file="app/core/routing.py",
        old="yield each if isinstance(each, BaseRoute) else each.original_route",
        new="yield from ()",
        red="tests/core/test_closed_by_default.py",
    ),
    Defect(
        name="a commit that fails has already been answered",
        file="app/core/database.py",
        old='Depends(open_session, scope="function")',
        new="Depends(open_session)",
        red="tests/core/test_transactions.py",
    ),
    Defect(
        name="a host is trusted for its last letters",
        file="app/hosts/__init__.py",
        old=" and _LABELS.fullmatch(host[: -len(parent)]) is not None",
        new="",
        red="tests/hosts/test_hosts.py",
    ),
    Defect(
        name="a request with two lengths is followed",
        file="app/core/project_commands.py",
        old='_PROTOCOL = "app.core.server:BoundedHttpProtocol"',
        new='_PROTOCOL = "h11"',
        red="tests/core/test_real_server.py",
    ),
    Defect(
        name="a log line quotes what an exception says",
        file="app/core/log.py",
        old='event["frames"] = _frames(error)',
        new='event["frames"] = _frames(error) + str(error)',
        red="tests/core/test_log.py",
    ),
    Defect(
        name="a refusal repeats what was sent",
        file="app/core/errors.py",
        old='"detail": _detail(code, str(found["msg"]))}',
        new='"detail": str(found.get("input"))}',
        red="tests/core/test_problem_details.py",
    ),
)

PASSWORDS = (
    Defect(
        name="an unknown address is answered faster",
        file="app/accounts/hashing.py",
        old="            self._fits(password, self._nobodys_hash())\n",
        new="",
        red="tests/accounts/test_equal_work.py",
    ),
    Defect(
        name="failures do not count",
        file="app/accounts/throttle.py",
        old="if blocked is not None:",
        new="if False:",
        red="tests/accounts/test_throttle.py",
    ),
    Defect(
        name="a login outlives the password change that it raced with",
        file="app/accounts/__init__.py",
        old="    kernel.login.steps.append(accounts.refuse_replaced_password)\n",
        new="",
        red="tests/accounts/test_password_change.py",
    ),
    Defect(
        name="somebody else's password changes this one",
        file="app/accounts/service.py",
        old="            if proof is None or proof.user_id != principal.user_id:",
        new="            if proof is None:",
        red="tests/accounts/test_password_change.py",
    ),
    Defect(
        name="an account never closes",
        file="app/accounts/throttle.py",
        old="        if whole.failures >= MOST_FAILURES and here.succeeded_at is None:",
        new="        if False:",
        red="tests/accounts/test_throttle_networks.py",
    ),
    Defect(
        name="hashing holds up everyone else",
        file="app/accounts/hashing.py",
        old="            return await asyncio.get_running_loop().run_in_executor(self._pool, work)",
        new="            return work()",
        red="tests/accounts/test_hashing_pool.py",
    ),
    Defect(
        name="common passwords are taken",
        file="app/accounts/policy.py",
        old="    reason = reason_to_refuse(normal, _context_words(email, service))\n",
        new="    reason = None\n",
        red="tests/accounts/test_password_policy.py",
    ),
    Defect(
        name="a misspelt environment is local",
        file="app/core/settings.py",
        old="return self.app_env if self.app_env in {LOCAL, TEST} else PRODUCTION",
        new="return self.app_env if self.app_env == PRODUCTION else LOCAL",
        red="tests/core/test_settings.py",
    ),
    Defect(
        name="guesses at once are counted once",
        file="app/accounts/throttle.py",
        old="            .with_for_update()\n",
        new="",
        red="tests/accounts/test_throttle.py",
        answers={"database": "postgresql"},
    ),
    Defect(
        name="a caller writes lines of the log",
        file="app/core/log.py",
        old='    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)',
        new="    return text",
        red="tests/core/test_events.py",
    ),
    Defect(
        name="a body that is held back acts after logout",
        file="app/core/routing.py",
        old="if kernel.now() - asked_at > FRESH_FOR:",
        new="if False:",
        red="tests/core/test_held_body.py",
    ),
    Defect(
        name="a head has no end",
        file="app/core/server.py",
        old="                self._refuse()",
        new="                self._head_bytes = 0",
        red="tests/core/test_real_server.py",
    ),
)

DEFECTS: tuple[Defect, ...] = (*ACCESS, *TOKENS, *INPUT_AND_OUTPUT, *PASSWORDS)
