"""The rows of generic tables, and their JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from voicepipe.exporters.timed import timed_fields

if TYPE_CHECKING:
    from voicepipe.exporters.protocol import Export, ExportClip

SCHEMA_NUMBER: Final = 1
COLUMNS: Final = (
    "line",
    "file",
    "scene",
    "node",
    "bark_set",
    "speaker",
    "voice",
    "emotion",
    "text",
    "duration_s",
    "source",
    "verdict",
    "fallback",
    "outdated",
    "stale",
    "sha256",
)
"""Of a table; the JSON rows have the same fields. `sha256` is that of the bank's WAV."""
_TYPES: Final = {"duration_s": "number", "outdated": "boolean", "stale": "boolean"}


def columns(export: Export) -> tuple[str, ...]:
    """Name the columns: a further one for each kind of mouth, and for subtitles."""
    return (*COLUMNS, *timed_fields(export, ""))


def row(export: Export, clip: ExportClip, stem: str) -> dict[str, Any]:
    """Say everything of a clip.

    Args:
        export: Whose.
        clip: The clip.
        stem: Of its files, from the table's folder.
    """
    entry = clip.entry
    return {
        "line": clip.line,
        "file": f"{stem}{export.suffix}",
        "scene": entry.scene,
        "node": entry.node,
        "bark_set": entry.bark_set,
        "speaker": entry.speaker,
        "voice": entry.voice,
        "emotion": entry.emotion,
        "text": entry.text,
        "duration_s": entry.duration_s,
        "source": entry.source,
        "verdict": clip.verdict,
        "fallback": clip.fallback,
        "outdated": entry.outdated,
        "stale": entry.stale,
        "sha256": entry.sha256,
        **timed_fields(export, stem),
    }


def schema(export: Export) -> dict[str, Any]:
    """Describe `lines.json`, as JSON Schema 2020-12."""
    fields: dict[str, Any] = {
        name: {"type": _TYPES.get(name, "string")} for name in columns(export)
    }
    fields["source"] = {"enum": ["recorded", "scratch", "synthetic"]}
    head = {"schema": {"const": SCHEMA_NUMBER}, "bank": {"type": "string"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "voicepipe lines.json",
        "type": "object",
        "properties": {
            **head,
            "language": {"type": "string"},
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": fields,
                    "required": list(columns(export)),
                },
            },
        },
        "required": ["schema", "bank", "language", "lines"],
    }
