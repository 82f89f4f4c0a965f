"""From a line and what was heard of it to findings: which words, where in the clip and the text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.qc.comparison import Kind
from voicepipe.qc.findings import Fault, Findings, Reason
from voicepipe.qc.leaks import is_leaked
from voicepipe.qc.left_out import best_left_out
from voicepipe.qc.sound_distance import align_sounds
from voicepipe.qc.spoken_units import shown
from voicepipe.qc.word_places import WordPlaces
from voicepipe.text.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts
    from voicepipe.qc.comparison import Comparison, Stretch
    from voicepipe.qc.left_out import Fit, LeftOut
    from voicepipe.qc.spoken_units import SpokenUnit
    from voicepipe.qc.unexplained import Unexplained
    from voicepipe.qc.whisper import Heard
    from voicepipe.text.languages import Language
    from voicepipe.text.records import Utterance

DOUBTFUL_ERROR: Final = 0.12
"""Of a comparison: over it a clip is listened to again."""
_MISHEARD_SOUNDS: Final = 2
"""Of a short word that is there, and was not understood."""
_WORDS_SOUNDS: Final = 4
_WORD_PART_SOUNDS: Final = 3
_UNLIKE: Final = 0.5
"""By sound: what costs less to turn into what was heard was said, and misheard."""
_LEAST_GAIN_OF_WORDS: Final = -8.0
"""Nats: where whole words are not written down, they are missing unless the clip says much."""
_LEAST_GAIN: Final = 4.5
"""Where sounds lack here and there, or something else was written down: only when the clip clearly
fits better without."""
_HALF: Final = 0.5
_LEAST_GAIN_OF_HEARD: Final = 9.0
"""Where most of a word was written down."""
_LIKELY_ANOTHER: Final = (0.2, 0.45)
"""Error from which on a clip may be, and must be, in the language that it sounds like most: what
is heard as it should be is in the right one."""
_NOT_THE_LINE: Final = 0.4
"""Of `Comparison.unheard`: over it a clip that is long enough says something else."""
_FILLED: Final = 0.7
"""Share of a line's sounds: as many, whichever they are, leave no room for the line."""
_FILLED_PACE: Final = 12.0
"""Sounds of the line a second of speech: a clip that needs no more is no part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """One listening, compared."""

    heard: Heard
    said: Utterance
    """Reading of what was heard."""
    comparison: Comparison
    fit: Fit | None = None
    """How well a text explains the clip; None: it was listened to in parts."""


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


def word_findings(
    listened: Listened,
    line: LineFacts,
    duration_s: float,
    spoken_s: float,
    unexplained: Sequence[Unexplained] = (),
) -> Findings:
    """Say what of a line was heard, and what else.

    Args:
        listened: What was heard, compared.
        line: With a reading.
        duration_s: The clip's.
        spoken_s: How much of that is speech.
        unexplained: What is heard besides.
    """
    found = _Faults(listened, line, duration_s, spoken_s)
    faults = [*found.all(), *(fault for one in unexplained for fault in found.besides(one))]
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
    def __init__(
        self, listened: Listened, line: LineFacts, duration_s: float, spoken_s: float
    ) -> None:
        self._listened = listened
        self._comparison = listened.comparison
        self._line = line
        self._duration_s = duration_s
        self._spoken_s = spoken_s

    def all(self) -> Iterator[Fault]:
        yield from self._of_exchanges()
        yield from self._of_missing()
        yield from self._of_stretches()
        yield from self._of_language()

    @cached_property
    def _written(self) -> WordPlaces:
        assert self._line.said is not None
        return WordPlaces(self._line.text, self._line.said, self._comparison.expected)

    @cached_property
    def _recognised(self) -> WordPlaces:
        listened = self._listened
        return WordPlaces(listened.heard.text, listened.said, self._comparison.heard)

    def besides(self, one: Unexplained) -> Iterator[Fault]:
        """Say what was heard where the rest left speech unexplained."""
        for extra in one.extra():
            yield Fault(
                reason=self._reason_of(extra, Reason.ADDED_WORDS).value,
                value=float(sum(len(unit.sounds) for unit in extra)),
                start_s=one.start_s,
                end_s=min(one.end_s, self._duration_s),
                heard=shown(extra),
            )

    def _reason_of(self, extra: Sequence[SpokenUnit], otherwise: Reason) -> Reason:
        return Reason.REFERENCE_LEAK if is_leaked(extra, self._line) else otherwise

    def _of_stretches(self) -> Iterator[Fault]:
        for stretch in self._comparison.stretches:
            if stretch.kind is Kind.ADDED:
                extra = self._comparison.heard[slice(*stretch.heard)]
                reason = self._reason_of(extra, Reason.ADDED_WORDS)
                yield self._fault(stretch, reason, float(stretch.n_sounds))
            elif stretch.kind is Kind.REPEATED:
                yield self._fault(stretch, Reason.REPEATED_WORDS, float(stretch.n_sounds))

    def _of_missing(self) -> Iterator[Fault]:
        """Tell what lacks; what one word lacks another may have too much of: the line tells."""
        missing = [s for s in self._comparison.stretches if s.kind is Kind.MISSING]
        lacking = max([self._comparison.lost, *(s.n_sounds - _MISHEARD_SOUNDS for s in missing), 0])
        left_out = self._left_out()
        if left_out is not None:
            is_missing = left_out.gain > self._least_gain(missing, left_out)
            lacking = max(lacking, left_out.n_sounds) if is_missing else 0
        elif self._listened.fit is not None and lacking < _WORDS_SOUNDS:
            lacking = 0  # ends of words here and there, which recognisers miss
        for stretch in missing:
            yield self._fault(stretch, Reason.MISSING_WORDS, float(lacking))
        if not missing and lacking:
            place = (0, 0) if left_out is None else (left_out.start, left_out.end)
            yield Fault(
                reason=Reason.MISSING_WORDS.value,
                value=float(lacking),
                end_s=self._duration_s,
                expected=self._line.text[slice(*place)],
                places=() if left_out is None else (place,),
            )

    def _left_out(self) -> LeftOut | None:
        doubtful = [s for s in self._comparison.stretches if self._may_lack(s)]
        if self._listened.fit is None or not doubtful:
            return None
        written = self._written
        sounds = [written.sounds(stretch.expected) for stretch in doubtful]
        return best_left_out(self._listened.fit, self._line.text, written.words, sounds)

    def _may_lack(self, stretch: Stretch) -> bool:
        """Say whether a stretch could be a word that nobody said, and no misheard one."""
        if stretch.kind is Kind.MISSING:
            return stretch.n_sounds > 1
        if stretch.kind is not Kind.EXCHANGED or stretch.n_sounds < _WORDS_SOUNDS:
            return False
        sounds = [
            [sound for unit in units for sound in unit.sounds]
            for units in (
                self._comparison.expected[slice(*stretch.expected)],
                self._comparison.heard[slice(*stretch.heard)],
            )
        ]
        cost = sum(pair.cost for pair in align_sounds(*sounds))
        is_shorter = len(sounds[1]) <= stretch.n_sounds - _WORD_PART_SOUNDS
        return is_shorter or cost >= _UNLIKE * stretch.n_sounds

    def _least_gain(self, missing: Sequence[Stretch], left_out: LeftOut) -> float:
        """Say how much better a text without some words must fit, by what was written down."""
        if any(stretch.n_sounds >= _WORDS_SOUNDS for stretch in missing):
            return _LEAST_GAIN_OF_WORDS
        return _LEAST_GAIN if left_out.doubt >= _HALF else _LEAST_GAIN_OF_HEARD

    def _of_exchanges(self) -> Iterator[Fault]:
        """Tell what was heard for something else."""
        comparison = self._comparison
        exchanged = [s for s in comparison.stretches if s.kind is Kind.EXCHANGED]
        expected = [shown(comparison.expected[slice(*s.expected)]) for s in exchanged]
        heard = [shown(comparison.heard[slice(*s.heard)]) for s in exchanged]
        yield Fault(
            reason=Reason.WRONG_WORDS.value,
            value=max(comparison.wrong, self._something_else()),
            end_s=self._duration_s,
            expected=" … ".join(expected),
            heard=" … ".join(heard),
            places=tuple(self._written.place(s.expected) for s in exchanged),
            heard_places=tuple(self._recognised.place(s.heard) for s in exchanged),
        )

    def _something_else(self) -> float:
        """Say how much of a line is not heard in a clip that speaks all the while; 0: a part."""
        comparison = self._comparison
        n_sounds, n_heard = (
            sum(len(unit.sounds) for unit in units)
            for units in (comparison.expected, comparison.heard)
        )
        is_filled = n_heard >= _FILLED * n_sounds or n_sounds <= _FILLED_PACE * self._spoken_s
        return comparison.unheard if is_filled and comparison.unheard > _NOT_THE_LINE else 0.0

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
        own = {language_of(self._line.language)}
        own |= {segment.language for segment in said.segments} if said else set()
        codes = {language.value for language in own}
        probable = {c: p for c, p in self._listened.heard.languages.items() if c not in codes}
        if probable:
            code = max(probable, key=lambda code: probable[code])
            misheard = np.interp(self._comparison.error, _LIKELY_ANOTHER, (0.0, 1.0))
            # An accent spreads what is heard over several languages that it is not in.
            share = max(sum(probable.values()), self._written_in_others(own))
            yield Fault(
                reason=Reason.WRONG_LANGUAGE.value,
                value=share * float(misheard),
                end_s=self._duration_s,
                heard=code,
            )

    def _written_in_others(self, own: set[Language]) -> float:
        """Give the share of sounds that were written down in another language, asked for or not."""
        heard = self._comparison.heard
        n_sounds = sum(len(unit.sounds) for unit in heard)
        n_other = sum(len(unit.sounds) for unit in heard if unit.language not in own)
        return n_other / max(1, n_sounds)

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
