"""A change of what carries a defence is found, in whichever file, and told with the defence."""

import random
import re
from pathlib import Path

import pytest
from pathspec import PathSpec

from tests.checking.checked import EVERYTHING, UNTRUSTED, Checked
from tests.checking.conftest import CheckedOf
from tests.support.checkout import ROOT, questionnaire
from tests.support.combinations import capabilities_of

DEFENCES = questionnaire()["_defences"]


def _files_of(folder: Path, defence: str) -> list[str]:
    spec = PathSpec.from_lines("gitignore", DEFENCES[defence].get("files", ()))
    return sorted(spec.match_files(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))


def _by_defence(project: Checked) -> dict[str, list[str]]:
    found = {defence: _files_of(project.folder, defence) for defence in DEFENCES}
    assert all(found.values())
    return found


def test_a_fresh_project_is_as_safe_as_its_template(project: Checked) -> None:
    report = project.report()

    assert report["findings"] == []
    assert report["clean"]
    assert set(report["defences"]["on"]) == {"always", *(set(DEFENCES) & capabilities_of(EVERYTHING))}


def test_one_byte_more_in_any_file_of_any_defence(project: Checked) -> None:
    files = _by_defence(project)
    for path in {path for paths in files.values() for path in paths}:
        with (project.folder / path).open("ab") as file:
            file.write(b"#")

    findings = project.report()["findings"]

    for defence, paths in files.items():
        told = {each["path"]: each["defence"] for each in findings}
        assert set(paths) <= set(told)
        assert defence in {told[path] for path in paths}
    assert {each["rule"] for each in findings} == {"changed-defence"}
    assert [each["path"] for each in findings if not each["diff"][-2].endswith("#")] == []


def test_the_readme_shows_what_is_printed_of_a_slice_and_a_check_that_are_gone(checked_of: CheckedOf) -> None:
    project = checked_of({})
    project.edit("app/main.py", "    rbac.SLICE,\n", "")
    beyond = "        if after - before and not after <= within:\n            raise self._beyond(actor, user_id)\n"
    project.edit("app/rbac/service.py", beyond, "")

    printed = project.check(*UNTRUSTED).stdout

    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition("$ bastion check\n")[2].partition("```")[0]
    parts = [re.escape(part) for part in shown.split("...\n")]
    assert len(parts) == 4
    assert re.fullmatch("(?:.*\n)*?".join(parts), printed)


@pytest.mark.parametrize("seed", range(3))
def test_one_byte_changed_anywhere_in_one_file(project: Checked, seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(_by_defence(project)["always"])
    content = bytearray((project.folder / path).read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(7)
    (project.folder / path).write_bytes(content)

    assert project.findings() == [f"changed-defence always {path}"]


def test_any_file_of_any_defence_that_is_gone(project: Checked) -> None:
    files = _by_defence(project)
    for path in {paths[-1] for paths in files.values()}:
        (project.folder / path).unlink()

    findings = project.findings()

    assert all(each.startswith("missing-defence ") for each in findings)
    assert {each.split()[2] for each in findings} == {paths[-1] for paths in files.values()}


def test_a_folder_that_is_gone_is_told_once(project: Checked) -> None:
    (project.folder / "app" / "rbac").rename(project.folder / "elsewhere")

    assert project.findings() == ["missing-defence rbac app/rbac"]


def test_every_defence_says_for_people_what_it_stops_and_what_changed(project: Checked) -> None:
    project.edit("app/headers/__init__.py", "nosniff", "sniff")

    lines = project.check(*UNTRUSTED).stdout.splitlines()
    told, stops = lines[0], lines[2]

    assert told.startswith("always: app/headers/__init__.py:")
    assert "was changed; undo that" in told
    assert stops == f"always stops {DEFENCES['always']['stops']}."
    assert any(line.startswith("    -") and "nosniff" in line for line in lines)
    assert any(line.startswith("    +") and '"sniff' in line for line in lines)
    assert lines[-1] == "1 finding."


def test_a_clean_project_is_told_in_few_lines(project: Checked) -> None:
    finished = project.check(*UNTRUSTED)

    assert finished.returncode == 0
    assert finished.stderr == ""
    assert finished.stdout.splitlines()[-1] == "No findings."
    assert len(finished.stdout.splitlines()) == 4


def test_what_the_answers_leave_out_is_said(checked_of: CheckedOf) -> None:
    project = checked_of({"features": []})

    assert "not in this project: asymmetric, cookies, cors, browser_origins, rbac." in project.check(*UNTRUSTED).stdout


def test_answers_that_do_not_fit_the_files(checked_of: CheckedOf) -> None:
    """Whoever edits the answers changes what the project is compared with."""
    project = checked_of({"auth": "bearer"})
    project.answer(auth="both")

    assert "missing-defence cookies app/cookies" in project.findings()
    assert "lost-defence cookies app/main.py" in project.findings()


@pytest.mark.parametrize(
    ("path", "rule"),
    [("app/main.py", "lost-defence"), ("pyproject.toml", "lost-defence"), ("app/core/keys.py", "changed-defence")],
)
def test_a_conflict_that_nobody_has_solved(project: Checked, path: str, rule: str) -> None:
    lines = project.text(path).splitlines(keepends=True)
    both = ["<<<<<<< ours\n", "MINE = 1\n", "=======\n", ">>>>>>> theirs\n"]
    project.write(path, "".join([*lines[:4], *both, *lines[4:]]))

    (finding,) = project.report()["findings"]

    assert (finding["rule"], finding["path"], finding["line"]) == (rule, path, 5)
    assert finding["what"] == "contains an unresolved conflict"
    assert finding["remedy"] == "join both sides, and delete the conflict markers"
    assert finding["diff"]


def test_a_file_that_is_missing_because_the_answers_were_edited(checked_of: CheckedOf) -> None:
    """It never was in git, and what asks for it may be no feature that can be removed."""
    project = checked_of({"auth": "bearer"})
    project.answer(jwt_algorithm="ES256")

    (missing,) = [each for each in project.report()["findings"] if each["path"] == "app/bearer/es256.py"]

    assert missing["remedy"] == (
        "restore it from git; if .copier-answers.yml was edited, restore that and use `bastion set` or `bastion remove`"
    )


def test_a_table_that_would_be_dropped_with_its_model(project: Checked) -> None:
    """Users add to this file, too: the tables that may go."""
    project.edit(
        "migrations/env.py", "DROPPED: frozenset[str] = frozenset()", 'DROPPED: frozenset[str] = frozenset({"orders"})'
    )
    project.edit("migrations/env.py", "return not without_model or name in DROPPED", "return True")

    (*_, finding) = project.report()["findings"]

    assert (finding["rule"], finding["defence"], finding["path"]) == ("lost-defence", "always", "migrations/env.py")
    assert "_concerns_us is not the template's" in finding["what"]


def test_a_last_line_break_that_is_gone_is_shown_as_git_shows_it(project: Checked) -> None:
    path = "app/rbac/service.py"
    last = project.text(path).splitlines()[-1]
    project.write(path, project.text(path).removesuffix("\n"))

    (finding,) = project.report()["findings"]

    assert finding["diff"][-3:] == [f"-{last}", f"+{last}", "\\ No newline at end of file"]
