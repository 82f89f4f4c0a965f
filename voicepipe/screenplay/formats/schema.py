"""The JSON Schema of a screenplay in YAML, made from the tables its reader works by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from voicepipe.screenplay.formats import fields
from voicepipe.screenplay.formats.fields import FieldKind
from voicepipe.screenplay.formats.values import MAX_ID_LENGTH
from voicepipe.screenplay.inline_tags import SPEED_RANGE
from voicepipe.screenplay.syntax import VARIABLE_TYPES

if TYPE_CHECKING:
    from voicepipe.screenplay.formats.fields import Table

Schema = dict[str, Any]

# Editors read `no` and `3.10` as YAML 1.1 does; to us both are text.
_TEXT: Final[Schema] = {"type": ["string", "number", "boolean", "null"]}
_ID: Final[Schema] = {
    "type": "string",
    "pattern": "^[a-z](?!.*__)[a-z0-9_]*$",
    "maxLength": MAX_ID_LENGTH,
}
_FOREIGN_ID: Final[Schema] = {
    "type": "string",
    "pattern": "^(?!END$|RETURN$)[a-zA-Z0-9](?!.*__)[a-zA-Z0-9_]*$",
    "maxLength": MAX_ID_LENGTH,
}
_VALUE_ID: Final[Schema] = {"anyOf": [_FOREIGN_ID, {"pattern": "^-?[0-9]{1,9}$"}]}
_LANGUAGE: Final = "^[a-z]{2,3}(-[a-z0-9]{2,8})*$"


_SPEAKER_UNLESS_SHOWN: Final[Schema] = {
    "if": {"properties": {"voiced": {"const": False}}, "required": ["voiced"]},
    "else": {"required": ["who"]},
}


def screenplay_schema() -> Schema:
    """Describe one document of a screenplay file, as JSON Schema 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A screenplay document of voicepipe",
        "description": "A scene, or declarations for the whole project.",
        "if": {"anyOf": [{"required": [key]} for key in ("scene", "nodes", "barks")]},
        "then": {"$ref": "#/$defs/scene"},
        "else": {"$ref": "#/$defs/declarations"},
        "$defs": {
            "scene": _table(fields.SCENE),
            "declarations": _table(fields.DECLARATIONS),
            "entry": _entry(),
            "line": {**_table(fields.LINE), **_SPEAKER_UNLESS_SHOWN},
            "choice": _table(fields.CHOICE),
            "option": _table(fields.OPTION),
            "goto": _table(fields.JUMP),
            "detour": _table(fields.DETOUR),
            "node": _table(fields.NODE),
            "set": _table(fields.EFFECT),
            "comment": _table(fields.REMARK),
            "bark_set": _table(fields.BARK_SET),
            "speaker": _table(fields.SPEAKER),
            "variable": _table(fields.VARIABLE),
            "texts": _by_language({"$ref": "#/$defs/text"}),
            "text": {
                **_TEXT,
                "description": "A text; tags such as [pause:400ms] stand in it.",
            },
        },
    }


def _entry() -> Schema:
    """An entry is what its first telling key makes it."""
    names = {
        id(fields.CHOICE): "choice",
        id(fields.LINE): "line",
        id(fields.JUMP): "goto",
        id(fields.DETOUR): "detour",
        id(fields.EFFECT): "set",
        id(fields.REMARK): "comment",
    }
    kinds = "A line, choice, goto, detour, set or comment."
    schema: Schema = {"type": "object", "description": kinds}
    otherwise: Schema = {"not": {}}
    for key, table in reversed(fields.ENTRY_TABLES.items()):
        otherwise = {
            "if": {"required": [key]},
            "then": {"$ref": f"#/$defs/{names[id(table)]}"},
            "else": otherwise,
        }
    return {**schema, **otherwise}


def _table(table: Table) -> Schema:
    return {
        "type": "object",
        "properties": {
            name: {**_OF_KIND[field.kind], "description": field.says}
            for name, field in table.items()
        },
        "required": list(table.required),
        "additionalProperties": False,
    }


def _by_language(value: Schema) -> Schema:
    return {
        "anyOf": [
            {**_TEXT, "description": "In the source language."},
            {
                "type": "object",
                "propertyNames": {"pattern": _LANGUAGE},
                "additionalProperties": value,
            },
        ]
    }


def _by_id(value: Schema, names: Schema = _ID) -> Schema:
    return {"type": ["object", "null"], "propertyNames": names, "additionalProperties": value}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _or_nothing(value: Schema) -> Schema:
    return {"anyOf": [value, {"type": "null"}]}


_LOW, _HIGH = SPEED_RANGE
_LENGTH: Final[Schema] = {
    "type": "string",
    "pattern": r"^[0-9]{1,6}ms$|^[0-9]{1,3}(\.[0-9]{1,3})?s$",
}
_LINES: Final = _list(_ref("line"))
_ENTRIES: Final = _list(_ref("entry"))
_OF_KIND: Final[dict[FieldKind, Schema]] = {
    FieldKind.ID: _or_nothing(_ID),
    FieldKind.FOREIGN_ID: _or_nothing({**_FOREIGN_ID, "type": ["string", "integer"]}),
    FieldKind.TARGET: {"type": "string", "pattern": "^[a-zA-Z0-9_]+(\\.[a-zA-Z0-9_]+)?$"},
    FieldKind.WAY: {
        "type": "string",
        "pattern": "^(?!END$|RETURN$)[a-zA-Z0-9_]+(\\.[a-zA-Z0-9_]+)?$",
    },
    FieldKind.PLAIN: _TEXT,
    FieldKind.TEXTS: _ref("texts"),
    FieldKind.SPEED: _or_nothing({"type": "number", "minimum": _LOW, "maximum": _HIGH}),
    FieldKind.SLOTS: {
        "anyOf": [
            _LENGTH,
            {
                "type": "object",
                "propertyNames": {"pattern": f"{_LANGUAGE}|^\\*$"},
                "additionalProperties": _LENGTH,
            },
            {"type": "null"},
        ]
    },
    FieldKind.CONDITION: {"type": ["string", "boolean", "null"]},
    FieldKind.ASSIGNMENTS: {"anyOf": [{"type": "string"}, _list({"type": "string"})]},
    FieldKind.TAGS: {"anyOf": [{"type": ["string", "null"]}, _list(_FOREIGN_ID)]},
    FieldKind.OPTIONS: {**_list(_ref("option")), "minItems": 1},
    FieldKind.NODES: _by_id(_or_nothing({"anyOf": [_ENTRIES, _ref("node")]}), _FOREIGN_ID),
    FieldKind.ENTRIES: _or_nothing(_ENTRIES),
    FieldKind.PATTERNS: {"anyOf": [{"type": "string"}, _list({"type": "string"})]},
    FieldKind.BARKS: _by_id({"anyOf": [_LINES, _ref("bark_set"), {"type": "null"}]}, _FOREIGN_ID),
    FieldKind.LINES: _LINES,
    FieldKind.SPEAKERS: _by_id(_or_nothing(_ref("speaker"))),
    FieldKind.VARIABLES: _by_id(_ref("variable")),
    FieldKind.NAMES: _by_language(_TEXT),
    FieldKind.MEMBERS: _list(_ID),
    FieldKind.FLAG: {"type": ["boolean", "null"]},
    FieldKind.VARIABLE_TYPE: {"enum": list(VARIABLE_TYPES)},
    FieldKind.INTEGER: {"type": ["integer", "null"]},
    FieldKind.WORD: {"type": ["string", "integer", "boolean", "null"]},
    FieldKind.VALUES: _by_id({"anyOf": [_TEXT, _ref("texts")]}, _VALUE_ID),
}
