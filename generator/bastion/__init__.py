"""Render a secured FastAPI project: a thin layer of comfort over Copier.

`cli` is the door, and `creation` the way through the rooms: `answers` (what the user gave), `destination` (where the
project goes), `template` (where it comes from), `questionnaire` (what may be answered), `rendering` (Copier),
`finishing` (git and uv). Whatever is wrong with the user's input is a `Problem`.
"""
