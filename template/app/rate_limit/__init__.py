"""Limits on how many requests a network may send: one for each thing that can be guessed, one for all the rest.

Threats: passwords and codes guessed over many accounts, accounts made by the thousand, and a caller who takes all there
is to take (OWASP API4:2023, API6:2023; ASVS V2.4.1, V6.3.1). A limit counts over the last seconds at any moment: one
that starts anew each minute lets twice as many through around the start. Who is over it is refused before the body is
read and before a password is hashed, and learns nothing of an account.

Remove it: `uvx fastapi-bastion set rate_limit=gateway`. By hand that is this folder, `tests/rate_limit/`, the plugins
in `tests/support/` that `pyproject.toml` names for it, with those lines and its dependencies, its lines in
`app/main.py`, and what README.md, SECURITY.md and `.env.example` say of it. Then something in front must count;
guessing one account's password stays slow.
"""

from functools import partial

from app.core.kernel import Kernel
from app.core.routing import ACTIONS
from app.core.slices import Slice
from app.rate_limit.counting import Storage
from app.rate_limit.guard import RateLimits
from app.rate_limit.settings import RateLimitSettings, with_a_setting_for


def install(kernel: Kernel, settings: RateLimitSettings, *, storage: Storage) -> None:
    """Count every request that no guard further out has answered."""
    counters = storage.open(kernel, settings)
    kernel.exposed_headers |= {"RateLimit", "RateLimit-Policy"}
    kernel.guard(lambda app: RateLimits(app, kernel, settings, counters))


def counted_in(storage: Storage) -> Slice:
    """Return the slice that counts in `storage`."""
    return Slice(
        name="rate_limit",
        install=partial(install, storage=storage),
        settings=with_a_setting_for(ACTIONS, storage.settings),
    )
