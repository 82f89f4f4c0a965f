"""Takes that were made to choose from: which number is which take.

They lie in the store like any other, and no version knows them. Nothing here is a decision: one is
made when a take is chosen (`pins.choose_take`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from voicepipe.bank.decisions import MOST_TAKES
from voicepipe.bank.files import write_atomic
from voicepipe.bank.layout import is_hash
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CANDIDATES_NAME: Final = "candidates.json"
_LARGEST_FILE: Final = 1 << 26


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One take of a line that can be chosen."""

    line: str
    language: str
    take: int
    """From 1."""
    take_key: str
    clip_key: str
    """The take, finished as the settings said when it was made: what people compare."""


def load_candidates(out: Path) -> tuple[Candidate, ...]:
    """Read the list, sorted by line, language and number.

    Returns:
        None where there is no list, or one that cannot be read: the takes can be made again.
    """
    try:
        content = read_regular(out / CANDIDATES_NAME, limit=_LARGEST_FILE)
        rows = msgspec.json.decode(content, type=list[Candidate])
    except (OSError, msgspec.DecodeError):
        return ()
    return tuple(row for row in rows if _is_possible(row))


def _is_possible(row: Candidate) -> bool:
    return 1 <= row.take <= MOST_TAKES and is_hash(row.take_key) and is_hash(row.clip_key)


def save_candidates(out: Path, made: Iterable[Candidate]) -> None:
    """Put the takes of lines in place of those listed before; the caller holds the lock.

    Args:
        out: The output folder.
        made: All candidates of the lines they are of; those of other lines stay listed.

    Raises:
        EnvironmentFault: Disk full or folder not writable.
    """
    new = list(made)
    lines = {(one.line, one.language) for one in new}
    kept = [one for one in load_candidates(out) if (one.line, one.language) not in lines]
    rows = sorted([*kept, *new], key=lambda one: (one.line, one.language, one.take))
    write_atomic(out, out / CANDIDATES_NAME, msgspec.json.encode(rows))
