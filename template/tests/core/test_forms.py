"""Forms: each field known and sent once, as in JSON and in a query. A file ends where the body does."""

from functools import cache
from importlib.util import find_spec
from typing import Annotated, Any

import pytest
from fastapi import File, Form, Request, UploadFile
from pydantic import Field

from app.core.application import Application
from app.core.routing import Router
from app.core.types import ONE_LINE, Body
from tests.conftest import MakeApp
from tests.core.test_openapi import is_bounded, unbounded
from tests.support.client import ApiClient
from tests.support.planting import plant

Name = Annotated[str, Field(max_length=20, pattern=ONE_LINE)]
SINGLE, MODEL, PERHAPS = "/planted/single", "/planted/model", "/planted/perhaps"

takes_forms = pytest.mark.skipif(
    find_spec("python_multipart") is None, reason="FastAPI takes forms where python-multipart is, and no route has one"
)


class Paint(Body):
    name: Name
    colours: Annotated[list[Name], Field(max_length=3, alias="colour", default_factory=list)]


class Photo(Body):
    name: Name = ""
    one: UploadFile


@cache
def routes() -> Router:
    """Return routes that take forms, in each way that FastAPI offers."""
    router = Router(prefix="/planted")

    @router.post("/single")
    async def single(
        name: Annotated[Name, Form()], colour: Annotated[list[Name] | None, Form(max_length=3)] = None
    ) -> list[str]:
        return [name, *(colour or [])]

    @router.post("/model")
    async def model(paint: Annotated[Paint, Form()]) -> list[str]:
        return [paint.name, *paint.colours]

    @router.post("/perhaps")
    async def perhaps(paint: Annotated[Paint | None, Form()] = None) -> list[str]:
        return [paint.name, *paint.colours] if paint else []

    @router.post("/files")
    async def files(one: UploadFile, several: Annotated[list[UploadFile], File(max_length=3)]) -> list[str | None]:
        return [each.filename for each in (one, *several)]

    @router.post("/bytes")
    async def as_bytes(one: Annotated[bytes, File(max_length=1_000_000)]) -> int:
        return len(one)

    @router.post("/perhaps-a-file")
    async def perhaps_a_file(one: UploadFile | None = None) -> int | None:
        return one.size if one else None

    @router.post("/file-in-model")
    async def file_in_model(photo: Annotated[Photo, Form()]) -> int | None:
        return photo.one.size

    @router.post("/by-hand")
    async def by_hand(request: Request) -> list[str]:
        return [str(value) for _, value in (await request.form()).multi_items()]

    return router


@pytest.fixture
def taking(app: Application) -> Application:
    plant(app, routes(), public=True)
    return app


async def send(app: Application, path: str, text: str) -> tuple[int, Any]:
    async with ApiClient(app) as client:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await client.post(path, content=text.encode(), headers=headers)
    faults = answer.json()["errors"] if answer.status_code == 422 else ()
    return answer.status_code, [(each["pointer"], each["code"]) for each in faults] or answer.json()


@takes_forms
@pytest.mark.asvs("V15.3.7", "V15.3.3")
@pytest.mark.parametrize("path", [SINGLE, MODEL, PERHAPS])
@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("name=a&name=b", [("/name", "repeated_field")]),
        ("name=a&n%61me=a", [("/name", "repeated_field")]),
        ("name=a&role=admin", [("/role", "extra_forbidden")]),
        ("name=a&NAME=b&a/b=c", [("/NAME", "extra_forbidden"), ("/a~1b", "extra_forbidden")]),
        ("name=a&colours=b", [("/colours", "extra_forbidden")]),
    ],
)
async def test_a_field_counts_once_and_by_its_own_name(
    taking: Application, path: str, text: str, faults: list[tuple[str, str]]
) -> None:
    assert await send(taking, path, text) == (422, faults)


@takes_forms
@pytest.mark.parametrize("path", [SINGLE, MODEL, PERHAPS])
async def test_what_a_route_declares_is_taken(taking: Application, path: str) -> None:
    assert await send(taking, path, "name=a&colour=b&colour=c") == (200, ["a", "b", "c"])


@takes_forms
async def test_whoever_reads_a_form_by_hand_judges_it(taking: Application) -> None:
    assert await send(taking, "/planted/by-hand", "name=a&name=b") == (200, ["a", "b"])


@takes_forms
async def test_a_refusal_does_not_grow_with_the_form(taking: Application) -> None:
    status, faults = await send(taking, SINGLE, "&".join(f"{'x' * 100}{number}=" for number in range(200)))

    assert (status, len(faults)) == (422, 50)
    assert {len(pointer) for pointer, _ in faults} == {65}


@takes_forms
@pytest.mark.asvs("V15.3.7")
async def test_a_file_counts_once_unless_several_may_come(taking: Application) -> None:
    several = [("several", ("b.txt", b"b")), ("several", ("c.txt", b"c"))]
    async with ApiClient(taking) as client:
        taken = await client.post("/planted/files", files=[("one", ("a.txt", b"a")), *several])
        twice = await client.post("/planted/files", files=[("one", ("a.txt", b"a")), ("one", ("d.txt", b"")), *several])

    assert taken.json() == ["a.txt", "b.txt", "c.txt"]
    assert (twice.status_code, twice.json()["errors"]) == (422, [{"pointer": "/one", "code": "repeated_field"}])


@pytest.fixture
def with_large_uploads(make_app: MakeApp) -> Application:
    app = make_app(MAX_BODY_BYTES="1000000")
    plant(app, routes(), public=True)
    return app


@takes_forms
@pytest.mark.asvs("V15.2.2")
@pytest.mark.parametrize("path", ["bytes", "perhaps-a-file", "file-in-model"])
async def test_a_route_that_declares_a_file_takes_what_uploads_may_have(
    with_large_uploads: Application, path: str
) -> None:
    async with ApiClient(with_large_uploads) as client:
        largest = await client.post(f"/planted/{path}", files={"one": ("a.txt", b"x" * 900_000)})
        larger = await client.post(f"/planted/{path}", files={"one": ("a.txt", b"x" * 1_000_000)})

    assert (largest.status_code, largest.json(), larger.status_code) == (200, 900_000, 413)


@takes_forms
@pytest.mark.asvs("V15.2.2")
@pytest.mark.parametrize("path", [SINGLE, MODEL, PERHAPS])
async def test_a_form_without_a_file_is_no_upload(with_large_uploads: Application, path: str) -> None:
    async with ApiClient(with_large_uploads) as client:
        answer = await client.post(path, files={"name": ("a.txt", b"x" * 100_000)})

    assert answer.status_code == 413


@pytest.mark.asvs("V15.2.2")
@pytest.mark.parametrize("media_type", ["multipart/form-data", "application/x-www-form-urlencoded"])
async def test_a_media_type_without_end_is_not_read(app: Application, media_type: str) -> None:
    """Its parameters are read in a time that grows with the square of their number."""
    router = Router(prefix="/planted")

    @router.post("/by-hand")
    async def by_hand(request: Request) -> int:
        return len(await request.form())

    plant(app, router, public=True)
    async with ApiClient(app) as client:
        answer = await client.post("/planted/by-hand", headers={"Content-Type": media_type + ";" * 60_000})

    fault = {"parameter": "content-type", "in": "header", "code": "string_too_long"}
    assert (answer.status_code, answer.json()["errors"]) == (422, [fault])


@takes_forms
async def test_what_a_form_takes_has_an_end(taking: Application) -> None:
    assert [each for each in unbounded(taking) if "/planted/" in each] == []


def test_a_file_ends_where_the_body_does() -> None:
    assert is_bounded({"type": "string", "contentMediaType": "application/octet-stream"})
