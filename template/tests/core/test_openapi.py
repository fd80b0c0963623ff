"""The OpenAPI document: it says what there is, all of it, and bounds every string that can be sent."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from app.core.application import Application
from app.core.routing import Router, api_routes
from app.core.types import Answer, Body
from tests.support.client import ApiClient
from tests.support.openapi import JSON, Operation, alternatives_of, document_of, open_parts, operations, parts_of
from tests.support.planting import plant
from tests.support.routes import PUBLIC, SPEAK_A_PROTOCOL

BOUNDED_BY_FORMAT = {"uuid", "date", "date-time"}


async def test_it_documents_every_route_and_nothing_else(app: Application) -> None:
    served = {(method, path) for method, path, _ in api_routes(app.routes)}
    answered_by_guards = {
        (method.upper(), path) for path, methods in app.state.kernel.described_paths.items() for method in methods
    }
    documented = {(each.method, each.path) for each in operations(app)}

    assert documented == served | answered_by_guards


@pytest.mark.asvs("V8.2.1")
async def test_strangers_reach_what_this_list_says_and_nothing_else(app: Application) -> None:
    public = {each.path for each in operations(app) if not each.closed}

    assert public <= PUBLIC
    assert "/users/me" not in public


async def test_every_closed_route_documents_how_to_authenticate(app: Application) -> None:
    schemes = app.openapi()["components"]["securitySchemes"]
    for path, methods in app.openapi()["paths"].items():
        for said in methods.values():
            if path not in PUBLIC:
                assert [name for each in said["security"] for name in each] == list(schemes)
                assert "401" in said["responses"]


async def test_every_route_documents_what_guards_and_failures_answer(app: Application) -> None:
    for path, methods in app.openapi()["paths"].items():
        for said in methods.values():
            if path.startswith("/health/"):
                continue
            assert {"400", "413", "422", "429", "500", "503"} <= set(said["responses"]), path
            content = said["responses"]["422"]["content"]
            assert list(content) == ["application/problem+json"]


def unbounded(app: Application) -> list[str]:
    return [
        f"{operation} {name}{where}"
        for operation in operations(app)
        for name, schema in operation.schemas.items()
        for where, part in parts_of(document_of(app), schema)
        if not is_bounded(part)
    ]


@pytest.mark.asvs("V1.3.3", "V2.2.1")
async def test_every_string_that_can_be_sent_has_an_end_and_a_form(app: Application) -> None:
    assert unbounded(app) == []


def is_bounded(part: Mapping[str, Any]) -> bool:
    """Return whether a part of what can be sent has an end; what it holds are parts of their own.

    How deep a model may hold itself, `strict_json` says; how long a file may be, `MAX_BODY_BYTES`.
    """
    is_known = {"enum", "const"} & set(part) or part.get("format") in BOUNDED_BY_FORMAT
    if is_known or alternatives_of(part) or is_file(part):
        return True
    match part.get("type"):
        case "object":
            return not takes_more(part)
        case "array":
            return "maxItems" in part
        case "integer" | "number":
            return all({side, f"exclusive{side.capitalize()}"} & set(part) for side in ("minimum", "maximum"))
        case "string":
            return "maxLength" in part and bool({"pattern", "format"} & set(part))
        case kind:
            return kind in {"boolean", "null"}


def takes_more(part: Mapping[str, Any]) -> bool:
    """Return whether a part of a body is an object with room for what nothing names: a `dict`, or no `Body`."""
    return part.get("type") == "object" and part.get("additionalProperties") is not False


def is_file(part: Mapping[str, Any]) -> bool:
    return part.get("contentMediaType") == "application/octet-stream"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "maxLength": 5},
        {"type": "string", "pattern": "a"},
        {},
        {"type": "integer"},
        {"type": "number", "minimum": 0},
        {"type": "array", "items": {"type": "boolean"}},
        {"type": "array", "items": {"type": "string"}, "maxItems": 2},
        {"type": "array", "prefixItems": [{"type": "boolean"}, {"type": "string"}], "maxItems": 2},
        {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}},
        {"type": "object", "additionalProperties": {"type": "boolean"}},
        {"anyOf": [{"enum": ["a", "b"]}, {"type": "string"}]},
    ],
)
def test_a_string_without_end_would_be_found(schema: dict[str, object]) -> None:
    assert not all(is_bounded(part) for _, part in parts_of({}, schema))


class Several(Body):
    either: Literal["a", "b"] | str
    perhaps: Literal["a", "b"] | None = None


class Line(Body):
    kind: Literal["line"]
    rate: Annotated[float, Field(ge=0, lt=1)]
    within: Annotated[list["Line"], Field(max_length=3)] | None = None


class Order(Body):
    line: Line
    lines: Annotated[list[Line], Field(max_length=10)]
    sizes: Annotated[list[Annotated[int, Field(gt=0, le=9)]], Field(max_length=2)] | None = None


class Careless(BaseModel):
    text: str


class CarelessOrder(Body):
    lines: Annotated[list[Careless], Field(max_length=10)]
    known: Literal["a", "b"] | Careless
    more: dict[str, bool]


async def test_what_stands_second_or_deep_inside_would_be_found(app: Application) -> None:
    router = Router(prefix="/planted")

    @router.post("/several")
    async def several(_body: Several) -> None:
        return None

    @router.post("/order")
    async def order(_body: Order) -> None:
        return None

    @router.post("/careless")
    async def careless(_body: CarelessOrder) -> None:
        return None

    plant(app, router)

    assert [each for each in unbounded(app) if "/planted/" in each] == [
        "POST /planted/several body either|1",
        "POST /planted/careless body lines[0]",
        "POST /planted/careless body lines[0].text",
        "POST /planted/careless body known|1",
        "POST /planted/careless body known|1.text",
        "POST /planted/careless body more",
    ]
    assert [each for each in bodies_that_take_more(app) if "/planted/" in each] == [
        "POST /planted/careless .lines[0]",
        "POST /planted/careless .known|1",
        "POST /planted/careless .more",
    ]


async def test_a_body_that_holds_others_is_sent_as_it_fits_and_spoilt_in_each_place(app: Application) -> None:
    router = Router()

    @router.post("/planted")
    async def order(_body: Order) -> None:
        return None

    plant(app, router, public=True)
    (planted,) = (each for each in operations(app) if each.path == "/planted")
    async with ApiClient(app) as client:
        answer = await client.send(planted.request(client))

    assert answer.status_code == 200
    assert {name.removeprefix("POST /planted body ") for name, _ in planted.with_each_replaced("x")} == {
        *("line", "line.kind", "line.rate"),
        *("lines", "lines.0", "lines.0.kind", "lines.0.rate"),
        *("sizes", "sizes.0"),
    }


def bodies_that_take_more(app: Application) -> list[str]:
    """Return the parts of JSON bodies in which something may stand that nothing names."""
    document = document_of(app)
    return [
        f"{operation} {where}"
        for operation in operations(app)
        if operation.media_type == JSON and operation.path not in SPEAK_A_PROTOCOL
        for where, part in parts_of(document, body_of(document, operation))
        if takes_more(part) or (not where and part.get("type") != "object")
    ]


def body_of(document: Mapping[str, Any], operation: Operation) -> Mapping[str, Any]:
    said = document["paths"][operation.path][operation.method.lower()]
    schema: Mapping[str, Any] = said["requestBody"]["content"][JSON]["schema"]
    return schema


@pytest.mark.asvs("V2.2.2", "V15.3.3")
async def test_every_body_names_its_fields_and_takes_no_other(app: Application) -> None:
    assert bodies_that_take_more(app) == []


def answers_that_name_no_fields(app: Application) -> list[str]:
    """Return the parts of successful answers of which nothing says what they hold."""
    document = app.openapi()
    by_their_carrier = {"/auth/reauthenticate", *SPEAK_A_PROTOCOL}
    return [
        f"{method} {path} {status}: {part}"
        for path, methods in document["paths"].items()
        if path not in by_their_carrier and not path.startswith("/health/")
        for method, said in methods.items()
        for status, response in said["responses"].items()
        if status.startswith("2") and status != "204"
        for part in open_parts(document, response.get("content", {}).get(JSON, {}).get("schema", {}))
    ]


@pytest.mark.asvs("V15.3.1", "V14.2.6")
async def test_every_answer_names_its_fields(app: Application) -> None:
    assert answers_that_name_no_fields(app) == []


class Holder(Answer):
    name: str
    inner: list["Holder"]
    more: dict[str, Any] | None


async def test_an_answer_that_lets_anything_out_would_be_found(app: Application) -> None:
    router = Router(prefix="/planted")

    @router.get("/columns")
    async def columns() -> list[dict[str, Any]]:
        return []

    @router.post("/accepted", status_code=202)
    async def accepted() -> dict:  # type: ignore[type-arg]
        return {}

    @router.get("/nested")
    async def nested() -> list[Holder]:
        return []

    @router.get("/anything", status_code=203)
    async def anything() -> Any:
        return None

    @router.get("/counted")
    async def counted() -> dict[str, int]:
        return {}

    plant(app, router)

    assert [each for each in answers_that_name_no_fields(app) if "/planted/" in each] == [
        "get /planted/columns 200: [0].*",
        "post /planted/accepted 202: .*",
        "get /planted/nested 200: [0].more|0.*",
        "get /planted/anything 203: all of it",
    ]


@pytest.mark.asvs("V15.3.1", "V14.2.6")
async def test_no_field_of_an_answer_is_a_secret_of_the_server(app: Application) -> None:
    described = app.openapi()["components"]["schemas"]
    fields = {field for schema in described.values() for field in schema.get("properties", {})}

    assert not {field for field in fields if re.search(r"hash|canonical|disabled|revoked", field)}


@pytest.mark.asvs("V14.2.1")
async def test_nothing_secret_is_asked_for_in_an_address(app: Application) -> None:
    named = [
        name
        for operation in operations(app)
        for name in operation.schemas
        if re.match(r"(path|query) .*(token|password|key|secret|code|email)", name)
    ]

    assert named == []


@pytest.mark.asvs("V3.5.7")
async def test_no_answer_is_a_script(app: Application) -> None:
    kinds = {
        kind
        for methods in app.openapi()["paths"].values()
        for said in methods.values()
        for response in said["responses"].values()
        for kind in response.get("content", {})
    }

    assert kinds <= {JSON, "application/problem+json"}


async def test_every_operation_has_a_name_of_its_own(app: Application) -> None:
    names = Counter(
        said["operationId"]
        for methods in app.openapi()["paths"].values()
        for said in methods.values()
        if "operationId" in said
    )

    assert [name for name, times in names.items() if times > 1] == []
