"""Where the template comes from: this package's own data, or an address the user gave."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from bastion.problems import Problem

PUBLIC_URL = "https://github.com/fastapi-bastion/fastapi-bastion.git"


@dataclass(frozen=True)
class Template:
    """A template as Copier is told of it."""

    src: str
    ref: str | None
    questions: str
    """Where the questionnaire is read from; for our own template a plain folder, which costs no clone."""


@contextmanager
def open_template(src: str | None, ref: str | None) -> Iterator[Template]:
    """Have the template at hand for as long as the block lasts, and the environment set for Copier.

    Copier's process library takes a snapshot of the environment when it is imported, so import Copier inside the block.

    Args:
        src: A folder or git address; None means the template inside this package.
        ref: A tag, branch or commit; without `src`, of the public repository.
    """
    if not shutil.which("git"):
        raise Problem("git is not installed", "install it from https://git-scm.com, Copier needs it")
    with TemporaryDirectory(prefix="bastion-") as folder:
        room = Path(folder)
        settings: dict[str, str] = {}
        if src or ref:
            template = Template(src or PUBLIC_URL, ref, questions=src or PUBLIC_URL)
        else:
            template, settings = _packaged(room)
        # Copier shares its mirrors between runs, and two runs at once would fight over them.
        with _environment({"COPIER_CACHE_DIR": str(room / "cache"), "GIT_TERMINAL_PROMPT": "0", **settings}):
            yield template


def _packaged(room: Path) -> tuple[Template, dict[str, str]]:
    """Make the package's data a tagged repository that git takes for the public one.

    Then the project's `.copier-answers.yml` holds the public address and this version, and a plain `copier update`
    works later, from anywhere. A folder without git would leave neither.
    """
    data, repository, tag = _data(), room / "template.git", f"v{version('fastapi-bastion')}"
    _commit(data, repository, tag)
    questions = room / "questions"
    (questions / "template").mkdir(parents=True)
    shutil.copy(data / "copier.yml", questions)
    return Template(PUBLIC_URL, tag, str(questions)), _instead_of_public_url(repository)


def _data() -> Path:
    """Find `copier.yml` and `template/`: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent
    return package if (package / "copier.yml").is_file() else package.parents[1]


def _commit(data: Path, repository: Path, tag: str) -> None:
    """Commit with a fixed author and date: the same data are the same commit on every machine."""
    who = {"NAME": "fastapi-bastion", "EMAIL": "fastapi-bastion@localhost", "DATE": "2026-01-01T00:00:00Z"}
    environment = {
        **os.environ,
        **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()},
        # The user's hooks, signing and line endings are for the user's repositories.
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_DIR": str(repository),
        "GIT_WORK_TREE": str(data),
    }

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=data, env=environment, check=True, capture_output=True)

    git("init", "--quiet", "--initial-branch=main")
    (repository / "info" / "exclude").write_text("__pycache__/\n.venv/\n.*_cache/\n.hypothesis/\nuv.lock\n")
    git("add", "copier.yml", "template")
    git("commit", "--quiet", f"--message=fastapi-bastion {tag}")
    git("tag", tag)


def _instead_of_public_url(repository: Path) -> dict[str, str]:
    index = int(os.environ.get("GIT_CONFIG_COUNT", "0"))
    return {
        "GIT_CONFIG_COUNT": str(index + 1),
        f"GIT_CONFIG_KEY_{index}": f"url.{repository.as_uri()}.insteadOf",
        f"GIT_CONFIG_VALUE_{index}": PUBLIC_URL,
    }


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
