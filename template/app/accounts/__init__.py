"""Accounts: registration, passwords, sessions, and everyone's own data.

Threats: guessed and common passwords (SP 800-63B-4 section 3), accounts found out by an answer or its time,
a taken-over session that changes the password, sessions that outlive it.

Remove it: only together with another slice that makes accounts and checks who owns them.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.accounts import profile, registration, sessions
from app.accounts.commands import COMMANDS
from app.accounts.hashing import PasswordHasher
from app.accounts.service import Accounts
from app.accounts.settings import AccountsSettings, Registration
from app.accounts.throttle import Throttle
from app.core.kernel import Kernel
from app.core.slices import Slice


def install(kernel: Kernel, settings: AccountsSettings) -> None:
    """Check passwords at login, slow down guessing, and serve the account routes."""
    hasher = PasswordHasher(settings)
    throttle = Throttle(
        kernel.store, kernel.core.roots.current.derive("login-throttle/HMAC-SHA256/1"), kernel.now, kernel.tell
    )
    accounts = Accounts(kernel, settings, hasher, throttle)
    kernel.provide(Accounts, accounts)
    kernel.provide(Throttle, throttle)
    kernel.login.check_password = accounts.check_password
    kernel.login.make_account = accounts.make_account
    kernel.login.steps.append(accounts.refuse_replaced_password)
    kernel.login.before.append(throttle.before)
    kernel.login.after.append(throttle.after)
    kernel.mount(profile.router)
    kernel.mount(sessions.router)
    kernel.mount(registration.reset, public=True)
    if settings.registration is not Registration.CLOSED:
        kernel.mount(registration.registration, public=True)

    @asynccontextmanager
    async def hashing() -> AsyncGenerator[None]:
        hasher.warm_up()
        yield
        hasher.close()

    kernel.lifespan(hashing)


SLICE = Slice(name="accounts", install=install, settings=AccountsSettings, commands=COMMANDS)
