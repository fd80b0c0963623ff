"""The proof that every combination of answers works: which there are, and what is shown of each.

`space` reads from `copier.yml` what may be answered, and what follows from it. `expressions` holds Copier's Jinja.
"""
