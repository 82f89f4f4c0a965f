"""FMOD Studio: a folder a language for localised audio tables, with the same keys in each.

```
<language>/<key>.wav        one audio table; a table's key is the name of the file
<language>/keys.txt         with `keys: true`: line id, relative file
keys.csv                    line id -> key, for the game
```

Source: FMOD Studio manual 2.02, "Dialogue and Localization".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.documents.section import Section
from voicepipe.exporters.protocol import ClipFile, ExportFault, TextFile
from voicepipe.exporters.tables import csv_bytes, read_csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile


class FmodOptions(Section):
    """How keys are given."""

    keys: bool = False
    """Write a keys.txt a table, so that keys are the lines' ids whatever files are called."""


class FmodExporter:
    """Audio tables."""

    title = "FMOD Studio audio tables"
    encodings = ("wav", "flac", "ogg", "mp3")
    options = FmodOptions

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give a table a language."""
        rows = [
            (
                line,
                _key(export, next(iter(by.values()))),
                *_marks(by, export.languages),
            )
            for line, by in export.by_line().items()
        ]
        columns = ("line", "key", *export.languages)
        yield TextFile(path="keys.csv", content=csv_bytes(columns, rows))
        for language, clips in export.by_language().items():
            for clip in clips:
                yield ClipFile(path=f"{export.named(language)}/{_file(export, clip)}", clip=clip)
            if export.options.keys:
                lines = [f"{clip.line}, {_file(export, clip)}\n" for clip in clips]
                path = f"{export.named(language)}/keys.txt"
                yield TextFile(path=path, content="".join(lines).encode())

    def check(self, export: Export, folder: Path) -> Iterator[ExportFault]:
        """Look every key up in every table."""
        keys = {row["line"]: row["key"] for row in read_csv((folder / "keys.csv").read_bytes())}
        for language, clips in export.by_language().items():
            table = folder / export.named(language)
            known = _keys_in(table)
            for clip in clips:
                file = known.get(keys.get(clip.line, ""), "")
                if not file or not (table / file).is_file():
                    what = f"the table {export.named(language)} has no key of it"
                    yield ExportFault(what=what, clip=clip)


def _key(export: Export, clip: ExportClip) -> str:
    return clip.line if export.options.keys else clip.name


def _file(export: Export, clip: ExportClip) -> str:
    return f"{clip.name}{export.suffix}"


def _marks(by: dict[str, ExportClip], languages: tuple[str, ...]) -> list[str]:
    return [by[language].entry.source if language in by else "" for language in languages]


def _keys_in(table: Path) -> dict[str, str]:
    """Read a table's keys: from keys.txt, or the names of its files."""
    listed = table / "keys.txt"
    if not listed.is_file():
        names = (path.name for path in table.iterdir()) if table.is_dir() else ()
        return {name.rpartition(".")[0]: name for name in names}
    pairs = (line.partition(", ") for line in listed.read_text("utf-8").splitlines())
    return {key: file for key, _, file in pairs}
