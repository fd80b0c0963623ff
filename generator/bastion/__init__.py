"""Render a secured FastAPI project: a thin layer of comfort over Copier.

`cli` holds the flags and the help of each command. Behind it each command has a folder: `choosing` (`new`), `knowing`
(`features`, `explain`), `living` (`add`, `remove`, `set`, `update`), `checking` (`check`) and `proof` (`matrix`,
`prove`); `space` knows which answers go together. The modules here are `new` step by step (`creation`, `destination`,
`finishing`) and what several commands share. A `Problem` is bad input, or something that the system refuses.
"""
