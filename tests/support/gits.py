"""A git that does something of its own: it looks elsewhere, fails, waits for somebody, or dies in the middle."""

import os
import shutil
from pathlib import Path


def led_from(address: str, elsewhere: str) -> dict[str, str]:
    """Give the settings with which git goes elsewhere for all that begins with an address, as git itself offers."""
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{elsewhere}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
    }


def git_that_at(command: str, does: str, folder: Path) -> dict[str, str]:
    """Give the environment with a git that does something at one command; unless that ends it, it goes on as git.

    Args:
        command: Words of the command line, like `read-tree -m`.
        does: What, in the language of the shell, in which `$real` is git itself.
        folder: Where that git may lie.
    """
    git = folder / "bin" / "git"
    git.parent.mkdir()
    script = (f'real="{shutil.which("git")}"', f'case " $* " in *" {command} "*) {does};; esac', 'exec "$real" "$@"')
    git.write_text("\n".join(("#!/bin/sh", *script, "")), encoding="utf-8")
    git.chmod(0o755)
    return {"PATH": f"{git.parent}{os.pathsep}{os.environ['PATH']}"}


def git_that_afterwards(does: str, folder: Path) -> dict[str, str]:
    """Give the environment with a git that does something when it has made a commit.

    Args:
        does: What, in the language of the shell.
        folder: Where that git may lie.
    """
    return git_that_at("commit", f'"$real" "$@" || exit; {does}; exit', folder)
