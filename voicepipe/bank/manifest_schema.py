"""The JSON Schema of `manifest.json`, made from the records that define it.

`python -m voicepipe.bank.manifest_schema` prints what `docs/schemas/manifest.json` holds.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from typing import Any

import orjson

from voicepipe.bank.layout import BANK_PATTERN, HASH_PATTERN, VERSION_PATTERN
from voicepipe.bank.manifest import MANIFEST_SCHEMA, BankManifest, ManifestEntry
from voicepipe.bank.manifest_io import FAILED_FIELDS, SOURCES
from voicepipe.bank.shapes import Kind, shapes_of

Schema = dict[str, Any]

_OF_KIND: dict[Kind, Schema] = {
    Kind.TEXT: {"type": "string"},
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.MAYBE_NUMBER: {"type": ["number", "null"]},
    Kind.FLAG: {"type": "boolean"},
    Kind.TEXTS: {"type": "array", "items": {"type": "string"}},
    Kind.PAIRS: {"type": "object", "additionalProperties": {"type": "string"}},
}
_HASH: Schema = {"pattern": f"^{HASH_PATTERN}$"}
_MORE: dict[str, Schema] = {
    "line": {"minLength": 1},
    "language": {"minLength": 1},
    # Stricter in the reader, where `\w` knows every script.
    "file": {"pattern": "^[^/\\\\:]+/[^/\\\\:]+/[^/\\\\:]+\\.wav$"},
    "sha256": _HASH,
    "take_key": _HASH,
    "clip_key": _HASH,
    "content_sha256": _HASH,
    "source": {"enum": sorted(SOURCES)},
    "duration_s": {"exclusiveMinimum": 0},
    "sample_rate": {"exclusiveMinimum": 0},
    "size_bytes": {"minimum": 0},
    "schema": {"const": MANIFEST_SCHEMA},
    "bank": {"pattern": f"^{BANK_PATTERN}$"},
    "version": {"pattern": f"^{VERSION_PATTERN}$"},
}


def manifest_schema() -> Schema:
    """Describe a manifest of the present schema number, as JSON Schema 2020-12."""
    entry = _object(ManifestEntry)
    failed: Schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in FAILED_FIELDS},
        "required": list(FAILED_FIELDS),
        "additionalProperties": False,
    }
    head = _object(BankManifest)
    notes = _field_notes(BankManifest)
    head["properties"] |= {
        "entries": _noted({"type": "array", "items": entry}, notes.get("entries", "")),
        "failed": _noted({"type": "array", "items": failed}, notes.get("failed", "")),
    }
    head["required"] = sorted(head["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "voicepipe manifest.json",
        **head,
    }


def manifest_schema_json() -> bytes:
    """Write the schema as the file in `docs/schemas/` holds it."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(manifest_schema(), option=options)


def _object(record: type) -> Schema:
    notes = _field_notes(record)
    properties = {
        shape.name: _noted(
            {**_OF_KIND[shape.kind], **_MORE.get(shape.name, {})}, notes.get(shape.name, "")
        )
        for shape in shapes_of(record)
    }
    return {
        "type": "object",
        "description": inspect.getdoc(record) or "",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _noted(schema: Schema, note: str) -> Schema:
    return {**schema, "description": note} if note else schema


def _field_notes(record: type) -> dict[str, str]:
    """Read the text under each field of a class."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(record))).body
    assert isinstance(node, ast.ClassDef)
    notes = {}
    for field, after in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            notes[field.target.id] = inspect.cleandoc(str(after.value.value))
    return notes


if __name__ == "__main__":
    sys.stdout.buffer.write(manifest_schema_json())
