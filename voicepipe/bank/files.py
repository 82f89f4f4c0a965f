"""Files that are whole or absent: atomic writes, links, removal, sweeping.

Everything is first written under `out/work/` and renamed into place, so
`out/` must be one filesystem. Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from voicepipe.bank.faults import explained
from voicepipe.bank.file_stretches import FileStretch
from voicepipe.bank.layout import inflight_folder, work_folder
from voicepipe.documents.inside import refuse_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from voicepipe.bank.file_stretches import Piece

PART_SUFFIX = ".part"
READ_ONLY = 0o444
SYNCS_LATER = os.name != "nt"
"""Whether a file can be synced after it was written: Windows wants a handle that may write."""
_SYNCS_AT_ONCE: Final = 8
"""They wait and do not work, however few cores there are."""
_TRIES = 3
"""Of an atomic write: folders may be missing once, and a sweep may come between once."""
_PATIENCE_S = (0.01, 0.05, 0.2, 0.5)
"""Waits between tries: scanners on Windows hold new files open for a moment."""


def part_path(out: Path, kind: str) -> Path:
    """Name something that is being written, under `out/work/`; nobody else gets this name."""
    return work_folder(out) / f"{kind}-{os.getpid()}-{secrets.token_hex(8)}{PART_SUFFIX}"


def with_retries(action: Callable[[], object], *, on_windows: bool = os.name == "nt") -> None:
    """Do it, again if need be where another program may hold the file for a moment.

    Raises:
        OSError: The last refusal.
    """
    waits = list(_PATIENCE_S) if on_windows else []
    while True:
        try:
            action()
        except PermissionError:  # noqa: PERF203 - trying again is the point
            if not waits:
                raise
            time.sleep(waits.pop(0))
        else:
            return


def sync_folder(folder: Path) -> None:
    """Make renames and new names in a folder survive a power cut, where systems offer it."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network folders
            raise
    finally:
        os.close(descriptor)


def sync_folders(folders: Iterable[Path]) -> None:
    """As `sync_folder` for each: the disk is waited for once, and not once a folder.

    Raises:
        EnvironmentFault: The disk refuses.
    """

    def sync(folder: Path) -> None:
        with explained(folder):
            sync_folder(folder)

    with ThreadPoolExecutor(max_workers=_SYNCS_AT_ONCE) as threads:
        list(threads.map(sync, folders))


def make_folder(folder: Path, *, within: Path) -> None:
    """Have a folder, with its parents; from `within` on none of them may be a link.

    Raises:
        EnvironmentFault: It cannot be made, or something else is in its place.
    """
    refuse_links(within, folder)
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)


def sync_file(path: Path | str) -> None:
    """Wait until the disk has a file that was written without waiting.

    Raises:
        OSError: The disk refuses.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(
    path: Path,
    content: bytes | Iterable[Piece],
    *,
    read_only: bool = False,
    is_synced: bool = True,
) -> None:
    """Write a new file, whole or piece by piece, and wait until the disk has it.

    Raises:
        FileExistsError: The name is taken.
        OSError: The disk is full, or the folder refuses.
    """
    with path.open("xb") as stream:
        for piece in [content] if isinstance(content, bytes) else content:
            if isinstance(piece, FileStretch):
                piece.write_to(stream)
            else:
                stream.write(piece)
        if is_synced:
            stream.flush()
            os.fsync(stream.fileno())
    if read_only:
        path.chmod(READ_ONLY)


def write_atomic(
    out: Path, target: Path, content: bytes, *, read_only: bool = False, is_synced: bool = True
) -> None:
    """Put a file in place whole, replacing what was there.

    Args:
        out: The output folder; the temporary file lies in its `work/`.
        target: Somewhere under `out`.
        content: All of it.
        read_only: Take away the right to write, so that nobody edits it by accident.
        is_synced: Wait until it would survive a power cut. Without, it survives the death of
            every process; whoever relies on it later verifies it by its hash and calls
            `sync_file`, once for a file and not twice for a take.

    Raises:
        EnvironmentFault: Disk full, folder not writable, or reached through a link. The old file
            is untouched.
    """
    refuse_links(out, target.parent)
    refuse_links(out, work_folder(out))
    with explained(target, need=len(content)):
        for tries_left in range(_TRIES - 1, -1, -1):
            try:
                return _write_and_rename(
                    out, target, content, read_only=read_only, is_synced=is_synced
                )
            except FileNotFoundError:  # noqa: PERF203 - trying again is the point
                # A folder is missing, or a sweep took the temporary file: from the start.
                if not tries_left:
                    raise
                target.parent.mkdir(parents=True, exist_ok=True)
                work_folder(out).mkdir(parents=True, exist_ok=True)
    return None


def _write_and_rename(
    out: Path, target: Path, content: bytes, *, read_only: bool, is_synced: bool
) -> None:
    part = part_path(out, "file")
    try:
        write_file(part, content, read_only=read_only, is_synced=is_synced)
        with_retries(lambda: replace(part, target))
        if is_synced:
            sync_folder(target.parent)
    finally:
        remove_file(part, within=out)


def replace(source: Path, target: Path) -> None:
    """Rename over what is there, even where a read-only target would refuse (Windows)."""
    try:
        source.replace(target)
    except PermissionError:
        if os.name != "nt" or not target.is_file():
            raise
        target.chmod(stat.S_IWRITE | stat.S_IREAD)
        source.replace(target)


def remove_file(path: Path, *, within: Path) -> bool:
    """Remove a file, read-only or not; a link is removed, never what it leads to.

    Args:
        path: The file.
        within: From here on no folder on the way to it may be a link.

    Returns:
        False when there was none.

    Raises:
        EnvironmentFault: A folder on the way is a link.
        OSError: The folder refuses.
    """
    refuse_links(within, path.parent)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except PermissionError:
        if os.name != "nt":
            raise
        path.chmod(stat.S_IWRITE | stat.S_IREAD)
        path.unlink()
    return True


def remove_tree(folder: Path, *, within: Path) -> None:
    """Remove a folder with all in it; links in it are removed, never followed.

    Args:
        folder: Itself no link.
        within: From here on no folder on the way to it may be a link.

    Raises:
        EnvironmentFault: The folder, or one on the way to it, is a link.
        OSError: Something refuses; what is gone is gone.
    """
    refuse_links(within, folder)
    for parent, folders, files in os.walk(folder, topdown=False, followlinks=False):
        for name in files:
            remove_file(folder.__class__(parent, name), within=folder)
        for name in folders:
            path = folder.__class__(parent, name)
            if path.is_symlink():
                path.unlink()
            else:
                path.rmdir()
    folder.rmdir()


def sweep(out: Path) -> tuple[str, ...]:
    """Remove what killed processes left in `out/work/`: half-written files, in-flight journals.

    Call it while holding the lock. A writer that loses its temporary file to
    a sweep writes it again.

    Returns:
        The names removed, sorted.

    Raises:
        EnvironmentFault: Something there cannot be removed, or the folder is a link.
    """
    folder = work_folder(out)
    refuse_links(out, folder)
    swept = []
    for path in sorted(folder.glob(f"*{PART_SUFFIX}")):
        with explained(path):
            if path.is_dir() and not path.is_symlink():
                remove_tree(path, within=out)
            else:
                remove_file(path, within=out)
        swept.append(path.name)
    journals = inflight_folder(out)
    with explained(journals):
        if os.path.lexists(journals):
            remove_tree(journals, within=out)
    return tuple(swept)


def names_under(folder: Path, suffix: str) -> list[str]:
    """List the stems of a fanned-out folder from its directories alone, opening no file.

    Returns:
        Names without `suffix`, in no order; foreign files are left out.

    Raises:
        EnvironmentFault: A folder cannot be read.
    """
    cut = -len(suffix) or None
    found: list[str] = []
    with explained(folder):
        try:
            folders = [entry.path for entry in os.scandir(folder) if entry.is_dir()]
        except FileNotFoundError:
            return found
        for inner in folders:
            names = os.listdir(inner)  # noqa: PTH208 - names only: 3x faster than iterdir
            found += [name[:cut] for name in names if name.endswith(suffix)]
    return found
