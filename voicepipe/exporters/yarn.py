"""Yarn Spinner for Unity: string tables and asset folders, by `line:` ids.

```
<language>/<id>.wav             assets, found by a name that is the id
<bank>.<language>.csv           localised strings
<bank>.yarnproject              with `script: true`: the project, and the story in .yarn files
<bank>.localisation.json        otherwise: what to put into a .yarnproject of your own
```

Source: YarnSpinner-Unity StringTableEntry.cs, YarnProjectUtility.cs (FindAssetPathsForLineIDs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from voicepipe.documents.section import Section
from voicepipe.exporters.names import holding
from voicepipe.exporters.protocol import ClipFile, ExportFault, ExportFaultKind, TextFile
from voicepipe.exporters.tables import csv_bytes, json_bytes, read_csv
from voicepipe.exporters.yarn_story import option_texts, yarn_files
from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile
    from voicepipe.exporters.story_script import StoryScript

COLUMNS: Final = ("language", "id", "text", "file", "node", "lineNumber", "lock", "comment")
_LOCK_DIGITS: Final = 8


class YarnOptions(Section):
    """What is written beside assets and strings."""

    script: bool = False
    """Write the story as Yarn scripts, with a project of their own."""


class YarnExporter:
    """Assets and strings a language."""

    title = "Yarn Spinner for Unity"
    encodings = ("wav", "ogg", "mp3")
    options = YarnOptions

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give assets, strings, and the project or what belongs into one."""
        story = export.read_story()
        names = {clip.line: clip.name for clip in export.clips}
        base = {c.line: c for c in export.clips if c.language == export.source_language}
        for language, clips in export.by_language().items():
            rows = [_row(export, story, clip, base.get(clip.line, clip)) for clip in clips]
            if export.options.script:
                options = option_texts(story, language)
                lock = option_texts(story, export.source_language)
                rows += [_option_row(export, language, lock, *one) for one in options.items()]
            yield TextFile(path=_table(export, language), content=csv_bytes(COLUMNS, rows))
            for clip in clips:
                path = f"{export.named(language)}/{clip.name}{export.suffix}"
                yield ClipFile(path=path, clip=clip)
        if export.options.script:
            yield from yarn_files(story, export.source_language, names)
            project = {
                "projectFileVersion": 4,
                "sourceFiles": ["**/*.yarn"],
                "baseLanguage": export.named(export.source_language),
                "localisation": _localisation(export),
            }
            yield TextFile(path=f"{export.bank}.yarnproject", content=json_bytes(project))
        else:
            content = json_bytes({"localisation": _localisation(export)})
            yield TextFile(path=f"{export.bank}.localisation.json", content=content)

    def check(self, export: Export, folder: Path) -> Iterator[ExportFault]:
        """Look assets up as Yarn Spinner does: by names that hold the id."""
        for language, clips in export.by_language().items():
            rows = read_csv((folder / _table(export, language)).read_bytes())
            texts = {row["id"]: row["text"] for row in rows}
            assets = folder / export.named(language)
            stems = {path.stem.lower() for path in assets.iterdir()} if assets.is_dir() else set()
            doubtful = holding({clip.name for clip in clips}, stems)
            for clip in clips:
                if f"line:{clip.name}" not in texts:
                    yield ExportFault(what="the strings do not have it", clip=clip)
                elif clip.name in doubtful:
                    what = f"Yarn Spinner may take {doubtful[clip.name]} for {clip.name}"
                    yield ExportFault(what=what, clip=clip, kind=ExportFaultKind.AMBIGUOUS)
                elif clip.name not in stems:
                    yield ExportFault(what=f"no asset is called {clip.name}", clip=clip)
                elif clip.name != clip.line and not export.options.script:
                    what = f"a script that calls it {clip.line} does not find {clip.name}"
                    yield ExportFault(what=what, clip=clip, kind=ExportFaultKind.AMBIGUOUS)


def _table(export: Export, language: str) -> str:
    return f"{export.bank}.{export.named(language)}.csv"


def _text(story: StoryScript, clip: ExportClip, language: str) -> str:
    if clip.entry.speaker in story.narrators:
        return clip.entry.text
    return f"{story.name_of(clip.entry.speaker, language)}: {clip.entry.text}"


def _row(export: Export, story: StoryScript, clip: ExportClip, base: ExportClip) -> list[str]:
    file, _, rest = clip.entry.script.partition(":")
    return [
        export.named(clip.language),
        f"line:{clip.name}",
        _text(story, clip, clip.language),
        file,
        f"{clip.entry.scene}_{clip.entry.node or clip.entry.bark_set}",
        rest.partition(":")[0],
        _lock(_text(story, base, export.source_language)),
        clip.entry.note,
    ]


def _option_row(
    export: Export, language: str, lock: dict[str, str], name: str, text: str
) -> list[str]:
    return [export.named(language), f"line:{name}", text, "", "", "", _lock(lock[name]), ""]


def _lock(text: str) -> str:
    return sha256_of_bytes(text.encode())[:_LOCK_DIGITS]


def _localisation(export: Export) -> dict[str, Any]:
    return {
        export.named(language): {"assets": export.named(language)}
        if language == export.source_language
        else {"strings": _table(export, language), "assets": export.named(language)}
        for language in export.languages
    }
