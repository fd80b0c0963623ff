"""The answers file decides what a project is compared with, so nobody may write into it what no questionnaire would."""

import json
from pathlib import Path

import pytest
import yaml

from bastion.checking.check import Order, check
from bastion.problems import Problem
from bastion.template import to_look_at
from tests.checking.checked import ANSWERS_FILE, UNTRUSTED, Checked
from tests.support.checkout import capabilities
from tests.support.commands import environment, refused

FILE = f"tampered-answers answers {ANSWERS_FILE}"


@pytest.mark.parametrize("name", ["rbac", "bearer", "reserved_slugs"])
def test_a_computed_name_would_override_what_the_answers_imply(project: Checked, name: str) -> None:
    project.answer(**{name: False})

    report = project.report()

    assert [each["rule"] for each in report["findings"]] == ["tampered-answers"]
    assert f"sets {name}, which is computed" in report["findings"][0]["what"]
    assert set(report["defences"]["on"]) & {"rbac", "bearer"} == {"rbac", "bearer"}


def test_every_computed_name_is_told_at_once(project: Checked) -> None:
    project.answer(**dict.fromkeys(capabilities(), True))

    assert project.findings() == [FILE] * len(capabilities())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"mfa": True}, "answers 'mfa', which is no question"),
        ({"_exclude": ["app/rbac"]}, "answers '_exclude', which is no question"),
        ({3: 4}, "answers '3', which is no question"),
        ({"database": "mysql"}, "holds an answer that is refused"),
        ({"database": ["sqlite"]}, "holds an answer that is refused"),
        ({"database": {"sqlite": 1}}, "holds an answer that is refused"),
        ({"features": ["rbac", "blockchain"]}, "holds an answer that is refused"),
        ({"features": 3}, "holds an answer that is refused"),
        ({"jwt_algorithm": "none"}, "holds an answer that is refused"),
        ({"project_name": "{{ 7 * 7 }}"}, "holds an answer that is refused"),
        ({"project_slug": "../../etc"}, "holds an answer that is refused"),
        ({"project_name": None}, "holds an answer that is refused"),
        ({"auth": None}, "holds an answer that is refused"),
    ],
    ids=str,
)
def test_an_answer_that_no_questionnaire_wrote(project: Checked, changes: dict[str, object], told: str) -> None:
    project.write(ANSWERS_FILE, yaml.safe_dump({**project.answers(), **changes}))

    findings = project.report()["findings"]

    assert findings[0]["rule"] == "tampered-answers"
    assert told in findings[0]["what"]


def test_each_answer_that_is_refused_is_a_finding(project: Checked) -> None:
    project.answer(auth="baerer", ci="jenkins")

    told = [each["what"] for each in project.report()["findings"]]

    assert told == [
        "holds an answer that is refused (auth has no choice 'baerer': did you mean 'bearer'?)",
        "holds an answer that is refused (ci has no choice 'jenkins': the choices are github, none)",
    ]


def test_an_answer_to_what_is_not_asked(project: Checked) -> None:
    project.answer(auth="cookie")

    assert "answers jwt_algorithm, which is not asked" in project.check(*UNTRUSTED).stdout


def test_an_answer_that_is_gone(project: Checked) -> None:
    answers = project.answers()
    del answers["rate_limit"]
    project.write(ANSWERS_FILE, yaml.safe_dump(answers))

    assert "has no answer to rate_limit" in project.check(*UNTRUSTED).stdout


def test_answers_that_make_no_project_leave_the_defences_unchecked(project: Checked) -> None:
    project.answer(database="mysql")

    report = project.report()

    assert not report["clean"]
    assert [each["what"] for each in report["not_checked"]] == ["defences", "settings"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"_src_path": "https://example.org/evil.git"}, "name it with --template if you trust it"),
        ({"_src_path": "../evil"}, "name it with --template if you trust it"),
        ({"_src_path": "ext::sh -c touch% executed"}, "name it with --template if you trust it"),
        ({"_src_path": None}, "names no template with a version"),
        ({"_commit": None}, "names no template with a version"),
        ({"_commit": "v0.0.1-1-g0a1b2c3d"}, "is no release of the template"),
        ({"_commit": "main"}, "is no release of the template"),
        ({"_commit": f"v{'9' * 5000}.0.0"}, "names no template with a version"),
        ({"_commit": "v999.0.0"}, "use the newer command: uvx fastapi-bastion@999.0.0"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_a_template_that_is_not_ours(project: Checked, changes: dict[str, object], told: str) -> None:
    project.answer(**changes)

    assert told in refused(project.check(*UNTRUSTED))


def test_what_fails_on_this_machine_is_no_matter_of_the_network(
    project: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version is at hand by then, also the one of an older project."""

    def full(*_: object) -> None:
        raise Problem("no space left", "free some")

    project.answer(_commit="v0.0.9")
    monkeypatch.setattr("bastion.project.RenderedProject.template", lambda _: to_look_at())
    monkeypatch.setattr("bastion.rendering.render", full)

    with pytest.raises(Problem) as told:
        check(Order(folder=project.folder, template=None, advisories=None, offline=True, run=False))

    assert str(told.value) == "no space left: free some"


def test_a_folder_that_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    here = Checked(tmp_path)

    assert "go into a project that `bastion new` made" in refused(here.check(*UNTRUSTED))
    assert f"there is no folder {tmp_path / 'missing'}: name one" in refused(here.check(*UNTRUSTED, "missing"))
    assert f"there is no folder {tmp_path / 'a-file'}: name one" in refused(here.check(*UNTRUSTED, "a-file"))


def test_a_machine_reads_why_nothing_was_checked(project: Checked) -> None:
    project.answer(_commit="v999.0.0")

    finished = project.check(*UNTRUSTED, "--json")

    assert (finished.returncode, finished.stderr) == (2, "")
    (problem,) = json.loads(finished.stdout)["problems"]
    assert problem.endswith("use the newer command: uvx fastapi-bastion@999.0.0")


def test_two_forms_of_one_report(project: Checked) -> None:
    assert "choose one" in refused(project.check("--json", "--sarif"))


def test_the_tenth_version_is_newer_than_the_ninth(project: Checked, tmp_path: Path) -> None:
    ninth = tmp_path / "packages/fastapi_bastion-0.9.0.dist-info/METADATA"
    ninth.parent.mkdir(parents=True)
    ninth.write_text("Metadata-Version: 2.1\nName: fastapi-bastion\nVersion: 0.9.0\n", encoding="utf-8")
    project.answer(_commit="v0.10.0")

    finished = project.check(*UNTRUSTED, env=environment({"PYTHONPATH": str(ninth.parents[1])}))

    assert "this command of v0.9.0: use the newer command: uvx fastapi-bastion@0.10.0" in refused(finished)


def test_a_defence_that_the_answers_deny_is_not_left_uncompared(project: Checked) -> None:
    """Otherwise one line in that file, and whatever is mounted can be weakened unseen."""
    project.answer(features=[])

    assert {f"tampered-answers {name} app/{name}/__init__.py" for name in ("cors", "rbac")} <= set(project.findings())
