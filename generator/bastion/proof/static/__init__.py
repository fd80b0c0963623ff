"""The first tier: every valid combination, read and not run.

A rendered file depends only on the questions and capabilities it names, so each file has few distinct renderings, and a
set of combinations is an integer (`sets`). In this order: `layout` reads the template from disk and `names` looks at
what it asks for; `renderer` renders each file in every assignment of what it names; `agreement` shows by samples that
Copier writes the same; `reading` and `tools` look at each distinct rendering. Of every combination, `imports`,
`dependencies`, `settings`, `words` and `mentions` ask whether what is named is there; `reach`, `exclusions`,
`strangers`, `files`, `folders` and `effects` whether what is there has a use. `tier` is all of it.
"""

from bastion.proof.static.tier import prove_statically

__all__ = ["prove_statically"]
