"""Parameters: each once, each known, each decoded once, and numbers within bounds."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal
from unittest.mock import Mock
from uuid import UUID

import httpx
import pytest
from fastapi import Depends, Query
from pydantic import AliasChoices, Field

from app.core import types
from app.core.application import Application
from app.core.parameters import MOST_PARAMETERS
from app.core.routing import Router
from app.core.types import Body, Digits, IsoDate, IsoDateTime, QueryBool, Uuid
from tests.support.client import ApiClient
from tests.support.openapi import operations, sample_of
from tests.support.people import Person, SignUp, reach_every_route
from tests.support.planting import plant

LARGEST_COUNT = 2**31 - 1
TOO_LARGE = [-1, 2**31, 2**53, 2**63, 10**30, -(2**63) - 1]


LAX: dict[str, Callable[[Any], list[str]]] = {
    "integer": lambda n: [f"{n}.0", f"+{n}", f" {n}", f"{n} ", f"0{n}", f"{n}_0"],
    "boolean": lambda _: ["yes", "on", "1", "0", "t", "TRUE", "False"],
    "uuid": lambda i: [f"urn:uuid:{i}", f"{{{i}}}", i.replace("-", "")],
    "date": lambda _: ["0", "1893456000", "2030-01-31T00:00:00"],
    "date-time": lambda _: ["0", "1893456000", "2030-01-31", "2030-01-31 12:00:00Z", "2030-01-31T12:00Z"],
}
"""What Pydantic also takes for a value, by the type or the format in OpenAPI: each a second name for the same thing."""


class Size(Body):
    size: int = Field(ge=0, le=LARGEST_COUNT)


class Wanted(types.Query):
    size: Annotated[int, Field(ge=0, le=LARGEST_COUNT), Digits] = 0
    name: Annotated[str, Field(max_length=20)] = Field(default="", alias="called")
    shade: Annotated[str, Field(max_length=20)] = Field(default="", validation_alias=AliasChoices("tint", "tone"))


async def page(number: Annotated[int, Query(ge=0, le=LARGEST_COUNT), Digits] = 0) -> int:
    return number


@cache
def routes() -> Router:
    """Return the same routes to every test, since describing them takes longer than most tests."""
    router = Router(prefix="/planted")

    @router.get("/echo/{name}")
    async def echo(name: str, q: str = "") -> list[str]:
        return [name, q]

    @router.get("/model")
    async def model(wanted: Annotated[Wanted, Query()]) -> list[object]:
        return [wanted.size, wanted.name, wanted.shade]

    @router.get("/single")
    async def single(name: Annotated[str, Query(max_length=20, validation_alias="called")] = "") -> str:
        return name

    @router.get("/page")
    async def paged(number: Annotated[int, Depends(page)]) -> int:
        return number

    @router.get("/many")
    async def many(tag: Annotated[list[str], Query(max_length=3)]) -> list[str]:
        return tag

    @router.get("/{number}")
    async def numbered(number: Annotated[int, Field(ge=0, le=LARGEST_COUNT), Digits]) -> int:
        return number

    @router.post("/size")
    async def size(body: Size) -> int:
        return body.size

    return router


@pytest.fixture
def planted(app: Application) -> Application:
    plant(app, routes(), public=True)
    return app


@pytest.fixture
async def planted_client(planted: Application) -> ApiClient:
    return ApiClient(planted)


@pytest.mark.asvs("V1.4.2")
@pytest.mark.parametrize("number", TOO_LARGE)
async def test_a_number_out_of_bounds_is_refused_wherever_it_stands(planted_client: ApiClient, number: int) -> None:
    async with planted_client as client:
        answers = [
            await client.get(f"/planted/{number}"),
            await client.get("/planted/model", params={"size": number}),
            await client.get("/planted/page", params={"number": number}),
            await client.post("/planted/size", json={"size": number}),
        ]

    assert [answer.status_code for answer in answers] == [422] * 4


@pytest.mark.parametrize(
    ("query", "taken"),
    [("model?called=a&tint=b", [0, "a", "b"]), ("model?tone=b", [0, "", "b"]), ("single?called=a", "a")],
)
async def test_a_parameter_is_known_by_each_name_that_it_is_read_by(
    planted_client: ApiClient, query: str, taken: object
) -> None:
    async with planted_client as client:
        answer = await client.get(f"/planted/{query}")

    assert (answer.status_code, answer.json()) == (200, taken)


@pytest.mark.parametrize("query", ["model?name=a", "model?shade=b", "single?name=a"])
async def test_a_parameter_is_known_by_no_name_that_only_the_code_has_for_it(
    planted_client: ApiClient, query: str
) -> None:
    async with planted_client as client:
        answer = await client.get(f"/planted/{query}")

    assert answer.status_code == 422


@pytest.mark.asvs("V1.4.2")
async def test_the_largest_number_is_taken(planted_client: ApiClient) -> None:
    async with planted_client as client:
        answer = await client.post("/planted/size", json={"size": LARGEST_COUNT})

    assert answer.json() == LARGEST_COUNT


@pytest.mark.asvs("V1.4.2")
async def test_no_route_falls_over_a_number(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user()
    await reach_every_route(alice)

    for operation in operations(client.app):
        integers = [name for name, schema in operation.schemas.items() if schema.get("type") == "integer"]
        for number in TOO_LARGE:
            for name, changed in operation.with_each_replaced(number):
                answer = await alice.send(changed.request(alice))

                assert answer.status_code < 500, name
                if name.removeprefix(f"{operation} ") in integers:
                    assert answer.status_code == 422, name


def other_spellings(schema: Mapping[str, Any]) -> list[str]:
    """Return what stands for a value of this schema without being its one written form; nothing where any text may."""
    one = schema.get("items", schema)
    kinds = {
        "choice" if {"enum", "const"} & set(each) else each.get("format", each.get("type")): each
        for each in one.get("anyOf", [one])
    }
    if "string" in kinds:
        return []
    return [text for kind, each in kinds.items() if kind in LAX for text in LAX[kind](sample_of(each))]


async def lax_parameters(person: Person, *, below: str = "/") -> list[str]:
    """Return the parameters in paths and queries that do not refuse another spelling, each with it."""
    found = []
    for operation in operations(person.app):
        for place, schema in operation.schemas.items():
            where, _, parameter = place.partition(" ")
            is_sent = where in {"path", "query"} and operation.method != "HEAD" and operation.path.startswith(below)
            for text in other_spellings(schema) if is_sent else ():
                changed = dict(operation.with_each_replaced(text))[f"{operation} {place}"]
                answer = await person.send(changed.request(person))
                if parameter not in refused_parameters(answer):
                    found.append(f"{operation} {place} takes {text!r}")
    return found


def refused_parameters(answer: httpx.Response) -> set[str]:
    """Return what is refused for its form. A 404 tells nothing: it may be that of an object which was looked for."""
    errors = answer.json()["errors"] if answer.status_code == 422 else []
    return {error["parameter"].split(".")[0] for error in errors if "parameter" in error}


@pytest.mark.asvs("V15.3.5", "V2.2.1")
async def test_no_route_takes_two_spellings_of_one_value(as_user: SignUp) -> None:
    """Two names for one thing: what was checked, counted or cached under the one is done under the other."""
    alice = await as_user()
    await reach_every_route(alice)

    assert await lax_parameters(alice) == []


class LaxQuery(types.Query):
    number: Annotated[int, Field(ge=1, le=100)] = 1
    on: bool = False
    day: date | None = None
    moment: datetime | None = None
    many: Annotated[list[Annotated[int, Field(ge=1, le=100)]], Field(max_length=3, default_factory=list)]
    either: Annotated[int, Field(ge=1, le=100)] | Literal["all"] = 1


class StrictQuery(types.Query):
    number: Annotated[int, Field(ge=1, le=100), Digits] = 1
    on: QueryBool = False
    day: IsoDate | None = None
    moment: IsoDateTime | None = None
    many: Annotated[list[Annotated[int, Field(ge=1, le=100), Digits]], Field(max_length=3, default_factory=list)]
    text: Annotated[str, Field(max_length=9, pattern="^[a-z]*$")] = ""


async def test_a_route_that_takes_two_spellings_would_be_found(app: Application, as_user: SignUp) -> None:
    router = Router(prefix="/planted")

    @router.get("/lax/{lax_id}")
    async def lax(lax_id: UUID, _wanted: Annotated[LaxQuery, Query()]) -> str:
        return str(lax_id)

    @router.get("/strict/{strict_id}")
    async def strict(strict_id: Uuid, _wanted: Annotated[StrictQuery, Query()]) -> str:
        return str(strict_id)

    plant(app, router)
    found = await lax_parameters(await as_user(), below="/planted/")

    assert {each.split(" takes ")[0] for each in found} == {
        f"GET /planted/lax/{{lax_id}} {place}"
        for place in ("path lax_id", *(f"query {name}" for name in LaxQuery.model_fields))
    }


@pytest.mark.asvs("V15.3.7", "V3.5.6")
async def test_no_route_takes_a_parameter_that_it_does_not_know(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user()
    await reach_every_route(alice)

    for operation in operations(client.app):
        if operation.path.startswith("/health/") or operation.method == "HEAD":
            continue
        for name in ("callback", "jsonp", "token", "debug", "role"):
            request = operation.request(alice)
            request.url = request.url.copy_merge_params({name: "x"})
            answer = await alice.send(request)

            assert answer.status_code == 422, (operation, name)
            assert answer.json()["errors"] == [{"parameter": name, "in": "query", "code": "unknown_parameter"}]


@pytest.mark.asvs("V15.3.7")
@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("size=1&size=2", ["size"]),
        ("size=1&size=1", ["size"]),
        ("called=a&called=b&size=1&size=2", ["called", "size"]),
        ("size=1&%73ize=2", ["size"]),
        ("name=a", ["name"]),
        ("SIZE=1", ["SIZE"]),
        ("size[]=1", ["size[]"]),
        ("=1", [""]),
    ],
)
async def test_a_parameter_counts_once_and_by_its_own_name(
    planted_client: ApiClient, query: str, faults: list[str]
) -> None:
    async with planted_client as client:
        answer = await client.get(f"/planted/model?{query}")

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == faults


@pytest.mark.asvs("V15.2.2")
async def test_parameters_without_number_are_not_taken_apart(planted_client: ApiClient) -> None:
    """A head has room for 32,000. Each that is taken apart would be a fault of its own."""
    async with planted_client as client:
        most, more, without_end = [
            await client.get("/planted/echo/x?" + "&".join(map(str, range(number))))
            for number in (MOST_PARAMETERS, MOST_PARAMETERS + 1, 11_000)
        ]

    too_many = [{"in": "query", "code": "too_many_parameters"}]
    assert {error["code"] for error in most.json()["errors"]} == {"unknown_parameter"}
    assert (more.status_code, more.json()["errors"]) == (422, too_many)
    assert (without_end.status_code, without_end.json()["errors"]) == (422, too_many)


class Traced:
    """Takes spans as a tracer of OpenTelemetry does, and keeps the queries that they are given."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    def provider(self) -> "Traced":
        return self

    def get_tracer(self, *_name: Any, **_more: Any) -> "Traced":
        return self

    def start_span(self, _name: str, *, attributes: dict[str, Any], **_more: Any) -> Mock:
        self.queries.append(attributes["url.query"])
        return Mock()


@pytest.mark.asvs("V15.2.2")
async def test_nor_are_they_where_somebody_traces_requests(
    planted_client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever traces a request takes its query apart before any guard sees it, one that limits requests included."""
    traced = Traced()
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", traced.provider)

    async with planted_client as client:
        for query in ("few=1", "&".join(map(str, range(MOST_PARAMETERS + 1)))):
            await client.get(f"/planted/echo/x?{query}")

    assert traced.queries == ["few=1"]


async def test_what_a_route_declares_is_taken(planted_client: ApiClient) -> None:
    async with planted_client as client:
        model = await client.get("/planted/model?size=1&called=b")
        paged = await client.get("/planted/page?number=2")
        many = await client.get("/planted/many?tag=a&tag=b")

    assert model.json() == [1, "b", ""]
    assert paged.json() == 2
    assert many.json() == ["a", "b"]


@pytest.mark.asvs("V15.3.7")
async def test_a_parameter_of_a_dependency_counts_once_too(planted_client: ApiClient) -> None:
    async with planted_client as client:
        answer = await client.get("/planted/page?number=1&number=2")

    assert answer.status_code == 422


@pytest.mark.asvs("V15.3.7")
async def test_a_field_of_the_body_is_not_taken_from_the_query(client: ApiClient) -> None:
    account = {"email": "alice@example.com", "password": "a harbour full of quiet boats"}

    answer = await client.post("/auth/register", params={"email": "evil@example.com"}, json=account)

    assert answer.status_code == 422


@pytest.mark.asvs("V1.1.1")
@pytest.mark.parametrize(
    ("sent", "arrives"),
    [("%2561", "%61"), ("%61", "a"), ("%252527", "%2527"), ("%25", "%"), ("a%2Bb", "a+b"), ("%C3%A9", "é")],
)
async def test_what_is_encoded_is_decoded_once(planted_client: ApiClient, sent: str, arrives: str) -> None:
    async with planted_client as client:
        answer = await client.get(f"/planted/echo/{sent}?q={sent}")

    assert answer.json() == [arrives, arrives]


@pytest.mark.asvs("V1.1.2", "V1.2.1", "V1.2.3", "V1.3.10")
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"},{"role":"admin',
        "\u2028",
        "%s%n{0.__class__.__init__}",
        "${jndi:x}",
        "' OR 1=1--",
    ],
)
async def test_text_comes_back_as_it_was_and_as_json(planted_client: ApiClient, text: str) -> None:
    async with planted_client as client:
        answer = await client.get("/planted/echo/x", params={"q": text})

    assert answer.json() == ["x", text]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_parameter_that_takes_several_values_takes_them(app: Application, client: ApiClient) -> None:
    async def tagged(tag: Annotated[list[str] | None, Query()] = None) -> list[str]:
        return tag or []

    router = Router()
    router.get("/tagged")(tagged)
    plant(app, router, public=True)

    assert (await client.get("/tagged?tag=a&tag=b")).json() == ["a", "b"]
