"""On a disk that is full, or becomes full, `bastion new` says so in one line and leaves it as it was."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.commands import BASTION, failed, succeed
from tests.support.disks import small_disk
from tests.support.gits import git_that_afterwards
from tests.support.sandboxes import Sandbox

NEW = ("new", "project", "--defaults")
NO_COMMIT = ("git cannot make the first commit (", "No space left on device", "): mend that, or add --no-git")
FREE_SPACE = "No space left on device): free some space there, or choose another place"
KIB = 1024
PAGE = 4 * KIB

Disk = Callable[..., Path]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk, in memory."""
    (folder := tmp_path / "disk").mkdir()
    with ExitStack() as disks:
        yield lambda **limits: disks.enter_context(small_disk(folder, **limits))


@pytest.fixture(scope="module")
def rendered_size(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How much of a disk in memory a project takes before it has a repository: whole pages."""
    folder = tmp_path_factory.mktemp("rendered")
    succeed(*BASTION, *NEW, "--no-git", "--no-install", cwd=folder)
    return sum(-(-path.stat().st_size // PAGE) * PAGE for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("flags", "free", "words"),
    [
        (["--no-git", "--no-install"], -100 * KIB, ("cannot write the project", FREE_SPACE)),
        (["--no-install"], 16 * KIB, NO_COMMIT),
        (["--no-install"], 300 * KIB, NO_COMMIT),
        ([], 40 * KIB, NO_COMMIT),
    ],
    ids=["while it renders", "when the repository is made", "when the commit is made", "while dependencies are locked"],
)
def test_a_disk_that_becomes_full(  # noqa: PLR0913, PLR0917 - what a case is made of
    tmp_path: Path, disk: Disk, rendered_size: int, flags: list[str], free: int, words: tuple[str, ...]
) -> None:
    full = disk(size=rendered_size + free)

    failed(Sandbox(full, tmp_path).run(*NEW, *flags), *words)

    assert list(full.iterdir()) == []


@pytest.mark.parametrize("size", [32 * KIB, 600 * KIB, 1200 * KIB], ids=["the template", "its copy", "its files"])
def test_a_disk_without_room_for_what_is_temporary(tmp_path: Path, disk: Disk, size: int) -> None:
    place = Sandbox(tmp_path / "home", disk(size=size))
    place.home.mkdir()

    failed(place.run(*NEW, "--no-git", "--no-install"), "see whether the disk is full")

    assert list(place.home.iterdir()) == list(place.temporary.iterdir()) == []


def test_a_disk_without_room_for_the_folders_above(tmp_path: Path, disk: Disk) -> None:
    """It fills up just before the project moves into place, with room for one of two folders."""
    full = disk(nr_inodes=3000)
    (full / "filler").mkdir()
    fill = f"""i=0; while true > "{full}/filler/$i"; do i=$((i+1)); done 2> /dev/null; rm "{full}/filler/0\""""
    filling = git_that_afterwards(fill, tmp_path)

    end = Sandbox(full, tmp_path).run("new", "a/b/project", "--defaults", "--no-install", env=filling)

    failed(end, "cannot write", FREE_SPACE)
    assert [path.name for path in full.iterdir()] == ["filler"]
