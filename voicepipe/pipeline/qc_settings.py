"""What settings of quality control name, looked up in the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.diagnostics import Diagnostic, did_you_mean
from voicepipe.documents.binding import key_span
from voicepipe.documents.findings import Findings, finding
from voicepipe.documents.source import read_source
from voicepipe.documents.yaml_tree import iter_documents
from voicepipe.qc.codes import UNKNOWN_VOICE
from voicepipe.settings import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from voicepipe.settings import Settings


def unknown_voices(root: Path, settings: Settings, voices: Collection[str]) -> list[Diagnostic]:
    """Name every voice that limits are set for and that the project does not have.

    Args:
        root: The project root.
        settings: Read from it.
        voices: Ids of the project's voices.
    """
    unknown = [name for name in settings.qc.voices if name not in voices]
    source, _ = read_source(root, SETTINGS_FILE) if unknown else (None, ())
    if source is None:
        return []
    document = next(iter(iter_documents(source, Findings())))
    return [
        finding(
            UNKNOWN_VOICE,
            key_span(source, document, ("qc", "voices", name)),
            f'qc: there is no voice "{name}"{did_you_mean(name, voices)}',
            f"voices are {', '.join(sorted(voices))}" if voices else "there is none",
        )
        for name in unknown
    ]
