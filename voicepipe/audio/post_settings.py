"""What finishing does to a clip, as numbers, and their part in the clip key.

Planning reads this module, so it imports nothing that computes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicepipe.hashing import Json

POST_REVISION = 1
"""Raised whenever the same settings would give other bytes."""

FLOAT_BITS = 32
BIT_DEPTHS = (16, 24, FLOAT_BITS)
"""PCM, PCM, IEEE float."""

_MAX_RATE = 192_000
_MIN_RATE = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSettings:
    """How takes and recordings become the clips that ship."""

    sample_rate: int = 48_000
    """Hz."""
    bit_depth: int = 16
    """16 or 24 (PCM with dither), or 32 (float)."""
    loudness_lufs: float | None = -23.0
    """Integrated loudness of the finished file; None: the level stays as it came."""
    max_boost_db: float = 20.0
    """More would lift noise, not speech; a clip that needs more stays under its target."""
    ceiling_dbtp: float = -1.0
    """No true peak above this; the whole clip is turned down rather than bent."""
    trim: bool = True
    """Cut silence from both ends; script pauses at the ends come back as pads."""
    keep_ms: float = 40.0
    """What trimming leaves standing before the first and after the last sound."""
    fade_in_ms: float = 5.0
    fade_out_ms: float = 10.0
    head_ms: float = 0.0
    """Digital silence put before the clip."""
    tail_ms: float = 0.0
    """Digital silence put after the clip."""

    def __post_init__(self) -> None:
        """Refuse what no caller may ask for.

        Raises:
            ValueError: A value outside its range; settings files are checked long before.
        """
        if self.bit_depth not in BIT_DEPTHS:
            raise ValueError(f"bit depth is 16, 24 or 32, not {self.bit_depth}")
        if not _MIN_RATE <= self.sample_rate <= _MAX_RATE:
            raise ValueError(
                f"sample rate is {_MIN_RATE} to {_MAX_RATE} Hz, not {self.sample_rate}"
            )
        if self.ceiling_dbtp > 0:
            raise ValueError(f"a ceiling of {self.ceiling_dbtp} dBTP lies above full scale")
        lengths = (self.keep_ms, self.fade_in_ms, self.fade_out_ms, self.head_ms, self.tail_ms)
        if min(lengths) < 0 or self.max_boost_db < 0:
            raise ValueError("lengths and the largest boost are at least 0")


def settings_for(
    project: PostSettings,
    *,
    loudness_lufs: float | None = None,
    opening_pause_ms: float = 0.0,
    closing_pause_ms: float = 0.0,
) -> PostSettings:
    """Fit the project's settings to one line.

    Args:
        project: What `voicepipe.yaml` asks for.
        loudness_lufs: The voice's own target; None keeps the project's.
        opening_pause_ms: A pause the script puts before the first word. Trimming removes whatever
            silence the engine gave, so the pause returns as a pad of exact length.
        closing_pause_ms: The same after the last word.
    """
    return replace(
        project,
        loudness_lufs=project.loudness_lufs if loudness_lufs is None else loudness_lufs,
        head_ms=project.head_ms + opening_pause_ms,
        tail_ms=project.tail_ms + closing_pause_ms,
    )


def post_fingerprint(settings: PostSettings) -> Json:
    """Give everything about finishing that can change a clip's bytes, for its key."""
    return {"revision": POST_REVISION, **asdict(settings)}
