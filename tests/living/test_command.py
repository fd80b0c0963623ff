"""`bastion add`, `remove` and `set` as people use them: what they show, what they do, and what is left to do."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.living.conftest import Project
from tests.support.checkout import PUBLIC_URL, features
from tests.support.commands import BASTION, bastion, environment, git, succeed
from tests.support.living import Living, Nursery
from tests.support.terminal import end_of, open_terminal
from tests.support.trees import files, files_of_the_template


def answers(project: Living) -> Mapping[str, Any]:
    return dict(yaml.safe_load(project.read(".copier-answers.yml")))


def test_a_feature_comes_and_goes(nursery: Nursery, tmp_path: Path) -> None:
    """One of them, by the command: each comes and goes in `test_properties.py`."""
    feature, question = next(iter(features().items()))
    without = nursery.project(tmp_path / "without", {question: []})
    with_it = nursery.project(tmp_path / "with", {question: [feature]})
    living, before = nursery.project(tmp_path / "living", {question: []}), files(without.folder)

    living.change("add", feature)
    assert files_of_the_template(living.folder) == files_of_the_template(with_it.folder)
    assert living.git("diff", "--name-only") == ""
    living.commit()
    living.change("remove", feature, "--yes-weaken")

    assert files_of_the_template(living.folder) == files_of_the_template(without.folder)
    assert before.keys() == files(living.folder).keys()


def test_a_dry_run_shows_and_changes_nothing(project: Project) -> None:
    ours = project()
    before = ours.state

    shown = ours.change("remove", "rbac", "--dry-run")

    assert "features: [rbac] -> []" in shown
    assert "files in app/rbac/" in shown
    assert "  routes        - GET /users\n" in shown
    assert (
        "\nIt takes away defences that users may rely on:\n\n"
        "  rbac: without it everybody with an account may do the same, and nobody administers accounts over HTTP.\n"
        "  It was there against people who do what only others may"
    ) in shown
    assert shown.endswith("A dry run: nothing was changed. Without --dry-run this needs --yes-weaken.\n")
    assert ours.state == before


def test_a_dry_run_that_takes_no_defence_away_needs_no_further_word(project: Project) -> None:
    assert project().change("add", "cors", "--dry-run").endswith("A dry run: nothing was changed.\n")


@pytest.mark.parametrize(
    "words",
    [("add", "rbac"), ("remove", "cors"), ("set", "auth=bearer"), ("update",), ("set", "features=[rbac,rbac]")],
    ids=" ".join,
)
def test_what_is_so_already_is_nothing_to_do(project: Project, words: tuple[str, ...]) -> None:
    """A script may say it again: what is wanted is what is there."""
    ours = project()
    before = ours.state

    assert ours.change(*words).startswith("Nothing to do")
    assert ours.state == before


def test_setting_says_what_will_be_forgotten_and_what_is_left_to_do(project: Project) -> None:
    ours = project(jwt_algorithm="ES256")

    said = ours.change("set", "auth=cookie", "rate_limit=redis", "--yes-weaken")

    assert "forgotten     jwt_algorithm: ES256" in said
    assert "jwt_algorithm" not in answers(ours)
    assert "    COOKIES_OVER_HTTP=true\n    REDIS_URL=redis://127.0.0.1:6379/0\n" in said
    assert "    uv sync\n" in said
    assert "These tables stay in the database, with all their rows: spent_refresh_tokens." in said
    assert "migrate -m" not in said
    assert "manage secrets" not in said


def test_new_tables_are_migrated_old_settings_go_and_routes_come_and_go(project: Project) -> None:
    ours = project(auth="cookie", rate_limit="redis", features=[])

    said = ours.change("set", "auth=bearer", "features=rbac", "rate_limit=memory", "--yes-weaken")

    routes = said.partition("  routes ")[2].partition("\n  tables")[0].split("\n")
    told = [each.strip() for each in routes]
    assert "+ GET /users" in told
    assert any(each.startswith("- POST /auth/") for each in told)
    assert told.index("+ GET /users") < next(at for at, each in enumerate(told) if each.startswith("-"))
    assert "tables        + role_permissions\n" in said
    assert "uv run python -m app.manage migrate -m 'set auth=bearer features=rbac rate_limit=memory'" in said
    assert "These settings in .env are no longer used; delete them: COOKIES_OVER_HTTP, REDIS_URL" in said


def test_what_goes_with_something_else_is_not_told_beside_it(project: Project) -> None:
    """Nobody has chosen a list of origins, or a kind of signature without tokens."""
    ours = project(jwt_algorithm="ES256", features=["cors"])

    without_cors = ours.change("remove", "cors", "--dry-run")
    without_tokens = ours.change("set", "auth=cookie", "--dry-run")

    assert "  cors: without it" in without_cors
    assert "browser_origins:" not in without_cors
    assert "  bearer: without it" in without_tokens
    assert "asymmetric:" not in without_tokens


def test_what_is_next_begins_with_the_way_to_the_project(project: Project) -> None:
    ours = project()
    elsewhere = ours.folder.parent

    finished = bastion("add", "cors", "--project", "project", cwd=elsewhere)

    assert "\nNext:\n\n    cd project\n    git diff --staged\n" in finished.stdout


def test_whoever_stands_in_what_is_removed_is_told_what_is_next(project: Project) -> None:
    ours = project()

    finished = bastion("remove", "rbac", "--yes-weaken", "--project", "../..", cwd=ours.folder / "app" / "rbac")

    assert finished.returncode == 0, finished.stderr
    assert f"\nNext:\n\n    cd {ours.folder}\n" in finished.stdout


def test_another_database_begins_empty(project: Project) -> None:
    said = project().change("set", "database=postgresql", "--yes-weaken")

    assert "No data are moved: the new database begins empty" in said
    assert "    DATABASE_URL=postgresql+asyncpg://localhost/my_api\n" in said
    assert "    uv run python -m app.manage migrate\n" in said


def test_a_clone_without_a_secret_is_told_to_make_one(project: Project) -> None:
    ours = project()
    (ours.folder / ".env").unlink()

    assert "uv run python -m app.manage secrets" in ours.change("add", "cors")
    assert not (ours.folder / ".env").exists()


def test_an_edited_file_of_what_is_removed_is_named_with_the_way_to_get_it_back(project: Project) -> None:
    ours = project()
    ours.write("app/rbac/router.py", ours.read("app/rbac/router.py") + "# ours\n")
    ours.write("app/rbac/teams.py", '"""Ours."""\n')
    ours.write("app/greetings/who.py", "from app.rbac import service\n")
    ours.write("tests/greetings/access.py", "from tests.support.expectations import Row\n")
    ours.commit()

    said = ours.change("remove", "rbac", "--yes-weaken")
    (command,) = [line.strip() for line in said.splitlines() if "git show" in line]
    ours.commit("without roles")

    assert not (ours.folder / "app/rbac/router.py").exists()
    assert ours.git(*command.split()[1:]).endswith("# ours\n")
    assert (ours.folder / "app/rbac/teams.py").exists()
    assert "app/rbac/ is kept, because it has files of yours" in said
    assert "These files of yours import removed modules: app/greetings/who.py, tests/greetings/access.py\n" in said


def test_no_folder_is_left_that_python_would_import_and_what_is_no_python_hinders_nothing(project: Project) -> None:
    """A notebook's export, or an example in a book: it parses, and does not compile."""
    ours = project()
    ours.write("app/drafts/exported.py", "return 1\n")
    ours.commit()
    ours.write("app/rbac/__pycache__/router.cpython-311.pyc", b"\0")

    ours.change("remove", "rbac", "--yes-weaken")

    assert not (ours.folder / "app/rbac").exists()
    assert ours.read("app/drafts/exported.py") == "return 1\n"


def test_whoever_is_in_the_project_needs_no_way_there_and_goes_back_by_one_command(project: Project) -> None:
    ours = project()
    before = ours.state

    said = ours.change("set", "auth=both", "features=rbac,cors")
    assert "\nNext:\n\n    git diff --staged\n" in said
    assert said.splitlines()[-1] == "To go back instead: git reset --hard"
    ours.git("reset", "--quiet", "--hard")

    assert ours.state == before


OTHERWISE = [pytest.param(line, marks=pytest.mark.long) for line in ("  redis_url = {}", 'Redis_Url="{}"')]


@pytest.mark.parametrize("line", ["export REDIS_URL='{}' # ours", *OTHERWISE])
def test_a_setting_is_known_however_the_project_lets_it_be_written(project: Project, line: str) -> None:
    ours = project()
    ours.write(".env", f"{ours.read('.env')}{line.format('redis://127.0.0.1:6379/0')}\n")

    added = ours.change("set", "rate_limit=redis", "--yes-weaken")
    ours.commit()
    removed = ours.change("set", "rate_limit=memory", "--yes-weaken")

    assert "Write these settings to .env, which no update touches" not in added
    assert "These settings in .env are no longer used; delete them: REDIS_URL\n" in removed


# --- Places -----------------------------------------------------------------------------------------------------------


def test_a_detached_head_in_a_linked_worktree(project: Project, tmp_path: Path) -> None:
    ours = project()
    ours.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    before = ours.state

    succeed(*BASTION, "add", "cors", cwd=tmp_path / "linked")

    assert (tmp_path / "linked/app/cors").is_dir()
    assert ours.state == before


@pytest.mark.skipif(sys.platform == "win32", reason="no name ends in a blank there")
def test_a_folder_whose_name_ends_in_a_blank(project: Project) -> None:
    ours = project()
    ours = Living(ours.folder.rename(ours.folder.with_name("project ")))

    ours.change("add", "cors")

    assert (ours.folder / "app/cors").is_dir()


def test_a_project_below_the_top_of_its_repository(project: Project, tmp_path: Path) -> None:
    ours = project(features=[])
    (ours.folder / ".git").rename(tmp_path / "elsewhere")
    whole = tmp_path / "everything of ours"
    (whole / "services").mkdir(parents=True)
    api = Living(ours.folder.rename(whole / "services/api"))
    git(whole, "init", "--quiet")
    api.write("../web/index.html", "ours\n")
    api.write("app/core/clock.py", api.read("app/core/clock.py") + "# ours\n")
    api.git("add", "--all", str(whole))
    api.git("commit", "--quiet", "--message=ours")

    finished = bastion("add", "rbac", "--project", "services/api", cwd=whole)

    assert finished.returncode == 0, finished.stderr
    assert (api.folder / "app/rbac").is_dir()
    assert api.read("app/core/clock.py").endswith("# ours\n")
    assert not (whole / "app").exists()
    assert {path for path in files(whole) if not path.startswith("services/api/")} == {"services/web/index.html"}


def test_a_hook_of_the_user_is_not_run(project: Project) -> None:
    ours = project()
    for hook in ("post-checkout", "pre-commit", "post-index-change"):
        ours.write(f".git/hooks/{hook}", "#!/bin/sh\ntouch ran\nexit 1\n")
        (ours.folder / ".git/hooks" / hook).chmod(0o755)

    ours.change("add", "cors")

    assert not (ours.folder / "ran").exists()


@pytest.mark.parametrize(
    "address", ["gh:fastapi-bastion/fastapi-bastion", "git@github.com:fastapi-bastion/fastapi-bastion"]
)
def test_however_the_address_is_written_this_version_needs_no_network(project: Project, address: str) -> None:
    ours = project()
    ours.replace(".copier-answers.yml", PUBLIC_URL, address)
    ours.commit()

    ours.change("add", "cors", env=environment({"GIT_SSH_COMMAND": "false", "https_proxy": "http://127.0.0.1:9"}))

    assert (ours.folder / "app/cors").is_dir()


# --- A terminal -------------------------------------------------------------------------------------------------------

if sys.platform != "win32":

    @pytest.mark.parametrize(
        ("key", "code"), [pytest.param("y\r", 0, marks=pytest.mark.long), ("\r", 0), ("n\r", 1), ("\x03", 130)]
    )
    def test_it_says_that_it_is_at_work_and_asks_before_it_changes(project: Project, key: str, code: int) -> None:
        ours = project()
        before = ours.state
        child = open_terminal(*BASTION, "add", "cors", cwd=ours.folder)

        child.expect("Reading the answers")
        child.expect("Working out what changes")
        child.expect("add cors will change")
        child.expect("Make these changes")
        assert ours.state[0] == before[0]
        child.send(key)

        assert end_of(child) == code
        assert (ours.state == before) == (code != 0)

    def test_a_question_that_an_answer_opens_is_asked_and_no_other(project: Project) -> None:
        ours = project(auth="cookie")
        child = open_terminal(*BASTION, "set", "auth=both", cwd=ours.folder)

        child.expect("Who verifies the access tokens")
        child.send("\x1b[B\r")
        child.expect("jwt_algorithm: unanswered -> ES256")
        child.expect("Make these changes")
        child.send("\r")

        assert end_of(child) == 0
        assert answers(ours)["jwt_algorithm"] == "ES256"

    def test_a_question_that_the_command_answers_is_not_asked(project: Project) -> None:
        """Also where the answer is what a question that was not asked has in stock."""
        ours = project(auth="cookie")
        child = open_terminal(*BASTION, "set", "auth=both", "jwt_algorithm=HS256", cwd=ours.folder)

        assert child.expect(["Make these changes", "Who verifies the access tokens"]) == 0
        child.send("\r")

        assert end_of(child) == 0
        assert answers(ours)["jwt_algorithm"] == "HS256"

    def test_nobody_is_asked_where_the_question_would_go_to_a_file(project: Project) -> None:
        ours = project()
        log = ours.folder.with_name("log")
        child = open_terminal("sh", "-c", f'"{BASTION[0]}" add cors > "{log}"', cwd=ours.folder)

        assert end_of(child) == 0
        assert "Make these changes" not in log.read_text(encoding="utf-8")

    @pytest.mark.parametrize("yes", ["--yes", "-y"])
    def test_yes_asks_nothing(project: Project, yes: str) -> None:
        ours = project(auth="cookie")

        assert end_of(open_terminal(*BASTION, "set", "auth=both", yes, cwd=ours.folder)) == 0
        assert answers(ours)["jwt_algorithm"] == "HS256"
