"""The body limit: announced or counted, before and after authentication, without reading on."""

import pytest

from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.people import SignUp
from tests.support.planting import RawRequest

MOST = 2048
REGISTER = "/auth/register"
JSON_TO_US = [(b"host", b"localhost"), (b"content-type", b"application/json")]


@pytest.fixture
def limited(make_app: MakeApp) -> object:
    return make_app(MAX_BODY_BYTES=str(MOST))


def body_of(size: int) -> bytes:
    start, end = b'{"email": "alice@example.com", "password": "a harbour full of quiet boats"', b"}"
    return start + b" " * (size - len(start) - len(end)) + end


@pytest.mark.asvs("V15.2.2")
@pytest.mark.parametrize("length", [b"2049", b"99999999999999999999", b"9" * 5000, b"0" * 40 + b"2049"])
async def test_an_announced_excess_is_refused_before_a_byte_is_read(limited: object, length: bytes) -> None:
    request = RawRequest("POST", REGISTER, [*JSON_TO_US, (b"content-length", length)], b"{}")

    await request.send_to(limited)

    assert request.status == 413
    assert request.received == 0
    assert request.headers["content-type"] == "application/problem+json"


@pytest.mark.asvs("V15.2.2")
async def test_a_chunked_body_without_end_is_not_read_to_the_end(limited: object) -> None:
    request = RawRequest("POST", REGISTER, JSON_TO_US, *([b" " * 1000] * 50))

    await request.send_to(limited)

    assert request.status == 413
    assert request.received == 3


async def test_a_length_that_says_too_little_is_not_believed(limited: object) -> None:
    request = RawRequest("POST", REGISTER, [*JSON_TO_US, (b"content-length", b"1")], body_of(MOST + 1))

    assert (await request.send_to(limited)).status == 413


async def test_of_two_lengths_the_larger_one_counts(limited: object) -> None:
    lengths = [(b"content-length", b"1"), (b"content-length", b"5000")]

    assert (await RawRequest("POST", REGISTER, [*JSON_TO_US, *lengths], b"1").send_to(limited)).status == 413


async def test_the_largest_body_is_accepted(limited: object) -> None:
    assert (await RawRequest("POST", REGISTER, JSON_TO_US, body_of(MOST)).send_to(limited)).status == 201


async def test_an_anonymous_chunked_body_is_refused_for_being_anonymous(limited: object) -> None:
    request = RawRequest("PATCH", "/users/me", JSON_TO_US, *([b" " * 1500] * 3))

    await request.send_to(limited)

    assert (request.status, request.received) == (401, 0)


async def test_a_known_caller_has_the_same_limit(as_user: SignUp) -> None:
    alice = await as_user()

    announced = await alice.patch("/users/me", content=b" " * 70_000)
    after_it = await alice.get("/users/me")

    assert announced.status_code == 413
    assert announced.json()["code"] == "content_too_large"
    assert after_it.status_code == 200


async def test_the_probes_read_no_body_at_all(client: ApiClient) -> None:
    request = RawRequest("GET", "/health/live", JSON_TO_US, *([b" " * 100_000] * 3))

    await request.send_to(client.app)

    assert (request.status, request.received) == (200, 0)
