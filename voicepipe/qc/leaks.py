"""Words of a reference clip that come out in a line: what a voice was shown, not what it was asked.

The models hear a recording with its transcript before they speak; when they go wrong they say some
of it again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from voicepipe.errors import UsageError
from voicepipe.qc.sound_distance import ALIKE, cost_within
from voicepipe.qc.spoken_units import units_of
from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.qc.analyser import LineFacts
    from voicepipe.qc.spoken_units import SpokenUnit

_FEWEST_SOUNDS: Final = 4


def is_leaked(extra: Sequence[SpokenUnit], line: LineFacts) -> bool:
    """Say whether what was added to a line stands in the transcript of one of the voice's clips."""
    sounds = [sound for unit in extra for sound in unit.sounds]
    if len(sounds) < _FEWEST_SOUNDS:
        return False
    return any(
        cost_within(sounds, [sound for unit in said for sound in unit.sounds]) <= ALIKE
        for clip in line.voice.clips
        if (said := _units_of_text(clip.transcript, clip.language or line.language))
    )


@lru_cache(maxsize=1024)
def _units_of_text(text: str, language: str) -> tuple[SpokenUnit, ...]:
    try:
        said = utterance(text, language, style=ReadingStyle.SPOKEN, pads_short=False)
    except UsageError:
        return ()
    return units_of(said)
