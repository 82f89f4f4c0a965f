"""In-flight marks: what each worker process holds, readable after its death.

A worker appends to a file of its own: a line when it begins a job, another when the job has
ended and its outcome is on its way. The kernel keeps what was written by a process that is killed.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX = ".inflight"


class InFlightJournal:
    """What one process holds; the file goes when the process leaves in order.

    Args:
        folder: Made when it is missing; None: nobody could read the mark, so none is written.
    """

    def __init__(self, folder: Path | None) -> None:
        self._held: set[int] = set()
        self._path: Path | None = None
        self._stream: IO[bytes] | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._path = _path(folder, os.getpid())
            self._stream = self._path.open("wb", buffering=0)

    def begin(self, number: int) -> None:
        """Note that a job is being worked on; again for a further try."""
        if number not in self._held:
            self._held.add(number)
            self._write(b"+%d\n" % number)

    def end(self, number: int) -> None:
        """Note that a job has ended, begun or not."""
        if number in self._held:
            self._held.discard(number)
            self._write(b"-%d\n" % number)

    def close(self) -> None:
        """Take the mark away."""
        if self._stream is not None and self._path is not None:
            self._stream.close()
            self._path.unlink(missing_ok=True)

    def _write(self, entry: bytes) -> None:
        if self._stream is not None:
            self._stream.write(entry)


def collect_inflight(folder: Path, process: int | None) -> tuple[int, ...]:
    """Read the mark of a process that is gone, and take it away.

    Args:
        folder: Of this run.
        process: Its id.

    Returns:
        Numbers of the jobs it had begun and not ended, in the order it began them.
    """
    path = _path(folder, process or 0)
    held: dict[int, None] = {}
    with suppress(FileNotFoundError):
        # What follows the last line end was being written when the process died.
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                number = int(line[1:])
                if line.startswith(b"+"):
                    held[number] = None
                else:
                    held.pop(number, None)
    path.unlink(missing_ok=True)
    return tuple(held)


def remove_inflight(folder: Path) -> None:
    """Take a run's marks folder away."""
    shutil.rmtree(folder, ignore_errors=True)


def _path(folder: Path, process: int) -> Path:
    return folder / f"{process}{_SUFFIX}"
