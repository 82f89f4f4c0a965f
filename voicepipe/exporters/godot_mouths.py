"""Mouths and subtitles in Godot: a table that leads to them, and a script that plays mouths."""

from __future__ import annotations

from importlib.resources import files as resources
from typing import TYPE_CHECKING

import orjson

from voicepipe.exporters.godot_settings import locale_of
from voicepipe.exporters.protocol import TextFile
from voicepipe.exporters.tables import json_bytes
from voicepipe.exporters.timed import timed_fields

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.exporters.protocol import Export


def mouth_files(export: Export) -> Iterator[TextFile]:
    """Give the table of mouths and subtitles, and the script that makes animations of mouths."""
    if not export.timed:
        return
    folder = export.options.folder
    below = {
        clip.line: timed_fields(export, f"{clip.entry.scene}/{clip.name}") for clip in export.clips
    }
    yield TextFile(path=f"{folder}/timed.json", content=json_bytes(below))
    if "rhubarb_json" in timed_fields(export, ""):
        name = f"mouths_{export.options.version}.gd.txt"
        source = resources("voicepipe.exporters").joinpath(name).read_text("utf-8")
        base = locale_of(export, export.source_language)
        script = source.replace("@FOLDER@", f"res://{folder}").replace("@BASE@", base)
        yield TextFile(path=f"{folder}/mouths.gd", content=script.encode())


def timed_paths(export: Export, folder: Path) -> dict[str, dict[str, str]]:
    """Read the table back: line -> field -> path below a locale's folder."""
    if not export.timed:
        return {}
    content = (folder / export.options.folder / "timed.json").read_bytes()
    found: dict[str, dict[str, str]] = orjson.loads(content)
    return found
