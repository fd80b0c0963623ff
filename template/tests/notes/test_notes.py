"""Notes: everybody's own, and nobody else's."""

import asyncio
from pathlib import Path

import pytest

from app.core.application import Application
from app.notes import service
from app.notes.schemas import NewNote, NotesQuery
from tests.support.bare import statements
from tests.support.carrying import each_way
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.openapi import UNKNOWN_ID
from tests.support.people import Person, SignUp

FULL = {"title": "Paint", "body": "blue\nor green", "priority": "high", "due_on": "2030-02-28", "budget": "12.50"}


async def make(person: Person, **fields: object) -> str:
    made = await person.post("/notes", json={"title": "Paint", **fields})
    assert made.status_code == 201, made.text
    note_id: str = made.json()["id"]
    return note_id


async def titles(person: Person, **query: object) -> list[str]:
    answer = await person.get("/notes", params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return [note["title"] for note in answer.json()]


async def test_a_note_is_made_read_changed_and_deleted(as_user: SignUp) -> None:
    alice = await as_user()

    made = await alice.post("/notes", json=FULL)
    path = f"/notes/{made.json()['id']}"
    read = await alice.get(path)
    changed = await alice.patch(path, json={"title": "Sand"})
    deleted = await alice.delete(path)
    after = await alice.get(path)

    assert made.status_code == 201
    assert read.json() == made.json() == {"id": made.json()["id"], "created_at": "2030-01-01T12:00:00Z", **FULL}
    assert changed.json() == {**made.json(), "title": "Sand"}
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert after.status_code == 404


async def test_what_is_left_out_has_a_default(as_user: SignUp) -> None:
    alice = await as_user()

    made = (await alice.post("/notes", json={"title": "Paint"})).json()

    assert (made["body"], made["priority"], made["due_on"], made["budget"]) == ("", "normal", None, None)


@each_way
@pytest.mark.asvs("V8.2.2", "V8.3.1")
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_somebody_elses_note_does_not_exist(as_user: SignUp, method: str) -> None:
    alice, mallory = await as_user(), await as_user()
    theirs = await make(alice, body="private")
    sent = {"title": "Mine"} if method == "PATCH" else None

    foreign = await mallory.request(method, f"/notes/{theirs}", json=sent)
    nonexistent = await mallory.request(method, f"/notes/{UNKNOWN_ID}", json=sent)

    assert foreign.status_code == nonexistent.status_code == 404
    assert {**foreign.json(), "instance": ""} == {**nonexistent.json(), "instance": ""}
    assert (await alice.get(f"/notes/{theirs}")).json()["title"] == "Paint"
    assert await titles(mallory) == []


@pytest.mark.asvs("V15.3.3")
async def test_no_field_is_set_that_nobody_offered(as_user: SignUp) -> None:
    alice = await as_user()
    note_id = await make(alice)

    for field in ("id", "owner_id", "user_id", "created_at", "is_admin", "role"):
        made = await alice.post("/notes", json={"title": "Paint", field: UNKNOWN_ID})
        changed = await alice.patch(f"/notes/{note_id}", json={field: UNKNOWN_ID})

        for answer in (made, changed):
            assert answer.status_code == 422, field
            assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]


@pytest.mark.asvs("V15.3.1")
async def test_an_answer_holds_no_more_than_it_says(as_user: SignUp) -> None:
    alice = await as_user()
    await make(alice)

    note = (await alice.get("/notes")).json()[0]

    assert set(note) == {"id", "title", "body", "priority", "due_on", "budget", "created_at"}


async def test_null_clears_what_can_be_empty_and_leaves_the_rest(as_user: SignUp) -> None:
    alice = await as_user()
    path = f"/notes/{(await alice.post('/notes', json=FULL)).json()['id']}"

    changed = await alice.patch(path, json=dict.fromkeys(FULL))

    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in FULL} == {**FULL, "due_on": None, "budget": None}


async def test_a_change_of_nothing_changes_nothing(as_user: SignUp) -> None:
    alice = await as_user()
    made = (await alice.post("/notes", json=FULL)).json()

    changed = await alice.patch(f"/notes/{made['id']}", json={})

    assert changed.json() == made


async def test_a_new_note_needs_what_it_cannot_lack(as_user: SignUp) -> None:
    alice = await as_user()

    answers = [await alice.post("/notes", json=sent) for sent in ({}, {"title": None}, {"title": "a", "body": None})]

    assert [answer.status_code for answer in answers] == [422] * 3


@pytest.mark.asvs("V15.2.2")
async def test_a_list_has_an_end(as_user: SignUp) -> None:
    alice = await as_user()
    for number in range(30):
        await make(alice, title=f"{number:02}")

    assert len(await titles(alice)) == 25
    assert await titles(alice, limit=2, offset=3, sort="title") == ["03", "04"]
    assert len(await titles(alice, offset=25)) == 5


@pytest.mark.asvs("V2.1.3")
def test_the_security_document_says_how_many_an_account_can_have() -> None:
    assert f"at most {service.MOST_NOTES:,} notes" in Path("SECURITY.md").read_text(encoding="utf-8")


@pytest.mark.asvs("V15.2.2")
async def test_what_is_sorted_and_skipped_for_a_page_holds_no_body(as_user: SignUp, app: Application) -> None:
    """Or each list costs as much as all bodies of the account: 1,000 times 40 KB."""
    alice = await as_user()

    with statements(app.state.kernel) as sent:
        for query in ({}, {"q": "paint"}, {"sort": "title", "offset": 950}):
            await titles(alice, **query)

    cut = [before.rpartition("SELECT")[2] for before, limit, _ in (each.partition("LIMIT") for each in sent) if limit]
    assert len(cut) == 3
    assert not [each for each in cut if "body" in each]


@pytest.mark.asvs("V15.2.2", "V2.3.2")
async def test_nobody_has_notes_without_end(as_user: SignUp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_NOTES", 2)
    alice, bob = await as_user(), await as_user()
    first, _ = await make(alice), await make(alice)

    refused = await alice.post("/notes", json={"title": "Paint"})
    others = await bob.post("/notes", json={"title": "Paint"})
    await alice.delete(f"/notes/{first}")
    again = await alice.post("/notes", json={"title": "Paint"})

    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_notes")
    assert (others.status_code, again.status_code) == (201, 201)


@pytest.mark.asvs("V15.2.2")
def test_all_notes_of_an_account_are_a_small_part_of_a_disk() -> None:
    """Anybody can open accounts, and where the disk is full nobody logs in."""
    longest = NewNote.model_json_schema()["properties"]["body"]["maxLength"]

    assert service.MOST_NOTES * longest * len("\U0001f40b".encode()) <= 50_000_000


@pytest.mark.asvs("V15.2.2")
def test_a_page_of_the_longest_notes_is_small() -> None:
    """Whoever asks for one and takes none of it has it kept in memory until a deadline."""
    longest = NewNote.model_json_schema()["properties"]["body"]["maxLength"]
    most = NotesQuery.model_json_schema()["properties"]["limit"]["maximum"]

    assert most * longest * len("\U0001f40b".encode()) <= 1_000_000


@pytest.mark.asvs("V15.2.2", "V15.4.2", "V2.3.2")
async def test_nor_by_making_several_at_once(as_user: SignUp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_NOTES", 3)
    alice = await as_user()
    await make(alice)

    made = await asyncio.gather(*(alice.post("/notes", json={"title": "Paint"}) for _ in range(10)))

    assert sorted(answer.status_code for answer in made) == [201] * 2 + [409] * 8
    assert len(await titles(alice)) == 3


@pytest.mark.asvs("V1.4.2", "V2.2.1")
@pytest.mark.parametrize(("name", "most"), [("limit", 25), ("offset", 1_000)])
async def test_a_list_asked_for_without_measure_is_refused(as_user: SignUp, name: str, most: int) -> None:
    alice = await as_user()

    for value in (-1, most + 1, 2**31, 2**63, 10**30, "5.0", "true", "", "ten", "1e1", "+1", " 1"):
        answer = await alice.get("/notes", params={name: str(value)})

        assert answer.status_code == 422, value
        assert [error["parameter"] for error in answer.json()["errors"]] == [name]
    assert (await alice.get("/notes", params={name: str(most)})).status_code == 200
    assert (await alice.get("/notes", params={"limit": "0"})).status_code == 422


async def test_notes_come_in_the_order_asked_for(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user()
    for title in ("b", "c", "a"):
        await make(alice, title=title)
        clock.advance(seconds=1)

    assert await titles(alice) == ["a", "c", "b"]
    assert await titles(alice, sort="created_at") == ["b", "c", "a"]
    assert await titles(alice, sort="title") == ["a", "b", "c"]
    assert await titles(alice, sort="-title") == ["c", "b", "a"]


@pytest.mark.asvs("V1.2.4", "V2.2.1")
async def test_no_other_order_can_be_asked_for(as_user: SignUp) -> None:
    alice = await as_user()

    for sort in ("owner_id", "id", "title;", "title desc", "TITLE", "", "title,(SELECT 1)", "-", "created_at\0"):
        assert (await alice.get("/notes", params={"sort": sort})).status_code == 422, sort


PATTERNS = (
    "100%",
    "a_b",
    "back\\slash",
    ".*(",
    "[a-z]",
    "'; DROP TABLE notes; --",
    "%' OR '1'='1",
    "' UNION SELECT 1 --",
    "/",
)


@pytest.mark.asvs("V1.2.4", "V1.2.9")
async def test_what_is_looked_for_is_text_and_no_pattern(as_user: SignUp) -> None:
    alice, bystander = await as_user(), await as_user()
    await make(alice, title="100 acb backslash x(y) b")
    for wanted in PATTERNS:
        await make(bystander, title=f"theirs {wanted}")
        await make(alice, title=f"the {wanted} one")

    found = {wanted: await titles(alice, q=wanted) for wanted in PATTERNS}

    assert found == {wanted: [f"the {wanted} one"] for wanted in PATTERNS}
    assert set(await titles(alice, q="%")) == {"the 100% one", "the %' OR '1'='1 one"}
    assert len(await titles(alice)) == 1 + len(PATTERNS)


async def test_what_is_looked_for_is_found_in_either_case(as_user: SignUp) -> None:
    alice = await as_user()
    await make(alice, title="Paint the Fence")

    assert await titles(alice, q="paint THE") == ["Paint the Fence"]
    assert await titles(alice, q="nothing") == []


async def test_strangers_see_and_change_nothing(client: ApiClient) -> None:
    answers = [
        await client.get("/notes"),
        await client.post("/notes", json=FULL),
        await client.get(f"/notes/{UNKNOWN_ID}"),
        await client.patch(f"/notes/{UNKNOWN_ID}", json={}),
        await client.delete(f"/notes/{UNKNOWN_ID}"),
    ]

    assert [answer.status_code for answer in answers] == [401] * 5


async def test_notes_go_with_their_owner(as_user: SignUp) -> None:
    alice = await as_user("alice@example.com")
    note_id = await make(alice)
    assert (await alice.delete("/users/me")).status_code == 204
    await alice.register()
    await alice.log_in()

    assert (await alice.get(f"/notes/{note_id}")).status_code == 404
