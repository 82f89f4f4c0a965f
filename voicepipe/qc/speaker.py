"""Is it the voice: a clip against the voice's own recordings, and against the project's others."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.resample import resample
from voicepipe.audio.wav import read_clip
from voicepipe.hashing import short_hash
from voicepipe.model.encoders.timbre import (
    PACKAGE,
    SAMPLE_RATE,
    WEIGHTS_SHA256,
    TimbreEncoder,
    installed_weights,
    weights_remedy,
)
from voicepipe.qc.findings import Fault, Findings, Reason
from voicepipe.qc.levels import spoken_parts
from voicepipe.qc.words_alone import spoken

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts, VoiceClip, VoiceFacts

_RULES: Final = 1
_LEAST_SPEECH_S: Final = 0.4
"""Less tells nothing of who speaks."""


class SpeakerAnalyser:
    """Compares voices by where one network puts them."""

    name = "speaker"

    def __init__(self) -> None:
        self._known: dict[str, NDArray[np.float32] | None] = {}

    @property
    def revision(self) -> str:
        """Of these rules and of the weights."""
        return f"{_RULES}-{WEIGHTS_SHA256[:12]}"

    def unavailable(self) -> str:
        """Say that the package with the weights is missing."""
        return f"{PACKAGE} not installed: {weights_remedy()}" if installed_weights() is None else ""

    def not_judged(self, line: LineFacts) -> str:
        """A voice without recordings is like nobody."""
        return "" if line.voice.clips else f"voice {line.voice.id} has no reference clips"

    def reads(self) -> tuple[Path, ...]:
        """It reads nothing of the project."""
        return ()

    def depends_on(self, line: LineFacts) -> str:
        """The recordings of this voice and of the others."""
        voices = (line.voice, *line.other_voices)
        heard = {voice.id: [[one.sha256, one.language] for one in voice.clips] for voice in voices}
        return short_hash([line.language, line.voice.id, heard])

    def analyse(self, clip: AudioClip, line: LineFacts) -> Findings:
        """Compare a clip with the voices."""
        place = place_of(spoken(clip, line), self._encoder)
        own = self._voice(line.voice, line.language)
        if place is None or own is None:
            return Findings(not_judged="too little speech to tell who speaks")
        likeness = float(place @ own)
        faults = [_fault(clip, Reason.UNLIKE_VOICE, likeness)]
        scores = {"similarity": likeness}
        others = {voice.id: self._voice(voice, line.language) for voice in line.other_voices}
        likenesses = {
            name: float(place @ there) for name, there in others.items() if there is not None
        }
        if likenesses:
            name = max(likenesses, key=lambda other: likenesses[other])
            scores["similarity_to_another"] = likenesses[name]
            faults.append(_fault(clip, Reason.OTHER_VOICE, likenesses[name] - likeness, heard=name))
        return Findings(scores=scores, faults=tuple(faults))

    def _voice(self, voice: VoiceFacts, language: str) -> NDArray[np.float32] | None:
        """Where a voice lies: by its clips in a language, which may be another person's."""
        clips = [clip for clip in voice.clips if clip.language == language] or voice.clips
        places = [place for clip in clips if (place := self._recording(clip)) is not None]
        if not places:
            return None
        middle: NDArray[np.float32] = np.mean(places, axis=0)
        middle /= np.linalg.norm(middle)
        return middle

    def _recording(self, clip: VoiceClip) -> NDArray[np.float32] | None:
        if clip.sha256 not in self._known:
            self._known[clip.sha256] = place_of(read_clip(clip.path), self._encoder)
        return self._known[clip.sha256]

    @cached_property
    def _encoder(self) -> TimbreEncoder:
        weights = installed_weights()
        assert weights is not None
        return TimbreEncoder.load(weights)


def place_of(clip: AudioClip, encoder: TimbreEncoder) -> NDArray[np.float32] | None:
    """Find where the speaker of a clip lies, (256,) of length 1; None where too little is said."""
    speech = spoken_parts(resample(clip, SAMPLE_RATE))
    if len(speech) < _LEAST_SPEECH_S * SAMPLE_RATE:
        return None
    return encoder.place(speech)


def _fault(clip: AudioClip, reason: Reason, value: float, *, heard: str = "") -> Fault:
    return Fault(reason=reason.value, value=value, end_s=clip.duration_s, heard=heard)
