"""Render a secured FastAPI project: a thin layer of comfort over Copier.

`cli` is the door. It leads through the rooms in this order: `answers` (what the user gave), `template` (where the
template comes from), `questionnaire` (what may be answered), `destination` (where the project goes), `rendering`
(Copier), `finishing` (git and uv). Whatever is wrong with the user's input is a `Problem`.
"""
