"""What a note can hold: each field by type, length, form and range, when it is made and when it is changed."""

import pytest

from tests.support.people import SignUp

REFUSED = {
    "title": [5, True, [], {}, "", "x" * 201, "a\0", "a\nb", "a\x1b", "a\u202eb", "a\u2028b"],
    "body": [5, False, ["a"], "x" * 10_001, "a\0", "a\x08", "a\u2066b"],
    "priority": ["HIGH", "urgent", "", 1, True, ["high"], "high "],
    "due_on": ["2030-02-30", "2030-2-1", "tomorrow", "", 0, 20300101, "2030-01-01T00:00:00Z", "10000-01-01", True],
    "budget": [12.5, 5, True, "1.234", "10000000000", "1e3", "NaN", "Infinity", "", "twelve", "1,50", "-", "+1"],
}

ACCEPTED = {
    "title": ["x", "x" * 200, "<b>&\"' OR 1=1--", "%s{0.__class__}", "é 😀 日本"],
    "body": ["", "x" * 10_000, "a\n\tb", '"},{"role":"admin'],
    "priority": ["low", "normal", "high"],
    "due_on": ["2030-02-28", "0001-01-01", "9999-12-31"],
    "budget": ["0.00", "12.50", "-3.10", "9999999999.99"],
}


@pytest.mark.asvs("V2.2.1", "V15.3.5", "V1.3.3", "V1.4.2")
@pytest.mark.parametrize("name", REFUSED)
async def test_what_a_field_cannot_hold_is_refused_and_named(as_user: SignUp, name: str) -> None:
    alice = await as_user()
    note_id = (await alice.post("/notes", json={"title": "Paint"})).json()["id"]

    for value in REFUSED[name]:
        made = await alice.post("/notes", json={"title": "Paint", name: value})
        changed = await alice.patch(f"/notes/{note_id}", json={name: value})

        for answer in (made, changed):
            assert answer.status_code == 422, (name, value)
            assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{name}"], (name, value)


@pytest.mark.asvs("V1.1.2", "V1.2.3", "V1.3.10")
@pytest.mark.parametrize("name", ACCEPTED)
async def test_what_a_field_can_hold_comes_back_as_it_was(as_user: SignUp, name: str) -> None:
    alice = await as_user()

    for value in ACCEPTED[name]:
        made = await alice.post("/notes", json={"title": "Paint", name: value})
        read = await alice.get(f"/notes/{made.json()['id']}")

        assert made.status_code == 201, (name, value)
        assert read.json()[name] == value


@pytest.mark.asvs("V2.2.1")
@pytest.mark.parametrize(
    "note_id", ["1", "x", "00000000000040008000000000000000", "%2561", "' OR '1'='1", "..", "\u0661"]
)
async def test_what_is_no_id_is_refused(as_user: SignUp, note_id: str) -> None:
    alice = await as_user()

    for method in ("GET", "DELETE", "PATCH"):
        answer = await alice.request(method, f"/notes/{note_id}")

        assert answer.status_code in {404, 405, 422}
        assert answer.status_code == 422 or note_id == ".."
