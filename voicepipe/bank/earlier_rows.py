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
from array import array
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import msgspec

from voicepipe.bank.file_stretches import FileStretch, chunks_of
from voicepipe.bank.manifest_io import (
    CSV_NAME,
    LARGEST_MANIFEST,
    MANIFEST_NAME,
    csv_head,
    csv_rows,
    entries_json,
)
from voicepipe.bank.manifest_stream import entry_stretches
from voicepipe.installation import program_revision
from voicepipe.kept_documents import DocumentStore, KeptForms, KindOfDocument, document_key
from voicepipe.regular_files import open_regular
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from voicepipe.bank.file_stretches import Piece
    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.versions import Version

KEPT_TABLES: Final = KindOfDocument(name="written_table", revision=1, most_bytes=16 << 20)
_BETWEEN_ROWS: Final = b",\n"
_END_OF_ROW: Final = b"\n"
_BLOCK: Final = 1 << 20
_AT_ONCE: Final = 2_000
"""Entries that are written anew."""


class WrittenTable(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a table: the hash of the file."""

    sha256: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class Rows:
    """Where the rows of a file are, one an entry.

    Args:
        stream: The file.
        begin: Of the first row.
        stretches: Its text from there to the last row: some rows each, without what stands between
            them and the next.
        separator: What stands between two rows, and nowhere in them.
        digest: Is told of all of it.
    """

    def __init__(
        self,
        stream: BinaryIO,
        begin: int,
        stretches: Iterable[bytes],
        separator: bytes,
        digest: hashlib._Hash,
    ) -> None:
        self._stream = stream
        self._gap = len(separator)
        self._starts = array("q")  # and where one more would begin
        place, between = begin, re.compile(re.escape(separator))
        for rows in stretches:
            if self._starts:
                digest.update(separator)
            digest.update(rows)
            self._starts.append(place)
            self._starts.extend(place + match.end() for match in between.finditer(rows))
            place += len(rows) + len(separator)
        self._starts.append(place)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def piece(self, first: int, last: int) -> FileStretch:
        """Give some rows that follow each other, with what stands between them."""
        return FileStretch(self._stream, self._starts[first], self._starts[last + 1] - self._gap)


class EarlierRows:
    """The rows of the last version's files, which stay open until `close`.

    Args:
        previous: That version; None: there is none.
    """

    def __init__(self, previous: tuple[Version, BankManifest] | None) -> None:
        self._previous = previous
        entries = previous[1].entries if previous is not None else ()
        self._places = {id(entry): place for place, entry in enumerate(entries)}
        self._files = ExitStack()

    def find(self) -> None:
        """Find all rows now, and not when they are asked for."""
        _ = (self._of_manifest, self._of_table)  # found here, and kept by their properties

    def close(self) -> None:
        """Close the files; pieces that were given can no longer be read."""
        self._files.close()

    def manifest_rows(self, entries: Sequence[ManifestEntry]) -> list[Piece]:
        """Write entries as `manifest_io.entries_json` does, in pieces."""
        return [*self._pieces(entries, self._of_manifest, entries_json, _BETWEEN_ROWS)]

    def table(self, entries: Sequence[ManifestEntry]) -> Iterator[Piece]:
        """Write entries as `manifest_io.manifest_csv` does, in pieces."""
        yield csv_head()
        yield from self._pieces(entries, self._of_table, csv_rows, _END_OF_ROW)
        if entries:
            yield _END_OF_ROW

    def _pieces(
        self,
        entries: Sequence[ManifestEntry],
        rows: Rows | None,
        written: Callable[[Sequence[ManifestEntry]], bytes],
        separator: bytes,
    ) -> Iterator[Piece]:
        is_known = rows is not None and len(rows) == len(self._places)
        places = [self._places.get(id(entry), -1) if is_known else -1 for entry in entries]
        for first, last in _runs(places):
            if first:
                yield separator
            if rows is None or places[first] < 0:
                yield written(entries[first : last + 1])
            else:
                yield rows.piece(places[first], places[last])

    @cached_property
    def _of_manifest(self) -> Rows | None:
        stream = self._opened(MANIFEST_NAME)
        if stream is None or self._previous is None:
            return None
        found, digest = entry_stretches(stream, limit=LARGEST_MANIFEST), hashlib.sha256()
        rows = found and Rows(stream, *found, _BETWEEN_ROWS, digest)
        return rows if rows and digest.hexdigest() == self._previous[1].content_sha256 else None

    @cached_property
    def _of_table(self) -> Rows | None:
        stream, head = self._opened(CSV_NAME), csv_head()
        if stream is None or self._written is None or stream.read(len(head)) != head:
            return None
        digest = hashlib.sha256(head)
        # A cell may hold the end of a line: then there are more rows than entries.
        rows = Rows(stream, len(head), _lines_of(stream), _END_OF_ROW, digest)
        digest.update(_END_OF_ROW)
        return rows if digest.digest() == self._written.sha256 else None

    @cached_property
    def _written(self) -> WrittenTable | None:
        """What is kept of the table.

        None: another program wrote it, and may have written rows otherwise.
        """
        previous = self._previous
        return None if previous is None else _kept_tables().get(_key_of(previous[1]))

    def _opened(self, name: str) -> BinaryIO | None:
        if self._written is None or self._previous is None:
            return None
        try:
            return self._files.enter_context(open_regular(self._previous[0].path / name))
        except OSError:
            return None


def _lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Give what is left of a file, some lines each, without the end of the last one of each."""
    left = b""
    while block := stream.read(_BLOCK):
        lines, end, left = (left + block).rpartition(_END_OF_ROW)
        if end:
            yield lines
    if left:
        yield left  # none of ours: its hash tells


def noting_table(manifest: BankManifest, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Pass a table on as it is written, and keep what it hashes to."""
    digest = hashlib.sha256()
    for piece in pieces:
        for chunk in chunks_of([piece]):
            digest.update(chunk)
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
    return document_key(facts.encode())
