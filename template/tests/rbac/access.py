"""Who gets through to the routes of administrators."""

from tests.support.expectations import ADMINS, Row
from tests.support.passwords import id_of
from tests.support.people import Person


async def a_user(user: Person) -> str:
    return str(await id_of(user.app, user.email))


ROWS = (
    Row("GET /users", ADMINS),
    Row("POST /users/search", ADMINS, json={"text": "@example.com", "enabled": True}),
    Row("GET /users/{user_id}", ADMINS, names=a_user, owned=False),
    Row("PUT /users/{user_id}/roles", ADMINS, json={"roles": ["guest"]}, names=a_user, owned=False),
    Row("POST /users/{user_id}/disable", ADMINS, names=a_user, owned=False),
    Row("POST /users/{user_id}/enable", ADMINS, names=a_user, owned=False),
    Row("DELETE /users/{user_id}/sessions", ADMINS, names=a_user, owned=False),
)
