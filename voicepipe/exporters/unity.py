"""Unity, with or without Localization and Addressables: clips, tables, and an importer.

```
<folder>/<locale>/<scene>/<line>.wav    Addressables address: voices/<locale>/<line>
<folder>/index.<locale>.json            line, file, address, speaker, text, seconds, source
<folder>/strings.csv                    for a String Table Collection: Window > Asset Management
<folder>/Editor/VoicepipeImporter.cs    Tools > voicepipe: sets addresses, and import settings
```

Source: com.unity.localization manual, CSV; com.unity.addressables API.
"""

from __future__ import annotations

from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.documents.section import Section
from voicepipe.exporters.protocol import ClipFile, Hole, TextFile
from voicepipe.exporters.tables import csv_bytes, json_rows, read_csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile

NAMES: Final = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pt": "Portuguese",
    "ru": "Russian",
    "yue": "Cantonese",
    "zh": "Chinese",
}
"""Of languages, in the columns of string tables."""


class UnityOptions(Section):
    """How the project is laid out."""

    folder: str = "Assets/Voices"
    """Below the Unity project, which is what `to` names."""
    importer: bool = True
    """Write the editor script."""


class UnityExporter:
    """Folders a locale."""

    title = "Unity, with Addressables and Localization"
    encodings = ("wav", "ogg", "mp3", "flac")
    options = UnityOptions

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give clips, indexes, strings and the importer."""
        folder = export.options.folder
        for language, clips in export.by_language().items():
            for clip in clips:
                yield ClipFile(path=f"{folder}/{_file(export, clip)}", clip=clip)
            head = {"schema": 1, "locale": _locale(export, language)}
            content = json_rows(head, "lines", (_row(export, clip) for clip in clips))
            yield TextFile(path=_index(export, language), content=content)
        lines = export.by_line().items()
        columns = ["Key", "Id", "Shared Comments", *(_column(export, t) for t in export.languages)]
        rows = [
            [
                line,
                "",
                _comment(by),
                *(by[t].entry.text if t in by else "" for t in export.languages),
            ]
            for line, by in lines
        ]
        yield TextFile(path=f"{folder}/strings.csv", content=csv_bytes(columns, rows))
        if export.options.importer:
            source = resources("voicepipe.exporters").joinpath("VoicepipeImporter.cs.txt")
            content = source.read_text("utf-8").replace("@FOLDER@", folder).encode()
            yield TextFile(path=f"{folder}/Editor/VoicepipeImporter.cs", content=content)

    def check(self, export: Export, folder: Path) -> Iterator[Hole]:
        """Look every line up in the index and the strings of its locale."""
        below = folder / export.options.folder
        strings = {row["Key"]: row for row in read_csv((below / "strings.csv").read_bytes())}
        for language, clips in export.by_language().items():
            index = _index(export, language)
            rows = orjson.loads((folder / index).read_bytes())["lines"]
            known = {row["line"]: row for row in rows}
            column = _column(export, language)
            for clip in clips:
                file = known.get(clip.line, {}).get("file", "")
                if not file or not (below / file).is_file():
                    yield Hole(what=f"{index} leads to no file", clip=clip)
                elif strings.get(clip.line, {}).get(column) != clip.entry.text:
                    yield Hole(what=f"strings.csv has another text in {column}", clip=clip)


def _locale(export: Export, language: str) -> str:
    first, *rest = language.split("-")
    usual = "-".join([first, *(part.upper() if len(part) == 2 else part.title() for part in rest)])
    return export.named(language, {language: usual})


def _file(export: Export, clip: ExportClip) -> str:
    return f"{_locale(export, clip.language)}/{clip.entry.scene}/{clip.name}{export.suffix}"


def _index(export: Export, language: str) -> str:
    return f"{export.options.folder}/index.{_locale(export, language)}.json"


def _column(export: Export, language: str) -> str:
    return f"{NAMES.get(language, language)}({_locale(export, language)})"


def _comment(by: dict[str, ExportClip]) -> str:
    entry = next(iter(by.values())).entry
    return ": ".join(filter(None, (entry.speaker, entry.note)))


def _row(export: Export, clip: ExportClip) -> dict[str, Any]:
    return {
        "line": clip.line,
        "file": _file(export, clip),
        "address": f"voices/{_locale(export, clip.language)}/{clip.name}",
        "speaker": clip.entry.speaker,
        "text": clip.entry.text,
        "seconds": clip.entry.duration_s,
        "source": clip.entry.source,
        "fallback": clip.fallback,
    }
