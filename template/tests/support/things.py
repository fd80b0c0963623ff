"""A slice of the tests: routes that ask for a permission which everyone holds, whatever else the project serves.

A module names the fixture: `pytestmark = pytest.mark.usefixtures("things")`.
"""

from typing import Annotated

from pydantic import Field

from app.core.kernel import Kernel
from app.core.principals import Principal, Requires
from app.core.routing import Router
from app.core.settings import SliceSettings
from app.core.slices import Slice
from app.core.types import Answer, Body, Uuid

READ, WRITE = "things:read", "things:write"
SOME_ID = "3b7f0e5c-5f0b-4c0e-9a53-0c2b6c1d9e10"

Reader = Annotated[Principal, Requires(READ)]
Writer = Annotated[Principal, Requires(WRITE)]

router = Router(prefix="/things")


class Thing(Body):
    title: Annotated[str, Field(max_length=20, pattern="^[A-Za-z]+$")]


class Made(Answer):
    id: str


@router.get("")
async def list_things(_user: Reader) -> list[str]:
    return []


@router.post("", status_code=201)
async def make_thing(_new: Thing, _user: Writer) -> Made:
    return Made(id=SOME_ID)


@router.get("/{thing_id}")
async def read_thing(thing_id: Uuid, _user: Reader) -> str:
    return str(thing_id)


@router.patch("/{thing_id}")
async def change_thing(thing_id: Uuid, _change: Thing, _user: Writer) -> str:
    return str(thing_id)


@router.delete("/{thing_id}", status_code=204)
async def delete_thing(thing_id: Uuid, _user: Writer) -> None:
    del thing_id


def install(kernel: Kernel, _settings: SliceSettings | None) -> None:
    kernel.permission(READ, everyone=True)
    kernel.permission(WRITE, everyone=True)
    kernel.mount(router)


SLICE = Slice(name="things", install=install)
