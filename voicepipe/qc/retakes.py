"""Which of a line's sounds is kept, and whether another is to be made.

The answer follows from the line's own sounds alone, so that it is the same in any company and in
any order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from voicepipe.qc.findings import Reason
from voicepipe.qc.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.qc.examining import Expectation
    from voicepipe.qc.verdicts import ClipVerdict, Examined

ERROR_SCORE: Final = "word_error"
"""Of the recogniser: how much of a line is not heard as it should be, 0 at best."""
_OFF_SLOT: Final = Reason.OFF_SLOT.value
_BEYOND_CHANCE: Final = 0.25
"""Share of its slot: another take of a line that misses it by more will miss it as well."""
_OF_THE_VOICE: Final = tuple(
    one.value for one in (Reason.UNLIKE_VOICE, Reason.OTHER_VOICE, Reason.UNNATURAL)
)
"""Likeness and naturalness of a line hardly depend on its seed (standard deviations of 0.01 and
0.13): what two sounds lack, the third will lack as well."""
_TELL_THE_VOICE: Final = 2
_BETTER_HIGH: Final = ("similarity", "mos", "phonemes")
"""Scores of which more is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One sound that was made for a line, and what is to be said of it."""

    index: int
    """Which of the attempts, from 0."""
    examined: tuple[Examined, ...]
    verdict: ClipVerdict
    scores: Mapping[str, float] = field(default_factory=dict)
    """What its engine says of it besides."""

    @property
    def badness(self) -> tuple[float, ...]:
        """What sounds are compared by."""
        return badness(reasons=self.verdict.reasons, scores={**self.scores, **self.verdict.scores})


def badness(*, reasons: Sequence[str], scores: Mapping[str, float]) -> tuple[float, ...]:
    """Give what clips are compared by, the least bad first.

    First how many kinds of fault count, then how much of the text is not heard and how far the
    line's slot is missed, then likeness, naturalness and the engine's own opinion.

    Args:
        reasons: Of the faults that count, each once.
        scores: By name.
    """
    best_high = (-scores.get(name, 0.0) for name in _BETTER_HIGH)
    lacking = scores.get(ERROR_SCORE, 0.0) + scores.get(_OFF_SLOT, 0.0)
    return (float(len(reasons)), lacking, *best_high)


def needs_another(tried: Sequence[Tried], expected: Expectation) -> bool:
    """Tell whether a line is to be made again: chance may still give a better sound than its best.

    Args:
        tried: All that was made for it, at least one.
        expected: How often it may be made again, and from which error on.
    """
    if len(tried) > expected.retakes:
        return False
    best = best_of(tried).verdict
    if best.scores.get(ERROR_SCORE, 0.0) > expected.retake_above:
        return True
    lasting = _lasting(tried)
    if best.scores.get(_OFF_SLOT, 0.0) > _BEYOND_CHANCE:
        lasting |= {_OFF_SLOT}
    return best.verdict is Verdict.FAILED and not lasting.issuperset(best.reasons)


def _lasting(tried: Sequence[Tried]) -> set[str]:
    """Give the faults that come with a voice and its delivery: those of all sounds so far."""
    if len(tried) < _TELL_THE_VOICE:
        return set()
    return set(_OF_THE_VOICE).intersection(*(one.verdict.reasons for one in tried))


def best_of(tried: Sequence[Tried]) -> Tried:
    """Choose the sound that is kept; among equals the first."""
    return min(tried, key=lambda one: (one.badness, one.index))
