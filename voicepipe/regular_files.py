"""Reading files that anybody may have put in place: never waiting, never more than was asked for.

A named pipe opened in the ordinary way waits for a writer for ever; a sparse file of any size
costs its owner nothing. Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading, and nothing but a file: no pipe, socket, device or folder.

    Raises:
        OSError: There is none, it may not be read, or it is something else (`ENXIO`).
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    try:
        _require_regular(descriptor, path)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _require_regular(descriptor: int, path: Path) -> None:
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.ENXIO, "not an ordinary file", str(path))


def read_regular(path: Path, *, limit: int) -> bytes:
    """Read a file whole, if it is an ordinary one.

    Args:
        path: The file.
        limit: Of more bytes than this, only `limit + 1` are read.

    Raises:
        OSError: There is none, it may not be read, or it is something else (`ENXIO`).
    """
    with open_regular(path) as stream:
        return stream.read(limit + 1)
