"""The messages of a change: before, its effects; afterwards, the steps that are left to the user."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import typer

from bastion.living.plan import Plan
from bastion.living.repository import Repository
from bastion.visible import visible

_MANY = 3
"""From this number on, the files of one folder are counted and not named."""

_SIDES = (b"<<<<<<< ", b">>>>>>> ")
_LINES_OF_A_CONFLICT = 40


def warning(plan: Plan) -> str:
    """Say which defences a change takes away, in one line."""
    told = (f"{capability} ({defence.without})" for capability, defence in plan.weakened.items())
    return f"this takes away defences that users may rely on: {'; '.join(told)}"


def show(plan: Plan, said: str) -> None:
    """Say what a change will do.

    Args:
        plan: The change.
        said: The command as a person would say it.
    """
    typer.echo(f"{said} will change\n")
    for title, lines in _sections(plan):
        for number, line in enumerate(lines):
            _say(f"  {title if number == 0 else '':<14}{line}")
    if plan.weakened:
        typer.echo("\nIt takes away defences that users may rely on:\n")
        for capability, defence in plan.weakened.items():
            _say(f"  {capability}: without it {defence.without}.")
            _say(f"  It was there against {defence.stops}.")
    if plan.outcome.conflicts:
        _say(f"\nIt conflicts with edits of yours, and you will have to join both: {', '.join(plan.outcome.conflicts)}")
    if plan.absent:
        _say(f"\nIt concerns files that you have renamed or deleted, which stay as they are: {', '.join(plan.absent)}")


def _say(line: str) -> None:
    """Write one line, and the blank lines around it. Text of others in it cannot add a line or steer the terminal."""
    inner = line.strip("\n")
    typer.echo(line.replace(inner, visible(inner), 1))


def _sections(plan: Plan) -> Iterator[tuple[str, list[str]]]:
    before, after = plan.before, plan.after
    if before.ref != after.ref:
        yield "version", [f"{before.ref} -> {after.ref}"]
    yield "answers", [f"{name}: {_answer(old)} -> {_answer(new)}" for name, (old, new) in plan.answered.items()]
    yield "forgotten", [f"{name}: {_answer(old)}, which is not asked any more" for name, old in plan.forgotten.items()]
    # With a conflict in it, nobody can read `pyproject.toml`.
    yield "dependencies", _difference(before.dependencies, after.dependencies or before.dependencies)
    yield "settings", _difference(before.settings, after.settings)
    yield "routes", [*(f"+ {each}" for each in plan.new_routes), *(f"- {each}" for each in plan.retired_routes)]
    yield "tables", [f"+ {each}" for each in plan.new_tables]
    yield "kept tables", plan.retired_tables
    yield "new files", [f"+ {each}" for each in _grouped(plan.outcome.paths("A"))]
    yield "changed", [f"~ {each}" for each in plan.outcome.paths("MT")]
    yield "deleted", [f"- {each}" for each in _grouped(plan.outcome.paths("D"))]


def _answer(answer: object) -> str:
    if isinstance(answer, list):
        return f"[{', '.join(map(str, answer))}]"
    return "unanswered" if answer is None else str(answer)


def _difference(before: Iterable[str], after: Iterable[str]) -> list[str]:
    gone, new = set(before) - set(after), set(after) - set(before)
    return [*(f"+ {each}" for each in sorted(new)), *(f"- {each}" for each in sorted(gone))]


def _grouped(paths: Iterable[str]) -> list[str]:
    """Name each file, or the number of files in a folder that has many."""
    folders = Counter(PurePosixPath(path).parent for path in paths)
    told = {
        f"{folders[folder]} files in {folder}/" if folders[folder] >= _MANY else path: None
        for path in paths
        for folder in [PurePosixPath(path).parent]
    }
    return list(told)


# --- Afterwards -------------------------------------------------------------------------------------------------------


def tell_what_is_next(plan: Plan, said: str, repository: Repository, folder: Path, unswept: Iterable[str] = ()) -> None:
    """Say what is left to the user, in commands that can be copied.

    Args:
        plan: The change that was applied.
        said: The command as a person would say it.
        repository: Where it was applied.
        folder: The project's folder.
        unswept: The folders that hold bytecode alone and could not be removed.
    """
    for line in (
        *_conflicts(plan, repository),
        *_edits_that_went(plan, repository),
        *_changes_to_carry_over(plan),
        *_bytecode_that_stays(unswept),
        *_tables_that_stay(plan),
        *_settings_to_write(plan),
        *_commands(plan, said, folder),
    ):
        _say(line)


def _conflicts(plan: Plan, repository: Repository) -> Iterator[str]:
    conflicts = plan.outcome.conflicts
    if not conflicts:
        return
    yield "\nIn these files an edit of yours conflicts with the change; git calls your version `ours`:\n"
    for path, stages in conflicts.items():
        yield f"  {path}"
        if path in plan.edits.swallowed:
            yield f"    yours was kept; to take the template's: git checkout --theirs -- {_for_git(path, repository)}"
        else:
            text = (repository.top / path).read_bytes()
            yield from (f"    {line}" for line in list(_between_the_marks(text))[:_LINES_OF_A_CONFLICT])
            if "3" not in stages:
                yield "    the change deletes the file"
    names = " ".join(_for_git(path, repository) for path in conflicts)
    yield (
        "\nEdit each file so that it has what you want of both sides, delete the conflict markers, then run: "
        f"git add -- {names}"
    )


def _for_git(path: str, repository: Repository) -> str:
    """Write a path so that git finds it from wherever in the repository the user is."""
    return shlex.quote(path if repository.inside == Path() else f":/{path}")


def _between_the_marks(text: bytes) -> Iterator[str]:
    inside = False
    for line in text.splitlines():
        inside = inside or line.startswith(_SIDES[0])
        if inside:
            yield line.decode(errors="replace")
        inside = inside and not line.startswith(_SIDES[1])


def _edits_that_went(plan: Plan, repository: Repository) -> Iterator[str]:
    if plan.edits.deleted:
        yield "\nYou had edited these files, and the change deleted them; git still has them:\n"
        for path in plan.edits.deleted:
            yield f"    git show {shlex.quote(f'{repository.head[:12]}:{path}')}"
    for folder in plan.leftovers.packages:
        yield f"\n{folder}/ is kept, because it has files of yours. Nothing installs it any more: move or delete them."
    if plan.leftovers.imports:
        yield f"\nThese files of yours import removed modules: {', '.join(plan.leftovers.imports)}"


def _changes_to_carry_over(plan: Plan) -> Iterator[str]:
    if plan.absent:
        yield "\nYou have renamed or deleted these files. Carry over what the change would have made of them:\n"
        for name, (before, after) in plan.absent.items():
            yield f"  {name}"
            yield f"    git diff {before} {after}"


def _bytecode_that_stays(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        yield f"\n{folder}/ could not be removed. It has only bytecode, which Python still imports: delete it."


def _tables_that_stay(plan: Plan) -> Iterator[str]:
    if plan.retired_tables:
        yield f"\nThese tables stay in the database, with all their rows: {', '.join(plan.retired_tables)}."
        yield "To drop one, name it in DROPPED in migrations/env.py and migrate with a message."
    if plan.moves_to_another_database:
        yield "\nNo data are moved: the new database begins empty, and the old database is not changed."


def _settings_to_write(plan: Plan) -> Iterator[str]:
    if plan.to_write:
        yield "\nWrite these settings to .env, which no update touches:\n"
        yield from (f"    {name}={value}" for name, value in plan.to_write.items())
    if plan.to_delete:
        yield f"\nThese settings in .env are no longer used; delete them: {', '.join(plan.to_delete)}"


def _here() -> Path | None:
    """Return the folder that the user is in, unless the change has removed it."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _commands(plan: Plan, said: str, folder: Path) -> Iterator[str]:
    yield "\nNext:\n"
    here = _here()
    if not (here and folder.samefile(here)):
        yield f"    cd {shlex.quote(str(folder.relative_to(here) if here and folder.is_relative_to(here) else folder))}"
    yield "    git diff --staged"
    if plan.before.dependencies != plan.after.dependencies:
        yield "    uv sync"
    if plan.needs_secrets:
        yield "    uv run python -m app.manage secrets"
    if plan.models_changed:
        yield f"    uv run python -m app.manage migrate -m {shlex.quote(said)}"
    elif plan.moves_to_another_database:
        yield "    uv run python -m app.manage migrate"
    yield "    uv run pytest"
    yield f"    git add --all && git commit -m {shlex.quote(f'feat: {said}')}"
    yield "\nTo go back instead: git reset --hard"
