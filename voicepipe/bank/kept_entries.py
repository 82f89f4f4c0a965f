"""Entries of the latest versions as they were read, found by the hash of what a manifest says.

A manifest whose entries hash to what it says itself, and that was read before, need not be read a
second time: its entries are taken up from the user's cache folder. They are kept in pieces, of a
scene and language each, so that a version adds to it what it does not share with the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from voicepipe.bank.manifest import ManifestEntry
from voicepipe.hashing import sha256_of_bytes
from voicepipe.installation import program_revision
from voicepipe.kept_columns import Columns
from voicepipe.kept_documents import (
    DocumentKey,
    DocumentStore,
    KeptForms,
    KindOfDocument,
    document_key,
)
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.bank.manifest import BankManifest

KEPT_ENTRIES: Final = KindOfDocument(
    name="manifest_piece", revision=1, most_bytes=256 << 20, largest_bytes=8 << 20
)
_COLUMNS: Final = Columns(ManifestEntry)
_MOST: Final = 500
"""Entries of a piece."""


class PieceForm(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Entries that follow each other."""

    entries: bytes
    """See `Columns`."""


class VersionForm(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The entries of a version."""

    pieces: tuple[tuple[Annotated[int, msgspec.Meta(ge=1)], DocumentKey], ...]
    """How many entries each has, and its key."""


class KeptEntries:
    """The kept entries of versions."""

    def __init__(self) -> None:
        store = DocumentStore(cache_folder(), KEPT_ENTRIES)
        self._versions = KeptForms(store, VersionForm)
        self._pieces = KeptForms(store, PieceForm)

    def of(self, content_sha256: str) -> list[ManifestEntry] | None:
        """Give the entries that hash to this; None: they are not kept."""
        form = self._versions.get(_key(content_sha256))
        if form is None:
            return None
        found = self._pieces.find(key for _, key in form.pieces)
        entries: list[ManifestEntry] = []
        for n_entries, key in form.pieces:
            piece = self._pieces.read(key, found.pop(key, b""))
            some = None if piece is None else _read(piece)
            if some is None or len(some) != n_entries:
                return None
            entries += some
        return entries

    def keep(self, manifest: BankManifest, last: BankManifest | None = None) -> None:
        """Keep the entries of a version that was read or published.

        Args:
            manifest: Nothing is wrong with it.
            last: The version before, whose pieces are used where they stay as they are.
        """
        pieces = list(self._reused(manifest, last))
        self._versions.note(_key(manifest.content_sha256), VersionForm(pieces=tuple(pieces)))
        self._pieces.keep()
        self._versions.keep()

    def _reused(
        self, manifest: BankManifest, last: BankManifest | None
    ) -> Iterator[tuple[int, bytes]]:
        form = None if last is None else self._versions.get(_key(last.content_sha256))
        before = last.entries if last is not None and form is not None else ()
        begun: dict[int, tuple[int, int, bytes]] = {}
        place = 0
        for n_entries, key in form.pieces if before and form is not None else ():
            begun[id(before[place])] = (place, n_entries, key)
            place += n_entries
        entries, at, fresh = manifest.entries, 0, 0
        while at < len(entries):
            place, n_entries, key = begun.get(id(entries[at]), (0, 0, b""))
            if n_entries and entries[at : at + n_entries] == before[place : place + n_entries]:
                yield from self._written(entries[fresh:at])
                yield n_entries, key
                at = fresh = at + n_entries
            else:
                at += 1
        yield from self._written(entries[fresh:])

    def _written(self, entries: Sequence[ManifestEntry]) -> Iterator[tuple[int, bytes]]:
        for some in _cut(entries):
            piece = PieceForm(entries=_COLUMNS.written(some))
            key = _key(sha256_of_bytes(piece.entries))
            self._pieces.note(key, piece)
            yield len(some), key


def _cut(entries: Sequence[ManifestEntry]) -> Iterator[Sequence[ManifestEntry]]:
    """Part entries by language and scene."""
    first = 0
    for at, entry in enumerate(entries):
        start = entries[first]
        is_other = (entry.language, entry.scene) != (start.language, start.scene)
        if is_other or at - first >= _MOST:
            yield entries[first:at]
            first = at
    if entries:
        yield entries[first:]


def _read(piece: PieceForm) -> list[ManifestEntry] | None:
    try:
        return _COLUMNS.read(piece.entries)
    except ValueError:
        return None


def _key(sha256: str) -> bytes:
    return document_key(f"{program_revision()} {sha256}".encode())
