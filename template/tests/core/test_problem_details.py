"""Errors: one shape, a code and a place for each fault, and never a value that was sent or what went wrong."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from app.core.application import Application
from app.core.errors import Problem
from app.core.openapi import problems
from app.core.parameters import MOST_PARAMETERS
from app.core.routing import Router
from app.core.types import Body
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.openapi import FORM, JSON, operations
from tests.support.people import SignUp, reach_every_route
from tests.support.planting import RawRequest, plant

CANARY = "c4n4ry"


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the problem after checking what holds for every one (RFC 9457)."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["code"]
    assert problem["instance"] == f"urn:request:{answer.headers['X-Request-ID']}"
    return problem


@pytest.mark.asvs("V4.1.1")
async def test_every_refusal_has_one_shape(client: ApiClient) -> None:
    answers = [
        await client.get("/users/me", headers={"Host": "evil.example"}),
        await client.get("/users/me"),
        await client.get("/nowhere"),
        await client.put("/users/me"),
        await client.post("/health/live"),
        await client.post("/auth/register", content=b" " * 100_000),
        await client.post("/auth/register", content=b"a=1", headers={"Content-Type": "text/plain"}),
        await client.post("/auth/register", json={}),
    ]

    assert [problem_of(answer)["status"] for answer in answers] == [400, 401, 404, 405, 405, 413, 422, 422]


@pytest.mark.asvs("V2.2.1", "V15.3.3")
async def test_each_fault_has_a_code_and_a_place(client: ApiClient) -> None:
    answer = await client.post("/auth/register", json={"email": 5, "role": "admin"})

    found = {error["pointer"]: error["code"] for error in problem_of(answer)["errors"]}
    assert found == {"/email": "string_type", "/password": "missing", "/role": "extra_forbidden"}


async def test_a_pointer_escapes_as_rfc_6901_says(client: ApiClient) -> None:
    sent = {"email": "a@example.com", "password": "a harbour full of boats", "a/b~c": 1}

    answer = await client.post("/auth/register", json=sent)

    assert [error["pointer"] for error in problem_of(answer)["errors"]] == ["/a~1b~0c"]


async def test_a_name_without_end_is_not_repeated(client: ApiClient) -> None:
    answer = await client.post("/auth/register", json={"x" * 10_000: 1, **{f"y{i}": 1 for i in range(900)}})

    assert len(answer.content) < 10_000
    assert len(problem_of(answer)["errors"]) == 50


async def test_parameters_without_end_are_not_all_named(as_user: SignUp) -> None:
    answer = await (await as_user()).get("/users/me?" + "&".join(map(str, range(MOST_PARAMETERS))))

    assert len(answer.content) < 10_000
    assert len(problem_of(answer)["errors"]) == 50


@pytest.mark.asvs("V16.5.1", "V14.2.6")
async def test_no_refusal_repeats_a_value(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user()
    await reach_every_route(alice)
    values = [CANARY, [CANARY], {"x": CANARY}, CANARY * 5000, f"{CANARY}\0", f"{CANARY}@", True, 5.5, None]
    refused = 0

    for operation in operations(client.app):
        if "DELETE" in operation.method and not operation.in_path:
            continue
        variants = [each for value in values for _, each in operation.with_each_replaced(value)]
        requests = [each.request(alice) for each in variants]
        if operation.media_type:
            bodies = [
                f'{{"email": "{CANARY}"',
                f'"{CANARY}"',
                f'["{CANARY}"]',
                f'{{"password": "{CANARY}", "email": 5}}',
            ]
            requests += [operation.raw(alice, body.encode(), JSON) for body in bodies]
            requests += [operation.raw(alice, bodies[0].encode(), kind) for kind in ("text/plain", f"a/{CANARY}")]
            # As a value: the name of a field is repeated, so that whoever sent it finds it.
            requests.append(operation.raw(alice, f"email={CANARY}&email={CANARY}".encode(), FORM))
        for request in requests:
            answer = await alice.send(request)

            assert answer.status_code < 500, (operation, answer.text)
            if answer.status_code >= 400:
                refused += 1
                assert CANARY not in answer.text + str(answer.headers), (operation, answer.text)

    assert refused > 100


class Secrets(Body):
    password: SecretStr
    size: int


@cache
def failures() -> Router:
    """Return routes that fail in every way, each with something secret to say."""
    router = Router()

    @router.get("/raises")
    async def raises() -> None:
        raise RuntimeError(CANARY)

    @router.get("/misanswers")
    async def misanswers() -> int:
        return CANARY  # type: ignore[return-value]  # pyrefly: ignore

    @router.get("/loses-database")
    async def loses_database() -> None:
        statement = f"SELECT {CANARY}"
        raise OperationalError(statement, {"password": CANARY}, Exception(CANARY))

    @router.get("/recurses")
    async def recurses() -> None:
        await recurses()

    @router.get("/refuses", responses=problems(418))
    async def refuses() -> None:
        raise Problem(418, "teapot", "Short.", hint=f"SETTING_{CANARY}")

    @router.post("/takes-secrets")
    async def takes_secrets(body: Secrets) -> None:
        del body

    return router


@pytest.fixture
def failing(app: Application) -> Application:
    plant(app, failures(), public=True)
    return app


@pytest.mark.asvs("V16.5.1", "V16.5.3", "V16.5.4", "V13.4.2")
@pytest.mark.parametrize(
    ("path", "status"), [("/raises", 500), ("/misanswers", 500), ("/recurses", 500), ("/loses-database", 503)]
)
async def test_an_unexpected_error_says_nothing_of_itself(failing: Application, path: str, status: int) -> None:
    async with ApiClient(failing) as client:
        answer = await client.get(path)
        next_answer = await client.get("/health/live")

    problem = problem_of(answer)
    assert problem["status"] == status
    for secret in (CANARY, "RuntimeError", "Traceback", "SELECT", ".py", str(Path.cwd())):
        assert secret not in answer.text
    assert next_answer.status_code == 200


async def test_a_secret_field_is_not_repeated_when_its_sibling_is_wrong(failing: Application) -> None:
    async with ApiClient(failing) as client:
        for sent in ({"password": CANARY}, {"password": CANARY, "size": CANARY}, {"password": [CANARY], "size": 1}):
            answer = await client.post("/takes-secrets", json=sent)

            assert answer.status_code == 422
            assert CANARY not in answer.text


async def test_an_unserialisable_answer_is_a_500_and_not_a_broken_connection(failing: Application) -> None:
    assert (await RawRequest("GET", "/misanswers").send_to(failing)).status == 500


@pytest.mark.asvs("V13.4.2")
async def test_a_hint_is_for_developers_only(
    failing: Application, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with ApiClient(failing) as client:
        elsewhere = await client.get("/refuses")
    monkeypatch.chdir(tmp_path)
    async with ApiClient(make_app(APP_ENV="local")) as client:
        here = await client.get("/users/me", headers={"Host": "evil.example"})

    assert "hint" not in elsewhere.json()
    assert CANARY not in elsewhere.text
    assert here.json()["hint"] == "ALLOWED_HOSTS"


@pytest.mark.asvs("V4.1.2")
@pytest.mark.parametrize("path", ["/users/me/", "//users/me", "/health/live/", "/docs/", "/nowhere"])
async def test_nobody_is_led_on_to_another_address(client: ApiClient, path: str) -> None:
    """Who writes http for https, or a slash too many, would send a password twice, and the first time in the clear."""
    answer = await client.get(path, headers={"X-Forwarded-Proto": "http"})

    assert (answer.status_code, answer.headers.get("Location")) == (404, None)


@pytest.mark.asvs("V13.4.1")
@pytest.mark.parametrize("path", ["/.git/HEAD", "/.env", "/app/main.py", "/pyproject.toml"])
async def test_no_file_beside_the_application_is_served(client: ApiClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.asvs("V3.5.2")
@pytest.mark.parametrize("media_type", ["text/plain", FORM, "multipart/form-data; boundary=x", "", "application/xml"])
async def test_json_by_another_name_is_not_taken(client: ApiClient, media_type: str) -> None:
    body = json.dumps({"email": "alice@example.com", "password": "a harbour full of quiet boats"})
    headers = {"Content-Type": media_type} if media_type else {}

    answer = await client.post("/auth/register", content=body, headers=headers)
    as_json = await client.post("/auth/register", content=body, headers={"Content-Type": JSON})

    assert answer.status_code == 422
    assert as_json.status_code == 201
