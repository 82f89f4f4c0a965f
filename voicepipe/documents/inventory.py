"""Every file of a folder and what is in it, so that a later run can tell whether any of it changed.

Contents decide, never dates: a fresh checkout of the same files is the same. Dates and sizes only
spare the reading of files that were read before.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping  # noqa: TC003 - whoever reads inventories back needs it
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from voicepipe.hashing import sha256_of_file

if TYPE_CHECKING:
    from collections.abc import Generator

_SKIPPED: Final = frozenset({"__pycache__", "node_modules"})
_MOST_FILES = 100_000
_LARGEST_READ = 1 << 26
"""Bytes of the largest file that is read; a larger one is known by its size and time of change."""
_DOUBTFUL_NS = 2_000_000_000
"""A file that changed so shortly before it was read may have changed again on the same tick."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One file, as it was found."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    content: str
    """sha256 of its bytes, or what stands for them."""

    def is_of(self, status: os.stat_result) -> bool:
        """Tell whether the file still looks the same from outside."""
        looks = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        return looks == (self.size, self.mtime_ns, self.ctime_ns, self.inode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All files of a folder at one moment."""

    taken_ns: int
    """When the first was looked at, in nanoseconds since 1970."""
    files: Mapping[str, KnownFile]
    """By path from the folder, with forward slashes."""

    def holds_the_same(self, other: Inventory, *, but: str = "") -> bool:
        """Tell whether two moments had the same files with the same contents, but for one path."""
        return self.files.keys() - {but} == other.files.keys() - {but} and all(
            file.content == other.files[path].content
            for path, file in self.files.items()
            if path != but
        )

    def trusted(self, path: str, status: os.stat_result) -> str:
        """Give a file's content if it cannot have changed since; empty if it has to be read."""
        file = self.files.get(path)
        if file is None or not file.is_of(status):
            return ""
        settled_ns = self.taken_ns - _DOUBTFUL_NS
        return file.content if max(file.mtime_ns, file.ctime_ns) < settled_ns else ""


NOTHING_KNOWN = Inventory(taken_ns=0, files={})


def take_inventory(
    folder: Path, *, without: Path | None = None, known: Inventory = NOTHING_KNOWN
) -> Inventory:
    """Look at every file of a folder.

    Args:
        folder: Links in it are followed, except those that lead back up.
        without: A folder whose files do not count, by whatever name it is reached.
        known: An earlier inventory of the same folder, whose unchanged files are not read again.

    Returns:
        Everything but hidden files and folders (`.git`, `.venv` …) and what programs leave behind
        (`__pycache__`, `node_modules`).

    Raises:
        OSError: A file or folder cannot be read, or there are more than 100,000 of either.
    """
    taken_ns = time.time_ns()
    outside = None if without is None else _identity_of(without)
    top = folder.stat()
    above = frozenset({(top.st_dev, top.st_ino), *([outside] if outside else [])})
    files: dict[str, KnownFile] = {}
    with closing(_walk(str(folder), above)) as found:
        for name, entry in found:
            # Names that are no Unicode cannot be written down as they are.
            path = name.encode("utf-8", "surrogatepass").decode("utf-8", "backslashreplace")
            if path in files or len(files) == _MOST_FILES:
                raise OSError(f"{folder} holds more than {_MOST_FILES} files, or two of one name")
            files[path] = _file_of(path, entry, known)
    return Inventory(taken_ns=taken_ns, files=files)


def is_counted(path: str) -> bool:
    """Tell whether an inventory looks at a path, which is relative to its folder."""
    return not any(map(_is_skipped, PurePosixPath(path.replace("\\", "/")).parts))


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED


def _identity_of(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _walk(
    top: str, above: frozenset[tuple[int, int]]
) -> Generator[tuple[str, os.DirEntry[str]], None, None]:
    """List files with their paths; `above` are the folders that are not entered (again).

    Raises:
        OSError: A folder cannot be listed, or there are too many: links can multiply a few.
    """
    waiting = [(top, "", above)]
    n_folders = 0
    while waiting:
        folder, inner, above = waiting.pop()
        n_folders += 1
        if n_folders > _MOST_FILES:
            raise OSError(f"{top} holds more than {_MOST_FILES} folders")
        with os.scandir(folder) as entries:
            for entry in entries:
                if _is_skipped(entry.name):
                    continue
                path = f"{inner}{entry.name}"
                if not entry.is_dir():
                    yield path, entry
                    continue
                # An entry's own numbers are those of the link, and zero on Windows.
                status = os.stat(entry.path)  # noqa: PTH116 - there is no Path yet
                here = (status.st_dev, status.st_ino)
                if here not in above:
                    waiting.append((entry.path, f"{path}/", above | {here}))


def _file_of(path: str, entry: os.DirEntry[str], known: Inventory) -> KnownFile:
    try:
        status = os.stat(entry.path)  # noqa: PTH116 - of what a link leads to; there is no Path yet
    except FileNotFoundError:
        return KnownFile(0, 0, 0, 0, f"a link to nothing: {os.readlink(entry.path)}")  # noqa: PTH115
    content = known.trusted(path, status) or _content_of(entry.path, status)
    return KnownFile(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, content)


def _content_of(path: str, status: os.stat_result) -> str:
    if not stat.S_ISREG(status.st_mode):
        return "not a file"  # a pipe would wait for its writer
    if status.st_size > _LARGEST_READ:
        return f"{status.st_size} bytes of {status.st_mtime_ns}"
    return sha256_of_file(Path(path))
