"""The proof that every combination of answers works: which there are, and what is shown of each.

`space` says what may be answered and what follows from it: `reading` makes `questions` of `copier.yml`, with the
`expressions` in it, `walking` goes through them as Copier does, and `parts` takes the whole apart. None of these
needs the extra `proof`: `bastion.knowing` reads them too. `matrix` has the rows that stand for all: the `corners`, a
`covering` array, and the `outcomes` of every condition of the template.

`prove` is the command: `static/` reads every combination, `rows/` and `running` install and run some, `report/` says
what was shown and what was not. `inside/` and `servers/` are run by a render's Python.
"""
