"""Are published files as they were published? Asked every time, and quick as long as they are.

A file is taken at its word while its size is the manifest's, nobody may write to it and it was
not written to since its version was made. Any other is read. What a program changes and then
dates back, at the same size, is found by `voicepipe bank verify` alone.
"""

from __future__ import annotations

import datetime
import os
import stat
import time
from array import array
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.bank.files import READ_ONLY
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest, ManifestEntry

_WRITABLE: Final = 0o222
_SHOWN: Final = 3
_FRESH_S: Final = 30.0
"""Publishing a large bank takes half as long itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity:
    """What became of looking at a version's files."""

    damaged: Mapping[str, str]
    """File → what is wrong with it."""
    doubtful: tuple[str, ...]
    """Files that had to be read and are as they were published."""
    places: array[int]
    """Where the file of each entry lies, by `place_of`; 0: it is not there."""
    at_s: float
    """When that was, on the clock that only goes on."""

    @property
    def is_fresh(self) -> bool:
        """Whether it is so short ago that looking again would tell nothing new."""
        return time.monotonic() - self.at_s < _FRESH_S


def place_of(status: os.stat_result) -> int:
    """Give a number that is another one only for another file, and takes 8 bytes in an array."""
    return hash((status.st_dev, status.st_ino))


def published_at(manifest: BankManifest) -> float:
    """Say when a version was made, in whole seconds since 1970; 0 when it does not tell."""
    try:
        moment = datetime.datetime.fromisoformat(manifest.created.replace("Z", "+00:00"))
        return float(int(moment.timestamp()))
    except (ValueError, OverflowError):
        return 0.0


def look_at_files(folder: Path, manifest: BankManifest) -> Integrity:
    """Compare a version's files with its manifest, reading only those that give reason to.

    Args:
        folder: The version's.
        manifest: Of this version.
    """
    root, moment, at_s = str(folder), published_at(manifest), time.monotonic()
    damaged: dict[str, str] = {}
    doubtful: list[ManifestEntry] = []
    places = array("q")
    for entry in manifest.entries:
        try:
            status = os.lstat(f"{root}/{entry.file}")
        except OSError as error:
            damaged[entry.file] = f"it cannot be found ({error.strerror})"
            places.append(0)
            continue
        mode, size = status.st_mode, status.st_size
        places.append(place_of(status))
        if not stat.S_ISREG(mode):
            damaged[entry.file] = "it is no ordinary file"
        elif size != entry.size_bytes:
            damaged[entry.file] = f"it has {size} bytes instead of {entry.size_bytes}"
        elif status.st_mtime > moment or mode & _WRITABLE:
            doubtful.append(entry)
    damaged |= _altered(folder, doubtful)
    return Integrity(
        damaged=damaged,
        doubtful=tuple(entry.file for entry in doubtful if entry.file not in damaged),
        places=places,
        at_s=at_s,
    )


def _altered(folder: Path, entries: list[ManifestEntry]) -> dict[str, str]:
    def fault_of(entry: ManifestEntry) -> str:
        try:
            same = sha256_of_file(folder / entry.file) == entry.sha256
        except OSError as error:
            return f"it cannot be read ({error.strerror})"
        return "" if same else "its bytes are not those that were published"

    if not entries:
        return {}
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        faults = threads.map(fault_of, entries)
        return {entry.file: fault for entry, fault in zip(entries, faults, strict=True) if fault}


def settle(folder: Path, manifest: BankManifest, files: tuple[str, ...]) -> None:
    """Spare the next look the reading of files that were found intact; the caller holds the lock.

    A copy of a whole output folder may date every file anew.
    """
    moment = published_at(manifest)
    for file in files:
        path = folder / file
        try:
            os.utime(path, (moment, moment))
            path.chmod(READ_ONLY)
        except OSError:
            return  # another's files: they are read again each time


def damage_told(manifest: BankManifest, damaged: Mapping[str, str]) -> EnvironmentFault:
    """Put the damage of a version into words."""
    shown = "; ".join(f"{file}: {what}" for file, what in sorted(damaged.items())[:_SHOWN])
    rest = f" and {len(damaged) - _SHOWN} more" if len(damaged) > _SHOWN else ""
    n_files = f"{len(damaged)} published file{'' if len(damaged) == 1 else 's'}"
    return EnvironmentFault(
        f"{manifest.bank} {manifest.version}: {n_files} not as published: {shown}{rest}",
        remedy=f"`voicepipe bank repair {manifest.version}` puts back what the store still has",
    )
