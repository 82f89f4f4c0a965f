"""Does a clip say its line: the recognised text against what should be said, by sound.

Torch-free; the recogniser's packages and weights are loaded with the first clip.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.resample import resample
from voicepipe.hashing import short_hash
from voicepipe.qc import whisper_files
from voicepipe.qc.comparison import Kind, compare
from voicepipe.qc.spoken_units import units_of
from voicepipe.qc.unexplained import Unexplained, overlong_pieces
from voicepipe.qc.voice_activity import speech_seconds
from voicepipe.qc.whisper import RATE, Whisper
from voicepipe.qc.word_faults import DOUBTFUL_ERROR, Listened, nothing_said, word_findings
from voicepipe.qc.words_alone import silenced
from voicepipe.text.frontend import utterance
from voicepipe.text.languages import language_of
from voicepipe.text.records import ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts
    from voicepipe.qc.comparison import Comparison
    from voicepipe.qc.findings import Findings
    from voicepipe.qc.spoken_units import SpokenUnit
    from voicepipe.text.records import Utterance

_RULES: Final = 4
_LONGEST_S: Final = 27.0
"""Longer clips are heard in two halves or more, cut where it is quietest."""
_LEAST_SPEECH_S: Final = 0.06
_DOUBTFUL_SOUNDS: Final = 3
_LEAST_UNEXPLAINED_S: Final = 0.3
_HEARS_MORE: Final = "voicepipe models pull whisper-large-v3-turbo"


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

    @cached_property
    def _languages(self) -> frozenset[str]:
        assert self._source is not None
        return self._source.languages()

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
        """Languages without a front end cannot be compared, and not all weights hear all."""
        if line.said is None:
            return f"no front end reads {line.language}"
        if self._source and language_of(line.language).value not in self._languages:
            return f"{self._source.name} does not hear {line.language}: {_HEARS_MORE}"
        return "" if units_of(line.said) else "the line has nothing to say"

    def reads(self) -> tuple[Path, ...]:
        """The weights of Whisper, when they are the project's own."""
        return whisper_files.project_files(self._root)

    def depends_on(self, line: LineFacts) -> str:
        """What should be said, how it is written, and what may leak."""
        units = units_of(line.said) if line.said else ()
        entries = [[entry.word, entry.spelling.value] for entry in line.lexicon.entries]
        transcripts = [[clip.transcript, clip.language] for clip in line.voice.clips]
        said = [[unit.text, list(unit.sounds)] for unit in units]
        return short_hash([line.language, line.text, said, entries, transcripts])

    def analyse(self, clip: AudioClip, line: LineFacts) -> Findings:
        """Write down what a clip says, and compare."""
        assert line.said is not None
        expected = units_of(line.said)
        samples = resample(silenced(clip, line), RATE).samples
        spoken_s = speech_seconds(samples)
        if spoken_s < _LEAST_SPEECH_S:
            return nothing_said(clip, line, expected)
        listened = self._listen(samples, line, expected)
        unexplained = self._unexplained(samples, line, listened)
        return word_findings(listened, line, clip.duration_s, spoken_s, unexplained)

    def _listen(
        self, samples: NDArray[np.float32], line: LineFacts, expected: Sequence[SpokenUnit]
    ) -> Listened:
        """Listen once, and again with more care where the first time something is wrong."""
        first = self._listen_once(samples, line, expected, is_thorough=False)
        if not _is_doubtful(first.comparison):
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
    ) -> Listened:
        language = language_of(line.language)
        hearings = [
            (start_s, self._whisper.listen(part, language.value, is_thorough=is_thorough))
            for start_s, part in _parts(samples)
        ]
        parts = [hearing.heard.moved(start_s) for start_s, hearing in hearings]
        is_whole = len(parts) == 1
        heard = parts[0] if is_whole else parts[0].followed_by(parts[1:])
        said = _read(heard.text, line)
        return Listened(
            heard=heard,
            said=said,
            comparison=compare(expected, units_of(said)),
            fit=hearings[0][1].fit if is_whole else None,
        )

    def _unexplained(
        self, samples: NDArray[np.float32], line: LineFacts, listened: Listened
    ) -> tuple[Unexplained, ...]:
        """Listen alone to what one token of what was heard takes too long for."""
        found = []
        for start_s, end_s, text in overlong_pieces(listened.heard):
            part = samples[round(start_s * RATE) : round(end_s * RATE)]
            if speech_seconds(part) < _LEAST_UNEXPLAINED_S:
                continue
            heard = self._whisper.listen(part, language_of(line.language).value).heard
            units = units_of(_read(heard.text, line))
            own = units_of(_read(text, line))
            found.append(Unexplained(start_s=start_s, end_s=end_s, units=units, own=own))
        return tuple(found)


def _read(text: str, line: LineFacts) -> Utterance:
    """Read what was heard as the line is read."""
    return utterance(
        text,
        language_of(line.language),
        lexicon=line.lexicon,
        speaker=line.speaker,
        style=ReadingStyle.SPOKEN,
        pads_short=False,
    )


def _is_doubtful(comparison: Comparison) -> bool:
    return comparison.error > DOUBTFUL_ERROR or any(
        stretch.kind is not Kind.EXCHANGED and stretch.n_sounds >= _DOUBTFUL_SOUNDS
        for stretch in comparison.stretches
    )


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
