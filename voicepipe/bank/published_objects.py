"""The stored bytes of a version about to be published: are they there, whole, and how large?"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from voicepipe.audio.wave_facts import wave_fault
from voicepipe.bank.faults import explained
from voicepipe.bank.files import SYNCS_LATER, sync_file
from voicepipe.bank.integrity import published_at
from voicepipe.errors import CorruptObject, EnvironmentFault
from voicepipe.regular_files import open_regular

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.bank.integrity import Integrity
    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.store import ObjectStore
    from voicepipe.bank.versions import Version

_SHOWN = 5
"""Damaged entries a message names before it counts the rest."""


def with_sizes(
    store: ObjectStore,
    entries: Sequence[ManifestEntry],
    previous: tuple[Version, BankManifest] | None,
) -> tuple[tuple[ManifestEntry, ...], dict[str, tuple[int, int]]]:
    """Look at every object; read those that are new or were touched since the last version.

    An object that was verified for the last version, has kept its size and was not written
    to since is not read again: `verify` does that.

    Returns:
        The entries with their sizes, and the device and inode of every object.
    """
    before = previous[1].entries if previous is not None else ()
    trusted = dict(map(attrgetter("sha256", "size_bytes"), before))
    moment = published_at(previous[1]) if previous is not None else 0.0
    sizes: dict[str, int] = {}
    places: dict[str, tuple[int, int]] = {}
    doubtful, faults = [], []
    by_id = {entry.sha256: entry for entry in entries}
    for path, (object_id, entry) in zip(store.file_names([*by_id]), by_id.items(), strict=True):
        try:
            status = os.stat(path)  # noqa: PTH116 - 100,000 times
        except OSError as error:
            faults.append(f"{object_id[:12]}: {error.strerror}")
            continue
        size = sizes[object_id] = status.st_size
        places[object_id] = (status.st_dev, status.st_ino)
        if trusted.get(object_id) != size or status.st_mtime >= moment:
            doubtful.append(entry)
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        faults += [fault for fault in threads.map(lambda e: _fault_of(store, e), doubtful) if fault]
    if faults:
        rest = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise CorruptObject(
            f"nothing was published: {len(faults)} clips are missing or damaged in the store:"
            f" {'; '.join(faults[:_SHOWN])}{rest}",
            remedy="run `voicepipe render`: it makes them again",
        )
    sized = tuple(
        entry
        if entry.size_bytes == sizes[entry.sha256]
        else replace(entry, size_bytes=sizes[entry.sha256])
        for entry in entries
    )
    return sized, places


def _fault_of(store: ObjectStore, entry: ManifestEntry) -> str:
    """Verify a new object and make it safe from power cuts, before anything points at it."""
    path = store.path(entry.sha256)
    try:
        store.check(entry.sha256)
        with explained(path):
            if SYNCS_LATER:
                sync_file(path)
            with open_regular(path) as stream:
                fault = wave_fault(
                    stream,
                    sample_rate=entry.sample_rate,
                    bit_depth=entry.bit_depth,
                    duration_s=entry.duration_s,
                )
    except EnvironmentFault as error:
        return error.message
    return f"{entry.line} ({entry.language}): {fault}" if fault else ""


def earlier_files(
    previous: tuple[Version, BankManifest] | None,
    looked_at: Integrity,
    stored: Mapping[str, tuple[int, int]],
) -> dict[str, str]:
    """List the clips of the last version whose files are sound, and are none of the store's.

    Args:
        previous: The last version.
        looked_at: What became of looking at its files.
        stored: sha256 → device and inode of the stored file.
    """
    if previous is None:
        return {}
    version, manifest = previous
    root, damaged, places = str(version.path), looked_at.damaged, looked_at.places
    return {
        entry.sha256: f"{root}/{entry.file}"
        for entry in manifest.entries
        if entry.file not in damaged
        and (place := stored.get(entry.sha256)) is not None
        and place != places[entry.file]
    }
