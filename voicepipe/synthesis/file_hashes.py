"""Hashes of large files, remembered by size and time of change so that a plan reads none twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from voicepipe.bank.files import write_atomic
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_file
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "file-hashes.json"
_MAX_BYTES = 1 << 20
_DIGITS = 64


class FileHashes:
    """The remembered hashes of one project.

    A file that keeps its size and its time of change to the nanosecond is taken to be the same;
    rendering compares the bytes again.

    Args:
        out: The output folder; nothing is written where there is none.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._known: dict[str, list[int | str]] | None = None

    def sha256(self, path: Path) -> str:
        """Hash a file, or remember its hash.

        Raises:
            OSError: It cannot be read.
        """
        status = path.stat()
        size_and_time = [status.st_size, status.st_mtime_ns]
        known = self._load()
        found = known.get(str(path))
        if found is not None and found[:2] == size_and_time:
            return str(found[2])
        digest = sha256_of_file(path)
        known[str(path)] = [*size_and_time, digest]
        self._save(known)
        return digest

    def _load(self) -> dict[str, list[int | str]]:
        if self._known is None:
            self._known = _read(self._out / _NAME)
        return self._known

    def _save(self, known: dict[str, list[int | str]]) -> None:
        if not self._out.is_dir():
            return
        try:
            write_atomic(
                self._out, self._out / _NAME, orjson.dumps(known, option=orjson.OPT_SORT_KEYS)
            )
        except EnvironmentFault:
            return  # a folder that cannot be written costs time, nothing else


def _read(path: Path) -> dict[str, list[int | str]]:
    try:
        document = orjson.loads(read_regular(path, limit=_MAX_BYTES))
    except (OSError, orjson.JSONDecodeError):
        return {}
    rows = document.items() if isinstance(document, dict) else ()
    return {name: row for name, row in rows if _is_row(row)}


def _is_row(row: object) -> bool:
    return (
        isinstance(row, list)
        and [type(value) for value in row] == [int, int, str]
        and len(row[2]) == _DIGITS
    )
