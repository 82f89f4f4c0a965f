"""What the operating system refused, said so that a person can mend it."""

from __future__ import annotations

import errno
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NOT_A_FOLDER = frozenset({errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENXIO})
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def in_units(n_bytes: int) -> str:
    """Write a size for a person: `1.5 GiB`."""
    size, unit = float(n_bytes), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{n_bytes} bytes" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def free_bytes(path: Path) -> int | None:
    """Ask how much a disk still takes.

    Returns:
        Bytes free to us on the disk of the nearest existing folder; None when it will not say.
    """
    folder = next((f for f in (path, *path.parents) if f.is_dir()), None)
    try:
        return None if folder is None else shutil.disk_usage(folder).free
    except OSError:
        return None


def fault_of(error: OSError, path: Path, *, need: int = 0) -> EnvironmentFault:
    """Put a failed write into words: the path, what was needed, and one remedy."""
    if error.errno in _FULL:
        free = free_bytes(path.parent)
        wants = f"{in_units(need)} needed" if need else "more room needed"
        has = "" if free is None else f", {in_units(free)} free"
        return EnvironmentFault(
            f"{path}: the disk or the quota is full ({wants}{has})",
            remedy=(
                "free some space (`voicepipe bank gc` shows what no version uses), then run again:"
                " finished takes are kept"
            ),
        )
    if error.errno in _REFUSED:
        return EnvironmentFault(
            f"{path}: writing is not allowed ({error.strerror})",
            remedy=f"make {path.parent} writable, or choose another output folder",
        )
    if error.errno in _NOT_A_FOLDER:
        return EnvironmentFault(
            f"{path}: something else stands where a file or folder of the output should be"
            f" ({error.strerror})",
            remedy="move it away, or choose another output folder",
        )
    return EnvironmentFault(
        f"{path}: {error.strerror or error}", remedy=f"look at the disk that holds {path.parent}"
    )


@contextmanager
def explained(path: Path, *, need: int = 0) -> Iterator[None]:
    """Turn any `OSError` inside into an `EnvironmentFault` about this path.

    Args:
        path: What is being written or read.
        need: Bytes it takes, for the message of a full disk.

    Raises:
        EnvironmentFault: The operating system refused.
    """
    try:
        yield
    except OSError as error:
        raise fault_of(error, path, need=need) from error
