"""Bad input: one clear line with the remedy, exit code 2, and the project as it was."""

import os
import sys
from pathlib import Path

import pytest

from bastion.problems import Problem
from bastion.project import RenderedProject
from tests.living.conftest import Project
from tests.support.checkout import PUBLIC_URL
from tests.support.commands import Finished, bastion, environment, failed, git, refused, run
from tests.support.gits import git_that_at, led_from
from tests.support.living import Living
from tests.support.trees import files

ANSWERS = ".copier-answers.yml"

BAD_WORDS = {
    "an unknown feature": (("add", "corse"), "did you mean 'cors'?"),
    "an unheard-of feature": (("remove", "blockchain"), "the features are rbac, cors"),
    "an answer to another question": (("add", "redis"), "bastion set rate_limit=redis"),
    "a capability": (("set", "cors=true"), "the questions are project_name"),
    "an unknown question": (("set", "auht=both"), "did you mean 'auth'?"),
    "a wrong choice": (("set", "auth=none"), "auth has no choice 'none': the choices are bearer, cookie, both"),
    "an answer to what nobody asks": (("set", "auth=cookie", "jwt_algorithm=ES256"), "leave jwt_algorithm out"),
    "two answers to one question": (("set", "auth=both", "auth=cookie"), "answer it once"),
    "no pair": (("set", "auth"), "write it as question=answer"),
    "a name that would break a file": (("set", 'project_name=a"b'), "letters, digits"),
}

A_DEFENCE_LESS = {
    "by a removal without a question": (("remove", "rbac", "--yes"), "add --yes-weaken"),
    "by an answer": (("set", "rate_limit=gateway"), "something in front of it must): add --yes-weaken"),
}

BAD_ANSWERS = {
    "a computed capability": ("ci: github\n", "ci: github\nhs256: true\n", "there is no question 'hs256'"),
    "an unknown question": ("ci: github\n", "ci: github\nmfa: true\n", "there is no question 'mfa'"),
    "an unknown feature": ("- rbac\n", "- rbca\n", "did you mean 'rbac'?"),
    "a wrong choice": ("auth: bearer", "auth: none", "auth has no choice 'none'"),
    "an answer to what nobody asks": ("auth: bearer", "auth: cookie", "'jwt_algorithm' is not asked"),
    "another template": (PUBLIC_URL, "https://github.com/somebody/else.git", "rendered from another template"),
    "a newer version": ("_commit: v", "_commit: v9", "use the newer command: uvx fastapi-bastion@9"),
    "what a stranger has only proposed": (
        "_commit: v",
        "_commit: v0.0.1-1-g0a1b2c3d #",
        "is no release of the template",
    ),
    "no version": ("_commit: v", "commit: v", "names no template with a version"),
    "a tag that fits nothing": ("ci: github", "ci: !!bool github", "restore it from git"),
    "no YAML": ("ci: github", "ci: [", "restore it from git"),
}


TAKES_AWAY = "this takes away defences that users may rely on"


@pytest.fixture(autouse=True)
def _temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whatever a command keeps for a while lie where nothing else does."""
    folder = tmp_path_factory.mktemp("temporary")
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(folder))


def assert_refused(project: Living, finished: Finished, remedy: str) -> None:
    refused(finished, remedy)
    assert list(Path(os.environ["TMPDIR"]).iterdir()) == []
    if (project.folder / ".git").exists():
        assert len(project.git("worktree", "list").splitlines()) == 1


@pytest.mark.parametrize(("words", "remedy"), BAD_WORDS.values(), ids=BAD_WORDS)
def test_bad_words(project: Project, words: tuple[str, ...], remedy: str) -> None:
    ours = project()
    before = ours.state

    assert_refused(ours, ours.bastion(*words), remedy)
    assert ours.state == before


@pytest.mark.parametrize(("words", "remedy"), A_DEFENCE_LESS.values(), ids=A_DEFENCE_LESS)
def test_a_defence_less_is_shown_and_refused(project: Project, words: tuple[str, ...], remedy: str) -> None:
    """Whoever has to agree sees first to what."""
    ours = project()
    before = ours.state

    finished = ours.bastion(*words)

    failed(finished, TAKES_AWAY, remedy)
    assert finished.stdout.startswith(f"{words[0]} {words[1]} will change\n")
    assert "  deleted       - " in finished.stdout
    assert "Next:" not in finished.stdout
    assert ours.state == before


@pytest.mark.parametrize("words", [("update",), ("add", "cors")], ids=" ".join)
def test_several_answers_that_somebody_tampered_with(project: Project, words: tuple[str, ...]) -> None:
    """Also where the version that is wanted is the one that the project has."""
    ours = project()
    ours.replace(ANSWERS, "auth: bearer", "auth: none")
    ours.replace(ANSWERS, "ci: github", "ci: jenkins")
    ours.commit()
    before = ours.state

    finished = ours.bastion(*words)

    assert (finished.returncode, finished.stdout) == (2, "")
    no_auth, no_ci = finished.stderr.splitlines()
    assert "auth has no choice 'none'" in no_auth
    assert "ci has no choice 'jenkins'" in no_ci
    assert no_auth.startswith("bastion: ")
    assert "restore it from git" in no_ci
    assert ours.state == before


@pytest.mark.parametrize(("old", "new", "remedy"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_answers_that_somebody_tampered_with(project: Project, old: str, new: str, remedy: str) -> None:
    ours = project()
    ours.replace(ANSWERS, old, new)
    ours.commit()
    before = ours.state

    assert_refused(ours, ours.bastion("add", "cors"), remedy)
    assert ours.state == before


@pytest.mark.parametrize("path", ["mine.txt", "README.md"], ids=["untracked", "changed"])
def test_what_is_not_committed(project: Project, path: str) -> None:
    ours = project()
    ours.write(path, "mine\n")
    before = ours.state

    assert_refused(ours, ours.bastion("add", "cors"), "git stash --include-untracked")
    assert ours.state == before


def test_no_answers_file(project: Project) -> None:
    ours = project()
    ours.git("rm", "--quiet", ANSWERS)
    ours.commit()

    assert_refused(ours, ours.bastion("add", "cors"), "go into a project that `bastion new` made")


def test_an_answers_file_that_git_does_not_keep(project: Project) -> None:
    ours = project()
    ours.git("rm", "--quiet", "--cached", ANSWERS)
    ours.write(".git/info/exclude", ANSWERS)
    ours.commit()

    assert_refused(ours, ours.bastion("add", "cors"), "add it and commit")


def test_no_repository(project: Project, tmp_path: Path) -> None:
    ours = project()
    (ours.folder / ".git").rename(tmp_path / "elsewhere")
    before = files(ours.folder)

    assert_refused(ours, ours.bastion("add", "cors"), "git init && git add --all && git commit")
    assert files(ours.folder) == before


def test_a_repository_without_a_commit(project: Project, tmp_path: Path) -> None:
    ours = project()
    (ours.folder / ".git").rename(tmp_path / "elsewhere")
    ours.git("init", "--quiet")

    assert_refused(ours, ours.bastion("add", "cors"), "make the first one: git add --all")


def test_an_ignored_file_in_the_way(project: Project) -> None:
    ours = project()
    ours.replace(".gitignore", ".env\n", ".env\n/app/cors/\n")
    ours.commit()
    ours.write("app/cors/guard.py", "mine\n")
    before = ours.state

    failed(ours.bastion("add", "cors"), "guard.py is in the way, and git does not keep it: move it elsewhere")
    assert ours.state == before


def test_no_git(project: Project, tmp_path: Path) -> None:
    ours = project()

    without_git = environment({"PATH": str(tmp_path / "bin")})

    assert_refused(ours, ours.bastion("add", "cors", env=without_git), "git is not installed: install it")


def test_an_older_version_whose_template_cannot_be_reached(project: Project, tmp_path: Path, version_tag: str) -> None:
    ours = project()
    ours.write(ANSWERS, ours.read(ANSWERS).replace(f"_commit: {version_tag}", "_commit: v0.0.9"))
    ours.commit()
    before = ours.state
    offline = environment(led_from(PUBLIC_URL, (tmp_path / "gone").as_uri()))

    assert_refused(ours, ours.bastion("add", "cors", env=offline), f"see that {PUBLIC_URL} can be reached")
    assert ours.state == before


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    finished = bastion("add", "cors", "--project", "missing", cwd=tmp_path)

    refused(finished, f"there is no folder {tmp_path / 'missing'}: name one that `bastion new` made")
    assert list(tmp_path.iterdir()) == []


def test_a_project_that_a_surrounding_repository_does_not_keep(project: Project, tmp_path: Path) -> None:
    ours = project()
    (ours.folder / ".git").rename(tmp_path / "elsewhere")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message=first")

    assert_refused(ours, ours.bastion("add", "cors"), "add it and commit")


def test_a_folder_that_leads_out_of_the_project(project: Project, tmp_path: Path) -> None:
    """Somebody sent a repository along, and what the feature brings would be written to where it points."""
    ours = project()
    (tmp_path / "elsewhere").mkdir()
    (ours.folder / "app/cors").symlink_to(tmp_path / "elsewhere")
    ours.commit()

    assert_refused(ours, ours.bastion("add", "cors"), "make it a folder")
    assert list((tmp_path / "elsewhere").iterdir()) == []


SEVERAL_MISTAKES = {
    "answers": (
        ("set", "databse=sqlite", "features=[rbca]", "auht=both"),
        ["did you mean 'database'?", "did you mean 'rbac'?", "did you mean 'auth'?"],
    ),
    "answers of every kind": (
        ("set", "atuh=cookie", "foo", "ci=githb", "project_name=<b>", "auth=cookie", "jwt_algorithm=ES256"),
        [
            "write it as question=answer",
            "did you mean 'auth'?",
            "did you mean 'github'?",
            "at most 60 letters, digits",
            "leave jwt_algorithm out, or give another answer to auth",
        ],
    ),
    "features to add": (("add", "corss", "rback", "redis"), ["'cors'?", "'rbac'?", "bastion set rate_limit=redis"]),
    "features to remove": (("remove", "foo", "cors", "rbca"), ["the features are rbac, cors", "did you mean 'rbac'?"]),
}


@pytest.mark.parametrize(("words", "remedies"), SEVERAL_MISTAKES.values(), ids=SEVERAL_MISTAKES)
def test_several_mistakes_are_told_together(project: Project, words: tuple[str, ...], remedies: list[str]) -> None:
    ours = project()
    before = ours.state

    finished = ours.bastion(*words)

    assert (finished.returncode, finished.stdout) == (2, "")
    lines = finished.stderr.splitlines()
    assert [remedy for remedy, line in zip(remedies, lines, strict=True) if remedy not in line] == []
    assert ours.state == before


def test_a_merge_that_is_not_finished(project: Project) -> None:
    """The next commit would end it, and going back would drop it."""
    ours = project()
    ours.git("checkout", "--quiet", "-b", "side")
    ours.git("commit", "--quiet", "--allow-empty", "--message=side")
    ours.git("checkout", "--quiet", "-")
    ours.git("merge", "--quiet", "--no-ff", "--no-commit", "side")

    assert_refused(ours, ours.bastion("add", "cors"), "end it first: git merge --continue")


@pytest.mark.parametrize(("how", "clean"), [("--merge", True), ("--apply", True), ("--merge", False)])
def test_a_rebase_that_is_not_finished(project: Project, how: str, *, clean: bool) -> None:
    """What it has not yet replayed would come on top of a half of the change."""
    ours = project()
    ours.git("checkout", "--quiet", "-b", "side")
    for text in ("theirs\n", "also theirs\n"):
        ours.write("theirs.txt", text)
        ours.commit()
    ours.git("checkout", "--quiet", "-")
    ours.write("theirs.txt", "ours\n")
    ours.commit()
    run("git", "rebase", how, "HEAD", "side", cwd=ours.folder)
    if clean:
        ours.git("reset", "--quiet", "--hard")

    assert_refused(ours, ours.bastion("add", "cors"), "end it first: git rebase --continue")


def test_patches_that_are_not_all_applied(project: Project, tmp_path: Path) -> None:
    ours = project()
    ours.write("theirs.txt", "theirs\n")
    ours.commit()
    ours.git("format-patch", "--quiet", "-1", "--output-directory", str(tmp_path))
    run("git", "am", str(next(tmp_path.glob("*.patch"))), cwd=ours.folder)

    assert_refused(ours, ours.bastion("add", "cors"), "end it first: git am --continue")


@pytest.mark.parametrize(("head", "command"), [("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert")])
def test_a_commit_that_is_taken_over_or_back_by_half(project: Project, head: str, command: str) -> None:
    """As after a conflict that is settled and not committed: the tree is clean, and the next commit ends it."""
    ours = project()
    ours.git("update-ref", head, "HEAD")

    assert_refused(ours, ours.bastion("add", "cors"), f"end it first: git {command} --continue")


def test_another_git_at_work(project: Project) -> None:
    ours = project()
    lock = ours.folder / ".git" / "index.lock"
    lock.touch()
    before = ours.state

    failed(ours.bastion("add", "cors"), "another git is at work in", f"let it end; if there is none, delete {lock}")
    assert lock.exists()
    assert ours.state == before


def test_a_repository_of_somebody_elses(project: Project) -> None:
    """To make another one there would help nobody."""
    ours = project()
    not_mine = environment({"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})

    finished = ours.bastion("add", "cors", env=not_mine)

    assert_refused(ours, finished, f"git config --global --add safe.directory {ours.folder}")
    assert "git init" not in finished.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's script stands for git")
def test_a_git_that_is_killed_without_a_word(project: Project, tmp_path: Path) -> None:
    ours = project()
    env = environment(git_that_at("rev-parse --show-toplevel", "kill -9 $$", tmp_path))

    assert_refused(ours, ours.bastion("add", "cors", env=env), "it does not say why")


def test_a_release_where_the_command_is_its_prerelease(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bastion.project.own_tag", lambda: "v0.2.0rc1")
    RenderedProject(tmp_path, PUBLIC_URL, "v0.2.0b2", {}).refuse_if_newer()

    with pytest.raises(Problem, match="use the newer command"):
        RenderedProject(tmp_path, PUBLIC_URL, "v0.2.0", {}).refuse_if_newer()


def test_a_repository_that_is_not_checked_out_as_a_whole(project: Project) -> None:
    ours = project()
    ours.git("sparse-checkout", "set", "app", "migrations")

    assert_refused(ours, ours.bastion("add", "cors"), "check out all of it: git sparse-checkout disable")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text(project: Project) -> None:
    ours = project()
    (ours.folder / os.fsdecode(b"b\xff.txt")).write_text("mine\n", encoding="utf-8")
    ours.commit()

    assert_refused(ours, ours.bastion("add", "cors"), "is no name in UTF-8: rename it")


def test_an_edit_that_git_was_told_to_overlook_stays(project: Project) -> None:
    ours = project()
    ours.git("update-index", "--assume-unchanged", "app/main.py")
    ours.replace("app/main.py", "TITLE = ", "# mine\nTITLE = ")

    failed(ours.bastion("add", "cors"), "app/main.py")
    assert "# mine\n" in ours.read("app/main.py")
