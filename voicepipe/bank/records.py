"""What the store remembers of a take and of a finished clip."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRecord:
    """One rendering, exactly as the engine gave it."""

    key: str
    """The take key: 64 hex digits."""
    object_id: str
    """sha256 of the stored WAV (32-bit float, the engine's own rate)."""
    voice: str
    language: str
    line: str
    """The line it was first rendered for; for people, not for look-up."""
    engine: str
    source: str
    seed: int
    sample_rate: int
    duration_s: float
    models: Mapping[str, str] = field(default_factory=dict)
    """Model file → sha256."""
    consent: str = ""
    """Id of the consent record it was made under."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Input group → fingerprint of what it was made from: kept with a pinned take."""
    created: str
    """UTC, ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRecord:
    """One finished clip, as shipped."""

    key: str
    """The clip key: 64 hex digits."""
    object_id: str
    """sha256 of the stored WAV."""
    take_key: str
    """The take it was made from; for a recording, the sha256 of its bytes."""
    voice: str
    source: str
    sample_rate: int
    bit_depth: int
    duration_s: float
    loudness_lufs: float | None
    peak_dbtp: float
    created: str
