"""Notes of one owner. Every query names the owner: a note of somebody else does not exist here (OWASP API1:2023)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, UnaryExpression, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.errors import Problem
from app.core.sessions import lock_account
from app.notes.models import Note
from app.notes.schemas import NewNote, NoteChange, NotesQuery, SortKey

MOST_NOTES = 1_000
"""Notes an account can have. A list looks at all of them, to search and to sort, however few it returns.

It is also the bound in bytes, number times length: 40 MB, as a body of 10,000 characters has up to 40 KB. Anybody can
open accounts, and where the disk is full nobody logs in.
"""

_ORDERS: dict[SortKey, UnaryExpression[Any]] = {
    SortKey.CREATED_AT: Note.created_at.asc(),
    SortKey.NEWEST: Note.created_at.desc(),
    SortKey.TITLE: Note.title.asc(),
    SortKey.TITLE_DESCENDING: Note.title.desc(),
}


def _owned_by(owner: UUID) -> Select[Note]:
    return select(Note).where(Note.owner_id == owner)


async def list_notes(db: AsyncSession, owner: UUID, wanted: NotesQuery) -> Sequence[Note]:
    """Return the notes of `owner` that fit, in the order asked for.

    Only ids are sorted and skipped. A database may carry whole notes through that: each body, to drop all but a page.
    """
    order = (_ORDERS[wanted.sort], Note.id)
    ids = _owned_by(owner).with_only_columns(Note.id).order_by(*order)
    if wanted.q is not None:
        ids = ids.where(Note.title.icontains(wanted.q, autoescape=True))
    page = ids.limit(wanted.limit).offset(wanted.offset).subquery()
    return (await db.scalars(select(Note).join(page, page.c.id == Note.id).order_by(*order))).all()


async def read_note(db: AsyncSession, owner: UUID, note_id: UUID) -> Note:
    """Return a note of `owner`. Raises: Problem 404, also for somebody else's."""
    note = (await db.scalars(_owned_by(owner).where(Note.id == note_id))).one_or_none()
    if note is None:
        raise note_not_found()
    return note


async def make_note(db: AsyncSession, owner: UUID, new: NewNote, *, now: Clock) -> Note:
    """Store a note of `owner` and return it.

    Raises:
        Problem: 409, they have `MOST_NOTES`. The account is locked first: of two at once, one would not see the other.
    """
    await lock_account(db, owner)
    if await _number_of_notes(db, owner) >= MOST_NOTES:
        raise Problem(409, "too_many_notes", f"An account can have {MOST_NOTES} notes. Delete one first.")
    note = Note(owner_id=owner, created_at=now(), **new.model_dump())
    db.add(note)
    await db.flush()
    return note


async def change_note(db: AsyncSession, owner: UUID, note_id: UUID, change: NoteChange) -> Note:
    """Change the given fields of a note of `owner` and return it. Raises: Problem 404."""
    note = await read_note(db, owner, note_id)
    for name, value in _given(change).items():
        setattr(note, name, value)
    await db.flush()
    return note


async def delete_note(db: AsyncSession, owner: UUID, note_id: UUID) -> None:
    """Delete a note of `owner`. Raises: Problem 404."""
    gone = await db.scalar(delete(Note).where(Note.owner_id == owner, Note.id == note_id).returning(Note.id))
    if gone is None:
        raise note_not_found()


async def _number_of_notes(db: AsyncSession, owner: UUID) -> int:
    return await db.scalar(select(func.count()).select_from(Note).where(Note.owner_id == owner)) or 0


def _given(change: NoteChange) -> dict[str, Any]:
    """Return the fields that were sent. Null clears a date or an amount, and leaves what a note cannot lack."""
    sent = change.model_dump(exclude_unset=True)
    return {name: value for name, value in sent.items() if value is not None or name in {"due_on", "budget"}}


def note_not_found() -> Problem:
    """Return the 404 for a note that does not exist, or that somebody else owns: both look alike."""
    return Problem(404, "not_found", "There is no such note.")
