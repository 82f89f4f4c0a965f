"""Tables that any program can read: JSON and CSV a language, with a JSON Schema.

```
index.json                  bank, languages, and where the tables are
lines.schema.json           JSON Schema of the tables
<language>/lines.json       a row a line
<language>/lines.csv        the same, for spreadsheets
<language>/<scene>/<line>.wav
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.documents.section import Section
from voicepipe.exporters.protocol import ClipFile, Hole, TextFile
from voicepipe.exporters.tables import csv_bytes, json_bytes, json_rows, read_csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile

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


class GenericOptions(Section):
    """Which tables are written."""

    tables: bool = True
    """Write `lines.csv` beside every `lines.json`."""


class GenericExporter:
    """Files in folders, and tables of them."""

    title = "any program: JSON, CSV and JSON Schema"
    encodings = ("wav", "flac", "ogg", "opus", "mp3")
    options = GenericOptions

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give tables and clips."""
        folders = {language: export.named(language) for language in export.languages}
        index = {
            "schema": SCHEMA_NUMBER,
            "bank": export.bank,
            "source_language": export.source_language,
            "languages": {tag: f"{folder}/lines.json" for tag, folder in folders.items()},
        }
        yield TextFile(path="index.json", content=json_bytes(index))
        yield TextFile(path="lines.schema.json", content=json_bytes(schema()))
        for language, clips in export.by_language().items():
            folder = folders[language]
            head = {"schema": SCHEMA_NUMBER, "bank": export.bank, "language": language}
            rows = (_row(clip, _path(clip, export)) for clip in clips)
            yield TextFile(path=f"{folder}/lines.json", content=json_rows(head, "lines", rows))
            if export.options.tables:
                cells = (list(_row(clip, _path(clip, export)).values()) for clip in clips)
                yield TextFile(path=f"{folder}/lines.csv", content=csv_bytes(COLUMNS, cells))
            for clip in clips:
                yield ClipFile(path=f"{folder}/{_path(clip, export)}", clip=clip)

    def check(self, export: Export, folder: Path) -> Iterator[Hole]:
        """Look every line up in both tables, and its file from there."""
        index = orjson.loads((folder / "index.json").read_bytes())
        for language, clips in export.by_language().items():
            path = index["languages"].get(language, "")
            table = folder / path
            rows = {row["line"]: row["file"] for row in orjson.loads(table.read_bytes())["lines"]}
            tables = [rows]
            if export.options.tables:
                again = read_csv(table.with_suffix(".csv").read_bytes())
                tables.append({row["line"]: row["file"] for row in again})
            for clip in clips:
                for known in tables:
                    file = known.get(clip.line, "")
                    if not file or not (table.parent / file).is_file():
                        yield Hole(what=f"{path} leads to no file of it", clip=clip, path=path)
                        break


def _path(clip: ExportClip, export: Export) -> str:
    return f"{clip.entry.scene}/{clip.name}{export.suffix}"


def _row(clip: ExportClip, file: str) -> dict[str, Any]:
    entry = clip.entry
    return {
        "line": clip.line,
        "file": file,
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
    }


def schema() -> dict[str, Any]:
    """Describe `lines.json`, as JSON Schema 2020-12."""
    row: dict[str, Any] = {name: {"type": _TYPES.get(name, "string")} for name in COLUMNS}
    row["source"] = {"enum": ["recorded", "scratch", "synthetic"]}
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
                "items": {"type": "object", "properties": row, "required": list(COLUMNS)},
            },
        },
        "required": ["schema", "bank", "language", "lines"],
    }
