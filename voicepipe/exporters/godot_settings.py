"""Where Godot finds an export's clips: paths, locales, and the project settings about them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip

_REMAP: Final = re.compile(r'^"res://([^"]+)": (?:Pool|Packed)StringArray\( (.+) \)', re.MULTILINE)
_TARGET: Final = re.compile(r'"res://([^"]+):([^":]+)"')


def locale_of(export: Export, language: str) -> str:
    """Spell a language as Godot does: `pt_BR`."""
    first, *rest = language.split("-")
    usual = "_".join([first, *(part.upper() if len(part) == 2 else part.title() for part in rest)])
    return export.named(language, {language: usual})


def path_of(export: Export, clip: ExportClip) -> str:
    """Place a clip below the game's folder."""
    where = f"{export.options.folder}/{locale_of(export, clip.language)}"
    return f"{where}/{clip.entry.scene}/{clip.name}{export.suffix}"


def base_clips(export: Export) -> list[ExportClip]:
    """Give the clips that remaps lead away from."""
    return [clip for clip in export.clips if clip.language == export.source_language]


def settings_text(export: Export) -> str:
    """Write the project settings that name translations and remaps."""
    is_old = export.options.version == "3"
    array, prefix = ("PoolStringArray", "") if is_old else ("PackedStringArray", "locale/")
    folder = export.options.folder
    tables = [
        f'"res://{folder}/lines.{locale_of(export, tag)}.translation"' for tag in export.languages
    ]
    targets: dict[str, list[str]] = defaultdict(list)
    for clip in export.clips:
        if clip.language != export.source_language:
            path, locale = path_of(export, clip), locale_of(export, clip.language)
            targets[clip.line].append(f'"res://{path}:{locale}"')
    lines = [
        f'"res://{path_of(export, clip)}": {array}( {", ".join(targets[clip.line])} )'
        for clip in base_clips(export)
        if clip.line in targets
    ]
    return (
        f"; Written by voicepipe.\n\n[{'locale' if is_old else 'internationalization'}]\n\n"
        f"{prefix}translations={array}( {', '.join(tables)} )\n"
        f"{prefix}translation_remaps={{\n" + ",\n".join(lines) + "\n}\n"
    )


def remaps_in(export: Export, folder: Path) -> dict[tuple[str, str], str] | None:
    """Read the remaps of an export back: (base path, locale) → path; None: it has none."""
    if export.options.remaps == "none":
        return None
    name = "override.cfg" if export.options.remaps == "override" else "settings.txt"
    inner = "" if export.options.remaps == "override" else f"{export.options.folder}/"
    text = (folder / f"{inner}{name}").read_text("utf-8")
    return {
        (base, locale): path
        for base, targets in _REMAP.findall(text)
        for path, locale in _TARGET.findall(targets)
    }
