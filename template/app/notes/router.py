"""`/notes`: the routes, thin. Copy this folder to begin a resource of your own."""

from typing import Annotated

from fastapi import Query

from app.core.database import Database
from app.core.kernel import CurrentKernel
from app.core.openapi import problems
from app.core.principals import Principal, Requires
from app.core.routing import Router
from app.core.types import Uuid
from app.notes import service
from app.notes.schemas import NewNote, NoteAnswer, NoteChange, NotesQuery

READ, WRITE = "notes:read", "notes:write"

Reader = Annotated[Principal, Requires(READ)]
Writer = Annotated[Principal, Requires(WRITE)]
Editor = Annotated[Principal, Requires(WRITE, READ)]
"""Whoever changes a part and is answered with the whole."""

router = Router(prefix="/notes", tags=["notes"])


@router.get("", responses=problems(403))
async def list_notes(wanted: Annotated[NotesQuery, Query()], user: Reader, db: Database) -> list[NoteAnswer]:
    """Return my notes."""
    return [NoteAnswer.model_validate(note) for note in await service.list_notes(db, user.user_id, wanted)]


@router.post("", status_code=201, responses=problems(403, 409))
async def make_note(new: NewNote, user: Writer, db: Database, kernel: CurrentKernel) -> NoteAnswer:
    """Make a note, of which an account can have 1,000."""
    return NoteAnswer.model_validate(await service.make_note(db, user.user_id, new, now=kernel.now))


@router.get("/{note_id}", responses=problems(403, 404))
async def read_note(note_id: Uuid, user: Reader, db: Database) -> NoteAnswer:
    """Return one of my notes."""
    return NoteAnswer.model_validate(await service.read_note(db, user.user_id, note_id))


@router.patch("/{note_id}", responses=problems(403, 404))
async def change_note(note_id: Uuid, change: NoteChange, user: Editor, db: Database) -> NoteAnswer:
    """Change one of my notes."""
    return NoteAnswer.model_validate(await service.change_note(db, user.user_id, note_id, change))


@router.delete("/{note_id}", status_code=204, responses=problems(403, 404))
async def delete_note(note_id: Uuid, user: Writer, db: Database) -> None:
    """Delete one of my notes."""
    await service.delete_note(db, user.user_id, note_id)
