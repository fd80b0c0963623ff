"""The body limit: announced or counted, before and after authentication, without reading on."""

import pytest
from fastapi import Request

from app.core.application import Application
from app.core.routing import Route, Router
from app.core.settings import SettingsError
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.environment import Machine
from tests.support.people import SignUp, logged_in
from tests.support.planting import RawRequest, plant

MOST = 2048
MOST_JSON = 64 * 1024
REGISTER, UPLOADS = "/auth/register", "/uploads-of-the-tests"
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


@pytest.mark.asvs("V15.2.2")
@pytest.mark.parametrize(("of_router", "of_route"), [(100, None), (None, 100)], ids=["of its router", "of its own"])
async def test_a_route_may_have_a_smaller_limit(app: Application, of_router: int | None, of_route: int | None) -> None:
    router = Router(max_body_size=of_router)

    @router.post("/small", max_body_size=of_route)
    async def small(request: Request) -> int:
        return len(await request.body())

    app.state.kernel.mount(router, public=True)
    app.router.routes += [route.bound_to(app) for route in router.routes if isinstance(route, Route)]
    largest = await RawRequest("POST", "/small", None, b"x" * 60, b"x" * 40).send_to(app)
    larger = await RawRequest("POST", "/small", None, b"x" * 60, b"x" * 41).send_to(app)

    assert (largest.status, larger.status) == (200, 413)


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


uploads = Router(prefix=UPLOADS)


@uploads.post("", max_body_size=2_000_000)
async def take(request: Request) -> int:
    return len(await request.body())


@pytest.fixture
def with_uploads(make_app: MakeApp) -> object:
    app = make_app(MAX_BODY_BYTES="1000000")
    plant(app, uploads, public=True)
    return app


async def refuse_more_than_json_may_have(app: object, path: str, media_type: bytes) -> None:
    """Send a body that is announced as too large, and one that turns out to be; neither is received in full."""
    headers = [(b"host", b"localhost"), (b"content-type", media_type)]
    announced = RawRequest("POST", path, [*headers, (b"content-length", b"%d" % (MOST_JSON + 1))], b"{}")
    chunked = RawRequest("POST", path, headers, *([b" " * 1024] * 100))

    await announced.send_to(app)
    await chunked.send_to(app)

    assert (announced.status, announced.received) == (413, 0)
    assert (chunked.status, chunked.received) == (413, 65)
    assert chunked.headers["content-type"] == "application/problem+json"


@pytest.mark.asvs("V15.2.2")
@pytest.mark.parametrize(
    "media_type",
    [
        b"application/json",
        b"Application/JSON; charset=utf-8",
        b" application/json ;",
        b"application/merge-patch+json",
        b"application/x-www-form-urlencoded",
        b"APPLICATION/X-WWW-FORM-URLENCODED;charset=utf-8",
    ],
)
@pytest.mark.parametrize("path", [REGISTER, UPLOADS])
async def test_what_permits_uploads_permits_no_large_json_and_no_large_form(
    with_uploads: object, path: str, media_type: bytes
) -> None:
    """They are parsed in one go, of strangers as well: everybody else would wait for it."""
    await refuse_more_than_json_may_have(with_uploads, path, media_type)


NOT_PARSED_IN_ONE_GO = [b"text/plain", b"application/octet-stream", b"multipart/form-data; boundary=x", b""]


@pytest.mark.asvs("V15.2.2")
@pytest.mark.parametrize("media_type", NOT_PARSED_IN_ONE_GO)
async def test_what_permits_uploads_permits_no_large_body_where_no_route_takes_one(
    with_uploads: object, media_type: bytes
) -> None:
    """The whole body is kept before its type is looked at: 25 strangers could fill the memory, on the login as well."""
    await refuse_more_than_json_may_have(with_uploads, REGISTER, media_type)


@pytest.mark.asvs("V15.2.2")
async def test_nor_where_a_known_caller_only_asks(make_app: MakeApp) -> None:
    """A closed route waits for the whole body, whatever its method."""
    async with logged_in(make_app(MAX_BODY_BYTES="1000000")) as alice:
        answer = await alice.request("GET", "/users/me", content=b" " * (MOST_JSON + 1))

    assert answer.status_code == 413


async def test_of_two_media_types_the_one_that_is_parsed_counts(with_uploads: object) -> None:
    types = [(b"content-type", b"image/png"), (b"content-type", b"application/json")]
    request = RawRequest("POST", REGISTER, [(b"host", b"localhost"), *types], b" " * (MOST_JSON + 1))

    assert (await request.send_to(with_uploads)).status == 413


@pytest.mark.parametrize("media_type", [b"application/octet-stream", b"multipart/form-data; boundary=json-urlencoded"])
async def test_an_upload_may_be_as_large_as_the_setting_says(with_uploads: object, media_type: bytes) -> None:
    headers = [(b"host", b"localhost"), (b"content-type", media_type)]

    largest = await RawRequest("POST", UPLOADS, headers, b"x" * 1_000_000).send_to(with_uploads)
    larger = await RawRequest("POST", UPLOADS, headers, b"x" * 1_000_001).send_to(with_uploads)

    assert (largest.status, larger.status) == (200, 413)


async def test_larger_json_is_a_setting(make_app: MakeApp) -> None:
    app = make_app(MAX_BODY_BYTES="100000", MAX_JSON_BYTES="100000")

    largest = await RawRequest("POST", REGISTER, JSON_TO_US, body_of(100_000)).send_to(app)
    larger = await RawRequest("POST", REGISTER, JSON_TO_US, body_of(100_001)).send_to(app)

    assert (largest.status, larger.status) == (201, 413)


@pytest.mark.asvs("V15.2.2")
def test_no_setting_lets_one_document_stop_everybody_for_long(machine: Machine) -> None:
    with pytest.raises(SettingsError, match="MAX_JSON_BYTES"):
        machine.set(MAX_JSON_BYTES="1048577").load()
