"""Render a secured FastAPI project: a thin layer of comfort over Copier.

`cli` is the door, and `creation` the way through the rooms: `answers` (of the user's flags), `destination` (the
project's folder), `template` (its source), `questionnaire` (the questions), `rendering` (Copier), `finishing` (git and
uv). A mistake in the user's input is a `Problem`.
"""
