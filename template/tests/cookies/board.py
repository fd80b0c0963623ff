"""Something that everybody who is logged in can read and change, whatever else the project serves."""

from typing import Annotated

from fastapi import Request
from pydantic import Field

from app.core.principals import CurrentUser
from app.core.routing import Router
from app.core.types import Body

PATH = "/board-of-the-tests"
BOARD = Router(prefix=PATH)


class Line(Body):
    text: Annotated[str, Field(max_length=20, pattern="^[a-z]+$")]


@BOARD.get("")
async def read(_user: CurrentUser, request: Request) -> list[str]:
    lines: list[str] = getattr(request.app.state, "lines", [])
    return lines


@BOARD.post("", status_code=201)
async def write(line: Line, _user: CurrentUser, request: Request) -> str:
    request.app.state.lines = [*getattr(request.app.state, "lines", []), line.text]
    return line.text
