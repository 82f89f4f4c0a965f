"""Names of files for lines: lower-case, lawful everywhere, and none the beginning of another.

Engines look for files by the beginning of a name, and some systems do not tell cases apart.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from voicepipe.documents.portable import is_reserved_name
from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_UNFIT: Final = re.compile(r"[^a-z0-9_-]+")
_MARK_DIGITS: Final = 8
_LONGEST: Final = 100
_PATH: Final = re.compile(r"[^\x00-\x1f<>:\"|?*\\/]+(?:/[^\x00-\x1f<>:\"|?*\\/]+)*")
_LONGEST_PATH: Final = 240
"""Windows takes 260 with drive and folder, unless it is set otherwise."""


def names_of(lines: Iterable[str]) -> dict[str, str]:
    """Give each line a name that starts no other's.

    Args:
        lines: Ids; what is there in one language counts for all.

    Returns:
        Line → name. An id stays as it is where it can; otherwise it is spelled in what is left of
        it, and ends in digits of its hash where two would be alike.
    """
    wanted = {line: _plain(line) for line in sorted(set(lines))}
    clashing = _clashing(list(wanted.values()))
    return {
        line: f"{name[:_LONGEST]}-{sha256_of_bytes(line.encode())[:_MARK_DIGITS]}"
        if name in clashing
        else name
        for line, name in wanted.items()
    }


def _plain(line: str) -> str:
    name = _UNFIT.sub("_", line.lower()).strip("_-") if line != _UNFIT.sub("", line) else line
    return f"line_{name}" if not name or is_reserved_name(name) else name


def _clashing(names: list[str]) -> set[str]:
    """Find names that occur twice, that begin another one, or that are too long for a file."""
    found = {name for name in names if len(name) > _LONGEST}
    ordered = sorted(names)
    for name, after in pairwise(ordered):
        if after.startswith(name):
            found.add(name)
    return found


def holding(needles: Collection[str], stems: Iterable[str]) -> dict[str, str]:
    """Find names that hold another name anywhere in them.

    Args:
        needles: Names that an engine looks for.
        stems: Names of files, without suffix.

    Returns:
        Needle → a stem that holds it and is not it.
    """
    known = set(needles)
    lengths = sorted({len(name) for name in known})
    found: dict[str, str] = {}
    for stem in stems:
        for length in lengths:
            if length > len(stem):
                break
            for at in range(len(stem) - length + 1):
                part = stem[at : at + length]
                if part in known and part != stem:
                    found.setdefault(part, stem)
    return found


def path_fault(path: str) -> str:
    """Say why a relative path cannot be a file on every system; empty when it can."""
    if len(path) > _LONGEST_PATH:
        return f"it has {len(path)} characters; the limit is {_LONGEST_PATH}"
    if _PATH.fullmatch(path) is None:
        return "it is no relative path of names that every system allows"
    for part in path.split("/"):
        if part in (".", "..") or part.endswith((" ", ".")) or part.startswith(" "):
            return f'"{part}" is no name of a file or folder on Windows'
        if is_reserved_name(part.partition(".")[0]):
            return f'Windows keeps the name "{part}" for itself'
    return ""
