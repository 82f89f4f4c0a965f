"""Staying inside: nothing is written or deleted through a link that a folder of ours holds.

Version control carries links, so whoever is handed a project may be handed one that leads to
their own files. A folder is looked at each time before something is made, replaced or removed in
it. Not covered: a link that is put there in the very moment between the look and the use.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

_JUNCTION: Final = 0xA0000003
"""What Windows calls a folder that stands for another one."""


def refuse_links(top: Path, path: Path) -> None:
    """Let a path be used only when nothing on the way to it is a link.

    Args:
        top: Where the way begins; it may itself be reached through links.
        path: In `top`, or `top` itself. What is not there, or cannot be, is no link.

    Raises:
        EnvironmentFault: The path, or a folder between, is a link; or it cannot be looked at.
        ValueError: The path does not lie in `top`.
    """
    here = str(top)
    for part in path.relative_to(top).parts:
        here = f"{here}{os.sep}{part}"
        try:
            status = os.lstat(here)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise EnvironmentFault(
                f"{here}: {error.strerror or error}",
                remedy="move it away, or make its folder readable",
            ) from error
        if _is_link(status):
            raise EnvironmentFault(
                f"{here} is a link: nothing is written or deleted through links, because they may"
                " lead out of the project",
                remedy="remove the link and run again; another disk can be mounted there instead",
            )


def _is_link(status: os.stat_result) -> bool:
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION
