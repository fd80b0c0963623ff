"""What the note routes take and return: validation by type, length, pattern and range."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.types import ONE_LINE, SEVERAL_LINES, Answer, Body, Choice, Digits, IsoDate, Money, Query
from app.notes.models import Priority

Title = Annotated[str, Field(min_length=1, max_length=200, pattern=ONE_LINE)]
Text = Annotated[str, Field(max_length=10_000, pattern=SEVERAL_LINES)]


class NewNote(Body):
    """A note to be made."""

    title: Title
    body: Text = ""
    priority: Choice[Priority] = Priority.NORMAL
    due_on: IsoDate | None = None
    budget: Money | None = None


class NoteChange(Body):
    """What to change of a note; what is left out stays."""

    title: Title | None = None
    body: Text | None = None
    priority: Choice[Priority] | None = None
    due_on: IsoDate | None = None
    budget: Money | None = None


class NoteAnswer(Answer):
    """A note, as its owner sees it."""

    id: UUID
    title: str
    body: str
    priority: Priority
    due_on: date | None
    budget: Decimal | None
    created_at: datetime


class SortKey(StrEnum):
    """The orders that can be asked for. A list of allowed values, so no text ever reaches ORDER BY."""

    CREATED_AT = "created_at"
    NEWEST = "-created_at"
    TITLE = "title"
    TITLE_DESCENDING = "-title"


class NotesQuery(Query):
    """Which notes to list: `q` is looked for in the title.

    `limit` has a maximum: whoever takes none of the answer has it kept for a minute, 25 texts of 40 KB at most.
    """

    q: Annotated[str, Field(max_length=100, pattern=ONE_LINE)] | None = None
    sort: SortKey = SortKey.NEWEST
    limit: Annotated[int, Field(ge=1, le=25), Digits] = 25
    offset: Annotated[int, Field(ge=0, le=1_000), Digits] = 0
