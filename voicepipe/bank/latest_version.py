"""The latest version, as the next one is made from it: what publishing asks of it and of the store.

None of that follows from the next version, so that it can be found out while clips of that are
still being made.
"""

from __future__ import annotations

import contextlib
from functools import cached_property
from typing import TYPE_CHECKING

from voicepipe.bank.earlier_rows import EarlierRows
from voicepipe.bank.integrity import look_at_files
from voicepipe.bank.kept_entries import KeptEntries
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.stored_files import StoredFiles
from voicepipe.bank.versions import latest, load_version
from voicepipe.errors import EnvironmentFault
from voicepipe.memory import collection_paused

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.bank.integrity import Integrity
    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.versions import Version


class LatestVersion:
    """A version and its files; what is found out of them is found out once, when asked for first.

    Args:
        out: The output folder.
        version: Which.
        manifest: Of this version.
    """

    def __init__(self, out: Path, version: Version, manifest: BankManifest) -> None:
        self.version = version
        self.manifest = manifest
        self._out = out

    @cached_property
    def integrity(self) -> Integrity:
        """What became of looking at its files."""
        return look_at_files(self.version.path, self.manifest)

    @cached_property
    def stored(self) -> StoredFiles:
        """The stored objects of its entries."""
        return self._stored_and_places[0]

    @cached_property
    def sound_files(self) -> Mapping[str, str]:
        """sha256 → a file of it that is as it was published, and is none of the store's."""
        root, damaged = str(self.version.path), self.integrity.damaged
        stored, stored_places = self._stored_and_places
        places = zip(self.manifest.entries, self.integrity.places, stored_places, strict=True)
        return {
            entry.sha256: f"{root}/{entry.file}"
            for entry, place, stored_place in places
            if place != stored_place
            and entry.file not in damaged
            and entry.sha256 not in stored.missing
        }

    @cached_property
    def _stored_and_places(self) -> tuple[StoredFiles, array[int]]:
        found = StoredFiles(ObjectStore(self._out), self.manifest)
        return found, found.look_at([entry.sha256 for entry in self.manifest.entries])

    @cached_property
    def rows(self) -> EarlierRows:
        """The rows of its files, which stay open until `close`."""
        return EarlierRows((self.version, self.manifest))

    @property
    def is_stale(self) -> bool:
        """Whether its files were looked at so long ago that they have to be looked at again."""
        return "integrity" in self.__dict__ and not self.integrity.is_fresh

    def find_out(self) -> None:
        """Find out all of it; what cannot be read is found out when it is asked for."""
        with collection_paused(), contextlib.suppress(OSError, EnvironmentFault):
            _ = self.sound_files  # which asks for all the others; kept by their properties
            self.rows.find()

    def close(self) -> None:
        """Close its files."""
        if "rows" in self.__dict__:
            self.rows.close()
            del self.rows


def load_latest_version(out: Path, bank: str) -> LatestVersion | None:
    """Read the manifest of the latest version; otherwise as `versions.load_latest`."""
    newest = latest(out, bank)
    if newest is None:
        return None
    return LatestVersion(out, newest, load_version(newest, kept=KeptEntries()))
