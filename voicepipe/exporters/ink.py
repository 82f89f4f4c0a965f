"""Ink, and Dink's folders for its audio: a clip for every `#id:` tag.

```
<language>/Audio/TTS/<id>.wav           synthetic and placeholder clips
<language>/Audio/Recorded/<id>.wav      recorded ones, which Dink prefers
<bank>-strings-<language>.json          id -> text
<bank>-dink.json, <bank>-origins.json   id -> who speaks, and where it is written
<bank>.ink                              with `script: true`: the story itself
```

Source: dink README.md, AudioStatuses.cs and tests/test1/output; ink's WritingWithInk.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.documents.section import Section
from voicepipe.exporters.ink_story import ink_story
from voicepipe.exporters.protocol import ClipFile, ExportFault, ExportFaultKind, TextFile
from voicepipe.exporters.tables import BYTE_ORDER_MARK, json_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile

LADDER: Final = ("Audio/Final", "Audio/Recorded", "Audio/Scratch", "Audio/TTS")
"""Dink's folders: the first that holds a file whose name begins with the id wins."""


class InkOptions(Section):
    """What is written beside the clips."""

    script: bool = False
    """Write the story as an Ink script with `#id:` tags."""


class InkExporter:
    """Audio by id, in Dink's folders."""

    title = "Ink, Dink"
    encodings = ("wav", "ogg", "mp3")
    options = InkOptions

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give clips, strings, and the story if it is asked for."""
        for language, clips in export.by_language().items():
            strings = {clip.name: clip.entry.text for clip in clips}
            content = BYTE_ORDER_MARK + json_bytes(strings)
            path = f"{export.bank}-strings-{export.named(language)}.json"
            yield TextFile(path=path, content=content)
            for clip in clips:
                yield ClipFile(path=_path(export, clip), clip=clip)
        first = [next(iter(by.values())) for by in export.by_line().values()]
        facts = {clip.name: _fact(clip) for clip in first}
        yield TextFile(path=f"{export.bank}-dink.json", content=json_bytes(facts))
        origins = {clip.name: _origin(clip) for clip in first}
        yield TextFile(path=f"{export.bank}-origins.json", content=json_bytes(origins))
        if export.options.script:
            names = {clip.line: clip.name for clip in export.clips}
            content = ink_story(export.read_story(), export.source_language, names).encode()
            yield TextFile(path=f"{export.bank}.ink", content=content)

    def check(self, export: Export, folder: Path) -> Iterator[ExportFault]:
        """Climb Dink's ladder for every id of the strings, by the beginning of names as it does."""
        for language, clips in export.by_language().items():
            name = export.named(language)
            content = (folder / f"{export.bank}-strings-{name}.json").read_bytes()
            strings = orjson.loads(content.removeprefix(BYTE_ORDER_MARK))
            rungs = [(rung, sorted(_names(folder / name / rung))) for rung in LADDER]
            for clip in clips:
                if strings.get(clip.name) != clip.entry.text:
                    yield ExportFault(what="the strings have another text", clip=clip)
                    continue
                found = next((hit for rung in rungs if (hit := _hit(rung, clip.name))), "")
                if not found:
                    yield ExportFault(what=f"no folder of {name} holds {clip.name}", clip=clip)
                elif f"{name}/{found}" != _path(export, clip):
                    what = f"Dink may take {found}"
                    yield ExportFault(
                        what=what, clip=clip, path=found, kind=ExportFaultKind.AMBIGUOUS
                    )


def _path(export: Export, clip: ExportClip) -> str:
    rung = "Recorded" if clip.entry.source == "recorded" else "TTS"
    return f"{export.named(clip.language)}/Audio/{rung}/{clip.name}{export.suffix}"


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _hit(rung: tuple[str, list[str]], name: str) -> str:
    folder, names = rung
    return next((f"{folder}/{one}" for one in names if one.startswith(name)), "")


def _fact(clip: ExportClip) -> dict[str, Any]:
    return {
        "Type": "Line",
        "CharacterID": clip.entry.speaker.upper(),
        "Qualifier": clip.entry.emotion,
        "Direction": clip.entry.note,
        "Tags": list(clip.entry.tags),
    }


def _origin(clip: ExportClip) -> dict[str, Any]:
    file, _, rest = clip.entry.script.partition(":")
    line = rest.partition(":")[0]
    return {
        "File": file,
        "LineNumber": int(line) if line.isdecimal() else 0,
        "Knot": f"{clip.entry.scene}_{clip.entry.node or clip.entry.bark_set}",
        "Stitch": "",
    }
