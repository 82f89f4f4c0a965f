"""Weight files as bytes in memory, which may be changed without touching the file (torch-free)."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

from voicepipe.errors import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path


class MappedFile(mmap.mmap):
    """A file's bytes as a private copy, so the magic can be restored without touching the file."""

    def seekable(self) -> bool:  # not there before Python 3.13, and zipfile asks
        """Whether it can be read from any place."""
        return True


def mapped_file(path: Path) -> MappedFile:
    """Open a weight file.

    Raises:
        CheckpointError: It is empty, no file, or cannot be read.
    """
    try:
        if not path.is_file() and path.exists():  # a pipe would be waited for
            msg = f"{path}: not a file"
            raise CheckpointError(msg, remedy="give a .ckpt, .pth or .safetensors file")
        with path.open("rb") as stream:
            if not path.stat().st_size:
                msg = f"{path}: the file is empty"
                raise CheckpointError(msg, remedy="fetch it again")
            return MappedFile(stream.fileno(), 0, access=mmap.ACCESS_COPY)
    except OSError as error:
        msg = f"{path}: {error.strerror or error}"
        raise CheckpointError(msg, remedy="check the path and its permissions") from error
