"""The git repository that a project lies in: a worktree to change it in, and the outcome applied to it in one step."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bastion.git import GitKilled, git, must, reason_of, require_git
from bastion.living.outcome import AS_BEFORE, Outcome
from bastion.problems import Problem
from bastion.project import ANSWERS_FILE
from bastion.stopping import unstoppable
from bastion.temporary import temporary_folder

_COMMIT = "git add --all && git commit --message='feat: start'"
_HEADS_OF_WHAT_IS_HALF_DONE = {"MERGE_HEAD": "merge", "CHERRY_PICK_HEAD": "cherry-pick", "REVERT_HEAD": "revert"}
_FOLDERS_OF_WHAT_IS_HALF_DONE = {"rebase-merge": "rebase", "rebase-apply/applying": "am", "rebase-apply": "rebase"}
_STATUS = ("--no-optional-locks", "status", "--porcelain", "--untracked-files=normal")


@dataclass(frozen=True)
class Repository:
    """A repository whose tree is clean.

    Attributes:
        top: its top folder.
        inside: the project's folder, relative to the top.
        head: the commit that is checked out.
    """

    top: Path
    inside: Path
    head: str

    @classmethod
    def around(cls, folder: Path) -> "Repository":
        """Find the repository of a project.

        Args:
            folder: the project's folder.

        Raises:
            Problem: there is no repository, or it has changes that are not committed, so that ours could not be undone.
        """
        require_git("a change is merged by it")
        found = git("rev-parse", "--show-toplevel", cwd=folder)
        if found.returncode:
            why = reason_of(found.stderr).removeprefix("fatal: ")
            raise Problem(f"{folder} is in no git repository that can be used ({why})", _way_to_one(found.stderr))
        top = Path(os.fsdecode(found.stdout).removesuffix("\n")).resolve()
        head = git("rev-parse", "--verify", "--quiet", "HEAD^{commit}", cwd=folder)
        if head.returncode:
            raise Problem(f"the git repository {top} has no commit yet", f"make the first one: {_COMMIT}")
        if git("ls-files", "--error-unmatch", "--", ANSWERS_FILE, cwd=folder).returncode:
            raise Problem(f"git does not keep {folder / ANSWERS_FILE}", "add it and commit")
        _refuse_what_is_half_done(top)
        _refuse_what_copier_cannot_take(top)
        repository = cls(top, folder.resolve().relative_to(top), head.stdout.decode().strip())
        repository.refuse_what_is_not_committed()
        return repository

    def refuse_what_is_not_committed(self) -> None:
        """Refuse to go on if our change would mix with the user's changes, untracked files among them.

        Raises:
            Problem: there are such changes.
        """
        lines = self._git("read the state of the tree", *_STATUS).splitlines()
        if lines:
            raise Problem(
                f"{self.top} has changes that are not committed ({_first_of(lines)})",
                "commit them, or put them aside: git stash --include-untracked",
            )

    @contextmanager
    def worktree(self) -> Iterator[Path]:
        """Have a second working tree of the same commit, for as long as the block lasts."""
        with temporary_folder("bastion-") as folder:
            tree = folder.resolve() / folder.name
            try:
                with unstoppable():
                    self._git("make a worktree", "worktree", "add", "--no-checkout", "--detach", str(tree), self.head)
                self._git("fill a worktree", "read-tree", "--reset", "-u", self.head, cwd=tree)
                yield tree
            finally:
                with unstoppable():
                    git("worktree", "remove", "--force", "--force", str(tree), cwd=self.top, undisturbed=True)

    def apply(self, outcome: Outcome) -> list[str]:
        """Bring the tree and the index to an outcome, entirely or not at all.

        Args:
            outcome: the outcome of a change that was made from the same commit.

        Returns:
            The folders with nothing but bytecode that could not be removed, by their path in the repository.

        Raises:
            Problem: it was not possible. Either nothing is changed, or the problem names a changed file.
        """
        self._refuse_what_came_between(outcome)
        self._look_anew_at_each_file()
        # A dry run first: a file written meanwhile stops us here, because `_go_back` could not tell it from the
        # change's own.
        self._git("write the change", "read-tree", "--dry-run", "-m", "-u", self.head, outcome.tree)
        lock = self._lock
        try:
            self._git("write the change", "read-tree", "-m", "-u", self.head, outcome.tree)
            self._git("note the conflicts", "update-index", "-z", "--index-info", stdin=outcome.index_lines)
        except BaseException as error:
            if isinstance(error, GitKilled) or not isinstance(error, Problem):
                # A killed git leaves its lock, and every later git would refuse to work. A git that ends by itself
                # removes its lock: if one is there then, it is somebody else's.
                lock.unlink(missing_ok=True)
            self._go_back(outcome)
            raise
        return self._sweep(outcome.paths("D"))

    def _refuse_what_came_between(self, outcome: Outcome) -> None:
        """See that nothing has happened since the worktree was made, and that no ignored file is in the way."""
        if self._git("find its commit", "rev-parse", "HEAD").strip() != self.head:
            raise Problem("another commit was checked out meanwhile", "try again")
        self.refuse_what_is_not_committed()
        if self._lock.exists():
            raise Problem(f"another git is at work in {self.top}", f"let it end; if there is none, delete {self._lock}")
        for path in outcome.paths("A"):
            for place in (self.top / path, *(self.top / path).parents):
                if place == self.top or (place.is_dir() and not place.is_symlink() and place != self.top / path):
                    break
                if os.path.lexists(place):
                    raise Problem(f"{place} is in the way, and git does not keep it", "move it elsewhere")

    def _go_back(self, outcome: Outcome) -> None:
        """Undo a change that failed half-way.

        Raises:
            Problem: some of it cannot be undone, and what.
        """
        failed = list(self._steps_back(outcome))
        self._look_anew_at_each_file()
        left = self._what_differs() if failed else []
        if left:
            raise Problem(
                f"the change failed half-way, and {_first_of(left)} in {self.top} cannot be taken back ({failed[0]})",
                "mend that, then: git reset --hard, and delete what git status still shows",
            )

    def _steps_back(self, outcome: Outcome) -> Iterator[str]:
        """Take each step and yield the reason if it fails: on a disk too full for the index the files may still fit."""
        for path in outcome.paths("A"):
            try:
                (self.top / path).unlink(missing_ok=True)
                self._remove_empty((self.top / path).parents)
            except OSError as error:
                yield f"{path}: {error.strerror}"
        there_before = os.fsencode("".join(f"{path}\0" for path in outcome.paths("MDT")))
        for command, stdin in (
            (("read-tree", "--reset", self.head), b""),
            (("checkout-index", "--force", "-z", "--stdin"), there_before),
        ):
            finished = git(*command, cwd=self.top, stdin=stdin, undisturbed=True)
            if finished.returncode:
                yield reason_of(finished.stderr)

    def _what_differs(self) -> list[str]:
        status = git(*_STATUS, cwd=self.top, undisturbed=True)
        return ["see git status"] if status.returncode else status.stdout.decode(errors="replace").splitlines()

    def _look_anew_at_each_file(self) -> None:
        """Refresh the index: in a copied repository it takes each file for a changed one."""
        git("update-index", "-q", "--refresh", cwd=self.top, undisturbed=True)

    @property
    def _lock(self) -> Path:
        return self.top / self._git("find its index", "rev-parse", "--git-path", "index.lock").removesuffix("\n")

    def _sweep(self, gone: Iterable[str]) -> list[str]:
        """Remove folders in which only bytecode is left, which Python would still import; return those that remain.

        A folder may remain because root has run the project. The change is made by then, so that is no failure.
        """
        stay = []
        # The deepest first: a folder may have only bytecode left when the folders in it are removed.
        for folder in sorted({(self.top / path).parent for path in gone}, reverse=True):
            if _holds_only_bytecode(folder):
                shutil.rmtree(folder, ignore_errors=True)
                if folder.exists():
                    stay.append(folder.relative_to(self.top).as_posix())
                with suppress(OSError):
                    self._remove_empty(folder.parents)
        return sorted(stay)

    def _remove_empty(self, folders: Iterable[Path]) -> None:
        for folder in folders:
            if folder == self.top or not folder.is_dir() or any(folder.iterdir()):
                return
            folder.rmdir()

    def _git(self, purpose: str, *arguments: str, cwd: Path | None = None, stdin: bytes = b"") -> str:
        ours = cwd is None
        return must(purpose, *arguments, cwd=cwd or self.top, stdin=stdin, remedy=AS_BEFORE, undisturbed=ours)


def _way_to_one(complaint: bytes) -> str:
    """Say how git can be told to use the repository of a folder, or how to make one."""
    own_words = complaint.decode(errors="replace").splitlines()
    # The settings of a repository name programs to run. So git refuses another user's, and says how to trust it.
    trust = next((line.strip() for line in own_words if "safe.directory" in line), None)
    return f"if you trust its owner: {trust}" if trust else f"git init && {_COMMIT}"


def _first_of(lines: Sequence[str]) -> str:
    more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
    return f"{lines[0].strip()}{more}"


def _holds_only_bytecode(folder: Path) -> bool:
    with suppress(OSError):
        return folder.is_dir() and {each.name for each in folder.iterdir()} == {"__pycache__"}
    return False


def _refuse_what_is_half_done(top: Path) -> None:
    """Refuse to work during a merge, a rebase and the like: their next commit would contain the change."""
    for command in _half_done(top):
        raise Problem(f"a git {command} is not finished in {top}", f"end it first: git {command} --continue")


def _half_done(top: Path) -> Iterator[str]:
    # The folders first: a rebase that stops at a conflict has the head of a cherry-pick, too.
    for name, command in _FOLDERS_OF_WHAT_IS_HALF_DONE.items():
        place = os.fsdecode(git("rev-parse", "--git-path", name, cwd=top).stdout).removesuffix("\n")
        if place and (top / place).exists():
            yield command
    for head, command in _HEADS_OF_WHAT_IS_HALF_DONE.items():
        if not git("rev-parse", "--verify", "--quiet", head, cwd=top).returncode:
            yield command


def _refuse_what_copier_cannot_take(top: Path) -> None:
    if git("rev-parse", "--show-object-format", cwd=top).stdout.strip() not in {b"sha1", b""}:
        raise Problem(
            f"{top} is a SHA-256 repository, and Copier needs SHA-1", "make one: git init --object-format=sha1"
        )
    if git("config", "--type=bool", "core.sparseCheckout", cwd=top).stdout.strip() == b"true":
        raise Problem(f"only a part of {top} is checked out", "check out all of it: git sparse-checkout disable")
    for name in git("ls-files", "-z", cwd=top).stdout.split(b"\0"):
        try:
            name.decode()
        except UnicodeDecodeError as error:
            raise Problem(f"{os.fsdecode(name)!r} in {top} is no name in UTF-8", "rename it") from error
