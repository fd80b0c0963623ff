"""`bastion check`: is a project still as safe as its template?

`check` asks every question there is and gives a report of `findings`; `telling` and `sarif` write it.

- `answers`: does the answers file say what a questionnaire would have written?
- `drift`: do the files of the defences differ from a fresh render, in which `defended` finds them? `keeping` judges
  the files that users add to, by `python` and by `dependencies`; `shadows` looks for files that Python would take
  instead; `diffs` shows the changes.
- `advisories`: is the version known to be unsafe?
- `own`: what does the project's own `manage check` say of the settings?

Only `own` runs code of the project. Nothing here writes to the project; the project's own check may make `.env`
readable by its owner only.
"""
