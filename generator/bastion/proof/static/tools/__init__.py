"""The tools of each language, each started once for all files it is for.

`tree` lays the distinct renderings out under their own names; a `Tool` says which files it wants and what it thinks of
them; `everything` runs them all.
"""
