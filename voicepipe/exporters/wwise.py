"""Wwise: a tab-delimited import a language, with the clips beside it, and external sources.

```
<language>/voices/<scene>/<line>.wav    PCM, 16 or 24 bits
<language>/import.tsv                   for Project > Import Tab Delimited, or WwiseConsole
<language>/external.wsources            for convert-external-source
import.txt                              the commands, with each language's name in the project
```

The language is an argument of the import and no column: import one file after the other, into the
same objects (`useExisting`). Source: Wwise help, "Importing media files from a tab-delimited text
file"; 2024.1 SDK, ak.wwise.core.audio.importTabDelimited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from voicepipe.documents.section import Section
from voicepipe.exporters.protocol import ClipFile, ExportFault, TextFile
from voicepipe.exporters.tables import read_csv, tab_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile

USUAL_NAMES: Final = {
    "de": "German",
    "en": "English(US)",
    "es": "Spanish(Spain)",
    "fr": "French(France)",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pt": "Portuguese(Portugal)",
    "pt-br": "Portuguese(Brazil)",
    "ru": "Russian",
    "yue": "Chinese(Taiwan)",
    "zh": "Chinese(PRC)",
}
COLUMNS: Final = ("Audio File", "Object Path", "OriginalsSubFolder", "Event", "Notes")
_ROOTS: Final = {"2024": "\\Actor-Mixer Hierarchy", "2025": "\\Containers"}


class WwiseOptions(Section):
    """How the Wwise project is laid out."""

    version: Literal["2024", "2025"] = "2024"
    """2025.1 renamed the root of objects; 2024 stands for all before."""
    work_unit: str = "Default Work Unit"
    """In which objects and events are made."""
    folder: str = "VO"
    """Virtual folder for all of them."""
    events: bool = True
    """Make an event `Play_<line>` for every line."""
    conversion: str = "Default Conversion Settings"
    """Of external sources."""


class WwiseExporter:
    """Sound voices by object path."""

    title = "Wwise"
    encodings = ("wav",)
    options = WwiseOptions

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give clips, imports and external sources."""
        commands = []
        for language, clips in export.by_language().items():
            for clip in clips:
                yield ClipFile(path=f"{language}/{_file(clip)}", clip=clip)
            rows = [_row(export, clip) for clip in clips]
            yield TextFile(path=f"{language}/import.tsv", content=tab_bytes(COLUMNS, rows))
            content = _sources(export, clips).encode()
            yield TextFile(path=f"{language}/external.wsources", content=content)
            name = export.named(language, USUAL_NAMES)
            commands.append(
                f'WwiseConsole tab-delimited-import "<project>.wproj" "{language}/import.tsv"'
                f' --import-language "{name}" --tab-delimited-operation useExisting\n'
            )
        yield TextFile(path="import.txt", content="".join(commands).encode())

    def check(self, export: Export, folder: Path) -> Iterator[ExportFault]:
        """Follow every row of the imports, and every source of the lists, to its file."""
        for language, clips in export.by_language().items():
            inner = folder / language
            rows = read_csv((inner / "import.tsv").read_bytes(), delimiter="\t")
            paths = {row["Object Path"]: row["Audio File"] for row in rows}
            listed = ElementTree.fromstring((inner / "external.wsources").read_bytes())  # noqa: S314 - our own
            sources = {source.get("Destination"): source.get("Path") for source in listed}
            for clip in clips:
                file = paths.get(_object(export, clip), "").replace("\\", "/")
                source = sources.get(clip.name) or ""
                if not file or not (inner / file).is_file():
                    yield ExportFault(what=f"import.tsv of {language} leads to no file", clip=clip)
                elif not source or not (inner / source).is_file():
                    yield ExportFault(
                        what=f"external.wsources of {language} has no file", clip=clip
                    )


def _file(clip: ExportClip) -> str:
    return f"voices/{clip.entry.scene}/{clip.name}.wav"


def _object(export: Export, clip: ExportClip) -> str:
    options, entry = export.options, clip.entry
    return (
        f"{_ROOTS[options.version]}\\{options.work_unit}\\<Virtual Folder>{options.folder}"
        f"\\<Virtual Folder>{entry.scene}\\<Actor-Mixer>{entry.speaker}\\<Sound Voice>{clip.name}"
    )


def _row(export: Export, clip: ExportClip) -> list[str]:
    options = export.options
    event = f"\\Events\\{options.work_unit}\\{options.folder}\\Play_{clip.name}@Play"
    return [
        _file(clip).replace("/", "\\"),
        _object(export, clip),
        f"{options.folder}\\{clip.entry.scene}",
        event if options.events else "",
        f"{clip.entry.text} [{clip.entry.source}]",
    ]


def _sources(export: Export, clips: list[ExportClip]) -> str:
    lines = [
        f"  <Source Path={quoteattr(_file(clip))} Destination={quoteattr(clip.name)}"
        f" Conversion={quoteattr(export.options.conversion)}/>"
        for clip in clips
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<ExternalSourcesList SchemaVersion="1">'
    return "\n".join([head, *lines, "</ExternalSourcesList>"]) + "\n"
