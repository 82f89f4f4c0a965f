"""Lines and transcripts read aloud once, whoever asks: the checks and the requests share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.errors import UsageError
from voicepipe.settings import load_settings
from voicepipe.synthesis.inputs import text_facts
from voicepipe.synthesis.parts import Reading, has_words, read_aloud, spoken_parts
from voicepipe.text.frontend import unknown_words
from voicepipe.text.languages import language_of
from voicepipe.text.lexicon import EMPTY_LEXICON, LEXICON_FILE, load_lexicon
from voicepipe.text.spelling import SpellingError

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.line import Segment
    from voicepipe.synthesis.parts import SpokenPart
    from voicepipe.text.lexicon import Lexicon
    from voicepipe.text.records import Utterance
    from voicepipe.voices.voice import CastLine, ReferenceClip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLine:
    """A line read, or why it cannot be."""

    parts: tuple[SpokenPart, ...] = ()
    language_fault: str = ""
    spelling_fault: str = ""
    remedy: str = ""

    @property
    def needs_characters(self) -> bool:
        """Whether BERT has to look at the line."""
        return any(bool(text_facts(part.utterance)["characters"]) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTranscript:
    """A transcript read, or why it cannot be."""

    said: Utterance | None
    fault: str = ""

    @property
    def needs_characters(self) -> bool:
        """Whether BERT has to look at the transcript."""
        return self.said is not None and bool(text_facts(self.said)["characters"])


class Readings:
    """What a project's lines and transcripts sound like, each read once.

    Args:
        root: The project; its lexicon counts.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lexicon: tuple[Lexicon, tuple[Diagnostic, ...]] | None = None
        self._lines: dict[tuple[object, ...], ReadLine] = {}
        self._unknown: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self._transcripts: dict[tuple[str, str, str], ReadTranscript] = {}

    @property
    def lexicon_findings(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the project's lexicon."""
        return self._load_lexicon()[1]

    def line(self, cast: CastLine, symbols: str) -> ReadLine:
        """Read a cast line.

        Args:
            cast: The line.
            symbols: Version of its checkpoint's symbol table.
        """
        segments = cast.text.segments
        key = (segments, cast.language, symbols, cast.line.speaker)
        found = self._lines.get(key)
        if found is None:
            found = self._lines[key] = self._read_line(
                segments, cast.language, symbols, cast.line.speaker
            )
        return found

    def transcript(self, clip: ReferenceClip, symbols: str) -> ReadTranscript:
        """Read what is said in a reference clip."""
        key = (clip.transcript, clip.language, symbols)
        found = self._transcripts.get(key)
        if found is None:
            found = self._transcripts[key] = self._read_transcript(*key)
        return found

    def unknown(self, text: str, language: str, speaker: str) -> tuple[str, ...]:
        """List the words of a text that neither a dictionary nor the lexicon knows."""
        key = (text, language, speaker)
        found = self._unknown.get(key)
        if found is None:
            spoken = language_of(language)
            rest = list(text)
            for match in self._load_lexicon()[0].find(text, spoken, speaker):
                rest[match.start : match.end] = " " * (match.end - match.start)
            found = self._unknown[key] = unknown_words("".join(rest), spoken)
        return found

    def _read_line(
        self, segments: tuple[Segment, ...], language: str, symbols: str, speaker: str
    ) -> ReadLine:
        try:
            parts = spoken_parts(segments, self._reading(language, symbols, speaker))
        except SpellingError as error:
            return ReadLine(spelling_fault=error.message, remedy=error.remedy)
        except UsageError as error:
            return ReadLine(language_fault=error.message, remedy=error.remedy)
        return ReadLine(parts=parts)

    def _read_transcript(self, text: str, language: str, symbols: str) -> ReadTranscript:
        try:
            reading = self._reading(language, symbols, "")
            said = read_aloud([(text, None)], reading, pads_short=False)
        except UsageError as error:
            return ReadTranscript(said=None, fault=error.message)
        if not has_words(said):
            return ReadTranscript(said=None, fault=f'nothing can be said of "{text}"')
        return ReadTranscript(said=said)

    def _reading(self, language: str, symbols: str, speaker: str) -> Reading:
        return Reading(
            language=language_of(language),
            symbols=symbols,
            lexicon=self._load_lexicon()[0],
            speaker=speaker,
        )

    def _load_lexicon(self) -> tuple[Lexicon, tuple[Diagnostic, ...]]:
        if self._lexicon is None:
            settings, _ = load_settings(self._root)
            path = LEXICON_FILE if settings is None else settings.lexicon
            is_there = (self._root / path).exists()
            self._lexicon = load_lexicon(self._root, path) if is_there else (EMPTY_LEXICON, ())
        return self._lexicon
