"""Ren'Py 7 and 8: voice files that play by themselves, in every language.

```
game/voice/<id>.ogg                 the language of the script
game/tl/<language>/voice/<id>.ogg   every other; where one is missing, Ren'Py plays the first
game/voicepipe/voice.rpy            config.auto_voice
game/voicepipe/mouths.rpy           with `mouths: [rhubarb]`: shows them while a voice plays
game/voicepipe/mouths/<speaker>/<id>.tsv    likewise, and in tl/<language>/ for every other
game/voicepipe/story_<scene>.rpy    with `script: true`: the story, and its translations in tl/
```

`<id>` is the identifier of the say statement: what its `id` clause says, or what Ren'Py makes of
its label and text, which `renpy <game> dialogue` writes into a `dialogue.tab`.
Source: renpy/common/00voice.rpy, renpy/translation/__init__.py, doc/voice.rst of Ren'Py 8.
"""

from __future__ import annotations

import re
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Final

from voicepipe.documents.section import Section
from voicepipe.errors import UsageError
from voicepipe.exporters.protocol import ClipFile, ExportFault, ExportFaultKind, TextFile
from voicepipe.exporters.renpy_ids import identifiers_of, unspoken
from voicepipe.exporters.renpy_story import story_files
from voicepipe.exporters.tables import csv_bytes
from voicepipe.exporters.timed import timed_faults, timed_fields, timed_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile

USUAL_NAMES: Final = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "ja": "japanese",
    "ko": "korean",
    "pt": "portuguese",
    "ru": "russian",
    "yue": "cantonese",
    "zh": "schinese",
}
CONFIG: Final = "game/voicepipe/voice.rpy"
IDS: Final = "game/voicepipe/ids.csv"
MOUTHS: Final = "voicepipe/mouths"
_PATTERN: Final = re.compile(r'^define config\.auto_voice = "([^"]+)"$', re.MULTILINE)


class RenpyOptions(Section):
    """How the game is made."""

    base: str = ""
    """Language the game's script is written in; empty: the project's source language."""
    dialogue: str = ""
    """The game's `dialogue.tab`, as a file of the project: gives lines the identifiers they have
    in the game's own script, by `id` or by speaker and text."""
    script: bool = False
    """Write the story as a Ren'Py script, with translations."""
    start: bool = True
    """With `script`: begin the game with it (`label start`)."""


class RenpyExporter:
    """Voice files named by identifiers."""

    title = "Ren'Py 7 and 8"
    encodings = ("ogg", "opus", "mp3", "wav")
    options = RenpyOptions
    timed: Final = {"rhubarb.tsv": ".tsv"}

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give voices, the configuration, and the story if it is asked for."""
        ids = identifiers_of(export, _base(export))
        auto_voice = f"voice/{{id}}{export.suffix}"
        config = f'# Written by voicepipe.\ndefine config.auto_voice = "{auto_voice}"\n'
        yield TextFile(path=CONFIG, content=config.encode())
        if any(ids[clip.line] != (clip.line,) for clip in export.clips):
            rows = [(line, one) for line in export.by_line() for one in ids[line]]
            yield TextFile(path=IDS, content=csv_bytes(("line", "identifier"), rows))
        if export.timed:
            source = resources("voicepipe.exporters").joinpath("mouths.rpy.txt")
            yield TextFile(path=f"game/{MOUTHS}.rpy", content=source.read_bytes())
        for clip in export.clips:
            folder = _folder(export, clip.language)
            for identifier in ids[clip.line]:
                path = f"{folder}voice/{identifier}{export.suffix}"
                yield ClipFile(path=path, clip=clip)
                yield from timed_files(export, clip, f"{folder}{_mouth(clip, identifier)}", path)
        if export.options.script:
            yield from story_files(export, _base(export), USUAL_NAMES)

    def check(self, export: Export, folder: Path) -> Iterator[ExportFault]:
        """Look files up as Ren'Py does: by the pattern it is given, the language's own first."""
        found = _PATTERN.search((folder / CONFIG).read_text("utf-8"))
        if found is None:
            yield ExportFault(what="config.auto_voice is not set", path=CONFIG)
            return
        ids = identifiers_of(export, _base(export))
        for clip in export.clips:
            for identifier in ids[clip.line]:
                path = found[1].replace("{id}", identifier)
                mouths = timed_fields(export, _mouth(clip, identifier))
                inner = folder / _folder(export, clip.language)
                yield from timed_faults(export, clip, inner, mouths)
                if (inner / path).is_file():
                    continue
                is_base = (folder / "game" / path).is_file()
                what = "Ren'Py would play the base language" if is_base else "Ren'Py finds no file"
                yield ExportFault(what=f"{what} for {identifier}", clip=clip, path=path)
        for identifier in unspoken(export, ids):
            what = f"dialogue.tab has {identifier}, which no line of the bank is"
            yield ExportFault(
                what=what, path=export.options.dialogue, kind=ExportFaultKind.AMBIGUOUS
            )


def _mouth(clip: ExportClip, identifier: str) -> str:
    return f"{MOUTHS}/{clip.entry.speaker}/{identifier}"


def _base(export: Export) -> str:
    base = export.options.base or export.source_language
    if base not in export.languages:
        raise UsageError(
            f'the base language "{base}" is not exported',
            remedy=f"set base: to one of {', '.join(export.languages)}",
        )
    return str(base)


def _folder(export: Export, language: str) -> str:
    if language == _base(export):
        return "game/"
    return f"game/tl/{export.named(language, USUAL_NAMES).replace('-', '_')}/"
