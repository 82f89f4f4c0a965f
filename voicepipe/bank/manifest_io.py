"""Writing manifests one way, and reading them without trusting them."""

from __future__ import annotations

import hashlib
import io
import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec
import orjson

from voicepipe.bank.faults import explained
from voicepipe.bank.file_stretches import chunks_of
from voicepipe.bank.layout import VERSION_PATTERN, are_clip_files, are_hashes, is_bank_name
from voicepipe.bank.manifest import (
    COLUMNS,
    MANIFEST,
    MANIFEST_SCHEMA,
    BankManifest,
    ManifestEntry,
    ShownText,
)
from voicepipe.bank.manifest_stream import (
    SCHEMA_LINE,
    SURROGATE,
    known_manifest,
    streamed_manifest,
)
from voicepipe.bank.record_fields import (
    described_fault,
    field_names,
    read_fields,
    rows_of,
    unfinite_fault,
)
from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_bytes
from voicepipe.memory import collection_paused
from voicepipe.regular_files import open_regular, read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.file_stretches import Piece
    from voicepipe.bank.kept_entries import KeptEntries

MANIFEST_NAME = "manifest.json"
CSV_NAME = "manifest.csv"
LARGEST_MANIFEST = 1 << 30
"""1 GiB: ten times a bank of 100,000 lines."""
SOURCES = frozenset({"scratch", "synthetic", "recorded"})
FAILED_FIELDS = frozenset({"language", "line", "reason", "script"})
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_QUOTED: Final = re.compile(r'[,"\r\n]')
_FORMULA_SIGNS: Final = frozenset("'=+-@\t\r")
"""What a text begins with that `_FORMULA` may match."""
_NUMBERS: Final = frozenset({int, float, bool, type(None)})
_AT_ONCE: Final = 2_000
"""Entries."""
_NOTHING: Final[Mapping[str, object]] = {}
_OWN_LINES = ("entries", "failed", "texts")
_ONLY_IF_THERE = ("text_languages", "texts")
_ROW_TYPES: Final[Mapping[str, type]] = {"entries": ManifestEntry, "texts": ShownText}
_SORTED = orjson.OPT_SORT_KEYS
_BEFORE_ENTRIES = b'\n"entries": [\n'
_AFTER_ENTRIES = b'\n],\n"failed": '
_LINES_BEFORE_ENTRIES = 4
"""The opening brace, bank, bit_depth and content_sha256; the fifth ends with the mark itself."""


def entry_order(entry: ManifestEntry | ShownText) -> tuple[str, int, str]:
    """Sort entries, and texts, by language, then position, then line."""
    return entry.language, entry.position, entry.line


def content_hash(entries: Sequence[ManifestEntry]) -> str:
    """Hash the entries alone, in their order, as the manifest writes them; 64 hex digits."""
    return sha256_of_bytes(entries_json(entries))


def entries_json(entries: Sequence[ManifestEntry]) -> bytes:
    """Write entries as the manifest does, one a line: what `content_sha256` is the hash of."""
    # Some at a time: the rows of many take more room than the text.
    return b",\n".join(_rows_json(rows_of(some, ManifestEntry)) for some in _stretches(entries))


def _stretches(entries: Sequence[ManifestEntry]) -> Iterator[Sequence[ManifestEntry]]:
    return (entries[at : at + _AT_ONCE] for at in range(0, len(entries), _AT_ONCE))


def _rows_json(rows: Sequence[Mapping[str, object]]) -> bytes:
    return b",\n".join([orjson.dumps(row, option=_SORTED) for row in rows])


def manifest_json(manifest: BankManifest) -> bytes:
    """Write a manifest the one way: sorted keys, one entry a line, a newline at the end."""
    return b"".join(chunks_of(manifest_parts(manifest)))


def manifest_parts(manifest: BankManifest, entries: Sequence[Piece] = ()) -> Iterator[Piece]:
    """Write a manifest piece by piece.

    Args:
        manifest: All of it.
        entries: Its entries as `entries_json` writes them, in pieces, where the caller has them.
    """
    separator = b"{\n"
    for name in sorted(field_names(BankManifest)):
        value = getattr(manifest, name)
        if name in _ONLY_IF_THERE and not value:
            continue
        yield separator + orjson.dumps(name) + b": "
        separator = b",\n"
        if name in _OWN_LINES and value:
            yield b"[\n"
            if name == "entries" and entries:
                yield from entries
            else:
                yield _rows_json(rows_of(value, _ROW_TYPES[name]) if name in _ROW_TYPES else value)
            yield b"\n]"
        else:
            yield orjson.dumps(value, option=_SORTED)
    yield b"\n}\n"


def manifest_csv(manifest: BankManifest) -> str:
    """Write the entries as a table: the manifest's fields, lists and objects as JSON."""
    rows = [csv_rows(entries) + b"\n" for entries in _stretches(manifest.entries)]
    return b"".join([csv_head(), *rows]).decode()


def csv_head() -> bytes:
    """Give the first row of `manifest_csv`."""
    return f"{','.join(COLUMNS)}\n".encode()


def csv_rows(entries: Sequence[ManifestEntry]) -> bytes:
    """Write rows of `manifest_csv`, without the end of the last one."""
    columns = [_cells([*map(attrgetter(name), entries)]) for name in COLUMNS]
    return "\n".join(map(",".join, zip(*columns, strict=True))).encode()


def _cells(values: list[Any]) -> list[str]:
    """Write a column. What all of its values need not have is asked of them together."""
    kinds = {*map(type, values)}
    if kinds == {str}:
        begin_plainly = _FORMULA_SIGNS.isdisjoint([value[:1] for value in values])
        if begin_plainly and not _QUOTED.search("".join(values)):
            return values
        return [_quoted(csv_text(value)) for value in values]
    if kinds <= _NUMBERS:
        return ["" if value is None else str(value) for value in values]
    known: dict[int, str] = {}  # the values live as long as the column
    for value in values:
        if id(value) not in known:
            known[id(value)] = _cell(value)
    return [known[id(value)] for value in values]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _quoted(csv_text(value))
    if isinstance(value, dict | tuple):
        return _quoted(orjson.dumps(value, option=_SORTED).decode())
    return str(value)


def _quoted(text: str) -> str:
    # The standard library's writer leaves a lone carriage return unquoted, and readers end a row
    # there.
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def csv_text(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula: an apostrophe comes before it.

    A text that begins with apostrophes and would be taken for a formula without them gets one more,
    so that `text_of_csv` gives back exactly what was written.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def text_of_csv(cell: str) -> str:
    """Give back the text that `csv_text` wrote."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def load_manifest(
    path: Path, unused: Mapping[str, object] = _NOTHING, kept: KeptEntries | None = None
) -> BankManifest:
    """Read a manifest file strictly.

    Args:
        path: Of the file.
        unused: Fields of entries that nobody will ask for, and what may stand in for their values:
            a large manifest then takes less room.
        kept: Entries that were read before; these are kept as well.

    Raises:
        CorruptObject: It is not a manifest; says where it departs.
        MadeByNewer: A newer release wrote it.
        EnvironmentFault: It is missing, or the disk will not read it.
    """
    with collection_paused():
        with explained(path), open_regular(path) as stream:
            if kept is not None:
                known = known_manifest(stream, limit=LARGEST_MANIFEST, entries_of=kept.of)
                # What was kept may have been tampered with: files are written by these names.
                if known is not None and not (_head_fault(known) or _values_fault(known.entries)):
                    return known
                stream.seek(0)
            found = streamed_manifest(stream, limit=LARGEST_MANIFEST, unused=unused)
        if found is not None:
            manifest = _checked(*found, str(path))
            if kept is not None:
                kept.keep(manifest)
            return manifest
    with explained(path):
        content = read_regular(path, limit=LARGEST_MANIFEST)
    return parse_manifest(content, str(path))


def parse_manifest(content: bytes, name: str) -> BankManifest:
    """Turn the bytes of a manifest into records.

    Args:
        content: UTF-8 JSON.
        name: What to call it in messages.

    Raises:
        CorruptObject: It is not a manifest; says where it departs.
        MadeByNewer: A newer release wrote it.
    """
    if len(content) > LARGEST_MANIFEST:
        raise _corrupt(name, f"it is larger than {LARGEST_MANIFEST} bytes")
    with collection_paused():
        stream = io.BytesIO(content)
        found = streamed_manifest(stream, limit=LARGEST_MANIFEST, unused=_NOTHING)
        if found is None:
            found = (
                _present(content) or _of_any_schema(content, name),
                _content_hash_of(content, name),
            )
        return _checked(*found, name)


def _checked(manifest: BankManifest, entries_sha256: str, name: str) -> BankManifest:
    fault = _head_fault(manifest) or _values_fault(manifest.entries)
    if fault:
        raise _corrupt(name, fault)
    if entries_sha256 != manifest.content_sha256:
        raise _corrupt(name, "the entries do not match content_sha256: it was edited by hand")
    return manifest


_DECODER: Final = msgspec.json.Decoder(BankManifest)
_ENTRIES_DECODER: Final = msgspec.json.Decoder(list[ManifestEntry])


def _present(content: bytes) -> BankManifest | None:
    """Read a manifest of the present schema in one go; None where anything departs from it."""
    if SCHEMA_LINE not in content or SURROGATE.search(content):
        return None
    try:
        manifest = _DECODER.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return None
    return manifest if manifest.schema == MANIFEST_SCHEMA else None


def _of_any_schema(content: bytes, name: str) -> BankManifest:
    facts = _loaded(content, name)
    fields, fault = MANIFEST.bring_up(facts, name)
    manifest = None
    if not fault:
        manifest, fault = read_fields({**fields, "schema": MANIFEST_SCHEMA}, BankManifest)
    if manifest is None:
        raise _corrupt(name, fault)
    return manifest


def _content_hash_of(content: bytes, name: str) -> str:
    # As we write it, the entries are one stretch of the file; otherwise they are written again,
    # with whatever a newer release put into them.
    stretch = _entries_stretch(content)
    if stretch is not None:
        return hashlib.sha256(stretch).hexdigest()
    return sha256_of_bytes(_rows_json(_loaded(content, name)["entries"]))


def _entries_stretch(content: bytes) -> memoryview | None:
    """Give the rows of a manifest's entries; None: it is not written as we write it."""
    begin, end = content.find(_BEFORE_ENTRIES), content.rfind(_AFTER_ENTRIES)
    is_ours = 0 <= begin < end and content.count(b"\n", 0, begin) == _LINES_BEFORE_ENTRIES
    return memoryview(content)[begin + len(_BEFORE_ENTRIES) : end] if is_ours else None


def _loaded(content: bytes, name: str) -> Any:  # noqa: ANN401 - whatever JSON may hold
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise _corrupt(name, f"line {error.lineno}, column {error.colno}: {error.msg}") from error


def _head_fault(manifest: BankManifest) -> str:
    if not is_bank_name(manifest.bank):
        return f'bank "{manifest.bank[:80]}" is not a name'
    if re.fullmatch(VERSION_PATTERN, manifest.version) is None:
        return f'version "{manifest.version[:80]}" is not like v0001'
    for number, row in enumerate(manifest.failed):
        if not row.keys() >= FAILED_FIELDS:
            return f"failed[{number}] does not hold {', '.join(sorted(FAILED_FIELDS))}"
    return ""


def entries_fault(entries: Sequence[ManifestEntry], read: frozenset[int] = frozenset()) -> str:
    """Find the first entry that no reader would accept: unsafe path, wrong hash, repeated line.

    Args:
        entries: All of a manifest.
        read: `id` of those that were read from a manifest as they are: the reader accepted them,
            and only what concerns all of them is asked again.

    Returns:
        What is wrong; empty when all is well.
    """
    fresh = [entry for entry in entries if id(entry) not in read]
    fault = unfinite_fault(fresh, ManifestEntry)
    if not fault:
        content = b"[" + entries_json(fresh) + b"]"
        try:
            _ENTRIES_DECODER.decode(content)
        except msgspec.ValidationError as error:
            fault = described_fault(error, orjson.loads(content))
    return f"entries{fault}" if fault else _fields_fault(fresh) or _repetition(entries)


def _values_fault(entries: Sequence[ManifestEntry]) -> str:
    return _fields_fault(entries) or _repetition(entries)


def _fields_fault(entries: Sequence[ManifestEntry]) -> str:
    for name, all_right, what in _VALUES:
        column = list(map(attrgetter(name), entries))
        if not all_right(column):
            row, value = next((n, v) for n, v in enumerate(column) if not all_right([v]))
            return f'entries[{row}].{name}: "{str(value)[:120]}" is not {what}'
    return ""


def _repetition(entries: Sequence[ManifestEntry]) -> str:
    # Two names that differ in case are one file on Windows and macOS.
    files = [entry.file.casefold() for entry in entries]
    identity = [(entry.line, entry.language) for entry in entries]
    return _repeated(identity, "line and language") or _repeated(files, "file")


_VALUES: tuple[tuple[str, Callable[[Sequence[Any]], bool], str], ...] = (
    ("line", all, "a line id"),
    ("language", all, "a language"),
    ("sha256", are_hashes, "a sha256"),
    ("take_key", are_hashes, "a sha256"),
    ("clip_key", are_hashes, "a sha256"),
    ("file", are_clip_files, "a path like en/scene/line.wav, lawful on every system"),
    ("source", lambda column: set(column) <= SOURCES, f"one of {', '.join(sorted(SOURCES))}"),
)


def _repeated(keys: Sequence[object], what: str) -> str:
    if len(set(keys)) == len(keys):
        return ""
    seen: set[object] = set()
    for row, key in enumerate(keys):
        if key in seen:
            return f"entries[{row}]: the same {what} as an earlier one ({str(key)[:120]})"
        seen.add(key)
    return ""


def _corrupt(name: str, fault: str) -> CorruptObject:
    return CorruptObject(
        f"{name}: not a valid manifest: {fault}",
        remedy="restore the file from a backup, or remove the version with `voicepipe bank rm`",
    )
