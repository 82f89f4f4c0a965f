"""The manifest: what a published version holds, line by line.

These records, and the groups of `clip_facts` they are made of, are the only description of the
format; `manifest_io` reads and writes it, `docs/schemas/manifest.json` is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import dataclass
from typing import Final

from voicepipe.bank.clip_facts import (
    ClipListing,
    ClipMaking,
    ClipMeasurements,
    ClipRetakes,
    ClipVerdicts,
    TextListing,
)
from voicepipe.bank.record_fields import (
    BitDepth,
    Count,
    Difference,
    Ordinal,
    SampleRate,
    added,
    field_names,
)
from voicepipe.bank.schemas import Schema

MANIFEST = Schema(what="the manifest")
MANIFEST_SCHEMA = MANIFEST.number

NOT_RENDERED: Final = "not rendered yet"
"""Reason of a wanted line without a clip that was not tried: it was not selected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry(ClipListing, ClipMaking, ClipRetakes, ClipMeasurements, ClipVerdicts):
    """One clip: a line in one language."""

    sha256: str
    """Of the WAV file: also its object id in the store."""
    size_bytes: Count = 0
    """Of the WAV file; filled in when the version is published."""
    take_key: str
    """Hash of what made the take; for a recording, of the recording's bytes."""
    clip_key: str
    """Hash of take, post-processing and metadata."""
    take: Ordinal
    """From 1; higher after retakes."""
    pinned: bool
    slot_difference_s: Difference | None = added(None)  # noqa: RUF009 - a field
    """Seconds by which its speech is longer than its slot; under 0: shorter; None: no slot."""
    outdated: bool = added(default=False)
    """The clip is the last good one, not what the script asks for now: its line failed, or was
    not in the render's selection."""


_FIRST_COLUMNS: Final = (
    "line", "base_line", "language", "speaker", "voice", "emotion", "text", "note", "file",
    "sha256", "size_bytes", "duration_s", "sample_rate", "bit_depth", "loudness_lufs", "peak_dbtp",
    "source", "engine", "models", "take_key", "clip_key", "seed", "take", "pinned", "consent",
    "scene", "node", "bark_set", "position", "tags", "variant", "before", "after", "script",
    "stale", "inputs", "outdated",
)  # fmt: skip
COLUMNS: Final = (*_FIRST_COLUMNS, *sorted({*field_names(ManifestEntry)} - {*_FIRST_COLUMNS}))
"""Every field of an entry, in the order of `manifest.csv`, which is published: those that came
later stand behind those of the first release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText(TextListing):
    """A line that has no clip in a language: it is shown there, and not spoken."""

    is_choice: bool
    """An answer of the player's."""


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
    text_languages: tuple[str, ...] = added(default=())
    """Languages that are shown and not spoken."""
    texts: tuple[ShownText, ...] = added(default=())
    """Lines that are shown and not spoken, and every line in `text_languages`; sorted as entries
    are."""
