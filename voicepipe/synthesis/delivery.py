"""From a cast line's direction to what each part is spoken with: clip and speed (torch-free)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.voices.casting import choose_clip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.synthesis.text_readings import PartReading
    from voicepipe.voices.voice import CastLine, ReferenceClip

SLOWEST, FASTEST = 0.25, 4.0
"""How far a latent can be stretched and still be speech."""


def effective_speed(part: PartReading, cast: CastLine) -> float:
    """Multiply the speeds of line, voice and mark; over 1 is faster."""
    return part.speed * cast.delivery.speed


def latent_speed(speed: float, pitch_semitones: float) -> float:
    """Speed at which the latent is stretched: a raised voice is spoken slower, then played faster.

    Args:
        speed: Wanted in the clip.
        pitch_semitones: Wanted in the clip.
    """
    return speed / float(2.0 ** (pitch_semitones / 12.0))


def chosen_clips(
    cast: CastLine, parts: Sequence[PartReading]
) -> tuple[tuple[ReferenceClip, ...], tuple[int, ...]]:
    """Choose the clip of every part: its own emotion's, or the line's.

    Returns:
        The clips in use, each once, and every part's index among them. A line without a reference
        has no clips and no indices.
    """
    if cast.reference is None:
        return (), ()
    clips: list[ReferenceClip] = []
    chosen: list[int] = []
    for part in parts:
        clip = cast.reference
        if part.emotion:
            clip = choose_clip(cast.voice, cast.language, part.emotion).clip or clip
        if clip not in clips:
            clips.append(clip)
        chosen.append(clips.index(clip))
    return tuple(clips), tuple(chosen)
