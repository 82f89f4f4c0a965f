"""The stored bytes of a version about to be published: are they there, whole, and how large?"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from voicepipe.audio.wave_facts import wave_fault
from voicepipe.bank.faults import explained
from voicepipe.bank.files import SYNCS_LATER, sync_file
from voicepipe.errors import CorruptObject, EnvironmentFault
from voicepipe.regular_files import open_regular

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.bank.store import ObjectStore
    from voicepipe.bank.stored_files import StoredFiles

_SHOWN = 5
"""Damaged entries a message names before it counts the rest."""


def with_sizes(
    store: ObjectStore, entries: Sequence[ManifestEntry], stored: StoredFiles
) -> tuple[ManifestEntry, ...]:
    """Look at every object; read those that are new or were touched since the last version.

    Args:
        store: Has the objects.
        entries: Of the version.
        stored: Objects that were looked at just now; the others are looked at as well.

    Returns:
        The entries with their sizes.
    """
    by_id = {entry.sha256: entry for entry in entries}
    known, missing = stored.sizes, stored.missing  # some of those may have been made meanwhile
    stored.look_at([one for one in by_id if one not in known or one in missing])
    faults = [f"{one[:12]}: {missing[one]}" for one in by_id if one in missing]
    doubtful = [entry for one, entry in by_id.items() if one in stored.doubtful]
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        faults += [fault for fault in threads.map(lambda e: _fault_of(store, e), doubtful) if fault]
    if faults:
        rest = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise CorruptObject(
            f"nothing was published: {len(faults)} clips are missing or damaged in the store:"
            f" {'; '.join(faults[:_SHOWN])}{rest}",
            remedy="run `voicepipe render`: it makes them again",
        )
    return tuple(
        entry
        if entry.size_bytes == known[entry.sha256]
        else replace(entry, size_bytes=known[entry.sha256])
        for entry in entries
    )


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
