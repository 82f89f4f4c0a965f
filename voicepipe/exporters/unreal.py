"""Unreal Engine 4 and 5: data tables, sound waves by culture, PO files; or Dialogue Waves.

```
RawAudio/<culture>/<line>.wav       imported by import_voices.py
Lines.<culture>.csv, .json          DataTable rows: Name, SoundWave, Speaker, Text, …
<bank>.<culture>.po                 texts, with the line's id as context
RawAudio/<culture>/<line>.csv, .srt mouths for Live Link Face, and captions, where asked for
import_voices.py                    run it in the editor: imports what changed
RawAudioPath/<culture>/<file>.wav   with `dialogue:`: what ImportLocalizedDialogue reads
```

`dialogue: {en: en.csv}` names what ExportDialogueScript wrote, as files of the project: clips are
found by speaker and spoken text, and called what the engine asks for.
Source: DataTableCSV.cpp, DataTableJSON.cpp, ImportLocalizedDialogueCommandlet.cpp.
"""

from __future__ import annotations

from importlib.resources import files as resources
from typing import TYPE_CHECKING, Final

import polib
from pydantic import Field

from voicepipe.documents.section import Section
from voicepipe.errors import UsageError
from voicepipe.exporters.protocol import ClipFile, ExportFault, TextFile
from voicepipe.exporters.tables import json_bytes, quoted_csv_bytes, read_csv
from voicepipe.exporters.timed import timed_faults, timed_fields, timed_files
from voicepipe.exporters.unreal_dialogue import missing_dialogue, wanted_clips

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile

COLUMNS: Final = ("Name", "SoundWave", "Speaker", "Text", "Scene", "Seconds", "Source")


class UnrealOptions(Section):
    """How the project is laid out."""

    content: str = "/Game/Voices"
    """Content folder for sound waves."""
    dialogue: dict[str, str] = Field(default_factory=dict)
    """Language → CSV of ExportDialogueScript, in the project: then Dialogue Waves are served, and
    no tables are written."""


class UnrealExporter:
    """Data tables, or Dialogue Waves."""

    title = "Unreal Engine 4 and 5"
    encodings = ("wav",)
    options = UnrealOptions
    timed: Final = {"arkit": ".csv", "srt": ".srt"}

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give what data tables need, or what Dialogue Waves ask for."""
        if export.options.dialogue:
            if export.timed:
                raise UsageError(
                    "Dialogue Waves have no place for mouths and subtitles",
                    remedy="leave out mouths: and subtitles:, or dialogue: of the options",
                )
            for language in export.options.dialogue:
                for file, clip in wanted_clips(export, language).items():
                    path = f"RawAudioPath/{culture(export, language)}/{file}"
                    yield ClipFile(path=path, clip=clip)
            return
        for language, clips in export.by_language().items():
            name = culture(export, language)
            for clip in clips:
                path = f"RawAudio/{name}/{clip.name}.wav"
                yield ClipFile(path=path, clip=clip)
                yield from timed_files(export, clip, f"RawAudio/{name}/{clip.name}", path)
            columns = (*COLUMNS, *map(str.title, timed_fields(export, "")))
            rows = [_row(export, clip) for clip in clips]
            yield TextFile(path=f"Lines.{name}.csv", content=quoted_csv_bytes(columns, rows))
            records = [dict(zip(columns, row, strict=True)) for row in rows]
            yield TextFile(path=f"Lines.{name}.json", content=json_bytes(records))
            yield TextFile(path=f"{export.bank}.{name}.po", content=_po(export, language, clips))
        source = resources("voicepipe.exporters").joinpath("import_voices.py.txt")
        script = source.read_text("utf-8").replace("@CONTENT@", export.options.content)
        yield TextFile(path="import_voices.py", content=script.encode())

    def check(self, export: Export, folder: Path) -> Iterator[ExportFault]:
        """Read tables as DataTable does, and ask for every file that Dialogue Waves want."""
        if export.options.dialogue:
            for language, path in export.options.dialogue.items():
                for file in missing_dialogue(export, language):
                    yield ExportFault(what=f"{path} asks for {file}, which no line of the bank is")
            return
        for language, clips in export.by_language().items():
            name = culture(export, language)
            rows = {
                row["Name"]: row for row in read_csv((folder / f"Lines.{name}.csv").read_bytes())
            }
            texts = polib.pofile((folder / f"{export.bank}.{name}.po").read_text("utf-8"))
            said = {entry.msgctxt: entry.msgstr for entry in texts}
            for clip in clips:
                row = rows.get(clip.name, {})
                timed = {field: row.get(field.title(), "") for field in timed_fields(export, "")}
                yield from timed_faults(export, clip, folder, timed)
                wave = row.get("SoundWave", "")
                file = wave.rpartition(".")[2]
                if not file or not (folder / f"RawAudio/{name}/{file}.wav").is_file():
                    yield ExportFault(what=f"Lines.{name}.csv leads to no file", clip=clip)
                elif said.get(clip.line) != clip.entry.text:
                    yield ExportFault(what=f"{export.bank}.{name}.po has another text", clip=clip)


def culture(export: Export, language: str) -> str:
    """Spell a language as Unreal does: `pt-BR`."""
    first, *rest = language.split("-")
    usual = "-".join([first, *(part.upper() if len(part) == 2 else part.title() for part in rest)])
    return export.named(language, {language: usual})


def _row(export: Export, clip: ExportClip) -> list[str]:
    entry = clip.entry
    asset = f"{export.options.content}/{culture(export, clip.language)}/{clip.name}.{clip.name}"
    seconds = f"{entry.duration_s:.3f}"
    timed = timed_fields(export, f"RawAudio/{culture(export, clip.language)}/{clip.name}").values()
    row = [clip.name, asset, entry.speaker, entry.text, entry.scene, seconds, entry.source]
    return [*row, *timed]


def _po(export: Export, language: str, clips: list[ExportClip]) -> bytes:
    source = {c.line: c.entry.text for c in export.clips if c.language == export.source_language}
    po = polib.POFile(wrapwidth=0)
    po.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Language": culture(export, language),
    }
    for clip in clips:
        entry = polib.POEntry(
            msgctxt=clip.line,
            msgid=source.get(clip.line, clip.entry.text),
            msgstr=clip.entry.text,
            comment=": ".join(filter(None, (clip.entry.speaker, clip.entry.note))),
            flags=["fuzzy"] if clip.entry.stale else [],
        )
        po.append(entry)
    return f"{po}\n".encode()
