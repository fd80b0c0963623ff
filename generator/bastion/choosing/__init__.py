"""Choosing a project.

`choice` is the way from flags and a terminal to answers: it judges what was `given`, knows the `presets`, and lets
Copier ask. A `summary` is read from what was rendered and `shown` before anything is written; `again` writes the
commands to copy.
"""
