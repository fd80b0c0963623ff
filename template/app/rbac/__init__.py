"""Roles and permissions (RBAC), and the routes of administrators.

Threats: routes for administrators that others reach (OWASP API5:2023), rights that outlive a demotion or are gained by
a session that was handed out before, an administrator who raises somebody beyond their own rights, and a service that
nobody administers any more.

What a role may stands in the database and comes with the principal, in the same statement: a demotion acts at the next
request. Without this slice each active account may do what slices declare for everyone.

Remove it: `uvx fastapi-bastion remove rbac`; its tables stay. By hand that is this folder, `tests/rbac/`, each
`tests/*/access*.py`, `tests/support/expectations.py`, `tests/support/rbac.py` with its `-p` in `pyproject.toml`, each
test that imports one of them, both its lines in `app/main.py`, and what README.md and SECURITY.md say of it.
"""

from functools import partial

from app.core.kernel import Kernel
from app.core.principals import Facet
from app.core.settings import SliceSettings
from app.core.slices import Slice
from app.rbac import grants
from app.rbac.commands import COMMANDS
from app.rbac.router import router
from app.rbac.service import READ, WRITE, Administration


def install(kernel: Kernel, _settings: SliceSettings | None) -> None:
    """Let roles decide what an account may, and serve the routes of administrators."""
    kernel.permission(READ)
    kernel.permission(WRITE)
    administration = Administration(kernel)
    kernel.provide(Administration, administration)
    kernel.principals.facets.append(Facet("permissions", grants.of_account(), grants.read_by(kernel.permissions)))
    kernel.prepare(partial(grants.grant_what_is_new, kernel.store, kernel.permissions))
    kernel.login.leaving.append(administration.let_go)
    kernel.mount(router)


SLICE = Slice(name="rbac", install=install, commands=COMMANDS)
