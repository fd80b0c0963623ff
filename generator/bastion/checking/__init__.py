"""`bastion check`: is a project still as safe as its template?

`check` asks every question there is and gives a report of `findings`; `telling` and `sarif` write it.

- `answers`: does the answers file say what a questionnaire would have written?
- `drift`: do the files of the defences differ from a fresh render, in which `defended` finds them? `keeping` judges
  those that users add to, by `python` and by `dependencies`; `shadows` looks for files that would be taken instead;
  `diffs` shows what changed.
- `advisories`: is the version known to be unsafe?
- `own`: what does the project's own `manage check` say of the settings?

Nothing of the project is run but by `own`, and nothing is written to it; its own check closes `.env` to others.
"""
