"""Listening to a dataset, take by take: decode, cut, read the text, measure.

One take is in memory at a time. Loads no model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.wav import AudioFileError, decode_clip, read_bytes
from voicepipe.documents.findings import Findings
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_bytes
from voicepipe.text.frontend import utterance
from voicepipe.text.lexicon import EMPTY_LEXICON
from voicepipe.training.codes import (
    DUPLICATE,
    TOO_LONG,
    TOO_SHORT,
    UNREADABLE_TEXT,
    UNUSABLE_RECORDING,
)
from voicepipe.training.dataset.checks import SHORTEST_S, StretchFigures, judge_clip, measure_clip
from voicepipe.training.dataset.coverage import spoken
from voicepipe.training.dataset.slicing import NoCut, Stretch, cut_take

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.audio.wav import SoundFacts
    from voicepipe.diagnostics import SourceSpan
    from voicepipe.text.lexicon import Lexicon
    from voicepipe.training.dataset.files import Dataset, Take


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetClip:
    """A stretch of a take with its words: what is trained with."""

    name: str
    """Unique in its dataset: the take's path, and `#2` where it was cut."""
    path: str
    """The recording, from the dataset's folder."""
    sha256: str
    """Of the recording's bytes."""
    start: int
    """First sample of the recording, at its own rate."""
    end: int
    """One past the last."""
    text: str
    language: str
    sounds: tuple[str, ...]
    """Of the text, without marks, tones and stress."""
    figures: StretchFigures
    span: SourceSpan
    text_span: SourceSpan

    @property
    def is_usable(self) -> bool:
        """Whether it is trained with: its text can be the one that is said in it."""
        return self.figures.is_paced_as_speech


def read_stretch(folder: Path, clip: DatasetClip) -> AudioClip:
    """Decode what is trained with again.

    Args:
        folder: Of the dataset.
        clip: A stretch that was heard in it.

    Raises:
        AudioFileError: The recording cannot be read.
        EnvironmentFault: It has changed since.
    """
    content = read_bytes(folder / clip.path, clip.path)
    if sha256_of_bytes(content) != clip.sha256:
        raise EnvironmentFault(
            f"{clip.path}: the recording has changed since the dataset was checked",
            remedy="run the command again",
        )
    sound, _ = decode_clip(content, clip.path)
    return AudioClip(samples=sound.samples[clip.start : clip.end], sample_rate=sound.sample_rate)


@dataclass(slots=True)
class DatasetReader:
    """Reads the takes of a dataset one by one, and keeps what was found.

    Args:
        dataset: Found already.
        lexicon: The project's pronunciations.
        speaker: Whose entries of the lexicon win.
    """

    dataset: Dataset
    lexicon: Lexicon = EMPTY_LEXICON
    speaker: str = ""
    findings: Findings = field(default_factory=Findings)
    n_left_out: int = 0
    """Takes that cannot be used at all."""
    n_cut: int = 0
    """Takes that were cut into several stretches."""
    _heard: dict[str, Take] = field(default_factory=dict)
    _read: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def clips(self) -> Iterator[tuple[Take, tuple[DatasetClip, ...]]]:
        """Listen to every take.

        Yields:
            Each take with its stretches; none for a take that is left out, and `findings` says why.
        """
        for take in self.dataset.takes:
            clips = self._clips(take)
            self.n_left_out += not clips
            self.n_cut += len(clips) > 1
            yield take, clips

    def _clips(self, take: Take) -> tuple[DatasetClip, ...]:
        decoded = self._decoded(take)
        if decoded is None:
            return ()
        sound, facts, digest = decoded
        first = self._heard.setdefault(digest, take)
        if first is not take:
            same = "" if first.text == take.text else ", with another text"
            message = f'"{take.path}" has the very same bytes as "{first.path}"{same}'
            self.findings.add(DUPLICATE, take.span, message, "keep one of the two")
            return ()
        if not self._sounds(take.text, take.language):
            message = f'nothing in the text of "{take.path}" can be said in "{take.language}"'
            self.findings.add(
                UNREADABLE_TEXT, take.text_span, message, "correct the text or its language"
            )
            return ()
        cut = cut_take(sound, take.text, lambda text: len(self._sounds(text, take.language)))
        if isinstance(cut, NoCut):
            code = UNUSABLE_RECORDING if cut.is_silent else TOO_LONG
            self.findings.add(code, take.span, f'"{take.path}" {cut.reason}', cut.remedy)
            return ()
        named = [f"{take.path}#{number}" for number in range(1, len(cut) + 1)]
        names = named if len(cut) > 1 else [take.path]
        made = [
            self._clip(take, sound, facts, digest, name, stretch)
            for name, stretch in zip(names, cut, strict=True)
        ]
        return tuple(clip for clip in made if clip is not None)

    def _clip(
        self,
        take: Take,
        sound: AudioClip,
        facts: SoundFacts,
        digest: str,
        name: str,
        stretch: Stretch,
    ) -> DatasetClip | None:
        samples = sound.samples[stretch.start : stretch.end]
        part = AudioClip(samples=samples, sample_rate=sound.sample_rate)
        if part.duration_s < SHORTEST_S:
            message = f'"{name}" has {part.duration_s:.2f} s of sound; at least {SHORTEST_S:g} s'
            self.findings.add(TOO_SHORT, take.span, message, "leave it out")
            return None
        sounds = self._sounds(stretch.text, take.language)
        figures = measure_clip(part, facts, len(sounds))
        judge_clip(name, figures, sound_at=take.span, text_at=take.text_span, to=self.findings)
        return DatasetClip(
            name=name,
            path=take.path,
            sha256=digest,
            start=stretch.start,
            end=stretch.end,
            text=stretch.text,
            language=take.language,
            sounds=sounds,
            figures=figures,
            span=take.span,
            text_span=take.text_span,
        )

    def _decoded(self, take: Take) -> tuple[AudioClip, SoundFacts, str] | None:
        try:
            content = read_bytes(self.dataset.folder / take.path, take.path)
            sound, facts = decode_clip(content, take.path)
        except AudioFileError as error:
            self.findings.add(UNUSABLE_RECORDING, take.span, error.message, error.remedy)
            return None
        return sound, facts, sha256_of_bytes(content)

    def _sounds(self, text: str, language: str) -> tuple[str, ...]:
        if (text, language) not in self._read:
            said = utterance(
                text, language, lexicon=self.lexicon, speaker=self.speaker, pads_short=False
            )
            self._read[text, language] = spoken(said.phonemes)
        return self._read[text, language]
