"""Retakes that were asked for and not heard yet, so that asking again does not skip a take.

A render that is interrupted leaves the note; the same command goes on with the takes it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from voicepipe.bank.files import remove_file, write_atomic
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PENDING_NAME = "retakes.json"
_LARGEST_FILE = 1 << 26

Pending = dict[tuple[str, str], tuple[int, int | None]]
"""(line, language) → take number and explicit seed."""


class _Row(msgspec.Struct):
    line: str
    language: str
    take: int
    seed: int | None = None


def load_pending(out: Path) -> Pending:
    """Read the note; nothing when there is none or it cannot be read: it only spares a take."""
    try:
        content = read_regular(out / PENDING_NAME, limit=_LARGEST_FILE)
        rows = msgspec.json.decode(content, type=list[_Row])
    except (OSError, msgspec.DecodeError):
        return {}
    return {(row.line, row.language): (row.take, row.seed) for row in rows}


def save_pending(out: Path, pending: Mapping[tuple[str, str], tuple[int, int | None]]) -> None:
    """Write the note, or remove it when nothing is pending; the caller holds the lock.

    Raises:
        EnvironmentFault: Disk full or folder not writable.
    """
    path = out / PENDING_NAME
    if not pending:
        remove_file(path, within=out)
        return
    rows = [
        _Row(line=line, language=language, take=take, seed=seed)
        for (line, language), (take, seed) in sorted(pending.items())
    ]
    write_atomic(out, path, msgspec.json.encode(rows))
