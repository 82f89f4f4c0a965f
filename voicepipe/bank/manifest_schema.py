"""The JSON Schema of `manifest.json`, made from the records that define it.

`python -m voicepipe.bank.manifest_schema` prints what `docs/schemas/manifest.json` holds.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import orjson

from voicepipe.bank.clip_facts import FAILED, NOT_JUDGED, PASSED
from voicepipe.bank.layout import BANK_PATTERN, HASH_PATTERN, VERSION_PATTERN
from voicepipe.bank.manifest import MANIFEST_SCHEMA, BankManifest, ManifestEntry, ShownText
from voicepipe.bank.manifest_io import FAILED_FIELDS, SOURCES
from voicepipe.bank.record_fields import is_added

Schema = dict[str, Any]

_OF_TYPE: dict[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    tuple[str, ...]: {"type": "array", "items": {"type": "string"}},
    Mapping[str, str]: {"type": "object", "additionalProperties": {"type": "string"}},
    Mapping[str, float]: {"type": "object", "additionalProperties": {"type": "number"}},
}
_LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
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
    "verdict": {"enum": [PASSED, FAILED, NOT_JUDGED]},
    "schema": {"const": MANIFEST_SCHEMA},
    "bank": {"pattern": f"^{BANK_PATTERN}$"},
    "version": {"pattern": f"^{VERSION_PATTERN}$"},
}


def manifest_schema() -> Schema:
    """Describe a manifest of the present schema number, as JSON Schema 2020-12."""
    entry = _object(ManifestEntry)
    failed: Schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in sorted(FAILED_FIELDS)},
        "required": sorted(FAILED_FIELDS),
    }
    head = _object(BankManifest, but=frozenset({"entries", "failed", "texts"}))
    notes = _field_notes(BankManifest)
    head["properties"] |= {
        "entries": _noted({"type": "array", "items": entry}, notes.get("entries", "")),
        "failed": _noted({"type": "array", "items": failed}, notes.get("failed", "")),
        "texts": _noted({"type": "array", "items": _object(ShownText)}, notes.get("texts", "")),
    }
    head["required"] = sorted(head["properties"].keys() - {"text_languages", "texts"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "voicepipe manifest.json",
        **head,
    }


def manifest_schema_json() -> bytes:
    """Write the schema as the file in `docs/schemas/` holds it."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(manifest_schema(), option=options)


def _object(record: type, *, but: frozenset[str] = frozenset()) -> Schema:
    notes = _field_notes(record)
    hints = typing.get_type_hints(record, include_extras=True)
    named = [field for field in fields(record) if field.name not in but]
    properties = {
        field.name: _noted(
            {**_of_type(hints[field.name]), **_MORE.get(field.name, {})},
            notes.get(field.name, ""),
        )
        for field in named
    }
    # Other properties are allowed: a newer release may have added them.
    return {
        "type": "object",
        "description": inspect.getdoc(record) or "",
        "properties": properties,
        "required": sorted(field.name for field in named if not is_added(field)),
    }


def _of_type(hint: Any) -> Schema:  # noqa: ANN401 - an annotation
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        (value,) = [each for each in typing.get_args(hint) if each is not type(None)]
        schema = _of_type(value)
        return {**schema, "type": [schema["type"], "null"]}
    if typing.get_origin(hint) is not typing.Annotated:
        return dict(_OF_TYPE[hint])
    plain, meta = typing.get_args(hint)
    limits = {key: getattr(meta, name) for name, key in _LIMITS.items()}
    return {**_OF_TYPE[plain], **{key: at for key, at in limits.items() if at is not None}}


def _noted(schema: Schema, note: str) -> Schema:
    return {**schema, "description": note} if note else schema


def _field_notes(record: type) -> dict[str, str]:
    """Read the text under each field of a class, and of those it is made of."""
    notes: dict[str, str] = {}
    for part in reversed([each for each in record.__mro__ if is_dataclass(each)]):
        notes |= _own_notes(part)
    return notes


def _own_notes(record: type) -> dict[str, str]:
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
