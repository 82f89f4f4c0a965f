"""From a line and what was heard of it to findings: which words, where in the clip and the text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.qc.comparison import Kind
from voicepipe.qc.findings import Fault, Findings, Reason
from voicepipe.qc.leaks import is_leaked
from voicepipe.qc.spoken_units import shown
from voicepipe.qc.word_places import WordPlaces
from voicepipe.text.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts
    from voicepipe.qc.comparison import Comparison, Stretch
    from voicepipe.qc.spoken_units import SpokenUnit
    from voicepipe.qc.whisper import Heard
    from voicepipe.text.records import Utterance

DOUBTFUL_ERROR: Final = 0.12
"""Of a comparison: over it a clip is listened to again, and may be in another language."""
_MISHEARD_SOUNDS: Final = 2
"""Of a short word that is there, and was not understood."""
_REASONS: Final = {
    Kind.ADDED: Reason.ADDED_WORDS,
    Kind.REPEATED: Reason.REPEATED_WORDS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """One listening, compared."""

    heard: Heard
    said: Utterance
    """Reading of what was heard."""
    comparison: Comparison


def nothing_said(clip: AudioClip, line: LineFacts, expected: Sequence[SpokenUnit]) -> Findings:
    """Say that a clip holds no speech."""
    fault = Fault(
        reason=Reason.MISSING_WORDS.value,
        value=float(sum(len(unit.sounds) for unit in expected)),
        end_s=clip.duration_s,
        expected=shown(expected),
        places=((0, len(line.text)),),
    )
    return Findings(scores={"word_error": 1.0, "sound_error": 1.0}, faults=(fault,))


def word_findings(listened: Listened, line: LineFacts, duration_s: float) -> Findings:
    """Say what of a line was heard, and what else.

    Args:
        listened: What was heard, compared.
        line: With a reading.
        duration_s: The clip's.
    """
    faults = _Faults(listened, line, duration_s).all()
    comparison = listened.comparison
    scores = {
        "word_error": min(1.0, comparison.wrong_units),
        "sound_error": min(1.0, comparison.error),
        "confidence": listened.heard.confidence,
    }
    return Findings(
        scores=scores,
        faults=tuple(sorted(faults, key=lambda fault: fault.start_s)),
        heard=listened.heard.text,
    )


class _Faults:
    def __init__(self, listened: Listened, line: LineFacts, duration_s: float) -> None:
        self._listened = listened
        self._comparison = listened.comparison
        self._line = line
        self._duration_s = duration_s

    def all(self) -> Iterator[Fault]:
        yield from self._of_stretches()
        yield from self._of_exchanges()
        yield from self._of_language()

    @cached_property
    def _written(self) -> WordPlaces:
        assert self._line.said is not None
        return WordPlaces(self._line.text, self._line.said, self._comparison.expected)

    @cached_property
    def _recognised(self) -> WordPlaces:
        listened = self._listened
        return WordPlaces(listened.heard.text, listened.said, self._comparison.heard)

    def _of_stretches(self) -> Iterator[Fault]:
        for stretch in self._comparison.stretches:
            if stretch.kind is Kind.MISSING:
                # What one word lacks another may have too much of: the line as a whole tells.
                value = max(0, self._comparison.lost, stretch.n_sounds - _MISHEARD_SOUNDS)
                yield self._fault(stretch, Reason.MISSING_WORDS, float(value))
            elif stretch.kind is not Kind.EXCHANGED:
                extra = self._comparison.heard[slice(*stretch.heard)]
                reason = _REASONS[stretch.kind]
                if stretch.kind is Kind.ADDED and is_leaked(extra, self._line):
                    reason = Reason.REFERENCE_LEAK
                yield self._fault(stretch, reason, float(stretch.n_sounds))

    def _of_exchanges(self) -> Iterator[Fault]:
        """Tell what was heard for something else, and what such words lack."""
        comparison = self._comparison
        exchanged = [s for s in comparison.stretches if s.kind is Kind.EXCHANGED]
        values = {Reason.WRONG_WORDS: comparison.wrong}
        if not any(stretch.kind is Kind.MISSING for stretch in comparison.stretches):
            values[Reason.MISSING_WORDS] = float(max(0, comparison.lost))
        for reason, value in values.items():
            yield Fault(
                reason=reason.value,
                value=value,
                end_s=self._duration_s,
                expected=" … ".join(
                    shown(comparison.expected[slice(*s.expected)]) for s in exchanged
                ),
                heard=" … ".join(shown(comparison.heard[slice(*s.heard)]) for s in exchanged),
                places=tuple(self._written.place(s.expected) for s in exchanged),
                heard_places=tuple(self._recognised.place(s.heard) for s in exchanged),
            )

    def _fault(self, stretch: Stretch, reason: Reason, value: float) -> Fault:
        start_s, end_s = self._times(stretch)
        comparison = self._comparison
        return Fault(
            reason=reason.value,
            value=value,
            start_s=start_s,
            end_s=end_s,
            expected=shown(comparison.expected[slice(*stretch.expected)]),
            heard=shown(comparison.heard[slice(*stretch.heard)]),
            places=(self._written.place(stretch.expected),),
            heard_places=(self._recognised.place(stretch.heard),),
        )

    def _of_language(self) -> Iterator[Fault]:
        said = self._line.said
        own = {language_of(self._line.language).value}
        own |= {segment.language.value for segment in said.segments} if said else set()
        probable = {
            code: p for code, p in self._listened.heard.languages.items() if code not in own
        }
        if probable:
            code = max(probable, key=lambda code: probable[code])
            share = probable[code] * min(1.0, self._comparison.error / DOUBTFUL_ERROR)
            yield Fault(
                reason=Reason.WRONG_LANGUAGE.value,
                value=share,
                end_s=self._duration_s,
                heard=code,
            )

    def _times(self, stretch: Stretch) -> tuple[float, float]:
        """Find when a stretch is heard; for what is missing, the seam where it should be."""
        pieces, heard = self._listened.heard.pieces, self._comparison.heard
        if not pieces or not heard:
            return 0.0, self._duration_s
        borders = np.cumsum([0, *(len(unit.sounds) for unit in heard)]) / max(
            1, sum(len(unit.sounds) for unit in heard)
        )
        lengths = np.cumsum([0, *(max(1, len(piece.text.strip())) for piece in pieces)])
        moments = np.array([*(piece.start_s for piece in pieces), pieces[-1].end_s])
        start, end = np.interp(
            [borders[stretch.heard[0]], borders[stretch.heard[1]]], lengths / lengths[-1], moments
        )
        last = self._duration_s
        return min(float(start), last), min(float(max(start, end)), last)
