"""Writing manifests one way, and reading them without trusting them."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import orjson

from voicepipe.bank.faults import explained
from voicepipe.bank.layout import VERSION_PATTERN, are_clip_files, are_hashes, is_bank_name
from voicepipe.bank.manifest import MANIFEST_SCHEMA, BankManifest, ManifestEntry
from voicepipe.bank.shapes import (
    Columns,
    Kind,
    columns_of,
    columns_of_rows,
    fault_in,
    kind_fault,
    records_of,
    shapes_of,
)
from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_bytes
from voicepipe.memory import collection_paused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

MANIFEST_NAME = "manifest.json"
CSV_NAME = "manifest.csv"
LARGEST_MANIFEST = 1 << 30
"""1 GiB: ten times a bank of 100,000 lines."""
SOURCES = frozenset({"scratch", "synthetic", "recorded"})
FAILED_FIELDS = ("language", "line", "reason", "script")
_OWN_LINES = ("entries", "failed")
_SORTED = orjson.OPT_SORT_KEYS
_BEFORE_ENTRIES = b'\n"entries": [\n'
_AFTER_ENTRIES = b'\n],\n"failed": '
_LINES_BEFORE_ENTRIES = 4
"""The opening brace, bank, bit_depth and content_sha256; the fifth ends with the mark itself."""


def entry_order(entry: ManifestEntry) -> tuple[str, int, str]:
    """Sort entries by language, then position, then line."""
    return entry.language, entry.position, entry.line


def content_hash(entries: Sequence[ManifestEntry]) -> str:
    """Hash the entries alone, in their order, as the manifest writes them; 64 hex digits."""
    return sha256_of_bytes(_entries_json(entries))


def _entries_json(entries: Sequence[ManifestEntry]) -> bytes:
    # orjson sorts the keys of mappings, but leaves the fields of dataclasses as declared.
    names = sorted(shape.name for shape in shapes_of(ManifestEntry))
    rows = map(attrgetter(*names), entries)
    return _rows_json([dict(zip(names, row, strict=True)) for row in rows])


def _rows_json(rows: Sequence[Mapping[str, object]]) -> bytes:
    return b",\n".join([orjson.dumps(row, option=_SORTED) for row in rows])


def manifest_json(manifest: BankManifest) -> bytes:
    """Write a manifest the one way: sorted keys, one entry a line, a newline at the end."""
    lines = []
    for name in sorted(field.name for field in fields(BankManifest)):
        value = getattr(manifest, name)
        key = orjson.dumps(name) + b": "
        if name in _OWN_LINES and value:
            rows = _entries_json(value) if name == "entries" else _rows_json(value)
            lines.append(key + b"[\n" + rows + b"\n]")
        else:
            lines.append(key + orjson.dumps(value, option=_SORTED))
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


def manifest_csv(manifest: BankManifest) -> str:
    """Write the entries as a table: the manifest's fields, lists and objects as JSON."""
    shapes = shapes_of(ManifestEntry)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([shape.name for shape in shapes])
    get = attrgetter(*(shape.name for shape in shapes))
    as_json = [shape.kind in {Kind.PAIRS, Kind.TEXTS} for shape in shapes]
    for entry in manifest.entries:
        writer.writerow(
            [
                orjson.dumps(value, option=_SORTED).decode() if nested else value
                for value, nested in zip(get(entry), as_json, strict=True)
            ]
        )
    return stream.getvalue()


def load_manifest(path: Path) -> BankManifest:
    """Read a manifest file strictly.

    Raises:
        CorruptObject: It is not a manifest of a schema we know; says where it departs.
        EnvironmentFault: It is missing, or the disk will not read it.
    """
    with explained(path), path.open("rb") as stream:
        content = stream.read(LARGEST_MANIFEST + 1)
    return parse_manifest(content, str(path))


def parse_manifest(content: bytes, name: str) -> BankManifest:
    """Turn the bytes of a manifest into records.

    Args:
        content: UTF-8 JSON.
        name: What to call it in messages.

    Raises:
        CorruptObject: It is not a manifest of a schema we know; says where it departs.
    """
    with collection_paused():
        facts = _parse_head(content, name)
        columns, fault = columns_of_rows(facts["entries"], ManifestEntry)
        fault = fault or kind_fault(columns, ManifestEntry) or _values_fault(columns)
        fault = fault or _failed_fault(facts["failed"])
        if fault:
            raise _corrupt(name, f"entries: {fault}")
        entries = tuple(records_of(columns, ManifestEntry))
    facts["entries"] = entries
    facts["failed"] = tuple(facts["failed"])
    facts["languages"] = tuple(facts["languages"])
    manifest = BankManifest(**facts)
    if _content_hash_of(content, entries) != manifest.content_sha256:
        raise _corrupt(name, "the entries do not match content_sha256: it was edited by hand")
    return manifest


def _content_hash_of(content: bytes, entries: Sequence[ManifestEntry]) -> str:
    # As we write it, the entries are one stretch of the file; otherwise they are written again.
    begin, end = content.find(_BEFORE_ENTRIES), content.rfind(_AFTER_ENTRIES)
    if 0 <= begin < end:
        stretch = hashlib.sha256(memoryview(content)[begin + len(_BEFORE_ENTRIES) : end])
        if content[:begin].count(b"\n") == _LINES_BEFORE_ENTRIES:
            return stretch.hexdigest()
    return content_hash(entries)


def _parse_head(content: bytes, name: str) -> dict[str, Any]:
    if len(content) > LARGEST_MANIFEST:
        raise _corrupt(name, f"it is larger than {LARGEST_MANIFEST} bytes")
    try:
        facts = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise _corrupt(name, f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    if not isinstance(facts, dict):
        raise _corrupt(name, "it is not a JSON object")
    if facts.get("schema") != MANIFEST_SCHEMA:
        raise CorruptObject(
            f"{name}: schema {str(facts.get('schema'))[:40]} is not {MANIFEST_SCHEMA}",
            remedy="read it with the voicepipe release that wrote it, or a newer one",
        )
    head = {key: value for key, value in facts.items() if key not in _OWN_LINES}
    fault = fault_in([head], BankManifest) or _head_fault(facts)
    if fault:
        raise _corrupt(name, fault)
    return facts


def _head_fault(facts: dict[str, Any]) -> str:
    for key in _OWN_LINES:
        if not isinstance(facts.get(key), list):
            return f'"{key}" is not a list'
    if not is_bank_name(facts["bank"]):
        return f'bank "{facts["bank"][:80]}" is not a name'
    if re.fullmatch(VERSION_PATTERN, facts["version"]) is None:
        return f'version "{facts["version"][:80]}" is not like v0001'
    return ""


def _failed_fault(failed: list[Any]) -> str:
    for number, row in enumerate(failed):
        if not isinstance(row, dict) or sorted(row) != list(FAILED_FIELDS):
            return f"failed line {number} does not hold {', '.join(FAILED_FIELDS)}"
        if not all(isinstance(value, str) for value in row.values()):
            return f"failed line {number} holds something that is not text"
    return ""


def entries_fault(entries: Sequence[ManifestEntry]) -> str:
    """Find the first entry that no reader would accept: unsafe path, wrong hash, repeated line.

    Returns:
        What is wrong; empty when all is well.
    """
    columns = columns_of(entries, ManifestEntry)
    return kind_fault(columns, ManifestEntry) or _values_fault(columns)


def _values_fault(columns: Columns) -> str:
    for name, all_right, what in _VALUES:
        column = columns[name]
        if not all_right(column):
            row, value = next((n, v) for n, v in enumerate(column) if not all_right([v]))
            return f'row {row}: {name} "{str(value)[:120]}" is not {what}'
    identity = list(zip(columns["line"], columns["language"], strict=True))
    # Two names that differ in case are one file on Windows and macOS.
    files = list(map(str.casefold, columns["file"]))
    return _repeated(identity, "line and language") or _repeated(files, "file")


_VALUES: tuple[tuple[str, Callable[[Sequence[Any]], bool], str], ...] = (
    ("line", all, "a line id"),
    ("language", all, "a language"),
    ("sha256", are_hashes, "a sha256"),
    ("take_key", are_hashes, "a sha256"),
    ("clip_key", are_hashes, "a sha256"),
    ("file", are_clip_files, "a path like en/scene/line.wav, lawful on every system"),
    ("source", lambda column: set(column) <= SOURCES, f"one of {', '.join(sorted(SOURCES))}"),
    ("duration_s", lambda column: min(column, default=1) > 0, "a length above zero"),
    ("sample_rate", lambda column: min(column, default=1) > 0, "a rate above zero"),
    ("size_bytes", lambda column: min(column, default=0) >= 0, "a size"),
)


def _repeated(marks: Sequence[object], what: str) -> str:
    if len(set(marks)) == len(marks):
        return ""
    seen: set[object] = set()
    for row, mark in enumerate(marks):
        if mark in seen:
            return f"row {row}: the same {what} as an earlier row ({str(mark)[:120]})"
        seen.add(mark)
    return ""


def _corrupt(name: str, fault: str) -> CorruptObject:
    return CorruptObject(
        f"{name}: not a sound manifest: {fault}",
        remedy="restore the file from a backup, or remove the version with `voicepipe bank rm`",
    )
