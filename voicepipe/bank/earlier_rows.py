"""Rows of the last version's files, for the entries of a new one that are the very same.

A manifest and its table have a row an entry, in the same order. Of a new version nearly all rows
are those of the last one: they are copied from its files, and only the others are written anew.
What the table hashes to is kept in the user's cache folder when it is written, under the program
that wrote it and the hash of the entries, which the manifest says itself: so nothing is copied
that this program would not write.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from voicepipe.bank.manifest_io import (
    CSV_NAME,
    LARGEST_MANIFEST,
    MANIFEST_NAME,
    csv_head,
    csv_rows,
    entries_json,
    entries_stretch,
)
from voicepipe.installation import program_revision
from voicepipe.kept_documents import DocumentStore, KeptForms, KindOfDocument
from voicepipe.regular_files import read_regular
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.versions import Version

KEPT_TABLES: Final = KindOfDocument(name="written_table", revision=1, most_bytes=16 << 20)
_BETWEEN_ROWS: Final = b",\n"
_END_OF_ROW: Final = b"\n"
_AT_ONCE: Final = 2_000
"""Entries that are written anew."""


class WrittenTable(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a table: the hash of the file."""

    sha256: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class Rows:
    """The rows of a file, one an entry.

    Args:
        text: From the first row to the last, without what follows.
        separator: What stands between two of them, and nowhere in them.
    """

    def __init__(self, text: bytes | memoryview, separator: bytes) -> None:
        self._text = memoryview(text)
        ends = [match.start() for match in re.finditer(re.escape(separator), text)]
        self._starts = [0, *(end + len(separator) for end in ends)]
        self._ends = [*ends, len(text)]

    def __len__(self) -> int:
        return len(self._starts)

    def piece(self, first: int, last: int) -> memoryview:
        """Give some rows that follow each other, with what stands between them."""
        return self._text[self._starts[first] : self._ends[last]]


class EarlierRows:
    """The rows of the last version's files.

    Args:
        previous: That version; None: there is none.
    """

    def __init__(self, previous: tuple[Version, BankManifest] | None) -> None:
        self._previous = previous
        entries = previous[1].entries if previous is not None else ()
        self._places = {id(entry): place for place, entry in enumerate(entries)}

    def manifest_rows(self, entries: Sequence[ManifestEntry]) -> list[bytes | memoryview]:
        """Write entries as `manifest_io.entries_json` does, in pieces."""
        return [*self._pieces(entries, self._of_manifest(), entries_json, _BETWEEN_ROWS)]

    def table(self, entries: Sequence[ManifestEntry]) -> Iterator[bytes | memoryview]:
        """Write entries as `manifest_io.manifest_csv` does, in pieces."""
        yield csv_head()
        yield from self._pieces(entries, self._of_table(), csv_rows, _END_OF_ROW)
        if entries:
            yield _END_OF_ROW

    def _pieces(
        self,
        entries: Sequence[ManifestEntry],
        rows: Rows | None,
        written: Callable[[Sequence[ManifestEntry]], bytes],
        separator: bytes,
    ) -> Iterator[bytes | memoryview]:
        is_known = rows is not None and len(rows) == len(self._places)
        places = [self._places.get(id(entry), -1) if is_known else -1 for entry in entries]
        for first, last in _runs(places):
            if first:
                yield separator
            if rows is None or places[first] < 0:
                yield written(entries[first : last + 1])
            else:
                yield rows.piece(places[first], places[last])

    def _of_manifest(self) -> Rows | None:
        content = self._content_of(MANIFEST_NAME)
        stretch = entries_stretch(content)
        if stretch is None or self._previous is None or self._written is None:
            return None
        if hashlib.sha256(stretch).hexdigest() != self._previous[1].content_sha256:
            return None
        return Rows(stretch, _BETWEEN_ROWS)

    def _of_table(self) -> Rows | None:
        content = self._content_of(CSV_NAME)
        if self._written is None or hashlib.sha256(content).digest() != self._written.sha256:
            return None
        # A cell may hold the end of a line: then there are more pieces than entries.
        return Rows(memoryview(content)[len(csv_head()) : -len(_END_OF_ROW)], _END_OF_ROW)

    @cached_property
    def _written(self) -> WrittenTable | None:
        """What is kept of the table.

        None: another program wrote it, and may have written rows otherwise.
        """
        previous = self._previous
        return None if previous is None else _kept_tables().get(_key_of(previous[1]))

    def _content_of(self, name: str) -> bytes:
        if self._written is None or self._previous is None:
            return b""
        try:
            return read_regular(self._previous[0].path / name, limit=LARGEST_MANIFEST)
        except OSError:
            return b""


def noting_table(
    manifest: BankManifest, pieces: Iterable[bytes | memoryview]
) -> Iterator[bytes | memoryview]:
    """Pass a table on as it is written, and keep what it hashes to."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        yield piece
    kept = _kept_tables()
    kept.note(_key_of(manifest), WrittenTable(sha256=digest.digest()))
    kept.keep()


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Part entries into those that follow each other in the last version, and new ones."""
    first = 0
    for number in range(1, len(places) + 1):
        before = places[number - 1]
        if number < len(places):
            is_new = places[number] < 0
            goes_on = is_new if before < 0 else places[number] == before + 1
            if goes_on and not (is_new and number - first >= _AT_ONCE):
                continue
        yield first, number - 1
        first = number


def _kept_tables() -> KeptForms[WrittenTable]:
    return KeptForms(DocumentStore(cache_folder(), KEPT_TABLES), WrittenTable)


def _key_of(manifest: BankManifest) -> bytes:
    """Name all that a table follows from: the entries, and the program that writes it."""
    facts = f"{program_revision()} {manifest.content_sha256}"
    return hashlib.sha256(facts.encode()).digest()[:16]
