"""Which of several clips of one delivery is the safest to speak from, and why (torch-free).

Numbers in, an order out. What is missing (a family without a recogniser hears no phonemes) counts
for nothing, alike for all clips of a comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

SAFE_S: Final = (3.2, 6.0)
"""Lengths that lead lines whole in every family, and hold enough of a voice."""

_QUIET_ROOM_DB = 35.0  # more is a better booth than any model can tell
_PER_DB, _PER_SECOND = 0.1, 0.3
# Voices that the recogniser never heard lie up to 1.3 nats a frame off, words that are not those of
# the transcript 3 and more. Below that the figure says nothing of what is said after a clip.
_PER_NAT, _USUAL_NATS = 5.0, 1.5
_PER_LIKENESS = 5.0  # 0.2 less like the others costs as much as a room 10 dB louder
_PER_SEMITONE, _USUAL_SEMITONES = 0.3, 1.0
_PER_FAULT = 10.0  # more than noise, length and likeness together


@dataclass(frozen=True, slots=True, kw_only=True)
class Impression:
    """What a voice's models hear in a clip."""

    style: tuple[float, ...]
    """The style embedding."""
    pitch_semitones: float | None
    """Over a pitch that is the same for all clips; None: the family measures none."""
    match: float | None
    """How well the recogniser hears the transcript in what leads lines, 0 at best; None: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipEvidence:
    """One clip of a comparison."""

    path: str
    sha256: str
    duration_s: float
    snr_db: float
    faults: tuple[str, ...]
    """Codes of what `voices check` finds."""
    impression: Impression | None
    """None: it has faults that keep it from being listened to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedClip:
    """A clip and what speaks against it."""

    evidence: ClipEvidence
    likeness: float | None
    """Mean cosine of its style with those of the voice's other clips."""
    costs: tuple[tuple[str, float], ...]
    """By reason, the heaviest first; only what is over 0."""

    @property
    def cost(self) -> float:
        """All of it; 0 is the best."""
        return sum(cost for _, cost in self.costs)


def ranked_clips(
    clips: Sequence[ClipEvidence], others: Sequence[Impression] = ()
) -> tuple[RankedClip, ...]:
    """Order clips, the safest first; equals keep their order.

    Args:
        clips: Of one voice, emotion and language, in the file's order.
        others: What is heard in the voice's clips of other emotions and languages.
    """
    heard = [clip.impression for clip in clips]
    pitches = [
        one.pitch_semitones for one in heard if one is not None and one.pitch_semitones is not None
    ]
    usual = float(np.median(pitches)) if pitches else None
    found = []
    for number, clip in enumerate(clips):
        beside = [*(one for n, one in enumerate(heard) if one and n != number), *others]
        found.append(_ranked(clip, beside, usual))
    return tuple(sorted(found, key=lambda one: one.cost))


def _ranked(clip: ClipEvidence, beside: Sequence[Impression], usual: float | None) -> RankedClip:
    shortest, longest = SAFE_S
    heard = clip.impression
    costs = {
        "what voices check remarks": _PER_FAULT * len(clip.faults),
        "noise": _PER_DB * max(0.0, _QUIET_ROOM_DB - clip.snr_db),
        "length": _PER_SECOND * max(0.0, shortest - clip.duration_s, clip.duration_s - longest),
    }
    likeness = None
    if heard is not None and beside:
        likeness = float(np.mean([_cosine(heard.style, other.style) for other in beside]))
        costs["unlike the voice's other clips"] = _PER_LIKENESS * (1.0 - likeness)
    if heard is not None and heard.match is not None:
        costs["transcript"] = _PER_NAT * max(0.0, -heard.match - _USUAL_NATS)
    if heard is not None and heard.pitch_semitones is not None and usual is not None:
        away = abs(heard.pitch_semitones - usual)
        costs["unusual pitch"] = _PER_SEMITONE * max(0.0, away - _USUAL_SEMITONES)
    counted = [(reason, cost) for reason, cost in costs.items() if cost > 0]
    counted.sort(key=lambda one: -one[1])
    return RankedClip(evidence=clip, likeness=likeness, costs=tuple(counted))


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    a, b = np.asarray(one), np.asarray(other)
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12))
