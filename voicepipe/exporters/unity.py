"""Unity, with or without Localization and Addressables: clips, tables, and an importer.

```
<folder>/<locale>/<scene>/<line>.wav    Addressables address: voices/<locale>/<line>
<folder>/<locale>/<scene>/<line>.json, .visemes.json, .vtt.txt …    where asked for
<folder>/index.<locale>.json            line, file, address, speaker, text, seconds, source
<folder>/strings.csv                    for a String Table Collection: Window > Asset Management
<folder>/Editor/VoicepipeImporter.cs    Tools > voicepipe: sets addresses, and import settings;
                                        makes an AnimationClip of each <line>.visemes.json
```

Source: com.unity.localization manual, CSV; com.unity.addressables API.
"""

from __future__ import annotations

from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any, Final

import orjson
from pydantic import Field

from voicepipe.documents.section import Section
from voicepipe.exporters.protocol import ClipFile, ExportFault, TextFile
from voicepipe.exporters.tables import csv_bytes, json_rows, read_csv
from voicepipe.exporters.timed import SUFFIXES, timed_faults, timed_fields, timed_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile

NAMES: Final = {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "pt": "Portuguese", "ru": "Russian", "yue": "Cantonese",
    "zh": "Chinese",
}  # fmt: skip
"""Of languages, in the columns of string tables."""


class UnityOptions(Section):
    """How the project is laid out."""

    folder: str = "Assets/Voices"
    """Below the Unity project, which is what `to` names."""
    importer: bool = True
    """Write the editor script."""
    face: str = Field(default="", max_length=400, pattern=r'^[^"\\\\\n]*$')
    """For visemes: where the face lies below its Animator, as `Body/Head`."""


class UnityExporter:
    """Folders a locale."""

    title = "Unity, with Addressables and Localization"
    encodings = ("wav", "ogg", "mp3", "flac")
    options = UnityOptions
    timed: Final = {
        **{form: SUFFIXES[form] for form in ("rhubarb.json", "visemes", "arkit", "live2d", "vrm")},
        "vtt": ".vtt.txt",
        "srt": ".srt.txt",
    }

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give clips, indexes, strings and the importer."""
        folder = export.options.folder
        for language, clips in export.by_language().items():
            for clip in clips:
                path = f"{folder}/{_stem(export, clip)}"
                yield ClipFile(path=f"{path}{export.suffix}", clip=clip)
                yield from timed_files(export, clip, path, f"{clip.name}{export.suffix}")
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
            script = source.read_text("utf-8").replace("@FOLDER@", folder)
            content = script.replace("@FACE@", export.options.face).encode()
            yield TextFile(path=f"{folder}/Editor/VoicepipeImporter.cs", content=content)

    def check(self, export: Export, folder: Path) -> Iterator[ExportFault]:
        """Look every line up in the index and the strings of its locale."""
        below = folder / export.options.folder
        strings = {row["Key"]: row for row in read_csv((below / "strings.csv").read_bytes())}
        for language, clips in export.by_language().items():
            index = _index(export, language)
            rows = orjson.loads((folder / index).read_bytes())["lines"]
            known = {row["line"]: row for row in rows}
            column = _column(export, language)
            for clip in clips:
                said = known.get(clip.line, {})
                file = said.get("file", "")
                yield from timed_faults(export, clip, below, said)
                if not file or not (below / file).is_file():
                    yield ExportFault(what=f"{index} leads to no file", clip=clip)
                elif strings.get(clip.line, {}).get(column) != clip.entry.text:
                    yield ExportFault(what=f"strings.csv has another text in {column}", clip=clip)


def _locale(export: Export, language: str) -> str:
    first, *rest = language.split("-")
    usual = "-".join([first, *(part.upper() if len(part) == 2 else part.title() for part in rest)])
    return export.named(language, {language: usual})


def _stem(export: Export, clip: ExportClip) -> str:
    return f"{_locale(export, clip.language)}/{clip.entry.scene}/{clip.name}"


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
        "file": f"{_stem(export, clip)}{export.suffix}",
        "address": f"voices/{_locale(export, clip.language)}/{clip.name}",
        "speaker": clip.entry.speaker,
        "text": clip.entry.text,
        "seconds": clip.entry.duration_s,
        "source": clip.entry.source,
        "fallback": clip.fallback,
        **timed_fields(export, _stem(export, clip)),
    }
