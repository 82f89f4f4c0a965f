"""In-flight marks: what each worker process holds, readable after its death.

A worker appends to a file of its own: a line when it begins a job, a line with the outcome when
the job ends. The kernel keeps what was written by a process that is killed.
"""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING

import orjson

from voicepipe.workers.jobs import Outcome

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX = ".inflight"


class Mark:
    """One batch's mark; gone when the batch has ended and its outcomes are on their way."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
        self._stream: IO[bytes] = self._path.open("xb", buffering=0)

    def begin(self, number: int) -> None:
        """Note that a job is being worked on."""
        self._stream.write(b"%d\n" % number)

    def end(self, outcome: Outcome) -> None:
        """Note what became of a job."""
        self._stream.write(orjson.dumps(asdict(outcome)) + b"\n")

    def close(self) -> None:
        """Take the mark away."""
        self._stream.close()
        self._path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What dead workers left behind."""

    held: tuple[int, ...]
    """Numbers of the jobs that were begun and not ended."""
    outcomes: tuple[Outcome, ...]
    """Of jobs that had ended, and whose batch had not."""


def collect_marks(folder: Path) -> Remains:
    """Read the marks of workers that have died, and take them away."""
    begun: set[int] = set()
    ended: dict[int, Outcome] = {}
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        for line in path.read_bytes().splitlines():
            entry = _entry(line)
            if isinstance(entry, Outcome):
                ended[entry.number] = entry
            elif entry is not None:
                begun.add(entry)
        path.unlink(missing_ok=True)
    return Remains(held=tuple(sorted(begun - ended.keys())), outcomes=tuple(ended.values()))


def _entry(line: bytes) -> Outcome | int | None:
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError:  # the last line of a process that died while writing
        return None
    return Outcome(**entry) if isinstance(entry, dict) else int(entry)


def remove_marks(folder: Path) -> None:
    """Take a run's marks folder away."""
    shutil.rmtree(folder, ignore_errors=True)
