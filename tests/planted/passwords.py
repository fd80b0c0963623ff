"""Passwords, what changes them, and whoever waits for an account meanwhile."""

from tests.planted.defect import Defect

DEFECTS = (
    Defect(
        name="an unknown address is answered faster",
        file="app/accounts/hashing.py",
        old="            self._works_for_nobody(password)\n            return False, None\n",
        new="            return False, None\n",
        red="tests/accounts/test_equal_work.py",
    ),
    Defect(
        name="a login outlives the password change that it raced with",
        file="app/accounts/__init__.py",
        old="    kernel.login.steps.append(accounts.refuse_replaced_password)\n",
        new="",
        red="tests/accounts/test_password_change.py",
    ),
    Defect(
        name="of two password changes at once the second undoes the first",
        file="app/accounts/service.py",
        old="if await _changed_at(db, user.id) != proof.since:",
        new="if False:",
        red="tests/accounts/test_password_change.py",
    ),
    Defect(
        name="what has waited for the account acts though its session has ended",
        file="app/core/principals.py",
        old=" or not await self._is_live(db, principal.session_id)",
        new="",
        red="tests/accounts/test_ended_meanwhile.py",
    ),
    Defect(
        name="who has no session acts though the account was disabled",
        file="app/core/principals.py",
        old="user is None or user.disabled_at is not None or",
        new="user is None or",
        red="tests/accounts/test_ended_meanwhile.py",
    ),
    Defect(
        name="a thief whose session has ended takes the account to another address",
        file="app/accounts/service.py",
        old="""\
                user = await self._kernel.principals.lock_account_of(db, principal)
                former""",
        new="""\
                user = await db.get_one(User, principal.user_id)
                former""",
        red="tests/accounts/test_ended_meanwhile.py",
    ),
    Defect(
        name="a thief whose session has ended deletes the account",
        file="app/accounts/service.py",
        old="address = (await self._kernel.principals.lock_account_of(db, principal)).canonical_email",
        new="address = (await db.get_one(User, principal.user_id)).canonical_email",
        red="tests/accounts/test_ended_meanwhile.py",
    ),
    Defect(
        name="a thief whose session has ended changes the password",
        file="app/accounts/service.py",
        old="""\
            user = await self._kernel.principals.lock_account_of(db, principal)
            if await""",
        new="""\
            user = await db.get_one(User, principal.user_id)
            if await""",
        red="tests/accounts/test_password_change.py",
    ),
    Defect(
        name="a wrong reset code is in no log",
        file="app/accounts/service.py",
        old="""\
        if owner is None:
            self._tell_of_invalid_code()
""",
        new="        if owner is None:\n",
        red="tests/accounts/test_reset_code.py",
    ),
    Defect(
        name="wrong reset codes bury every other event",
        file="app/accounts/service.py",
        old="        self._kernel.tell_seldom(\n",
        new="        self._kernel.tell(\n",
        red="tests/accounts/test_reset_code.py",
    ),
    Defect(
        name="who made a reset code is in no log",
        file="app/accounts/service.py",
        old="""\
        self._kernel.tell(SecurityEvent(name="authz_admin", arguments=what, level=Level.WARN))
""",
        new="        del what\n",
        red="tests/accounts/test_commands.py",
    ),
    Defect(
        name="a script takes the log for a reset code",
        file="app/manage.py",
        old=", log_to=sys.stderr)",
        new=")",
        red="tests/accounts/test_commands.py",
    ),
    Defect(
        name="a login does not tell how somebody got in",
        file="app/core/login.py",
        old='carrier, "+".join(proven.methods))',
        new="carrier)",
        red="tests/core/test_events.py",
    ),
    Defect(
        name="a login under way outlives that all others are ended",
        file="app/accounts/sessions.py",
        old="    await kernel.principals.lock_account_of(db, user)\n",
        new="",
        red="tests/accounts/test_sessions.py",
        # SQLite takes the write lock at the beginning, so that only PostgreSQL shows the race.
        answers={"database": "postgresql"},
    ),
    Defect(
        name="the right password is a failed guess where more is asked for",
        file="app/core/login.py",
        old="        if isinstance(reached, Challenge):\n            await self._over(attempt, Outcome.NOT_JUDGED)\n",
        new="",
        red="tests/accounts/test_more_to_prove.py",
    ),
    Defect(
        name="a session is issued before all is proven",
        file="app/core/login.py",
        old="                if challenge is not None:\n",
        new="                if False:\n",
        red="tests/accounts/test_more_to_prove.py",
    ),
    Defect(
        name="somebody else's password changes this one",
        file="app/accounts/service.py",
        old="not proof.user_id == attempt.owner == principal.user_id",
        new="attempt.owner != principal.user_id",
        red="tests/accounts/test_password_change.py",
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
        name="an operator accepts a secret that can be guessed",
        file="app/core/settings.py",
        old="""characters; {remedy}")""",
        new="""characters; {remedy}", "weak-secret")""",
        red="tests/core/test_settings.py",
    ),
    Defect(
        name="a misspelt environment is local",
        file="app/core/settings.py",
        old="return self.app_env if self.app_env in {LOCAL, TEST} else PRODUCTION",
        new="return self.app_env if self.app_env == PRODUCTION else LOCAL",
        red="tests/core/test_settings.py",
    ),
    Defect(
        name="a reset code goes to another mailbox that folds to the same account",
        file="app/accounts/service.py",
        old="if _without_ascii_case(email) != _without_ascii_case(user.email):",
        new="if False:",
        red="tests/accounts/test_commands.py",
    ),
    Defect(
        name="a table that is changed takes the rows of others with it",
        file="app/core/sqlite.py",
        old='connection.exec_driver_sql("PRAGMA foreign_keys=OFF")',
        new="pass",
        red="tests/core/test_migrations.py",
    ),
    Defect(
        name="each login walks over all that have ended",
        file="app/core/models.py",
        old='Index(None, "user_id", "revoked_at")',
        new='Index(None, "user_id")',
        red="tests/core/test_sqlite.py",
    ),
    Defect(
        name="what has expired is deleted in one go",
        file="app/core/database.py",
        old="select(*key).where(due).limit(MOST_DELETED_AT_ONCE)",
        new="select(*key).where(due)",
        red="tests/accounts/test_purge.py",
    ),
    Defect(
        name="a purge and a login wait for each other",
        file="app/core/database.py",
        old=".with_for_update(skip_locked=True)",
        new=".with_for_update()",
        red="tests/accounts/test_postgresql.py::test_a_login_and_what_forgets_failures_do_not_wait_for_each_other",
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
        new="                pass",
        red="tests/core/test_real_server.py::test_a_head_without_end_is_refused_and_the_server_ends_when_it_is_told",
    ),
    Defect(
        name="two spellings of an address are two accounts",
        file="app/core/types.py",
        old='return normalize("NFKC", once).casefold()',
        new="return once",
        red="tests/core/test_types.py",
    ),
    Defect(
        name="an imported account is told by how soon a long password is refused",
        file="app/accounts/hashing.py",
        old="            self._works_for_nobody(password)\n            return False\n",
        new="            return False\n",
        red="tests/accounts/test_equal_work.py",
    ),
)
