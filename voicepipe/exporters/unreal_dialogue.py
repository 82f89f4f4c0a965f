"""Dialogue Waves: clips for the files that an ExportDialogueScript CSV asks for."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from voicepipe.errors import UsageError
from voicepipe.exporters.tables import read_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.exporters.protocol import Export, ExportClip


def wanted_clips(export: Export, language: str) -> dict[str, ExportClip]:
    """Give file → clip, by what is spoken and, where several say it, by who.

    Raises:
        UsageError: The language is not exported, or the CSV is none of that kind.
    """
    return {file: clip for file, clip in _pairs(export, language) if clip is not None}


def missing_dialogue(export: Export, language: str) -> list[str]:
    """Give the files for which the bank has no line."""
    return [file for file, clip in _pairs(export, language) if clip is None]


def _pairs(export: Export, language: str) -> Iterator[tuple[str, ExportClip | None]]:
    path = export.options.dialogue[language]
    if language not in export.languages:
        raise UsageError(f'dialogue: "{language}" is not exported')
    try:
        rows = read_csv(export.read_file(path))
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error
    if rows and not {"SpokenDialogue", "AudioFileName"} <= rows[0].keys():
        raise UsageError(
            f"{path} has no columns SpokenDialogue and AudioFileName",
            remedy="write it with the commandlet ExportDialogueScript",
        )
    by_text: dict[str, list[ExportClip]] = defaultdict(list)
    for clip in export.by_language()[language]:
        by_text[_plain(clip.entry.text)].append(clip)
    for row in rows:
        alike = by_text.get(_plain(row["SpokenDialogue"]), [])
        who = row.get("SpeakingVoice", "").rpartition(".")[2].casefold()
        same = [clip for clip in alike if who.endswith(clip.entry.speaker.casefold())] or alike
        yield row["AudioFileName"].replace("\\", "/").lstrip("/"), same[0] if same else None


def _plain(text: str) -> str:
    return " ".join(text.split())
