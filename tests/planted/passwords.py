"""Passwords, guesses, and the limits around them."""

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
        name="failures do not count",
        file="app/accounts/throttle.py",
        old="if blocked is not None:",
        new="if False:",
        red="tests/accounts/test_throttle.py",
    ),
    Defect(
        name="only what is known today is throttled",
        file="app/accounts/throttle.py",
        old="        if attempt.account is None:\n",
        new="        if attempt.account is None or attempt.action != 'login':\n",
        red="tests/accounts/test_throttle_actions.py",
    ),
    Defect(
        name="who knows one secret of an account guesses another without end",
        file="app/accounts/throttle.py",
        old="_counted(self.account_key(attempt.account), attempt)",
        new="_counted(self.account_key(attempt.account), Attempt(action='login', network=attempt.network))",
        red="tests/accounts/test_throttle_actions.py",
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
        name="who opened an account to guesses again is in no log",
        file="app/accounts/throttle.py",
        old="        if was_any:\n",
        new="        if False:\n",
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
        name="strangers lock an address before its owner registers",
        file="app/accounts/service.py",
        old="                await self._throttle.forget_address(db, user.canonical_email)\n",
        new="",
        red="tests/accounts/test_throttle.py",
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
        name="a guess by a change is counted before the account comes to the address",
        file="app/accounts/service.py",
        old="not proof.user_id == attempt.owner == principal.user_id",
        new="proof.user_id != principal.user_id",
        red="tests/accounts/test_throttle_hand_over.py",
    ),
    Defect(
        name="a guess by a login is counted before the account comes to the address",
        file="app/core/login.py",
        old="if proof.user_id != attempt.owner:",
        new="if False:",
        red="tests/accounts/test_throttle_hand_over.py",
    ),
    Defect(
        name="an account never closes",
        file="app/accounts/throttle.py",
        old="        if whole.failures >= MOST_FAILURES and not is_owners:",
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
        old="        .with_for_update()\n",
        new="",
        red="tests/accounts/test_throttle.py",
        answers={"database": "postgresql"},
    ),
    Defect(
        name="whoever moves to another address leaves the failures behind",
        file="app/accounts/throttle.py",
        old="        if moved:",
        new="        if False:",
        red="tests/accounts/test_throttle_moves.py",
    ),
    Defect(
        name="failures that move are dropped where somebody logs in meanwhile",
        file="app/accounts/throttle.py",
        old="self._store.kind.insert_or_change(LoginThrottle, _added_up)",
        new="self._store.kind.insert_missing(LoginThrottle)",
        red="tests/accounts/test_throttle_moves.py",
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
        name="a login and who opens the account again wait for each other",
        file="app/accounts/throttle.py",
        old="""\
            await self._lock(db, account)
            forgotten =""",
        new="            forgotten =",
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
    Defect(
        name="an account is guessed at anew in each spelling of its address",
        file="app/core/login.py",
        old="network=current_network(), account=canonical, owner",
        new="network=current_network(), account=account, owner",
        red="tests/accounts/test_throttle_actions.py",
    ),
    Defect(
        name="who knew the old password is no stranger after a change",
        file="app/accounts/service.py",
        old="            await self._throttle.forget_action(db, user.canonical_email, LOGIN, spare=attempt.network)\n",
        new="",
        red="tests/accounts/test_throttle_networks.py",
    ),
    Defect(
        name="a clock that is a little behind ends the longest wait",
        file="app/accounts/throttle.py",
        old="<= now + _LONGEST_BELIEVED",
        new="<= now + LONGEST_DELAY",
        red="tests/accounts/test_throttle.py",
    ),
    Defect(
        name="an account goes, and what is known of guesses at it some other time",
        file="app/accounts/service.py",
        old="            await self._throttle.forget_address(db, address)\n",
        new="""\
        async with self._kernel.store.transaction() as db:
            await self._throttle.forget_address(db, address)
""",
        red="tests/accounts/test_throttle_together.py",
    ),
    Defect(
        name="who leaves an address forgives the failures of who comes to it",
        file="app/accounts/throttle.py",
        old="if await db.scalar(owner_of(attempt.account)) in {None, attempt.owner}:",
        new="if True:",
        red="tests/accounts/test_throttle_hand_over.py",
    ),
    Defect(
        name="a guess is counted where its account was a moment before",
        file="app/accounts/throttle.py",
        old="if await db.scalar(owner_of(address)) != attempt.owner:",
        new="if False:",
        red="tests/accounts/test_throttle_hand_over.py",
    ),
    Defect(
        name="a right password that opens nothing is in no log",
        file="app/core/login.py",
        old="""                self._tell(about(proof.user_id, "authn_login_fail", level=Level.WARN))
""",
        new="",
        red="tests/accounts/test_throttle_hand_over.py",
    ),
    Defect(
        name="another password drops what is counted at the address of before",
        file="app/accounts/service.py",
        old="forget_action(db, user.canonical_email, LOGIN, spare",
        new="forget_action(db, account, LOGIN, spare",
        red="tests/accounts/test_throttle_hand_over.py",
    ),
    Defect(
        name="a reset drops what is counted at the address of before",
        file="app/accounts/service.py",
        old="forget_action(db, user.canonical_email, LOGIN)",
        new="forget_action(db, canonical_email(email), LOGIN)",
        red="tests/accounts/test_throttle_hand_over.py",
    ),
    Defect(
        name="an account that goes takes what is counted at the address of before with it",
        file="app/accounts/service.py",
        old="forget_address(db, address)",
        new="forget_address(db, canonical_email(principal.email))",
        red="tests/accounts/test_throttle_hand_over.py",
    ),
)
