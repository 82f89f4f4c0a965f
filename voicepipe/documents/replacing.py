"""Replacing a file of the user's in one step, and clearing up after a process that was killed.

The new content is written beside the old file, under a name that only this module gives, and
renamed over it. While that lasts the writer holds the system's lock on the file beside: the system
frees it when the writer ends in whatever way, and whoever finds such a file unlocked may remove it.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX: Final = ".voicepipe-part"
_NAME: Final = re.compile(rf"\..+\.[0-9a-f]{{16}}{re.escape(_SUFFIX)}")
_TRIES: Final = 3
"""A sweep may take the file between its making and its locking."""
_LONG_S: Final = 86_400.0
"""Where there are no such locks, what is older than this belongs to nobody who still writes."""


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole, in one step; its permissions stay, a link keeps pointing where it points.

    Args:
        path: May be absent; its folder is there.
        content: All of it.

    Raises:
        OSError: It cannot be written; what was there is untouched.
    """
    real = path.resolve()
    for tries_left in range(_TRIES - 1, -1, -1):
        try:
            return _write_beside(real, content)
        except (BlockingIOError, FileNotFoundError):  # noqa: PERF203 - trying again is the point
            if not tries_left or not real.parent.is_dir():
                raise
    return None


def write_file(
    path: Path, content: bytes, *, remedy: str = "check the folder's permissions and space"
) -> None:
    """Write a file as `replace_file`, and its folder where there is none.

    Raises:
        EnvironmentFault: It cannot be written; what was there is untouched. Its remedy is given.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise EnvironmentFault(message, remedy=remedy) from error


def part_name(name: str) -> str:
    """Name a file that is being written beside the one of this name; nobody else gets this name."""
    return f".{name}.{secrets.token_hex(8)}{_SUFFIX}"


def _write_beside(real: Path, content: bytes) -> None:
    beside = real.with_name(part_name(real.name))
    try:
        with beside.open("xb") as stream:
            if not hold(stream.fileno()):
                raise BlockingIOError(errno.EAGAIN, "another process sweeps here")
            with suppress(FileNotFoundError):
                beside.chmod(stat.S_IMODE(real.stat().st_mode))
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            if os.name != "nt":
                beside.replace(real)  # before the lock is let go
        if os.name == "nt":
            beside.replace(real)
    finally:
        with suppress(OSError):  # a read-only disk refuses that, too
            beside.unlink(missing_ok=True)


def sweep_parts(folder: Path) -> tuple[str, ...]:
    """Remove what killed writers left in a folder; files of living ones stay.

    Returns:
        The names removed, sorted.
    """
    swept = []
    for path in sorted(folder.glob(f".*{_SUFFIX}")):
        if _NAME.fullmatch(path.name) and is_left_behind(path):
            with suppress(OSError):
                path.unlink()
                swept.append(path.name)
    return tuple(swept)


def hold(descriptor: int) -> bool:
    """Mark an open file or folder as being worked on, until it is closed or the process ends.

    Returns:
        False when another process holds it.
    """
    if sys.platform == "win32":
        return True
    import fcntl  # noqa: PLC0415 -- POSIX only

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a network folder without locks
    return True


def is_left_behind(path: Path) -> bool:
    """Tell whether nobody works on a file or folder any more that was made to be held."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return False
        if sys.platform == "win32":
            return time.time() - status.st_mtime > _LONG_S
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return hold(descriptor)
    finally:
        os.close(descriptor)
