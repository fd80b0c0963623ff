"""Absolute paths: they name the same file, whatever the current folder is."""

from pathlib import Path

from bastion.problems import Problem


def absolute(path: Path) -> Path:
    """Make a path absolute.

    Args:
        path: As the user wrote it. A `..` is resolved, since the folder before it may be removed, or not exist yet.

    Raises:
        Problem: The folder that it starts from is gone, or links on the way lead in a circle.
    """
    try:
        return path.resolve() if ".." in path.parts else path.absolute()
    except FileNotFoundError as error:
        raise Problem("the current folder does not exist any more", "go into another one") from error
    except OSError as error:
        raise Problem.of_the_system(f"cannot find {path}", error, "choose another folder") from error
    except RuntimeError as error:  # of a link to itself, up to Python 3.12
        raise Problem(f"cannot find {path} (links on the way lead in a circle)", "choose another folder") from error
