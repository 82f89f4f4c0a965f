"""Tables that any program can read: JSON and CSV a language, with a JSON Schema.

```
index.json                  bank, languages, and where the tables are
lines.schema.json           JSON Schema of the tables
<language>/lines.json       a row a line
<language>/lines.csv        the same, for spreadsheets
<language>/<scene>/<line>.wav
<language>/<scene>/<line>.tsv, .visemes.json, .vtt …    mouths and subtitles, where asked for
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import orjson

from voicepipe.documents.section import Section
from voicepipe.exporters.generic_rows import SCHEMA_NUMBER, columns, row, schema
from voicepipe.exporters.protocol import ClipFile, ExportFault, TextFile
from voicepipe.exporters.tables import csv_bytes, csv_rows, json_bytes, json_rows
from voicepipe.exporters.timed import SUFFIXES, timed_faults, timed_fields, timed_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile


class GenericOptions(Section):
    """Which tables are written."""

    tables: bool = True
    """Write `lines.csv` beside every `lines.json`."""


class GenericExporter:
    """Files in folders, and tables of them."""

    title = "any program: JSON, CSV and JSON Schema"
    encodings = ("wav", "flac", "ogg", "opus", "mp3")
    options = GenericOptions
    timed = SUFFIXES

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
        yield TextFile(path="lines.schema.json", content=json_bytes(schema(export)))
        for language, clips in export.by_language().items():
            folder = folders[language]
            head = {"schema": SCHEMA_NUMBER, "bank": export.bank, "language": language}
            rows = (row(export, clip, _stem(clip)) for clip in clips)
            yield TextFile(path=f"{folder}/lines.json", content=json_rows(head, "lines", rows))
            if export.options.tables:
                cells = (list(row(export, clip, _stem(clip)).values()) for clip in clips)
                yield TextFile(
                    path=f"{folder}/lines.csv", content=csv_bytes(columns(export), cells)
                )
            for clip in clips:
                path = f"{folder}/{_stem(clip)}"
                yield ClipFile(path=f"{path}{export.suffix}", clip=clip)
                yield from timed_files(export, clip, path, f"{clip.name}{export.suffix}")

    def check(self, export: Export, folder: Path) -> Iterator[ExportFault]:
        """Look every line up in both tables, and its file from there."""
        index = orjson.loads((folder / "index.json").read_bytes())
        names = ("file", *timed_fields(export, ""))
        for language, clips in export.by_language().items():
            path = index["languages"].get(language, "")
            table = folder / path
            rows = _lines(table.read_bytes())
            tables = [{one.line: tuple(getattr(one, name) for name in names) for one in rows}]
            if export.options.tables:
                again = csv_rows(table.with_suffix(".csv").read_bytes())
                tables.append({o["line"]: tuple(o.get(name, "") for name in names) for o in again})
            for clip in clips:
                # Where the tables agree, files are read once.
                for cells in dict.fromkeys(known.get(clip.line, ()) for known in tables):
                    said = dict(zip(names, cells, strict=False))
                    file = said.get("file", "")
                    if not file or not (table.parent / file).is_file():
                        yield ExportFault(
                            what=f"{path} leads to no file of it", clip=clip, path=path
                        )
                        break
                    yield from timed_faults(export, clip, table.parent, said)


class _Line(msgspec.Struct):
    """What leads from a line to its files."""

    line: str
    file: str = ""
    rhubarb_json: str = ""
    rhubarb_tsv: str = ""
    visemes: str = ""
    arkit: str = ""
    live2d: str = ""
    vrm: str = ""
    subtitles: str = ""


class _Table(msgspec.Struct):
    lines: list[_Line]


def _lines(content: bytes) -> list[_Line]:
    try:
        return msgspec.json.decode(content, type=_Table).lines
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error


def _stem(clip: ExportClip) -> str:
    return f"{clip.entry.scene}/{clip.name}"
