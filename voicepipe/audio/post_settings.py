"""What finishing does to a clip, as numbers, and their part in the clip key.

Planning reads this module, so it imports nothing that computes. Defaults and ranges live in
`voicepipe.settings`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.settings import AudioSettings

POST_REVISION = 1
"""Raised whenever the same settings would give other bytes."""

FLOAT_BITS = 32
"""The bit depth that stands for IEEE floating point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSettings:
    """How one take or recording becomes the clip that ships."""

    sample_rate: int
    """Hz."""
    bit_depth: int
    """16 or 24 (PCM with dither), or 32 (float)."""
    loudness_lufs: float
    """Integrated loudness of the finished file."""
    max_boost_db: float
    """More would lift noise, not speech; a clip that needs more stays under its target."""
    ceiling_dbtp: float
    """No true peak above this; the whole clip is turned down rather than bent."""
    trim: bool
    """Cut silence from both ends; script pauses at the ends come back as pads."""
    keep_ms: float
    """What trimming leaves standing before the first and after the last sound."""
    fade_in_ms: float
    fade_out_ms: float
    head_ms: float
    """Digital silence put before the clip."""
    tail_ms: float
    """Digital silence put after the clip."""


def post_settings(audio: AudioSettings) -> PostSettings:
    """Take the project's finishing settings from `voicepipe.yaml`."""
    return PostSettings(
        sample_rate=audio.sample_rate,
        bit_depth=audio.bit_depth,
        loudness_lufs=audio.loudness_lufs,
        max_boost_db=audio.max_boost_db,
        ceiling_dbtp=audio.ceiling_dbtp,
        trim=audio.trim,
        keep_ms=audio.keep_ms,
        fade_in_ms=audio.fade_in_ms,
        fade_out_ms=audio.fade_out_ms,
        head_ms=audio.head_ms,
        tail_ms=audio.tail_ms,
    )


def settings_for(
    project: PostSettings,
    *,
    loudness_lufs: float | None = None,
    level_db: float = 0.0,
    opening_pause_ms: float = 0.0,
    closing_pause_ms: float = 0.0,
) -> PostSettings:
    """Fit the project's settings to one line.

    Args:
        project: From `post_settings`.
        loudness_lufs: The voice's own target; None keeps the project's.
        level_db: How much louder than its target the line is meant to be.
        opening_pause_ms: A pause the script puts before the first word. Trimming removes whatever
            silence the engine gave, so the pause returns as a pad of exact length.
        closing_pause_ms: The same after the last word.
    """
    target = project.loudness_lufs if loudness_lufs is None else loudness_lufs
    return replace(
        project,
        loudness_lufs=target + level_db,
        head_ms=project.head_ms + opening_pause_ms,
        tail_ms=project.tail_ms + closing_pause_ms,
    )


def post_fingerprint(settings: PostSettings) -> Json:
    """Give everything about finishing that can change a clip's bytes, for its key."""
    return {"revision": POST_REVISION, **asdict(settings)}
