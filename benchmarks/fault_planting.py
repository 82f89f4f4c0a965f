"""Clips with faults that are known: what a judge is tried on.

Every fault is made from a clean clip of a folder of sentences (`clips-*.csv`: path, language,
voice, text): words cut out or said twice, noise, another voice, another language.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.resample import resample
from voicepipe.audio.wav import read_clip
from voicepipe.qc.analyser import LineFacts, VoiceClip, VoiceFacts
from voicepipe.qc.spoken_units import units_of
from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.unit_aligner import UnitAligner

CLEAN: Final = "clean"
FAULTS: Final[Mapping[str, frozenset[str]]] = {
    "swallowed": frozenset({"missing_words"}),
    "repeated": frozenset({"repeated_words"}),
    "other voice": frozenset({"other_voice", "unlike_voice"}),
    "silence": frozenset({"silent"}),
    "silence at 16 kHz": frozenset({"silent"}),
    "hiss": frozenset({"noise"}),
    "hum": frozenset({"hum"}),
    "leak": frozenset({"reference_leak"}),
    "cut off": frozenset({"cut_off", "missing_words"}),
    "wrong language": frozenset({"wrong_language"}),
    "garbled": frozenset({"wrong_words"}),
    "half speed": frozenset({"too_long"}),
}
"""Fault → the reasons of which one must be given."""
_REFERENCES: Final = 3
_CROSSFADE_S: Final = 0.005
_LEAST_SOUNDS: Final = {"en": 4, "zh": 4, "ja": 6}
"""Of a word that is swallowed; shorter ones are swallowed by people too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One clean clip."""

    path: Path
    language: str
    voice: str
    text: str

    @property
    def is_held_out(self) -> bool:
        """Whether it is kept to judge by: nothing is tuned on it, whoever says it."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A clip, what it should be, and what was done to it."""

    name: str
    fault: str
    """`clean`, or one of `FAULTS`."""
    language: str
    clip: AudioClip
    line: LineFacts


@dataclass(kw_only=True)
class Planter:
    """Makes cases.

    Args:
        sentences: All there are.
        seed: What is drawn depends on it and on the case alone.
    """

    sentences: Sequence[Sentence]
    seed: int = 1
    by_voice: dict[tuple[str, str], list[Sentence]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_voice = {}
        for sentence in self.sentences:
            self.by_voice.setdefault((sentence.language, sentence.voice), []).append(sentence)

    @cached_property
    def ears(self) -> UnitAligner:
        """Who finds words in clips, for faults that are made of words."""
        from benchmarks.unit_aligner import UnitAligner  # noqa: PLC0415 -- torch

        return UnitAligner()

    def cases(self, fault: str, language: str, n: int, *, held_out: bool) -> Iterator[Case]:
        """Make cases of one fault; fewer when the sentences do not yield as many."""
        rng = np.random.default_rng([self.seed, len(fault), ord(language[0]), held_out])
        fitting = [
            sentence
            for sentence in self.sentences
            if sentence.language == language and sentence.is_held_out is held_out
        ]
        order = rng.permutation(len(fitting))
        made = 0
        for place in order:
            if made == n:
                return
            sentence = fitting[int(place)]
            clip = read_clip(sentence.path)
            line = self.line(sentence)
            planted = self._plant(fault, sentence, clip, line, rng)
            if planted is not None:
                made += 1
                name = f"{fault}/{sentence.language}/{sentence.voice}/{sentence.path.stem}"
                yield Case(name=name, fault=fault, language=language, clip=planted, line=line)

    def line(self, sentence: Sentence) -> LineFacts:
        """Say what a clip should be, with other clips of its voice as references."""
        said = utterance(
            sentence.text, sentence.language, style=ReadingStyle.SPOKEN, pads_short=False
        )
        own = self._references(sentence, sentence.language, sentence.voice)
        others = sorted(
            voice
            for language, voice in self.by_voice
            if language == sentence.language and voice != sentence.voice
        )[:4]
        return LineFacts(
            line=sentence.path.stem,
            language=sentence.language,
            text=sentence.text,
            said=said,
            voice=own,
            other_voices=tuple(
                self._references(sentence, sentence.language, voice) for voice in others
            ),
        )

    def _references(self, sentence: Sentence, language: str, voice: str) -> VoiceFacts:
        clips = [one for one in self.by_voice[language, voice] if one.text != sentence.text]
        return VoiceFacts(
            id=voice,
            clips=tuple(
                VoiceClip(
                    path=one.path,
                    sha256=hashlib.sha256(one.path.read_bytes()).hexdigest(),
                    transcript=one.text,
                    language=language,
                )
                for one in clips[:_REFERENCES]
            ),
        )

    def _plant(
        self,
        fault: str,
        sentence: Sentence,
        clip: AudioClip,
        line: LineFacts,
        rng: np.random.Generator,
    ) -> AudioClip | None:
        if fault in _SOUNDS:
            if fault == "silence at 16 kHz":
                clip = resample(clip, 16_000)
            return _with(clip, _SOUNDS[fault](clip, rng))
        if fault in ("swallowed", "repeated"):
            spans = self.ears.units(clip, line.said) if line.said else None
            stretch = _stretch(line, spans, fault, rng)
            return None if stretch is None else _edited(clip, stretch, fault)
        other = self._other(fault, sentence, line, rng)
        if other is None:
            return None
        sound = resample(read_clip(other.path), clip.sample_rate).samples
        if fault == "leak":
            part = sound[-int(len(sound) * rng.uniform(0.4, 1.0)) :]
            both = (part, clip.samples) if rng.random() < 0.5 else (clip.samples, part)
            return _with(clip, np.concatenate(both))
        return _with(clip, sound)

    def _other(
        self, fault: str, sentence: Sentence, line: LineFacts, rng: np.random.Generator
    ) -> Sentence | None:
        """Find the clip that is heard instead, or besides."""
        if fault == "leak":
            path = line.voice.clips[int(rng.integers(len(line.voice.clips)))].path
            return next(one for one in self.sentences if one.path == path)
        if fault == "other voice":
            found = [
                one
                for one in self.sentences
                if one.language == sentence.language and one.voice != sentence.voice
            ]
            found = [one for one in found if one.text == sentence.text] or found
        else:
            found = [one for one in self.sentences if one.language != sentence.language]
            own = [one for one in found if one.voice == sentence.voice]
            found = own or found
        return found[int(rng.integers(len(found)))] if found else None


def read_sentences(folders: Sequence[Path]) -> tuple[Sentence, ...]:
    """Read the tables of some folders."""
    found = []
    for table in (table for folder in folders for table in sorted(folder.glob("clips-*.csv"))):
        with table.open(encoding="utf-8", newline="") as stream:
            found += [
                Sentence(
                    path=table.parent / row["path"],
                    language=row["language"],
                    voice=row["voice"],
                    text=row["text"],
                )
                for row in csv.DictReader(stream)
            ]
    return tuple(found)


def _stretch(
    line: LineFacts,
    spans: Sequence[tuple[float, float]] | None,
    fault: str,
    rng: np.random.Generator,
) -> tuple[float, float] | None:
    """Draw neighbouring units that are long enough, not the whole line."""
    units = units_of(line.said) if line.said else ()
    least = _LEAST_SOUNDS[line.language] * (1 if fault == "swallowed" else 2)
    fitting = []
    for first in range(len(units)):
        last = first + 1
        while last < len(units) and sum(len(u.sounds) for u in units[first:last]) < least:
            last += 1
        n_sounds = sum(len(unit.sounds) for unit in units[first:last])
        if n_sounds >= least and last - first < len(units) - 1 and spans is not None:
            start, end = spans[first][0], spans[last - 1][1]
            if end - start > 0.04 * n_sounds:
                fitting.append((start, end))
    return fitting[int(rng.integers(len(fitting)))] if fitting else None


def _edited(clip: AudioClip, stretch: tuple[float, float], fault: str) -> AudioClip:
    start, end = (round(moment * clip.sample_rate) for moment in stretch)
    before, inside, after = clip.samples[:start], clip.samples[start:end], clip.samples[end:]
    parts = [before, after] if fault == "swallowed" else [before, inside, inside, after]
    return _with(clip, _joined(parts, round(_CROSSFADE_S * clip.sample_rate)))


def _joined(parts: Sequence[NDArray[np.float32]], n_fade: int) -> NDArray[np.float32]:
    whole = parts[0]
    fade = np.linspace(0, 1, n_fade, dtype=np.float32)
    for part in parts[1:]:
        if min(len(whole), len(part)) <= n_fade:
            whole = np.concatenate([whole, part])
            continue
        seam = whole[-n_fade:] * (1 - fade) + part[:n_fade] * fade
        whole = np.concatenate([whole[:-n_fade], seam, part[n_fade:]])
    return whole


def _with(clip: AudioClip, samples: NDArray[np.floating]) -> AudioClip:
    return AudioClip(samples=samples.astype(np.float32), sample_rate=clip.sample_rate)


def _speech_rms(samples: NDArray[np.float32]) -> float:
    loud = samples[np.abs(samples) > 0.05 * np.abs(samples).max()]
    return float(np.sqrt(np.mean(np.square(loud))))


def _silence(clip: AudioClip, rng: np.random.Generator) -> NDArray[np.floating]:
    return rng.choice([0.0, 1e-4, 3e-4]) * rng.standard_normal(clip.n_samples)


def _zeros(clip: AudioClip, rng: np.random.Generator) -> NDArray[np.floating]:  # noqa: ARG001
    return np.zeros(clip.sample_rate)


def _hiss(clip: AudioClip, rng: np.random.Generator) -> NDArray[np.floating]:
    spectrum = np.fft.rfft(rng.standard_normal(clip.n_samples))
    tilt = rng.choice([0.0, 0.5])  # white or pink
    noise = np.fft.irfft(spectrum / np.maximum(1, np.arange(len(spectrum))) ** tilt, clip.n_samples)
    level = _speech_rms(clip.samples) * 10 ** (rng.uniform(-22, -12) / 20)
    return clip.samples + level * noise / np.sqrt(np.mean(np.square(noise)))


def _hum(clip: AudioClip, rng: np.random.Generator) -> NDArray[np.floating]:
    time = np.arange(clip.n_samples) / clip.sample_rate
    mains = rng.choice([50.0, 60.0])
    hum = sum(
        np.sin(2 * np.pi * mains * k * time + rng.uniform(0, 6)) / k
        for k in range(1, int(rng.integers(2, 6)))
    )
    level = _speech_rms(clip.samples) * 10 ** (rng.uniform(-28, -12) / 20)
    return clip.samples + level * hum / np.sqrt(np.mean(np.square(hum)))


def _cut_off(clip: AudioClip, rng: np.random.Generator) -> NDArray[np.floating]:
    cut = clip.samples[: int(clip.n_samples * rng.uniform(0.5, 0.85))].copy()
    if rng.random() < 0.5:  # a fade is part of finishing a clip
        fade = round(0.008 * clip.sample_rate)
        cut[-fade:] *= np.linspace(1, 0, fade)
    return cut


def _garbled(clip: AudioClip, rng: np.random.Generator) -> NDArray[np.floating]:
    if rng.random() < 0.3:
        return clip.samples[::-1]
    step = round(rng.uniform(0.08, 0.16) * clip.sample_rate)
    pieces = [clip.samples[start : start + step] for start in range(0, clip.n_samples, step)]
    shuffled = [pieces[int(place)] for place in rng.permutation(len(pieces))]
    return _joined(shuffled, round(_CROSSFADE_S * clip.sample_rate))


def _half_speed(clip: AudioClip, rng: np.random.Generator) -> NDArray[np.floating]:
    if rng.random() < 0.5:  # a wrong sample rate
        half = AudioClip(samples=clip.samples, sample_rate=clip.sample_rate)
        return resample(half, 2 * clip.sample_rate).samples
    frame = round(0.04 * clip.sample_rate) // 4 * 4
    window = np.hanning(frame)
    slow = np.zeros(2 * clip.n_samples + 2 * frame)
    for start in range(0, clip.n_samples - frame, frame // 4):
        slow[2 * start : 2 * start + frame] += clip.samples[start : start + frame] * window
    return slow


_SOUNDS: Final[Mapping[str, Callable[[AudioClip, np.random.Generator], NDArray[np.floating]]]] = {
    CLEAN: lambda clip, _: clip.samples,
    "silence": _silence,
    "silence at 16 kHz": _zeros,
    "hiss": _hiss,
    "hum": _hum,
    "cut off": _cut_off,
    "garbled": _garbled,
    "half speed": _half_speed,
}
