"""Bearer tokens: what they claim, how they are signed, how they rotate."""

from tests.planted.defect import Defect

DEFECTS = (
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
        old="is_race = spent_at == session.used_at and abs(now - spent_at) < race_window",
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
        name="a compromised key goes on being accepted",
        file="app/bearer/rotation_command.py",
        old="replace(env) if arguments.compromised else rotate(env)",
        new="rotate(env)",
        red="tests/bearer/test_rotate_key.py",
    ),
    Defect(
        name="a key signs before every process accepts it",
        file="app/bearer/rotation_command.py",
        old='upcoming = env.get("SECRET_KEY_NEXT")',
        new='upcoming = env.get("SECRET_KEY_NEXT") or new_secret_key()',
        red="tests/bearer/test_rotate_key.py::test_processes_of_before_and_after_a_step_accept_each_others_tokens",
    ),
    Defect(
        name="a secret that is spelt in small letters stays",
        file="app/core/env_file.py",
        old='if (entry.key or "").upper() == name:',
        new="if entry.key == name:",
        red="tests/core/test_env_file.py::test_of_a_setting_that_is_replaced_nothing_is_left_however_it_is_spelt",
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
    Defect(
        name="a refresh token that nobody has is in no log",
        file="app/bearer/router.py",
        old="        kernel.tell_seldom(",
        new="        _ = (",
        red="tests/bearer/test_refresh.py",
    ),
    Defect(
        name="refresh tokens that nobody has bury every other event",
        file="app/bearer/router.py",
        old="        kernel.tell_seldom(",
        new="        kernel.tell(",
        red="tests/bearer/test_refresh.py",
    ),
    Defect(
        name="a change of the keys is in no log",
        file="app/bearer/rotation_command.py",
        old="    kernel.tell(",
        new="    _ = (",
        red="tests/bearer/test_rotate_key.py",
    ),
    Defect(
        name="a login is refreshed without end",
        file="app/bearer/rotation.py",
        old="if await _has_spent_too_many(db, session.id):",
        new="if False:",
        red="tests/bearer/test_refresh.py::test_a_login_leaves_no_rows_without_end_but_ends",
    ),
    Defect(
        name="a login that was refreshed too often is refused and goes on",
        file="app/bearer/rotation.py",
        old="            await end_session(db, session.user_id, session.id, now=now)\n",
        new="",
        red="tests/bearer/test_refresh.py::test_a_login_leaves_no_rows_without_end_but_ends",
    ),
    Defect(
        name="the refreshes of all logins are counted as those of one",
        file="app/bearer/rotation.py",
        old="select(SpentRefreshToken.session_id).where(SpentRefreshToken.session_id == session_id)",
        new="select(SpentRefreshToken.session_id)",
        red="tests/bearer/test_refresh.py::test_each_login_is_counted_by_itself",
    ),
    Defect(
        name="a clock that is behind makes a race window that nobody has set",
        file="app/bearer/rotation.py",
        old="abs(now - spent_at) < race_window",
        new="now - spent_at < race_window",
        red="tests/bearer/test_refresh_races.py",
        answers={"auth": "bearer"},
    ),
)
