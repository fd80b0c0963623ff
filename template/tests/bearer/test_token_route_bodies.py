"""What stands around the token routes: they read their bodies themselves, and are held to what all others are."""

import pytest

from app.headers import HEADERS
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.openapi import operations
from tests.support.people import reach_every_route
from tests.support.planting import RawRequest
from tests.support.tokens import INVALID_REQUEST, SignUp, refusal

MOST = 2048
FORM = b"application/x-www-form-urlencoded"
MEDIA_TYPES = {"/auth/token": FORM, "/auth/refresh": b"application/json", "/auth/revoke": FORM}


@pytest.mark.asvs("V15.2.2")
@pytest.mark.parametrize("path", MEDIA_TYPES)
async def test_a_body_without_end_is_not_read_to_the_end(make_app: MakeApp, path: str) -> None:
    headers = [(b"host", b"localhost"), (b"content-type", MEDIA_TYPES[path])]
    request = RawRequest("POST", path, headers, *([b"a" * 1500] * 3))

    assert (await request.send_to(make_app(MAX_BODY_BYTES=str(MOST)))).status == 413


@pytest.mark.parametrize("path", MEDIA_TYPES)
async def test_an_error_of_the_protocol_carries_every_header(client: ApiClient, path: str) -> None:
    answer = await client.post(path, content=b"{")

    assert refusal(answer) == INVALID_REQUEST
    assert {name: answer.headers.get_list(name) for name in HEADERS} == {name: [HEADERS[name]] for name in HEADERS}


@pytest.mark.parametrize("path", MEDIA_TYPES)
async def test_the_host_is_judged_first(client: ApiClient, path: str) -> None:
    answer = await client.post(path, content=b"{", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.json()["code"]) == (400, "untrusted_host")


@pytest.mark.asvs("V1.3.3")
@pytest.mark.parametrize("name", ["username", "password"])
async def test_nul_in_a_login_is_a_wrong_login_and_no_500(client: ApiClient, name: str) -> None:
    form = {"grant_type": "password", "username": "a@example.com", "password": "x", name: "a\0b"}

    answer = await client.post("/auth/token", data=form)

    assert answer.status_code == 400


@pytest.mark.asvs("V15.3.7", "V3.5.6", "V14.2.1")
async def test_no_route_takes_a_token_in_its_address(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user()
    await reach_every_route(alice)

    for operation in operations(client.app):
        if operation.path.startswith("/health/") or operation.method == "HEAD":
            continue
        request = operation.request(alice)
        request.url = request.url.copy_merge_params({"access_token": "x"})
        answer = await alice.send(request)

        assert answer.status_code == 422, operation
        assert answer.json()["errors"] == [{"parameter": "access_token", "in": "query", "code": "unknown_parameter"}]


async def test_there_is_no_page_for_a_redirect_of_oauth(client: ApiClient) -> None:
    assert (await client.get("/docs/oauth2-redirect")).status_code == 404
