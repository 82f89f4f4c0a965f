"""Godot 3 and 4: clips by language, remaps between them, and translations of the lines.

```
<folder>/<locale>/<scene>/<line>.ogg
<folder>/lines.csv          translations: keys, and a column a locale
<folder>/voices.json        line -> path below a locale's folder
<folder>/<locale>/<scene>/<line>.json, .vtt …    mouths and subtitles, where asked for
<folder>/timed.json         line -> their paths, likewise
<folder>/mouths.gd          makes an Animation of a line's drawn mouths
<folder>/barks_<set>.tres   Godot 4: an AudioStreamRandomizer a set of barks
override.cfg                the settings that name translations and remaps; see `remaps`
```

Source: project.godot of Godot 3.2 and 4.3, ResourceImporterCSVTranslation, ResourceImporterWAV.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, Literal

from voicepipe.audio.riff import has_odd_chunk
from voicepipe.documents.section import Section
from voicepipe.exporters.godot_dialogue import dialogue_files
from voicepipe.exporters.godot_mouths import mouth_files, timed_paths
from voicepipe.exporters.godot_settings import (
    base_clips,
    locale_of,
    path_of,
    remaps_in,
    settings_text,
)
from voicepipe.exporters.protocol import ClipFile, ExportFault, TextFile
from voicepipe.exporters.tables import csv_bytes, json_bytes, read_csv
from voicepipe.exporters.timed import SUFFIXES, timed_faults, timed_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, ExportFile

_WAV_HEAD: Final = 1 << 17


class GodotOptions(Section):
    """How the game is made."""

    version: Literal["3", "4"] = "4"
    """Godot's."""
    folder: str = "voices"
    """Below the game's folder, which is what `to` names."""
    remaps: Literal["override", "snippet", "none"] = "override"
    """Where the project settings go: into `override.cfg`, which a game reads at its start; into a
    text to paste into `project.godot`; or nowhere: voices.json leads to the files."""
    dialogue: Literal["none", "manager", "dialogic"] = "none"
    """Write the story for Dialogue Manager 3 or Dialogic 2, with voices."""


class GodotExporter:
    """Resources by path, switched by locale."""

    title = "Godot 3 and 4, Dialogue Manager, Dialogic"
    encodings = ("ogg", "wav", "mp3")
    options = GodotOptions
    timed: Final = {
        form: SUFFIXES[form] for form in ("rhubarb.json", "visemes", "live2d", "vtt", "srt")
    }

    def files(self, export: Export) -> Iterator[ExportFile]:
        """Give clips, translations, remaps and dialogues."""
        folder = export.options.folder
        for clip in export.clips:
            path = path_of(export, clip)
            yield ClipFile(path=path, clip=clip)
            yield from timed_files(export, clip, path.removesuffix(export.suffix), path)
        yield from mouth_files(export)
        tags = export.languages
        rows = [
            [line, *(by[tag].entry.text if tag in by else "" for tag in tags)]
            for line, by in export.by_line().items()
        ]
        header = ("keys", *(locale_of(export, tag) for tag in tags))
        yield TextFile(path=f"{folder}/lines.csv", content=csv_bytes(header, rows))
        below = {
            clip.line: f"{clip.entry.scene}/{clip.name}{export.suffix}" for clip in export.clips
        }
        yield TextFile(path=f"{folder}/voices.json", content=json_bytes(below))
        if export.options.remaps != "none":
            name = (
                "override.cfg" if export.options.remaps == "override" else f"{folder}/settings.txt"
            )
            yield TextFile(path=name, content=settings_text(export).encode())
        if export.options.version == "4":
            yield from _barks(export)
        if export.options.dialogue != "none":
            paths = {clip.line: f"res://{path_of(export, clip)}" for clip in base_clips(export)}
            yield from dialogue_files(export, export.options.dialogue, paths)

    def check(self, export: Export, folder: Path) -> Iterator[ExportFault]:
        """Follow the remaps as Godot does, and ask for what its importer cannot read."""
        remapped = remaps_in(export, folder)
        table = folder / export.options.folder / "lines.csv"
        keys = {row["keys"]: row for row in read_csv(table.read_bytes())}
        base = {clip.line: path_of(export, clip) for clip in base_clips(export)}
        timed = timed_paths(export, folder)
        for clip in export.clips:
            locale, path = locale_of(export, clip.language), path_of(export, clip)
            inner = folder / export.options.folder / locale
            yield from timed_faults(export, clip, inner, timed.get(clip.line, {}))
            if (
                clip.line in base
                and clip.language != export.source_language
                and remapped is not None
            ):
                path = remapped.get((base[clip.line], locale), "")
            if not path or not (folder / path).is_file():
                yield ExportFault(what=f"no file for locale {locale}", clip=clip, path=path)
            elif keys.get(clip.line, {}).get(locale) != clip.entry.text:
                yield ExportFault(what=f"lines.csv has another text for {locale}", clip=clip)
            elif path.endswith(".wav") and has_odd_chunk(_head(folder / path)):
                what = "Godot 3 hears nothing in this WAV, a chunk of which has an odd length"
                yield ExportFault(
                    what=f"{what}: export as ogg, or render the line again", clip=clip
                )


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_WAV_HEAD)


def _barks(export: Export) -> Iterator[TextFile]:
    sets: dict[str, list[ExportClip]] = defaultdict(list)
    for clip in base_clips(export):
        if clip.entry.bark_set:
            sets[f"{clip.entry.scene}_{clip.entry.bark_set}"].append(clip)
    for name, clips in sets.items():
        lines = [f'[gd_resource type="AudioStreamRandomizer" load_steps={len(clips) + 1} format=3]']
        for number, clip in enumerate(clips):
            path = f"res://{path_of(export, clip)}"
            lines.append(f'[ext_resource type="AudioStream" path="{path}" id="{number}"]')
        lines += ["[resource]", f"streams_count = {len(clips)}"]
        lines += [f'stream_{n}/stream = ExtResource("{n}")' for n in range(len(clips))]
        path = f"{export.options.folder}/barks_{name}.tres"
        yield TextFile(path=path, content=("\n".join(lines) + "\n").encode())
