"""One combination per database, started with uvicorn on a real socket and used from registration to logout."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import ProjectOf
from tests.support.combinations import Combination, name_of
from tests.support.servers import database_of, running

ADA = {"email": "ada@example.org", "password": "correct horse battery staple 42"}

COMBINATIONS: tuple[Combination, ...] = (
    {"database": "sqlite", "jwt_algorithm": "HS256"},
    {"database": "postgresql", "jwt_algorithm": "ES256"},
)


@pytest.fixture(scope="module", params=COMBINATIONS, ids=name_of)
def client(
    request: pytest.FixtureRequest, project_of: ProjectOf, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of a running server, one for each combination."""
    combination: Combination = request.param
    project, scratch = project_of(combination), tmp_path_factory.mktemp("server")
    with database_of(combination["database"], scratch) as database_url:
        settings = {"DATABASE_URL": database_url}
        project.succeed("python", "-m", "app.manage", "migrate", env=settings)
        with running(project, settings, scratch / "log.txt") as address, httpx.Client(base_url=address) as client:
            yield client


def log_in(client: httpx.Client) -> dict[str, str]:
    form = {"username": ADA["email"], "password": ADA["password"], "grant_type": "password"}
    answer = client.post("/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    tokens: dict[str, str] = answer.json()
    assert {"access_token", "refresh_token", "token_type", "expires_in"} <= tokens.keys()
    return tokens


def as_bearer(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def test_from_registration_to_logout(client: httpx.Client) -> None:
    registered = client.post("/auth/register", json=ADA)
    assert registered.status_code == 201, registered.text

    tokens = log_in(client)
    me = client.get("/users/me", headers=as_bearer(tokens))
    assert me.status_code == 200
    assert me.json()["email"] == ADA["email"]

    _write_read_change_and_delete_a_note(client, as_bearer(tokens))

    tokens = _refresh(client, tokens)
    sessions = client.get("/auth/sessions", headers=as_bearer(tokens))
    assert sessions.status_code == 200
    assert ADA["password"] not in sessions.text

    assert client.post("/auth/logout", headers=as_bearer(tokens)).is_success
    assert client.get("/users/me", headers=as_bearer(tokens)).status_code == 401
    assert client.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).status_code == 400


def _write_read_change_and_delete_a_note(client: httpx.Client, ada: dict[str, str]) -> None:
    written = client.post("/notes", headers=ada, json={"title": "Milk", "body": "Two bottles"})
    assert written.status_code == 201, written.text
    note = f"/notes/{written.json()['id']}"

    assert client.get(note, headers=ada).json()["body"] == "Two bottles"
    assert client.patch(note, headers=ada, json={"title": "Oat milk"}).json()["title"] == "Oat milk"
    assert "Oat milk" in client.get("/notes", headers=ada, params={"q": "Oat"}).text
    assert client.delete(note, headers=ada).status_code == 204
    assert client.get(note, headers=ada).status_code == 404


def _refresh(client: httpx.Client, tokens: dict[str, str]) -> dict[str, str]:
    refreshed = client.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refreshed.status_code == 200, refreshed.text
    renewed: dict[str, str] = refreshed.json()
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert client.get("/users/me", headers=as_bearer(renewed)).status_code == 200
    return renewed


def test_nothing_is_open_to_a_stranger(client: httpx.Client) -> None:
    for path in ("/users/me", "/notes", "/auth/sessions", "/notes/00000000-0000-0000-0000-000000000000"):
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_every_answer_hides_the_server_and_forbids_sniffing(client: httpx.Client) -> None:
    for answer in (client.get("/health/live"), client.get("/users/me"), client.get("/missing"), client.put("/notes")):
        assert "server" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_public_keys_are_there_exactly_when_others_verify(
    client: httpx.Client, request: pytest.FixtureRequest
) -> None:
    answer = client.get("/.well-known/jwks.json")

    if "HS256" in request.node.name:
        assert answer.status_code in {401, 404}
    else:
        (key, *_) = answer.json()["keys"]
        assert "d" not in key
        assert key["crv"] == "P-256"
