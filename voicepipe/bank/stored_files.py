"""Stored objects as a new version finds them: are they there, how large, and written to since?"""

from __future__ import annotations

import os
from operator import attrgetter
from typing import TYPE_CHECKING

from voicepipe.bank.integrity import place_of, published_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.store import ObjectStore


class StoredFiles:
    """The files of objects that were looked at, each once.

    An object that was verified for the last version, has kept its size and was not written to
    since need not be read again: `verify` does that.

    Args:
        store: Where they are.
        previous: The last version; None: there is none.
    """

    def __init__(self, store: ObjectStore, previous: BankManifest | None) -> None:
        entries = previous.entries if previous is not None else ()
        self._store = store
        self._moment = published_at(previous) if previous is not None else 0.0
        self.sizes: dict[str, int] = dict(map(attrgetter("sha256", "size_bytes"), entries))
        """Object id → bytes; of what was not looked at, those of the last version."""
        self.places: dict[str, int] = {}
        """Object id → where it lies, of each that is there; see `place_of`."""
        self.doubtful: set[str] = set()
        """Those to be read before they are published."""

    def look_at(self, object_ids: Sequence[str]) -> list[str]:
        """Look at objects.

        Returns:
            What is wrong with those that are not there.
        """
        faults = []
        sizes, moment = self.sizes, self._moment
        for path, object_id in zip(self._store.file_names(object_ids), object_ids, strict=True):
            try:
                status = os.stat(path)  # noqa: PTH116 - 100,000 times
            except OSError as error:
                faults.append(f"{object_id[:12]}: {error.strerror}")
                continue
            size = status.st_size
            self.places[object_id] = place_of(status)
            if sizes.get(object_id) != size or status.st_mtime >= moment:
                sizes[object_id] = size
                self.doubtful.add(object_id)
        return faults
