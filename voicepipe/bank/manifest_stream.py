"""Reading a manifest as we write it, a stretch of entries at a time.

A large manifest then takes the room of its records, and not that of its text beside them; values
that many clips share are held once. Whatever departs from the way we write is left to a reader of
the whole text, who says where it departs.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from contextlib import suppress
from dataclasses import replace
from itertools import repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec

from voicepipe.bank.manifest import MANIFEST_SCHEMA, BankManifest, ManifestEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
"""Escapes that may be half a character: msgspec lets them pass, orjson looks at them."""
SCHEMA_LINE: Final = b'\n"schema": %d,\n' % MANIFEST_SCHEMA
_LINES_BEFORE: Final = 5
"""The opening brace, bank, bit_depth, content_sha256 and created."""
_LONGEST_LINE: Final = 1 << 16
_ENTRIES_LINE: Final = b'"entries": [\n'
_CONTENT: Final = re.compile(rb'^"content_sha256": "([0-9a-f]{64})",$', re.MULTILINE)
_LAST: Final = b"\n],\n"
_NEXT: Final = b",\n"
_STRETCH: Final = 1 << 20
_LONGEST_ENTRY: Final = 1 << 24
_SHARED: Final = (
    "language", "speaker", "note", "scene", "node", "bark_set", "tags", "placeholders", "emotion",
    "voice", "source", "engine", "consent", "sample_rate", "watermark", "verdict", "reasons",
    "verdict_basis",
)  # fmt: skip
"""Fields whose values can be hashed, and are alike in many clips."""
_SHARED_MAPPINGS: Final = ("models", "judged", "variant")
"""Fields that are the same few mappings."""

_SHARED_INPUTS: Final = frozenset({"delivery", "engine", "model", "post", "sampling", "voice"})
"""Inputs that many clips have in common."""
_NOTHING: Final[Mapping[str, str]] = {}

_MANIFEST: Final = msgspec.json.Decoder(BankManifest)
_ENTRIES: Final = msgspec.json.Decoder(list[ManifestEntry])


class _Departs(Exception):
    """The text is not as we write it."""


def streamed_manifest(
    stream: BinaryIO, *, limit: int, unused: Mapping[str, object]
) -> tuple[BankManifest, str] | None:
    """Read a manifest of the present schema.

    Args:
        stream: At its beginning.
        limit: Of more bytes than this, nothing is read.
        unused: Fields of entries that nobody will ask for, and what stands in for their values.

    Returns:
        The manifest and the hash of its entries, which nobody has looked at yet; None where it is
        not written as we write it.
    """
    try:
        return _read(stream, limit, unused)
    except (_Departs, msgspec.DecodeError, RecursionError):
        return None


def known_manifest(
    stream: BinaryIO, *, limit: int, entries_of: Callable[[str], list[ManifestEntry] | None]
) -> BankManifest | None:
    """Read a manifest of the present schema whose entries are known by their hash.

    Args:
        stream: At its beginning.
        limit: Of more bytes than this, nothing is read.
        entries_of: Gives the entries that hash to what the manifest says, or None.

    Returns:
        The manifest, whose entries hash to that indeed; None where they are not known, or it is
        not written as we write it.
    """
    try:
        head = _head(stream)
        claimed = _CONTENT.search(head)
        entries = entries_of(claimed[1].decode()) if claimed is not None else None
        if claimed is None or entries is None:
            return None
        found, separator = hashlib.sha256(), b""
        tail = bytearray()
        for rows in _stretches(stream, limit, tail):
            found.update(separator)
            found.update(rows)
            separator = _NEXT
        if found.hexdigest().encode() != claimed[1]:
            return None
        return _put_together(head, entries, tail)
    except (_Departs, msgspec.DecodeError, RecursionError):
        return None


def entry_stretches(stream: BinaryIO, *, limit: int) -> tuple[int, Iterator[bytes]] | None:
    """Find the rows of a manifest's entries.

    Args:
        stream: At its beginning.
        limit: As of `streamed_manifest`.

    Returns:
        Where the first begins, and their text: some rows each, without the comma after the last
        one of each; where the text is not as we write it, it ends before its time. None: not even
        its beginning is.
    """
    try:
        _head(stream)
    except _Departs:
        return None
    return stream.tell(), _whole_stretches(stream, limit)


def _whole_stretches(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    with suppress(_Departs):
        yield from _stretches(stream, limit, bytearray())


def _read(stream: BinaryIO, limit: int, unused: Mapping[str, object]) -> tuple[BankManifest, str]:
    head = _head(stream)
    found = hashlib.sha256()
    entries: list[ManifestEntry] = []
    sharing = _Sharing(unused)
    tail = bytearray()
    separator = b""
    for rows in _stretches(stream, limit, tail):
        _require_characters(rows)
        found.update(separator)
        found.update(rows)
        separator = _NEXT
        read = _ENTRIES.decode(b"[" + rows + b"]")
        sharing.share(read)
        entries += read
    return _put_together(head, entries, tail), found.hexdigest()


def _head(stream: BinaryIO) -> bytes:
    """Read what comes before the entries."""
    head = b"".join([stream.readline(_LONGEST_LINE) for _ in range(_LINES_BEFORE)])
    if stream.readline(_LONGEST_LINE) != _ENTRIES_LINE:
        raise _Departs
    return head


def _put_together(head: bytes, entries: list[ManifestEntry], tail: bytearray) -> BankManifest:
    _require_characters(head, tail)
    if b'"entries"' in head or b'"entries"' in tail or SCHEMA_LINE not in tail:
        raise _Departs
    manifest = _MANIFEST.decode(head + b'"entries": []' + tail)
    if manifest.schema != MANIFEST_SCHEMA:
        raise _Departs
    return replace(manifest, entries=tuple(entries))


def _stretches(stream: BinaryIO, limit: int, tail: bytearray) -> Iterator[bytes]:
    """Give rows of entries without the comma after them; what follows the last goes to `tail`."""
    left, n_read = b"", 0
    while block := stream.read(_STRETCH):
        n_read += len(block)
        text = left + block
        end = text.find(_LAST)
        if end >= 0:
            yield text[:end]
            tail += text[end + len(_LAST) - len(_NEXT) :]
            rest = stream.read(limit + 1 - n_read)
            tail += rest
            if n_read + len(rest) > limit:
                raise _Departs
            return
        cut = text.rfind(_NEXT)
        if len(text) > _LONGEST_ENTRY or n_read > limit:
            raise _Departs
        if cut < 0:
            left = text
            continue
        yield text[:cut]
        left = text[cut + len(_NEXT) :]
    raise _Departs


def _require_characters(*texts: bytes | bytearray) -> None:
    if any(SURROGATE.search(text) for text in texts):
        raise _Departs


class _Sharing:
    """Holds values that are alike once, and lets go of those nobody will ask for."""

    def __init__(self, unused: Mapping[str, object]) -> None:
        self._unused = unused
        self._known: dict[str, dict[Any, Any]] = {}

    def share(self, entries: list[ManifestEntry]) -> None:
        """Fill the slots of entries that were just read, and that nobody else holds, anew."""
        for name, value in self._unused.items():
            _fill(name, entries, repeat(value))
        for name in _SHARED:
            values = _column(name, entries)
            if any(values):  # empty texts and tuples are one object anyway
                known = self._known.setdefault(name, {})
                _fill(name, entries, map(known.setdefault, values, values))
        ids = map(_one_of, _column("line", entries), _column("base_line", entries))
        _fill("base_line", entries, ids)
        for name in {*_SHARED_MAPPINGS} - self._unused.keys():
            self._share_mappings(name, entries)
        if "inputs" not in self._unused:
            known = self._known.setdefault("inputs", {})
            for mapping in _column("inputs", entries):
                for name in _SHARED_INPUTS & mapping.keys():
                    value = mapping[name]
                    mapping[name] = known.setdefault(value, value)

    def _share_mappings(self, name: str, entries: list[ManifestEntry]) -> None:
        mappings = _column(name, entries)
        if not any(mappings):
            _fill(name, entries, repeat(_NOTHING))
            return
        known = self._known.setdefault(name, {})
        keys = [tuple(mapping.items()) for mapping in mappings]
        _fill(name, entries, map(known.setdefault, keys, mappings))


def _one_of(known: str, other: str) -> str:
    return known if known == other else other


def _column(name: str, entries: list[ManifestEntry]) -> list[Any]:
    return list(map(attrgetter(name), entries))


def _fill(name: str, entries: list[ManifestEntry], values: Iterable[object]) -> None:
    deque(map(getattr(ManifestEntry, name).__set__, entries, values), maxlen=0)
