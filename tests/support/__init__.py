"""What several tests need.

- This checkout and other templates: `checkout`, `combinations`, `templates`, `trees`.
- Running `bastion` and others: `commands`, quicker by `readied` and `ready` and by `said`; `sandboxes`.
- Renders and projects: `renders`, quicker by `rendering` and `store`; `projects`, `living`, `changing`.
- Terminals: `terminal` (what is sent), `screens` (what is seen), `recording` (the one in the README).
- Servers and pages: `servers`, `sites`, `browser`.
- Obstacles: `disks`, `folders`, `gits`, `stopped_at_each_step`.
"""
