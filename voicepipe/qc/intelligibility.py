"""Does a clip say its line: the recognised text against what should be said, by sound.

Torch-free; the recogniser's packages and weights are loaded with the first clip.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.resample import resample
from voicepipe.hashing import short_hash
from voicepipe.qc import whisper_files
from voicepipe.qc.comparison import Comparison, Kind, compare
from voicepipe.qc.findings import Fault, Findings, Reason
from voicepipe.qc.leaks import is_leaked
from voicepipe.qc.spoken_units import shown, units_of
from voicepipe.qc.voice_activity import speech_seconds
from voicepipe.qc.whisper import RATE, Whisper
from voicepipe.text.frontend import utterance
from voicepipe.text.languages import language_of
from voicepipe.text.records import ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts
    from voicepipe.qc.comparison import Stretch
    from voicepipe.qc.spoken_units import SpokenUnit
    from voicepipe.qc.whisper import Heard

_RULES: Final = 1
_LONGEST_S: Final = 27.0
"""Longer clips are heard in two halves or more, cut where it is quietest."""
_LEAST_SPEECH_S: Final = 0.06
_DOUBTFUL_ERROR: Final = 0.12
_DOUBTFUL_SOUNDS: Final = 3
_MISHEARD_SOUNDS: Final = 2
"""Of a short word that is there, and was not understood."""
_REASONS: Final = {
    Kind.ADDED: Reason.ADDED_WORDS,
    Kind.REPEATED: Reason.REPEATED_WORDS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listened:
    """One listening, compared."""

    heard: Heard
    comparison: Comparison

    @property
    def is_doubtful(self) -> bool:
        return self.comparison.error > _DOUBTFUL_ERROR or any(
            stretch.kind is not Kind.EXCHANGED and stretch.n_sounds >= _DOUBTFUL_SOUNDS
            for stretch in self.comparison.stretches
        )


class IntelligibilityAnalyser:
    """Finds what is missing, added, repeated, wrong, leaked or in another language.

    Args:
        root: The project, whose model library may hold Whisper.
    """

    name = "intelligibility"

    def __init__(self, root: Path = Path()) -> None:
        self._root = root

    @classmethod
    def for_project(cls, root: Path) -> IntelligibilityAnalyser:
        """Make it for a project."""
        return cls(root)

    @cached_property
    def _source(self) -> whisper_files.WhisperSource | None:
        return whisper_files.find_whisper(self._root)

    @cached_property
    def _whisper(self) -> Whisper:
        assert self._source is not None
        return Whisper(self._source.read())

    @property
    def revision(self) -> str:
        """Of these rules and of the weights."""
        weights = self._source.fingerprint if self._source else "none"
        return f"{_RULES}-{weights}"

    def unavailable(self) -> str:
        """Say which package or weights are missing."""
        return whisper_files.missing_packages() or (
            "" if self._source else whisper_files.HOW_TO_GET
        )

    def not_judged(self, line: LineFacts) -> str:
        """Languages without a front end cannot be compared."""
        if line.said is None:
            return f"no front end reads {line.language}"
        return "" if units_of(line.said) else "the line has nothing to say"

    def reads(self) -> tuple[Path, ...]:
        """The weights of Whisper, when they are the project's own."""
        return whisper_files.project_files(self._root)

    def depends_on(self, line: LineFacts) -> str:
        """What should be said, and what may leak."""
        units = units_of(line.said) if line.said else ()
        entries = [[entry.word, entry.spelling.value] for entry in line.lexicon.entries]
        transcripts = [[clip.transcript, clip.language] for clip in line.voice.clips]
        said = [[unit.text, list(unit.sounds)] for unit in units]
        return short_hash([line.language, said, entries, transcripts])

    def analyse(self, clip: AudioClip, line: LineFacts) -> Findings:
        """Write down what a clip says, and compare."""
        assert line.said is not None
        expected = units_of(line.said)
        samples = resample(clip, RATE).samples
        if speech_seconds(samples) < _LEAST_SPEECH_S:
            return _nothing_said(clip, expected)
        listened = self._listen(samples, line, expected)
        return _findings(listened, line, clip.duration_s)

    def _listen(
        self, samples: NDArray[np.float32], line: LineFacts, expected: Sequence[SpokenUnit]
    ) -> _Listened:
        """Listen once, and again with more care where the first time something is wrong."""
        first = self._listen_once(samples, line, expected, is_thorough=False)
        if not first.is_doubtful:
            return first
        second = self._listen_once(samples, line, expected, is_thorough=True)
        return min(first, second, key=lambda one: one.comparison.error)

    def _listen_once(
        self,
        samples: NDArray[np.float32],
        line: LineFacts,
        expected: Sequence[SpokenUnit],
        *,
        is_thorough: bool,
    ) -> _Listened:
        language = language_of(line.language)
        parts = [
            self._whisper.listen(part, language.value, is_thorough=is_thorough).moved(start_s)
            for start_s, part in _parts(samples)
        ]
        heard = parts[0] if len(parts) == 1 else parts[0].followed_by(parts[1:])
        said = utterance(
            heard.text,
            language,
            lexicon=line.lexicon,
            speaker=line.speaker,
            style=ReadingStyle.SPOKEN,
            pads_short=False,
        )
        return _Listened(heard=heard, comparison=compare(expected, units_of(said)))


def _parts(samples: NDArray[np.float32]) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Cut what is longer than Whisper's window where it is quietest."""
    start, longest, frame = 0, round(_LONGEST_S * RATE), RATE // 50
    while len(samples) - start > longest:
        # In the last third of the window.
        near = samples[start + longest * 2 // 3 : start + longest]
        frames = near[: len(near) // frame * frame].reshape(-1, frame)
        quietest = int(np.argmin(np.square(frames).mean(axis=1)))
        end = start + longest * 2 // 3 + quietest * frame
        yield start / RATE, samples[start:end]
        start = end
    yield start / RATE, samples[start:]


def _nothing_said(clip: AudioClip, expected: Sequence[SpokenUnit]) -> Findings:
    n_sounds = sum(len(unit.sounds) for unit in expected)
    fault = Fault(
        reason=Reason.MISSING_WORDS.value,
        value=float(n_sounds),
        end_s=clip.duration_s,
        expected=shown(expected),
    )
    return Findings(scores={"word_error": 1.0, "sound_error": 1.0}, faults=(fault,))


def _findings(listened: _Listened, line: LineFacts, duration_s: float) -> Findings:
    comparison = listened.comparison
    faults = [
        *_of_stretches(listened, line, duration_s),
        *_of_exchanges(listened, duration_s),
        *_wrong_language(listened, line, duration_s),
    ]
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


def _of_stretches(listened: _Listened, line: LineFacts, duration_s: float) -> Iterator[Fault]:
    for stretch in listened.comparison.stretches:
        if stretch.kind is Kind.MISSING:
            # What one word lacks another may have too much of: the line as a whole tells.
            value = float(max(0, listened.comparison.lost, stretch.n_sounds - _MISHEARD_SOUNDS))
            yield _fault(listened, stretch, Reason.MISSING_WORDS, value, duration_s)
        elif stretch.kind is not Kind.EXCHANGED:
            extra = listened.comparison.heard[slice(*stretch.heard)]
            reason = _REASONS[stretch.kind]
            if stretch.kind is Kind.ADDED and is_leaked(extra, line):
                reason = Reason.REFERENCE_LEAK
            yield _fault(listened, stretch, reason, float(stretch.n_sounds), duration_s)


def _of_exchanges(listened: _Listened, duration_s: float) -> Iterator[Fault]:
    """Tell what was heard for something else, and what such words lack."""
    comparison = listened.comparison
    exchanged = [s for s in comparison.stretches if s.kind is Kind.EXCHANGED]
    expected = " … ".join(shown(comparison.expected[slice(*s.expected)]) for s in exchanged)
    heard = " … ".join(shown(comparison.heard[slice(*s.heard)]) for s in exchanged)
    values = {Reason.WRONG_WORDS: comparison.wrong}
    if not any(stretch.kind is Kind.MISSING for stretch in comparison.stretches):
        values[Reason.MISSING_WORDS] = float(max(0, comparison.lost))
    for reason, value in values.items():
        yield Fault(
            reason=reason.value, value=value, end_s=duration_s, expected=expected, heard=heard
        )


def _fault(
    listened: _Listened, stretch: Stretch, reason: Reason, value: float, duration_s: float
) -> Fault:
    start_s, end_s = _times(listened, stretch, duration_s)
    comparison = listened.comparison
    return Fault(
        reason=reason.value,
        value=value,
        start_s=start_s,
        end_s=end_s,
        expected=shown(comparison.expected[slice(*stretch.expected)]),
        heard=shown(comparison.heard[slice(*stretch.heard)]),
    )


def _wrong_language(listened: _Listened, line: LineFacts, duration_s: float) -> Iterator[Fault]:
    own = {language_of(line.language).value}
    own |= {segment.language.value for segment in line.said.segments} if line.said else set()
    probable = {code: p for code, p in listened.heard.languages.items() if code not in own}
    if probable:
        code = max(probable, key=lambda code: probable[code])
        share = probable[code] * min(1.0, listened.comparison.error / _DOUBTFUL_ERROR)
        yield Fault(reason=Reason.WRONG_LANGUAGE.value, value=share, end_s=duration_s, heard=code)


def _times(listened: _Listened, stretch: Stretch, duration_s: float) -> tuple[float, float]:
    """Find when a stretch is heard; for what is missing, the seam where it should be."""
    pieces, heard = listened.heard.pieces, listened.comparison.heard
    if not pieces or not heard:
        return 0.0, duration_s
    borders = np.cumsum([0, *(len(unit.sounds) for unit in heard)]) / max(
        1, sum(len(unit.sounds) for unit in heard)
    )
    lengths = np.cumsum([0, *(max(1, len(piece.text.strip())) for piece in pieces)])
    moments = np.array([*(piece.start_s for piece in pieces), pieces[-1].end_s])
    start, end = np.interp(
        [borders[stretch.heard[0]], borders[stretch.heard[1]]], lengths / lengths[-1], moments
    )
    return min(float(start), duration_s), min(float(max(start, end)), duration_s)
