"""Who gets through to the routes of notes."""

from tests.support.expectations import MEMBERS, Row
from tests.support.people import Person


async def a_note(owner: Person) -> str:
    made = await owner.post("/notes", json={"title": "Paint"})
    note_id: str = made.json()["id"]
    return note_id


ROWS = (
    Row("GET /notes"),
    Row("POST /notes", MEMBERS, json={"title": "Paint"}),
    Row("GET /notes/{note_id}", names=a_note),
    Row("PATCH /notes/{note_id}", MEMBERS, json={"title": "Sand"}, names=a_note),
    Row("DELETE /notes/{note_id}", MEMBERS, names=a_note),
)
