"""A pytest plugin: who is to hold every permission becomes an admin."""

from typing import Any

from tests.support.routes import RIGHTS


async def make_admin(person: Any) -> None:
    """Make somebody an admin, as `python -m app.manage create-admin` does, and log in."""
    from app.rbac.service import Administration
    from tests.support.passwords import id_of

    kernel = person.app.state.kernel
    await kernel.prepared()
    assert await kernel.provided(Administration).make_admin(await id_of(person.app, person.email))
    await person.log_in()


RIGHTS.append(make_admin)
