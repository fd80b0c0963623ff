"""Changing a project that was rendered before: `bastion add`, `remove`, `set` and `update`.

All four are one `change`. `wishes` says which answers it changes. `making` has Copier make it in a worktree of the
user's `repository`, records the `outcome`, and looks for lost `edits` and for `leftovers`. Two `snapshot`s of the
project make it a `plan`, which `showing` tells the user, and the repository applies it in one step.
"""
