"""An output folder with takes, clips and a published version of the harbor's bank."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bank_builders import FACTS, stored

from voicepipe.bank.publish import publish

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry


def store_line(out: Path, line: str, voice: str) -> ManifestEntry:
    """Put a take and a clip of a line into the store, and describe them as a manifest does."""
    return stored(out, line, speaker=voice, voice=voice, consent="nobody")


def publish_lines(out: Path, **voices: str) -> None:
    """Publish a version of these lines: line → voice."""
    facts = replace(FACTS, bank="harbor")
    publish(out, facts, [store_line(out, line, voice) for line, voice in voices.items()])
