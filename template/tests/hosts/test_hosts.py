"""Trusted hosts: whatever is built from `Host` must not lead to somebody else's machine."""

import pytest

from app.core.application import Application
from tests.conftest import MakeApp
from tests.support.carrying import Way, each_way
from tests.support.client import ApiClient
from tests.support.people import SignUp
from tests.support.planting import RawRequest

OURS = "example.com,.api.example.org"


async def status_for(make_app: MakeApp, *hosts: bytes, allowed: str = OURS) -> int:
    headers = [(b"host", host) for host in hosts]
    request = await RawRequest("GET", "/users/me", headers).send_to(make_app(ALLOWED_HOSTS=allowed))
    return request.status


@pytest.mark.parametrize(
    "host",
    [
        b"example.com",
        b"EXAMPLE.com",
        b"example.com:8443",
        b"api.example.org",
        b"v1.api.example.org",
        b"a.v1.api.example.org:443",
    ],
)
async def test_a_name_of_ours_is_served(make_app: MakeApp, host: bytes) -> None:
    assert await status_for(make_app, host) == 401


@pytest.mark.asvs("V3.7.2", "V4.1.3")
@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"evil.example",
        b"evilexample.com",
        b"example.com.evil",
        b"www.example.com",
        b"example.com@evil.example",
        b"user@example.com",
        b"example.com:80@evil.example",
        b"example.com:evil",
        b"example.com.",
        b"example.com:\xb2",
        b" example.com",
        b"example.com, evil.example",
        b"evilapi.example.org",
        b".api.example.org",
        b"..api.example.org",
        b"evil.example/.api.example.org",
        b"evil.example#.api.example.org",
        b"evil.example?.api.example.org",
        b"evil.example\\.api.example.org",
        b"evil.example:80/@x.api.example.org",
        b"\xff.api.example.org",
        b"[::1]",
    ],
)
async def test_a_name_that_only_looks_like_ours_is_refused(make_app: MakeApp, host: bytes) -> None:
    assert await status_for(make_app, host) == 400


@pytest.mark.asvs("V15.3.7")
@pytest.mark.parametrize("hosts", [(), (b"example.com", b"evil.example"), (b"example.com", b"example.com")])
async def test_a_request_without_exactly_one_host_is_refused(make_app: MakeApp, hosts: tuple[bytes, ...]) -> None:
    assert await status_for(make_app, *hosts) == 400


@pytest.mark.parametrize("host", [b"localhost:8000", b"127.0.0.1", b"[::1]:8000", b"[::1]"])
async def test_a_developer_needs_no_setting(make_app: MakeApp, host: bytes) -> None:
    assert await status_for(make_app, host, allowed="") == 401


async def test_forwarded_host_is_not_asked(client: ApiClient) -> None:
    answer = await client.get("/users/me", headers={"Host": "evil.example", "X-Forwarded-Host": "localhost"})

    assert answer.status_code == 400
    assert answer.json()["code"] == "untrusted_host"
    assert "evil" not in answer.text


@pytest.mark.asvs("V3.7.2")
async def test_a_slash_too_many_leads_nowhere(as_user: SignUp) -> None:
    alice = await as_user()

    answers = [await alice.get(path) for path in ("/users/me/", "/auth/sessions/", "/health/live/", "/USERS/me")]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert not any("Location" in answer.headers for answer in answers)


@each_way
async def test_the_host_is_judged_before_anyone_logs_in(app: Application, way: Way) -> None:
    async with ApiClient(app, headers={"Host": "evil.example"}) as client:
        answer = await way.log_in(client, "a@example.com", "x")

    assert answer.status_code == 400
    assert answer.json()["code"] == "untrusted_host"
