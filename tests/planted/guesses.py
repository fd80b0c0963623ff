"""Guesses at an account: counted, slowed down, and moved with its address."""

from tests.planted.defect import Defect

DEFECTS = (
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
        name="who opened an account to guesses again is in no log",
        file="app/accounts/throttle.py",
        old="        if was_any:\n",
        new="        if False:\n",
        red="tests/accounts/test_commands.py",
    ),
    Defect(
        name="strangers lock an address before its owner registers",
        file="app/accounts/service.py",
        old="                await self._throttle.forget_address(db, user.canonical_email)\n",
        new="",
        red="tests/accounts/test_throttle.py",
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
        old="        for row in (whole, here):\n            row.failures += 1",
        new="        for row in (here,):\n            row.failures += 1",
        red="tests/accounts/test_throttle_networks.py",
    ),
    Defect(
        name="a closed account keeps a row of each stranger who is refused",
        file="app/accounts/throttle.py",
        old="                if found[0].failures >= MOST_FAILURES:",
        new="                if False:",
        red="tests/accounts/test_throttle_networks.py",
    ),
    Defect(
        name="an account keeps networks without end",
        file="app/accounts/throttle.py",
        old="                await _make_room(db, account, attempt.action)\n",
        new="",
        red="tests/accounts/test_throttle_networks.py",
    ),
    Defect(
        name="strangers make an account forget where it was logged in from",
        file="app/accounts/throttle.py",
        old="latest = (LoginThrottle.succeeded_at.is_(None), LoginThrottle.changed_at.desc())",
        new="latest = (LoginThrottle.changed_at.desc(),)",
        red="tests/accounts/test_throttle_networks.py",
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
        old="self._store.kind.insert_or_change(LoginThrottle, _added_up).from_select(names, known)",
        new="delete(LoginThrottle).where(left)",
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
