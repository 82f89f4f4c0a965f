"""The manifest: what a published version holds, line by line.

These records are the only description of the format; `manifest_io` reads and
writes it, `docs/schemas/manifest.json` is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import dataclass, field
from typing import Final

from voicepipe.bank.record_fields import (
    BitDepth,
    Count,
    Decibels,
    Ordinal,
    SampleRate,
    Seconds,
    added,
)
from voicepipe.bank.schemas import Schema

MANIFEST = Schema(what="the manifest")
MANIFEST_SCHEMA = MANIFEST.number

NOT_RENDERED: Final = "not rendered yet"
"""Reason of a wanted line without a clip that was not tried: it was not selected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """One clip: a line in one language."""

    line: str
    base_line: str
    """The id in the script, without variant or group suffix."""
    language: str
    speaker: str
    voice: str
    emotion: str
    text: str
    """As a subtitle shows it."""
    note: str
    file: str
    """Relative to the version's folder: `<lang>/<scene>/<line>.wav`."""
    sha256: str
    """Of the WAV file: also its object id in the store."""
    size_bytes: Count = 0
    """Of the WAV file; filled in when the version is published."""
    duration_s: Seconds
    sample_rate: SampleRate
    bit_depth: BitDepth
    loudness_lufs: Decibels | None
    """Integrated, None when the clip is too short or too quiet to gate."""
    peak_dbtp: Decibels
    source: str
    """`scratch`, `synthetic` or `recorded`."""
    engine: str
    """Empty for recordings."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Model file → sha256."""
    take_key: str
    """Hash of what made the take; for a recording, of the recording's bytes."""
    clip_key: str
    """Hash of take, post-processing and metadata."""
    seed: Count
    take: Ordinal
    """From 1; higher after retakes."""
    pinned: bool
    consent: str
    """Id of the consent record; empty for recordings without one."""
    scene: str
    node: str
    bark_set: str
    position: Count
    tags: tuple[str, ...]
    variant: Mapping[str, str]
    before: tuple[str, ...]
    after: tuple[str, ...]
    script: str
    """`file:line:column` of the text."""
    stale: bool
    """The translation is older than its source text, or the recording speaks an earlier text."""
    inputs: Mapping[str, str]
    """Input group → short fingerprint, to say later why something must be rendered again."""
    outdated: bool = added(default=False)
    """The clip is the last good one, not what the script asks for now: its line failed, or was
    not in the render's selection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankManifest:
    """One immutable version of a bank."""

    schema: int = MANIFEST_SCHEMA
    bank: str
    version: str
    """`v0001`, `v0002` …"""
    created: str
    """UTC, ISO 8601, seconds."""
    voicepipe: str
    """The program's version."""
    source_language: str
    languages: tuple[str, ...]
    sample_rate: SampleRate
    bit_depth: BitDepth
    content_sha256: str
    """Hash of the entries alone: two versions with the same one hold the same bank."""
    entries: tuple[ManifestEntry, ...]
    """Sorted by language, then position, then line."""
    failed: tuple[Mapping[str, str], ...] = ()
    """Lines whose clip was not made: line, language, reason, script. They have no clip in this
    version, or their last good one, whose entry is `outdated`."""
