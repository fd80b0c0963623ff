"""`bastion new` with flags, and its twin: plain `copier copy`."""

import json
import os
import shutil
import stat
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.checkout import PUBLIC_URL, instead_of_the_public_one, questions
from tests.support.combinations import Combination, as_flags, largest, name_of, without_a_question
from tests.support.commands import BASTION, COPIER, announced, bastion, environment, git, refused, run, succeed
from tests.support.templates import A_QUESTION, template_of
from tests.support.trees import SECRET, files, files_without_secret

BARE = ("--no-git", "--no-install")
COMMANDS = ("new", "features", "explain", "add", "remove", "set", "update", "check", "matrix", "prove")


@pytest.mark.parametrize("answers", [(), as_flags(largest())], ids=["defaults", "the largest project"])
def test_plain_copier_gives_the_same_project_byte_for_byte(
    tmp_path: Path, template_repository: Path, version_tag: str, answers: tuple[str, ...]
) -> None:
    succeed(*BASTION, "new", "ours", "--defaults", *BARE, *answers, cwd=tmp_path)
    from_url = ("copy", "--defaults", "--vcs-ref", version_tag, *answers, PUBLIC_URL, "theirs")
    succeed(*COPIER, *from_url, cwd=tmp_path, env=environment(instead_of_the_public_one(template_repository)))

    assert files_without_secret(tmp_path / "ours") == files_without_secret(tmp_path / "theirs")
    assert files(tmp_path / "ours")[".env"] != files(tmp_path / "theirs")[".env"]


def test_the_project_remembers_where_it_comes_from_and_no_git_means_no_repository(
    tmp_path: Path, version_tag: str
) -> None:
    succeed(*BASTION, "new", "project", "--defaults", *BARE, cwd=tmp_path)

    assert not (tmp_path / "project" / ".git").exists()
    answers = yaml.safe_load((tmp_path / "project" / ".copier-answers.yml").read_text(encoding="utf-8"))

    assert answers == {
        "_commit": version_tag,
        "_src_path": PUBLIC_URL,
        "project_name": "My API",
        "project_slug": "my-api",
        **{name: question["default"] for name, question in questions().items() if "choices" in question},
    }


def test_the_first_commit_holds_everything_but_the_secret(tmp_path: Path) -> None:
    succeed(*BASTION, "new", "project", "--defaults", "--no-install", cwd=tmp_path)
    project = tmp_path / "project"

    committed = set(git(project, "ls-files").splitlines())

    assert git(project, "log", "--format=%s").splitlines() == ["feat: start from fastapi-bastion"]
    assert git(project, "status", "--porcelain") == ""
    assert set(files(project)) - committed == {".env"}


def test_the_first_commit_holds_also_what_the_user_ignores_everywhere(tmp_path: Path) -> None:
    (tmp_path / "ignored").write_text(".vscode/\n*.example\n", encoding="utf-8")
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\texcludesFile = {(tmp_path / 'ignored').as_posix()}\n", encoding="utf-8")
    env = environment({"GIT_CONFIG_GLOBAL": str(settings)})

    succeed(*BASTION, "new", "project", "--defaults", "--no-install", cwd=tmp_path, env=env)

    assert {".env.example", ".vscode/settings.json"} <= set(git(tmp_path / "project", "ls-files").splitlines())


def test_the_first_commit_needs_no_name_no_key_and_no_hooks(tmp_path: Path) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (hooks / "pre-commit").chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[user]\n\tuseConfigOnly = true\n[commit]\n\tgpgsign = true\n[tag]\n\tgpgsign = true\n"
        f"[core]\n\thooksPath = {hooks.as_posix()}\n\tautocrlf = true\n",
        encoding="utf-8",
    )
    nobody = {
        name: value for name, value in environment().items() if not name.startswith(("GIT_AUTHOR", "GIT_COMMITTER"))
    }

    succeed(
        *BASTION,
        "new",
        "project",
        "--defaults",
        "--no-install",
        cwd=tmp_path,
        env={**nobody, "GIT_CONFIG_GLOBAL": str(settings)},
    )

    assert git(tmp_path / "project", "log", "--format=%an").splitlines() == ["bastion"]


@pytest.mark.parametrize("known", ["GIT_AUTHOR", "GIT_COMMITTER"])
def test_the_first_commit_is_made_for_somebody_of_whom_git_knows_half(tmp_path: Path, known: str) -> None:
    missing = {"GIT_AUTHOR", "GIT_COMMITTER"} - {known}
    variables = {name: value for name, value in environment().items() if not name.startswith(tuple(missing))}
    only = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true"}

    succeed(*BASTION, "new", "project", "--defaults", "--no-install", cwd=tmp_path, env={**variables, **only})

    names = git(tmp_path / "project", "log", "--format=%an %cn").split()
    assert names == ["Somebody" if half == known else "bastion" for half in ("GIT_AUTHOR", "GIT_COMMITTER")]


@pytest.mark.parametrize(
    "policy",
    [
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "never"},
        {"GIT_ALLOW_PROTOCOL": "https:ssh"},
    ],
    ids=["in its settings", "in a variable"],
)
def test_what_git_may_fetch_from_others_forbids_nothing_of_ours(tmp_path: Path, policy: dict[str, str]) -> None:
    bare = ("--defaults", "--no-git", "--no-install")

    succeed(*BASTION, "new", "project", *bare, cwd=tmp_path, env=environment(policy))

    assert (tmp_path / "project" / "app" / "main.py").is_file()


def test_what_git_may_fetch_from_others_holds_for_the_template_of_others(
    tmp_path: Path, template_repository: Path
) -> None:
    flags = ("--defaults", "--no-install", "--template", f"git+{template_repository.as_uri()}")

    finished = bastion("new", "project", *flags, cwd=tmp_path, env=environment({"GIT_ALLOW_PROTOCOL": "https:ssh"}))

    refused(finished, "transport 'file' not allowed")


def test_a_git_hook_may_call_it_without_harm_to_its_own_repository(tmp_path: Path, template_repository: Path) -> None:
    theirs = tmp_path / "theirs"
    shutil.copytree(template_repository, theirs)
    before = git(theirs, "for-each-ref"), git(theirs, "status", "--porcelain")
    inside = environment({"GIT_DIR": str(theirs / ".git"), "GIT_INDEX_FILE": str(theirs / ".git" / "index")})

    succeed(*BASTION, "new", "project", "--defaults", "--no-install", cwd=tmp_path, env=inside)

    assert (git(theirs, "for-each-ref"), git(theirs, "status", "--porcelain")) == before
    assert git(tmp_path / "project", "status", "--porcelain") == ""


def test_it_says_the_next_three_commands(tmp_path: Path) -> None:
    output = succeed(*BASTION, "new", "a project", "--defaults", *BARE, cwd=tmp_path)

    commands = [line.strip() for line in output.splitlines() if line.startswith("    ")]

    assert commands == [
        "cd 'a project'",
        "uv run pytest",
        "uv run python -m app.manage dev",
        "bastion new 'a project' --defaults --no-git --no-install",
    ]


def test_a_file_of_answers_is_taken_and_a_flag_wins_over_it(tmp_path: Path) -> None:
    (tmp_path / "answers.yml").write_text("database: postgresql\njwt_algorithm: EdDSA\n", encoding="utf-8")

    flags = ("--defaults", "--data-file", "answers.yml", "--data", "jwt_algorithm=ES256")
    answers = announced(*flags, cwd=tmp_path)["answers"]

    assert (answers["database"], answers["jwt_algorithm"]) == ("postgresql", "ES256")


@pytest.mark.parametrize("combination", [largest(), without_a_question()], ids=name_of)
def test_without_a_terminal_an_answer_to_each_question_is_enough(tmp_path: Path, combination: Combination) -> None:
    succeed(*BASTION, "new", "project", *BARE, "--data", "project_name=Shop", *as_flags(combination), cwd=tmp_path)

    assert "project_slug: shop\n" in (tmp_path / "project" / ".copier-answers.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("[rbac, cors]", ["rbac", "cors"]),
        ("cors,rbac", ["rbac", "cors"]),
        (" cors , ", ["cors"]),
        ("rbac", ["rbac"]),
        ("[]", []),
        ("", []),
    ],
)
def test_several_choices_are_written_as_people_write_them(tmp_path: Path, written: str, understood: list[str]) -> None:
    answers = announced("--defaults", "--data", f"features={written}", cwd=tmp_path)["answers"]

    assert answers["features"] == understood


def test_an_empty_folder_is_taken_even_the_current_one(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    before = here.stat().st_ino

    succeed(*BASTION, "new", ".", "--defaults", *BARE, cwd=here)

    assert (here / ".copier-answers.yml").exists()
    assert here.stat().st_ino == before
    assert not list(here.glob(".bastion-*"))


def test_missing_parents_are_created(tmp_path: Path) -> None:
    succeed(*BASTION, "new", "a/b/project", "--defaults", *BARE, cwd=tmp_path)

    assert (tmp_path / "a" / "b" / "project" / ".env").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_another_template_is_taken_by_its_address_and_ref(
    tmp_path: Path, template_repository: Path, version_tag: str
) -> None:
    address = template_repository.as_uri() + "/.git"

    succeed(*BASTION, "new", "project", "--defaults", *BARE, "--template", address, "--ref", version_tag, cwd=tmp_path)

    answers = (tmp_path / "project" / ".copier-answers.yml").read_text(encoding="utf-8")
    assert f"_commit: {version_tag}\n_src_path: {address}\n" in answers


@pytest.mark.parametrize(("fails", "reason"), [("lock", "no network"), ("sync", "uv sync failed"), ("nothing", "")])
def test_a_failing_installation_is_a_warning_and_the_project_stays(tmp_path: Path, fails: str, reason: str) -> None:
    uv = tmp_path / "uv"
    uv.write_text(f'#!/bin/sh\n[ "$1" != {fails} ] || {{ echo no network >&2; exit 1; }}\n', encoding="utf-8")
    uv.chmod(0o755)

    finished = bastion("new", "project", "--defaults", "--json", cwd=tmp_path, env=environment({"UV": str(uv)}))

    warning = f"bastion: the project is complete but not installed ({reason}): run `uv sync` in it\n"
    assert finished.returncode == 0
    assert json.loads(finished.stdout)["installed"] == (not reason)
    assert (warning in finished.stderr) == bool(reason)
    assert (tmp_path / "project" / ".env").exists()


def test_a_missing_uv_is_told_with_the_way_to_it(tmp_path: Path) -> None:
    if shutil.which("uv", path=os.defpath) or not shutil.which("git", path=os.defpath):
        pytest.skip("uv is where every program is, or git is not")

    finished = bastion("new", "project", "--defaults", cwd=tmp_path, env=environment({"PATH": os.defpath, "UV": ""}))

    assert finished.returncode == 0
    why = "bastion: the project is complete but not installed (there is no uv): "
    assert f"{why}run `uv sync` in it, `python3 -m pip install uv` brings it\n" in finished.stderr


def test_no_other_project_and_no_shared_environment_is_touched(tmp_path: Path) -> None:
    """A shell can name one for whatever uv does in it."""
    others, heard, uv = tmp_path / "others", tmp_path / "heard", tmp_path / "uv"
    says = "$1 $UV_PROJECT $UV_WORKING_DIR $UV_PROJECT_ENVIRONMENT"
    uv.write_text(f'#!/bin/sh\necho "{says}" >> {heard}\n', encoding="utf-8")
    uv.chmod(0o755)
    led_away = {"UV": str(uv), "UV_PROJECT": str(others), "UV_WORKING_DIR": str(others)}

    for name, shared in (("one", str(others / "venv")), ("two", ".venv-linux")):
        env = environment({**led_away, "UV_PROJECT_ENVIRONMENT": shared})
        assert bastion("new", name, "--defaults", cwd=tmp_path, env=env).returncode == 0

    assert [line.split() for line in heard.read_text(encoding="utf-8").splitlines()] == [
        ["lock"],
        ["sync"],
        ["lock", ".venv-linux"],
        ["sync", ".venv-linux"],
    ]


def test_a_git_that_finds_no_bare_repository_by_itself_will_do(tmp_path: Path) -> None:
    """`safe.bareRepository=explicit` is what git recommends."""
    settings = tmp_path / "gitconfig"
    settings.write_text("[safe]\n\tbareRepository = explicit\n", encoding="utf-8")
    env = environment({"GIT_CONFIG_GLOBAL": str(settings)})

    succeed(*BASTION, "new", "x", "--defaults", *BARE, cwd=tmp_path, env=env)

    assert (tmp_path / "x" / "app").is_dir()


def test_the_secret_is_drawn_anew_for_each_project(tmp_path: Path) -> None:
    secrets = set()
    for name in ("one", "two"):
        succeed(*BASTION, "new", name, "--defaults", *BARE, cwd=tmp_path)
        secrets.update(SECRET.findall((tmp_path / name / ".env").read_bytes()))

    assert len(secrets) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="files have no mode there")
@pytest.mark.parametrize("existing", [False, True], ids=["a new folder", "an empty folder"])
def test_the_secret_is_readable_by_its_owner_only(tmp_path: Path, *, existing: bool) -> None:
    if existing:
        (tmp_path / "project").mkdir()

    succeed(*BASTION, "new", "project", "--defaults", *BARE, cwd=tmp_path)

    assert stat.S_IMODE((tmp_path / "project" / ".env").stat().st_mode) == 0o600


def test_a_template_cannot_have_the_mode_of_a_file_elsewhere_changed(tmp_path: Path) -> None:
    template = template_of(tmp_path / "template", f"_preserve_symlinks: true\n{A_QUESTION}")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch(mode=0o644)
    (template / ".env").symlink_to(elsewhere)
    before = elsewhere.stat().st_mode

    succeed(*BASTION, "new", "project", "--defaults", *BARE, "--template", str(template), cwd=tmp_path)

    assert (tmp_path / "project" / ".env").is_symlink()
    assert elsewhere.stat().st_mode == before


@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS)], ids=lambda words: " ".join(words) or "none")
def test_everything_has_help(tmp_path: Path, words: tuple[str, ...]) -> None:
    usage = " ".join(("Usage: bastion", *words, "[OPTIONS]"))

    assert usage in succeed(*BASTION, *words, "--help", cwd=tmp_path)


def test_it_says_its_version(tmp_path: Path, version_tag: str) -> None:
    assert succeed(*BASTION, "--version", cwd=tmp_path) == f"bastion {version_tag.removeprefix('v')}\n"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("bastion new --no", {"--no-git", "--no-install"}),
        ("bastion new x --preset ", {"api", "web", "spa", "everything"}),
    ],
)
def test_a_shell_can_complete_it(tmp_path: Path, typed: str, offered: set[str]) -> None:
    completing = {
        "_BASTION_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split(" ")) - 1),
    }

    finished = run(*BASTION, cwd=tmp_path, env=environment(completing))

    assert set(finished.stdout.split()) == offered


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="there is no bash")
def test_a_shell_is_told_once_how_to_complete_it(tmp_path: Path) -> None:
    """It is found out which shell that is: the one that started the command."""
    home = {"HOME": str(tmp_path)}

    installed = run("bash", "-c", f'"{BASTION[0]}" --install-completion; exit', cwd=tmp_path, env=environment(home))

    assert installed.returncode == 0, installed.stderr
    assert [name for name, content in files(tmp_path).items() if b"_BASTION_COMPLETE=complete_bash" in content] != []
