"""The proof that every combination of answers works: what is shown of each.

Which combinations there are, `bastion.space` says. `matrix` has the rows that stand for all: the `corners`, a
`covering` array, and the `outcomes` of every condition of the template.

`prove` is the command: `static/` reads every combination, `rows/` and `running` install and run some, `report/` says
what was shown and what was not. `inside/` and `servers/` are run by a render's Python.
"""
