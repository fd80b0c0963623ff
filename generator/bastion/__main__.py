"""`python -m bastion`, for when the script is not on the PATH."""

from bastion.cli import app

app()
