"""The report: what was shown, how often, how fast, and what was not.

`data` is the whole of it as JSON knows it; `junit` and `page` say the same to machines and to people; `figures` are the
few numbers that the README repeats. `docs/proof-report.md` describes the JSON.
"""
