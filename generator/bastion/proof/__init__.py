"""The proof that every combination of answers works: which there are, and what is shown of each.

`space` reads from `copier.yml` what may be answered, and what follows from it. `expressions` holds Copier's Jinja.

`prove` is the command: `static/` reads every combination, `rows/` and `running` install and run some, `report/` says
what was shown and what was not. `inside/` and `servers/` are run by a render's Python.
"""
