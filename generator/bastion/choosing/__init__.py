"""Choosing a project.

`choice` is the way from flags and a terminal to answers: it judges what was `given`, knows the `presets`, and lets
Copier ask. A `summary` of the render is `shown` before anything is written; `again` writes the commands to copy.
"""
