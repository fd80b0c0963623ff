"""Passwords, guesses, and the limits around them."""

from tests.planted.defect import Defect

DEFECTS = (
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
        new="                pass",
        red="tests/core/test_real_server.py::test_a_head_without_end_is_refused_and_the_server_ends_when_it_is_told",
    ),
)
