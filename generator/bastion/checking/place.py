"""Where a project lies in the repository around it."""

import os
from pathlib import Path, PurePosixPath


def place_in_repository(folder: Path) -> PurePosixPath:
    """Return the path of a folder in its repository; an empty path if there is no repository.

    git is not asked: it would obey the settings of a repository that somebody hostile may have sent.

    Args:
        folder: The project.
    """
    project = Path(os.path.realpath(folder))
    top = next((each for each in (project, *project.parents) if os.path.lexists(each / ".git")), project)
    return PurePosixPath(project.relative_to(top).as_posix())
