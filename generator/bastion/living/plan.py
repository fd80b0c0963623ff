"""A change that is ready and not yet applied: what it changes, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bastion.defences import Defence
from bastion.living.absent import Versions
from bastion.living.edits import Edits
from bastion.living.leftovers import Leftovers
from bastion.living.outcome import Outcome
from bastion.living.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A change, and its consequences.

    Attributes:
        outcome: the tree that the change leads to.
        before: the project as it is.
        after: the project as it will be.
        weakened: the defences that the change takes away, by capability.
        edits: the user's own lines that the change would lose.
        absent: the files that the change concerns and that the project has not got, each before and after it.
        leftovers: the user's files that remain alone in a removed package, or that import something removed.
        env: the settings in `.env`, which no repository has; empty if there is no such file. Its values are not shown.
    """

    outcome: Outcome
    before: Snapshot
    after: Snapshot
    weakened: dict[str, Defence]
    edits: Edits
    absent: Mapping[str, Versions]
    leftovers: Leftovers
    env: dict[str, str]

    @property
    def forgotten(self) -> dict[str, object]:
        """The answers whose question is not asked any more."""
        return {name: each for name, each in self.before.answers.items() if name not in self.after.answers}

    @property
    def answered(self) -> dict[str, tuple[object, object]]:
        """The answers that change, each with the answer before; None means that there was none."""
        pairs = {name: (self.before.answers.get(name), each) for name, each in self.after.answers.items()}
        return {name: (before, after) for name, (before, after) in pairs.items() if before != after}

    @property
    def new_routes(self) -> list[str]:
        """The routes that a client could not request before."""
        return [route for route in self.after.routes if route not in self.before.routes]

    @property
    def retired_routes(self) -> list[str]:
        """The routes that a client cannot request any more; not those of a file with a conflict."""
        gone = {route: f"/{file}" for route, file in self.before.routes.items() if route not in self.after.routes}
        in_the_repository = [f"/{path}" for path in self.outcome.conflicts]
        return [route for route, file in gone.items() if not any(each.endswith(file) for each in in_the_repository)]

    @property
    def new_tables(self) -> list[str]:
        """The tables that the database lacks."""
        return sorted(self.after.tables - self.before.tables)

    @property
    def retired_tables(self) -> list[str]:
        """The tables that no model describes any more."""
        return sorted(self.before.tables - self.after.tables)

    @property
    def models_changed(self) -> bool:
        """Whether the database may need a migration."""
        return any(self.before.models.get(path) != text for path, text in self.after.models.items())

    @property
    def moves_to_another_database(self) -> bool:
        """Whether the project gets another database, and the data stay behind."""
        before, after = (each.written.get("DATABASE_URL", "") for each in (self.before, self.after))
        return before.partition(":")[0] != after.partition(":")[0]

    @property
    def to_write(self) -> dict[str, str]:
        """The settings that `.env` lacks, or that it has for the answers before."""
        wanted = {name: value for name, value in self.after.written.items() if value}
        return {
            name: value
            for name, value in wanted.items()
            if self.env and (name not in self.env or self.before.written.get(name, value) != value)
        }

    @property
    def to_delete(self) -> list[str]:
        """The settings in `.env` that nothing reads any more."""
        return sorted((self.before.settings - self.after.settings) & self.env.keys())

    @property
    def needs_secrets(self) -> bool:
        """Whether `.env` lacks a secret that a command of the project can make."""
        unset = [name for name, value in self.after.written.items() if not value]
        return self.after.makes_secrets and any(not self.env.get(name) for name in unset)
