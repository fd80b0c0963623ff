"""Where the template comes from: this package's own data, or an address the user gave."""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bastion.absolute import absolute
from bastion.git import FOR_COPIER, environment, must, require_git
from bastion.problems import Problem
from bastion.temporary import temporary_folder
from bastion.versions import is_tag, own_tag

PUBLIC_URL = "https://github.com/fastapi-bastion/fastapi-bastion.git"
PLACE = PUBLIC_URL.removeprefix("https://github.com/").removesuffix(".git")
"""Where the public repository is on its host."""

WAYS = ("https://github.com/", "ssh://git@github.com/", "git@github.com:")
"""The safe beginnings of its address. `git://` and `http://` do not prove who answers."""

_OF_COPIER = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/", "git+": ""}
"""The beginnings of an address that only Copier knows, and git's form of each."""

_ADDRESS = re.compile(r"[^/\\]{2,}:")
"""With a colon before the first slash, git takes a text for an address; a single letter is a drive of Windows."""

# This git runs in a folder that we have just made, so its own message would not help; a full disk is the likely cause.
MAYBE_FULL = "see whether the disk is full, and set TMPDIR to another one"

# The user may forbid git's `file` protocol. Our copy of the template is a local folder, so it is allowed here.
_FROM_A_FOLDER = ("protocol.file.allow", "always")
_ALLOWED = "GIT_ALLOW_PROTOCOL"

# Files and folders that work on the template leaves in a checkout. An installed package has none of them.
_NOT_PART_OF_IT = {".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv", "__pycache__", "uv.lock"}


@dataclass(frozen=True)
class Template:
    """The address and the version of a template, as Copier takes them."""

    src: str
    ref: str | None
    copier_yml: Path | None = None
    """The questionnaire, when it lies on this machine and nothing has to be cloned to read it."""


@contextmanager
def open_template(src: str | None, ref: str | None) -> Iterator[Template]:
    """Have the template at hand for as long as the block lasts, and the environment set for Copier.

    Copier's process library takes a snapshot of the environment when it is imported, so import Copier inside the block.

    Args:
        src: A folder or git address; None means the template inside this package. The project stores the absolute path
            of a folder, so that it is found from everywhere.
        ref: A tag, branch or commit; without `src` a tag of the public repository.
    """
    if not (src or ref):
        with published(own_data()) as template:
            yield template
        return
    address = address_of(src) if src else PUBLIC_URL
    refuse_impostor(address)
    with _room() as room, _environment(_settings(room) | _git_settings(*FOR_COPIER)):
        yield Template(address, ref)


def refuse_unreleased(ref: str | None, src: str | None) -> None:
    """Refuse a version that is no release, unless the user has named the template too.

    A clone from GitHub may also contain commits of strangers' pull requests.

    Args:
        ref: The version as the user named it, or None.
        src: The template as the user named it, or None for the public one.

    Raises:
        Problem: It is no release.
    """
    if ref and not src and not is_tag(ref):
        raise Problem(
            f"{ref} is no release of the template",
            "name one, like v1.2.3; or name the template too, with --template, if you trust this commit of it",
        )


def address_of(src: str) -> str:
    """Return a template's address, which is absolute if it is a folder.

    Args:
        src: A folder or git address, as the user or Copier wrote it. `gh:acme/fork` is an address, also where there is
            a folder of that name: a project may contain one.
    """
    path = Path(src).expanduser() if src.startswith("~/") else Path(src)
    return str(absolute(path)) if not _ADDRESS.match(src) and os.path.lexists(path) else src


def for_git(src: str) -> str:
    """Return git's form of an address, which Copier may spell in its own way.

    Args:
        src: A folder or git address.
    """
    for short, long in _OF_COPIER.items():
        if src.startswith(short):
            return f"{long}{src.removeprefix(short)}"
    return src


def refuse_impostor(address: str, folder: Path = Path()) -> None:
    """Refuse an address if a folder has its name: git and Copier look for a folder first, from where they work.

    Threat: a project from a stranger contains a folder `git@github.com:place/template.git/` with the stranger's own
    repository, and would be compared with that.

    Args:
        address: A folder or git address.
        folder: The folder in which git may work.

    Raises:
        Problem: There is such a folder.
    """
    for spelling in (address, for_git(address)):
        first = spelling.partition("/")[0]
        if _ADDRESS.match(spelling) and os.path.lexists(folder / first):
            raise Problem(f"git would take {folder / first} for {address}", "see who put it there, and remove it")


@contextmanager
def published(data: Path) -> Iterator[Template]:
    """Have the template of a folder at hand as if it were the published one, also while it is worked on.

    Args:
        data: The folder, with `copier.yml` and `template/`.
    """
    with _room() as room:
        ours = _instead_of_public_url(room / "template.git")
        leads_there = _git_settings(*FOR_COPIER, _FROM_A_FOLDER, *ours)
        template = _packaged(room / "template.git", data)
        with _environment(_settings(room) | leads_there | _allowed_from_a_folder()):
            yield template


@contextmanager
def to_look_at() -> Iterator[Template]:
    """Have this package's template at hand for renders that nobody keeps: no git is needed, and none is found.

    Copier asks git about each file that it writes, which takes longer than to write it. As with `open_template`, import
    Copier inside the block.
    """
    data = own_data()
    with temporary_folder("bastion-") as folder, _environment({"PATH": os.devnull}):
        for path in files(data):
            copy = folder / path.relative_to(data)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        yield Template(str(folder), None, data / "copier.yml")


@contextmanager
def _room() -> Iterator[Path]:
    absolute(Path())  # git cannot start in a folder that was deleted
    require_git("Copier needs it")
    with temporary_folder("bastion-") as folder, _temporary_files_in(folder):
        yield folder


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Have temporary files in a folder of ours: Copier leaves some behind if it is stopped or the disk is full."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _settings(room: Path) -> dict[str, str]:
    # Copier shares its mirrors between runs, and two runs at once would fight over them.
    return {
        "COPIER_CACHE_DIR": str(room / "cache"),
        "GIT_DEFAULT_HASH": "sha1",  # as in nearly every repository whose objects Copier's own ones borrow
        "GIT_TEMPLATE_DIR": "",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _packaged(repository: Path, data: Path) -> Template:
    """Make data a tagged repository that git takes for the public one.

    Then the project's `.copier-answers.yml` holds the public address and this version, and a plain `copier update`
    works later, from anywhere. A folder without git would give neither.
    """
    tag, room, purpose = own_tag(), repository.parent, "unpack the template"
    must(purpose, "init", "--quiet", "--bare", "--template=", str(repository), cwd=room, remedy=MAYBE_FULL)
    # `--git-dir` is given, because `safe.bareRepository=explicit` forbids git to discover a bare repository.
    there = f"--git-dir={repository}"
    must(purpose, there, "fast-import", "--quiet", cwd=room, stdin=b"".join(_commit(data, tag)), remedy=MAYBE_FULL)
    return Template(PUBLIC_URL, tag, data / "copier.yml")


def own_data() -> Path:
    """Find `copier.yml` and `template/`: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent
    return package if (package / "copier.yml").is_file() else package.parents[1]


def files(data: Path) -> Iterator[Path]:
    """Yield the template's files, without the caches and environments that work on it leaves beside them.

    Args:
        data: The folder, with `copier.yml` and `template/`.
    """
    for path in (data / "copier.yml", *sorted((data / "template").rglob("*"))):
        if path.is_file() and not _NOT_PART_OF_IT.intersection(path.relative_to(data).parts):
            yield path


def _commit(data: Path, tag: str) -> Iterator[bytes]:
    """Yield one commit and its tag as `git fast-import` reads them.

    The author and the date are fixed: the same data are the same commit on every machine, whatever git's settings there
    are for names, hooks, signatures and line endings.
    """
    yield b"commit HEAD\ncommitter fastapi-bastion <fastapi-bastion@localhost> 1767225600 +0000\n"
    yield b"data %d\n%s\n" % (len(tag), tag.encode())
    for path in files(data):
        name = path.relative_to(data)
        mode, content = b"755" if path.stat().st_mode & stat.S_IXUSR else b"644", path.read_bytes()
        yield b"M %s inline %s\ndata %d\n%s\n" % (mode, name.as_posix().encode(), len(content), content)
    yield b"reset refs/tags/%s\nfrom HEAD\n" % tag.encode()


def _instead_of_public_url(repository: Path) -> Iterator[tuple[str, str]]:
    """Yield the settings with which git reads a local repository at each address of the public one."""
    for address in (f"{way}{PLACE}{end}" for way in WAYS for end in (".git", "")):
        yield f"url.{repository.as_uri()}.insteadOf", address


def _allowed_from_a_folder() -> dict[str, str]:
    """Return `GIT_ALLOW_PROTOCOL` with `file` added, if the user has set it: it overrides `protocol.file.allow`."""
    return {_ALLOWED: f"{os.environ[_ALLOWED]}:file"} if _ALLOWED in os.environ else {}


def _git_settings(*settings: tuple[str, str]) -> dict[str, str]:
    """Return the environment variables that give git these settings, after the user's."""
    count = os.environ.get("GIT_CONFIG_COUNT") or "0"
    if not re.fullmatch(r"[0-9]{1,9}", count):
        raise Problem("GIT_CONFIG_COUNT is no count of settings", "unset it, or set it to the number of settings")
    given = int(count)
    variables = {"GIT_CONFIG_COUNT": str(given + len(settings))}
    for index, (key, value) in enumerate(settings, given):
        variables |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return variables


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    _become({**environment(), **settings})
    try:
        yield
    finally:
        _become(before)


def _become(variables: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)
