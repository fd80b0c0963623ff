"""What `bastion new` tells: what there will be, before it is; what comes next; and how to have it again."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.combinations import Combination, as_flags, largest, name_of, without_a_question
from tests.support.commands import BASTION, bastion, environment, succeed
from tests.support.templates import A_QUESTION, template_of
from tests.support.trees import files, files_without_secret

BARE = ("--no-git", "--no-install")
ESCAPE = "\x1b"
ANSWERS_FILE = ".copier-answers.yml"

NAMES = ["it is 5.0 - or more", "Ünïcødé ß 日本", "true", "_1.0_"]


def told(*flags: str, cwd: Path) -> dict[str, Any]:
    return dict(json.loads(succeed(*BASTION, "new", "--json", *flags, cwd=cwd)))


def again(command: str, dest: Path) -> None:
    """Run a command as somebody who copied it into a shell, with another destination."""
    words = shlex.split(command)
    assert words[:2] == ["bastion", "new"]
    line = shlex.join([*BASTION, "new", str(dest), *words[3:]])
    succeed("sh", "-c", line, cwd=dest.parent)


@pytest.mark.parametrize("json_too", [(), ("--json",)], ids=["for people", "for machines"])
def test_a_dry_run_writes_nothing_anywhere_near(tmp_path: Path, json_too: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "tmp").mkdir()
    before = tmp_path.stat().st_mtime_ns, (tmp_path / "empty").stat().st_mtime_ns
    elsewhere = environment({"TMPDIR": str(tmp_path / "tmp")})

    for dest in ("project", "empty", "a/b/c"):
        finished = bastion("new", dest, "--defaults", "--dry-run", *json_too, cwd=tmp_path, env=elsewhere)
        assert finished.returncode == 0, finished.stderr

    assert (tmp_path.stat().st_mtime_ns, (tmp_path / "empty").stat().st_mtime_ns) == before
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["empty", "tmp"]


def test_a_dry_run_refuses_what_a_real_one_would(tmp_path: Path) -> None:
    (tmp_path / "project").touch()

    finished = bastion("new", "project", "--defaults", "--dry-run", cwd=tmp_path)

    assert (finished.returncode, finished.stdout) == (2, "")
    assert "project is a file" in finished.stderr


def test_a_dry_run_shows_the_tree_and_the_summary(tmp_path: Path) -> None:
    output = succeed(*BASTION, "new", "project", "--preset", "spa", "--defaults", "--dry-run", cwd=tmp_path)

    assert output.splitlines()[0] == "project"
    for shown in ("── cors/", "── main.py", "/auth/csrf GET", "\n27 routes\n"):
        assert shown in output
    assert re.search(r"^  .*\blimits, pydantic, ", output, re.MULTILINE)
    assert re.search(r"^  auth +cookie  +web pages in a browser ", output, re.MULTILINE)
    assert "Nothing was written. To create it:" in output
    assert output.splitlines()[-1].strip().startswith("bastion new project --defaults --data auth=cookie")


def test_the_summary_names_each_dependency_without_its_bound(tmp_path: Path) -> None:
    """Ours have a lower one each, so a template with all sorts stands in."""
    bounds = [
        "a>=1",
        "b<2",
        "c~=3.1",
        "d!=4",
        "e[x,y] == 5.*",
        "f @ https://example.org/f.zip",
        "g; os_name > 'a'",
        "h",
    ]
    manifest = f"[project]\ndependencies = {json.dumps(bounds)}\n"
    template = template_of(tmp_path / "template", A_QUESTION, {"pyproject.toml": manifest})

    flags = ("--defaults", "--template", str(template), "--dry-run")
    output = succeed(*BASTION, "new", "project", *flags, cwd=tmp_path)

    assert "\n8 dependencies\n  a, b, c, d, e[x,y], f, g, h\n" in output


def test_what_was_announced_is_what_there_is(tmp_path: Path) -> None:
    before = told("project", "--preset", "spa", "--defaults", "--dry-run", *BARE, cwd=tmp_path)
    after = told("project", "--preset", "spa", "--defaults", *BARE, cwd=tmp_path)

    project = tmp_path / "project"
    manifest = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    remembered = yaml.safe_load((project / ANSWERS_FILE).read_text(encoding="utf-8"))
    assert {**before, "created": True} == after
    assert (before["created"], after["installed"]) == (False, False)
    assert after["files"] == sorted(files(project))
    assert after["dependencies"]["project"] == manifest["project"]["dependencies"]
    assert after["answers"] == {name: each for name, each in remembered.items() if not name.startswith("_")}
    assert {"method": "GET", "path": "/auth/csrf", "file": "app/cookies/router.py"} in after["routes"]
    assert after["next"][0] == "cd project"


def test_machines_are_told_of_mistakes_where_they_read(tmp_path: Path) -> None:
    finished = bastion("new", "project", "--json", "--defaults", "--data", "a=1", "--data", "b=2", cwd=tmp_path)

    assert (finished.returncode, finished.stderr) == (2, "")
    problems = json.loads(finished.stdout)["problems"]
    assert [problem.split(":")[0] for problem in problems] == ["there is no question 'a'", "there is no question 'b'"]


@pytest.mark.parametrize("combination", [largest(), without_a_question(), {}], ids=lambda each: name_of(each) or "none")
def test_the_commands_at_the_end_and_in_the_project_make_the_same_project(
    tmp_path: Path, combination: Combination
) -> None:
    assert_made_again(*as_flags(combination), "--data", "project_slug=shop", folder=tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_survives_a_shell(tmp_path: Path, name: str) -> None:
    assert_made_again("--data", f"project_name={name}", folder=tmp_path)


def assert_made_again(*flags: str, folder: Path) -> None:
    """Make a project by flags, and by both commands that say how it is made again."""
    command = told("one", *flags, "--defaults", *BARE, cwd=folder)["reproduce"]
    for number, line in enumerate((command, f"{_kept_in(folder / 'one')} {shlex.join(BARE)}")):
        again(line, folder / f"again-{number}")
        assert files_without_secret(folder / f"again-{number}") == files_without_secret(folder / "one")


@pytest.mark.parametrize("dest", ["it's", "a $(touch hacked) b", "é è", 'quo"te', "-n"])
def test_every_destination_survives_a_shell(tmp_path: Path, dest: str) -> None:
    enter = told("--defaults", "--dry-run", "--", dest, cwd=tmp_path)["next"][0]
    (tmp_path / dest).mkdir()

    assert succeed("sh", "-c", f"{enter} && pwd -P", cwd=tmp_path).strip() == str((tmp_path / dest).resolve())
    assert not (tmp_path / "hacked").exists()


def test_an_answer_that_is_the_default_need_not_be_repeated(tmp_path: Path) -> None:
    flags = ("--data", "database=sqlite", "--data", "ci=none", "--defaults", "--dry-run")

    assert told("x", *flags, cwd=tmp_path)["reproduce"] == "bastion new x --defaults --data ci=none"


@pytest.mark.parametrize("flags", [(), ("--no-git",), ("--no-install",), BARE], ids=" ".join)
def test_what_is_left_out_is_left_out_again(tmp_path: Path, flags: tuple[str, ...]) -> None:
    command = told("x", "--defaults", "--dry-run", *flags, cwd=tmp_path)["reproduce"]

    assert command == shlex.join(["bastion", "new", "x", "--defaults", *flags])


def test_a_default_that_is_another_for_this_user_has_to_be_repeated(tmp_path: Path) -> None:
    """Copier lets its users have defaults of their own."""
    settings = tmp_path / "settings.yml"
    settings.write_text("defaults:\n  database: postgresql\n", encoding="utf-8")
    flags = ("--json", "--dry-run", "--defaults", "--data", "database=sqlite")

    finished = bastion("new", "x", *flags, cwd=tmp_path, env=environment({"COPIER_SETTINGS_PATH": str(settings)}))

    assert "--data database=sqlite" in json.loads(finished.stdout)["reproduce"]


@pytest.mark.parametrize("source", [(), ("--template", "{template}")], ids=["this template", "a fork"])
def test_no_default_of_this_user_takes_the_place_of_what_is_computed(
    tmp_path: Path, template_repository: Path, source: tuple[str, ...]
) -> None:
    """A default for `github`, which others ask for too, would bring a workflow; `rbac: false` would take the roles."""
    settings = tmp_path / "settings.yml"
    defaults = "{github: johndoe, rbac: false, cors: true, database: postgresql}"
    settings.write_text(f"defaults: {defaults}\n", encoding="utf-8")
    flags = ("--dry-run", "--defaults", *(part.format(template=template_repository) for part in source))

    finished = bastion(
        "new", "x", "--json", *flags, cwd=tmp_path, env=environment({"COPIER_SETTINGS_PATH": str(settings)})
    )

    assert finished.returncode == 0, finished.stderr
    wanted = told("x", *flags, "--data", "database=postgresql", cwd=tmp_path)
    assert json.loads(finished.stdout)["files"] == wanted["files"]


@pytest.mark.parametrize(
    ("flags", "heading"),
    [
        ((), "x is ready. Next:"),
        (("--data", "database=postgresql"), "x is ready. It needs PostgreSQL; README.md says how to start it. Next:"),
        (
            ("--data", "database=postgresql", "--data", "rate_limit=redis"),
            "PostgreSQL and Redis; README.md says how to start them.",
        ),
    ],
    ids=["none", "one", "two"],
)
def test_the_servers_that_a_project_needs_are_named_before_it_is_started(
    tmp_path: Path, flags: tuple[str, ...], heading: str
) -> None:
    assert heading in succeed(*BASTION, "new", "x", "--defaults", "--no-git", "--no-install", *flags, cwd=tmp_path)


def test_another_template_is_named_again(tmp_path: Path, template_repository: Path, version_tag: str) -> None:
    source = ("--template", str(template_repository), "--ref", version_tag)

    command = told("one", *source, "--defaults", *BARE, cwd=tmp_path)["reproduce"]

    assert command == shlex.join(["bastion", "new", "one", *source, "--defaults", *BARE])


def test_a_secret_answer_is_told_to_nobody(tmp_path: Path) -> None:
    question = "word:\n  type: str\n  secret: true\n  default: none\n"
    template = template_of(tmp_path / "template", question, {"kept.jinja": "{{ word }}"})
    flags = ("--template", str(template), "--data", "word=open-sesame", "--defaults", *BARE)

    output = succeed(*BASTION, "new", "one", "--json", *flags, cwd=tmp_path)

    assert "sesame" not in output
    assert (tmp_path / "one" / "kept").read_text(encoding="utf-8") == "open-sesame"


@pytest.mark.parametrize(
    "variables", [{}, {"COLORTERM": "truecolor", "TERM": "xterm-256color"}], ids=["plain", "asked for"]
)
def test_a_pipe_gets_no_colours(tmp_path: Path, variables: dict[str, str]) -> None:
    finished = bastion("new", "project", "--defaults", "--dry-run", cwd=tmp_path, env=environment(variables))

    assert ESCAPE not in finished.stdout + finished.stderr


def _kept_in(project: Path) -> str:
    (line,) = re.findall(
        r"^# The same again: (.*)$", (project / ANSWERS_FILE).read_text(encoding="utf-8"), re.MULTILINE
    )
    return str(line)
