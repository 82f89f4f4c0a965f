"""The half that sounds: requests to espeak-ng, clips back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from voicepipe.engines.protocol import Rendered
from voicepipe.engines.scratch.assembly import Stretch, joined, spoken_samples
from voicepipe.engines.scratch.host import EspeakDied, EspeakHost, Utterance, host_command
from voicepipe.engines.scratch.kana import kana_of
from voicepipe.engines.scratch.languages import spoken_language
from voicepipe.engines.scratch.timbre import MAX_PITCH, MAX_RATE, MIN_RATE
from voicepipe.engines.scratch.wording import (
    n_speakable,
    plain_words,
    respelled,
    unreadable_letters,
)
from voicepipe.errors import SynthesisError
from voicepipe.synthesis.sounds import matched, read_recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from voicepipe.audio.clip import AudioClip
    from voicepipe.engines.scratch.languages import SpokenLanguage
    from voicepipe.synthesis.request import SynthesisRequest

_VOLUME = 75  # percent; at 100 several variants clip
_RANGE = 50
_STEPS_UP, _STEPS_DOWN = 5.5, 7.0
"""Steps of espeak-ng's pitch parameter a semitone: medians measured over eleven variants."""


class ScratchRenderer:
    """Speaks requests through one espeak-ng program.

    Args:
        host: Started here, closed by `close`.
        root: The project, where sounds lie; None: the current folder.
    """

    def __init__(self, host: EspeakHost | None = None, *, root: Path | None = None) -> None:
        self._root = Path.cwd() if root is None else root
        self._host = host or EspeakHost(host_command())
        self._host.start()

    def render(self, requests: Iterable[SynthesisRequest | None]) -> Iterator[Rendered]:
        """Give one outcome a request, in order; a failed line does not stop the others."""
        return (self._outcome(request) for request in requests if request is not None)

    def close(self) -> None:
        """End the espeak-ng program."""
        self._host.close()

    def _outcome(self, request: SynthesisRequest) -> Rendered:
        try:
            return Rendered(request=request, clip=self._speak(request))
        except SynthesisError as error:
            is_interrupted = isinstance(error, EspeakDied)
            return Rendered(request=request, clip=None, error=error, is_interrupted=is_interrupted)

    def _speak(self, request: SynthesisRequest) -> AudioClip:
        language = spoken_language(request.language)
        if language is None:
            message = f'espeak-ng does not speak the language "{request.language}"'
            raise SynthesisError(message)
        facts: Mapping[str, Any] = request.inputs
        pairs = zip(facts["text"]["segments"], facts["delivery"]["segments"], strict=True)
        stretches: list[Stretch] = []
        sample_rate = 0
        for segment, asked in pairs:
            delivery = {**asked, "rate": asked["rate"] * request.pace}
            voice, words = _wording(segment, language)
            samples = np.zeros(0, dtype=np.float32)
            if n_letters := n_speakable(words):
                utterance = _utterance(voice, words, delivery, facts["voice"], request.seed)
                pcm, sample_rate = self._host.speak(utterance)
                samples = spoken_samples(pcm, words, n_letters, sample_rate)
            pause_ms = int(segment["pause_after_ms"])
            stretches.append(Stretch(samples=samples, pause_after_ms=pause_ms))
        if not sample_rate:
            raise SynthesisError(f'line "{request.line_id}" has no letter or digit to say')
        self._put_sounds(stretches, request, sample_rate)
        return joined(stretches, sample_rate)

    def _put_sounds(
        self, stretches: list[Stretch], request: SynthesisRequest, sample_rate: int
    ) -> None:
        """Put the sounds of a line in the places of its segments without words."""
        facts: Mapping[str, Any] = request.inputs
        speech = np.concatenate([stretch.samples for stretch in stretches])
        for asked in facts["delivery"].get("sounds", ()):
            recording = read_recording(self._root, request.files, asked["sha256"])
            sound = matched(recording, speech, sample_rate, asked["gain_db"])
            place = asked["segment"]
            pause_ms = stretches[place].pause_after_ms
            stretches[place] = Stretch(samples=sound, pause_after_ms=pause_ms)


def _wording(segment: Mapping[str, Any], language: SpokenLanguage) -> tuple[str, str]:
    say = segment["say"]
    voice, words = (
        respelled(say, language) if say else (language.voice, plain_words(segment["text"]))
    )
    if letters := unreadable_letters(words, language):
        message = f'espeak-ng cannot read "{letters}" in this language'
        raise SynthesisError(message, remedy="respell it with [say:…]")
    if language.voice == "ja" and n_speakable(words):
        words = kana_of(words)
    return voice, words


def _utterance(
    voice: str, words: str, delivery: Mapping[str, Any], timbre: Mapping[str, Any], seed: int
) -> Utterance:
    variant = timbre["whisper"] if delivery["is_whispered"] else timbre["variant"]
    rate = timbre["rate"] * delivery["rate"]
    pitch = timbre["pitch"] + pitch_steps(delivery["pitch_semitones"])
    return Utterance(
        voice=f"{voice}+{variant}",
        text=words,
        rate=round(min(max(rate, MIN_RATE), MAX_RATE)),
        pitch=round(min(max(pitch, 0), MAX_PITCH)),
        range=round(min(max(_RANGE * delivery["range"], 0), MAX_PITCH)),
        volume=round(_VOLUME * delivery["volume"]),
        seed=seed,
    )


def pitch_steps(semitones: float) -> float:
    """Convert a shift of the voice to steps of espeak-ng's pitch parameter.

    The parameter ends at 0 and 99: a voice reaches about six semitones down (deep ones four) and
    nine up, and holds a mark to about one semitone.
    """
    return semitones * (_STEPS_UP if semitones > 0 else _STEPS_DOWN)
