"""Stored objects as a new version finds them: are they there, how large, and written to since?"""

from __future__ import annotations

import os
from array import array
from operator import attrgetter
from typing import TYPE_CHECKING

from voicepipe.bank.integrity import place_of, published_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.store import ObjectStore


class StoredFiles:
    """What became of looking at the files of objects.

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
        self.missing: dict[str, str] = {}
        """Object id → why it is not there."""
        self.doubtful: set[str] = set()
        """Those to be read before they are published."""

    def look_at(self, object_ids: Sequence[str]) -> array[int]:
        """Look at objects, also at those that were looked at before.

        Args:
            object_ids: Each once, or as often as entries share a clip.

        Returns:
            Where each of them lies, by `place_of`; 0: it is not there.
        """
        places = array("q")
        sizes, moment = self.sizes, self._moment
        for path, object_id in zip(self._store.file_names(object_ids), object_ids, strict=True):
            try:
                status = os.stat(path)  # noqa: PTH116 - 100,000 times
            except OSError as error:
                self.missing[object_id] = str(error.strerror)
                places.append(0)
                continue
            self.missing.pop(object_id, None)
            size = status.st_size
            places.append(place_of(status))
            if sizes.get(object_id) != size or status.st_mtime >= moment:
                sizes[object_id] = size
                self.doubtful.add(object_id)
        return places
