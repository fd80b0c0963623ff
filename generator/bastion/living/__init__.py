"""Changing a project that was rendered before: `bastion add`, `remove`, `set` and `update`.

All four are one `change`, told from `wishes` (which answers) to `showing` (how it is said). In between, `making` has
Copier make it in a worktree of the user's `repository`, keeps the `outcome`, sees what became of the `edits`;
two `snapshot`s of the project make it a `plan`; and the repository applies it in one step.
"""
