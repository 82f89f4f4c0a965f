"""Lines and transcripts read aloud once, whoever asks, and kept for later runs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from voicepipe.engines.gpt_sovits.reading_processes import (
    LineToRead,
    TextQueue,
    TranscriptToRead,
    processes_worth,
)
from voicepipe.errors import UsageError
from voicepipe.kept_documents import DocumentStore, KindOfDocument, sealed, unsealed
from voicepipe.settings import load_settings
from voicepipe.synthesis.parts import Reading
from voicepipe.synthesis.reading_keys import ReadingKeys
from voicepipe.synthesis.text_readings import (
    LineReading,
    TranscriptReading,
    read_line,
    read_transcript,
)
from voicepipe.text.languages import language_of
from voicepipe.text.lexicon import EMPTY_LEXICON, LEXICON_FILE, load_lexicon
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.engines.gpt_sovits.reading_processes import TextToRead
    from voicepipe.engines.protocol import TextAhead
    from voicepipe.screenplay.line import Segment
    from voicepipe.text.languages import Language
    from voicepipe.text.lexicon import Lexicon
    from voicepipe.voices.voice import CastLine, ReferenceClip

_Read = TypeVar("_Read", LineReading, TranscriptReading)
_LINE: Final = msgspec.msgpack.Decoder(LineReading)
_TRANSCRIPT: Final = msgspec.msgpack.Decoder(TranscriptReading)
KEPT_READINGS: Final = KindOfDocument(name="reading", revision=2, most_bytes=512 << 20)
"""Two million lines."""
_KEPT_AT_ONCE: Final = (5_000, 20_000)
"""Readings, at least and at most: those that are not kept yet are lost when a run is interrupted.
Half as many as are kept already, in between: each time many of the file's pages are written again.
"""


class Readings:
    """What a project's lines and transcripts sound like, each read once.

    In memory a reading is the document that the store keeps: a tenth of its records' size, and the
    same whether it was read now or by an earlier run.

    Args:
        root: The project; its lexicon counts.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._store = DocumentStore(cache_folder(), KEPT_READINGS)
        self._lexicon: tuple[Lexicon, tuple[Diagnostic, ...]] | None = None
        self._keys: ReadingKeys | None = None
        self._known: dict[bytes, bytes] = {}
        self._asked: set[bytes] = set()
        self._new: dict[bytes, bytes] = {}
        self._n_kept = 0
        self._awaited: set[bytes] = set()
        self._queue: TextQueue | None = None
        self._line_keys: dict[int, tuple[CastLine, str, bytes]] = {}
        self._transcripts: dict[tuple[str, str, str], TranscriptReading] = {}

    @property
    def lexicon_findings(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the project's lexicon."""
        return self._load_lexicon()[1]

    def read_ahead(self, texts: Sequence[tuple[TextAhead, str]], n_times: float) -> bool:
        """Begin to read lines that will be looked up, if there will be enough of them.

        Args:
            texts: Each with the version of its checkpoint's symbol table.
            n_times: All there will be, as a multiple of these: whether it is worth it.

        Returns:
            Whether it is, which is settled by the first lines.
        """
        wanted = {
            self.reading_keys().of_line(
                text.segments, language=text.language, symbols=symbols, speaker=text.speaker
            ): (text, symbols)
            for text, symbols in texts
        }
        self._known |= self._store.find(self._unasked(wanted))
        unread = self._unasked(wanted)
        lines = _to_read(
            (key, text.segments, text.language, symbols, text.speaker)
            for key, (text, symbols) in wanted.items()
            if key in unread
        )
        clips = ((clip, symbols) for text, symbols in texts for clip in text.voice.clips)
        return self._begin_to_read(lines, clips, n_times)

    def look_up(self, lines: Iterable[tuple[CastLine, str]]) -> None:
        """Take what earlier runs kept of many lines in one go, and begin to read a large rest.

        Readings come from other processes while this one goes on, in the order of the lines.

        Args:
            lines: Each with the version of its checkpoint's symbol table.
        """
        wanted: dict[bytes, tuple[CastLine, str]] = {}
        for cast, symbols in lines:
            wanted.setdefault(self._line_key(cast, symbols), (cast, symbols))
        unkept = self._unkept(wanted)
        texts = _to_read(
            (key, cast.text.segments, cast.language, symbols, cast.line.speaker)
            for key, (cast, symbols) in wanted.items()
            if key in unkept
        )
        clips = (
            (cast.reference, symbols)
            for key, (cast, symbols) in wanted.items()
            if cast.reference is not None and key in unkept
        )
        self._begin_to_read(texts, clips)

    def _unkept(self, wanted: Mapping[bytes, object]) -> set[bytes]:
        """Take what earlier runs kept under keys; give those of the others, once a run."""
        asked = self._unasked(wanted)
        self._asked |= asked
        self._known |= self._store.find(asked)
        return {key for key in asked if key not in self._known}

    def _unasked(self, wanted: Iterable[bytes]) -> set[bytes]:
        # Key by key: a difference of sets would go through all that is known.
        return {key for key in wanted if key not in self._known and key not in self._asked}

    def _begin_to_read(
        self,
        texts: Mapping[bytes, TextToRead],
        clips: Iterable[tuple[ReferenceClip, str]],
        n_times: float = 1.0,
    ) -> bool:
        """Have lines, and what is said in their clips, read elsewhere if there are enough."""
        if self._queue is None:
            n_processes = processes_worth(texts.values(), n_times)
            if n_processes == 0:
                return False
            self._queue = TextQueue(self._load_lexicon()[0], n_processes)
        asked = {**self._unread_transcripts(clips), **texts}
        self._asked.update(asked)
        self._awaited.update(asked)
        self._queue.ask(asked)
        for key, document in self._queue.ready():
            self._take(key, document)
        return True

    def _unread_transcripts(
        self, clips: Iterable[tuple[ReferenceClip, str]]
    ) -> dict[bytes, TranscriptToRead]:
        """Find the transcripts of clips that no earlier run kept."""
        said = {(clip.transcript, clip.language, symbols): None for clip, symbols in clips}
        found = {
            self.reading_keys().of_transcript(text, language=tag, symbols=symbols): (
                TranscriptToRead(text=text, language=language, symbols=symbols)
            )
            for text, tag, symbols in said
            if (language := _language_read(tag)) is not None
        }
        unkept = self._unkept(found)
        return {key: text for key, text in found.items() if key in unkept}

    def _take_coming(self, wanted: bytes | None = None) -> None:
        """Take up what is read elsewhere, up to a text or all of it."""
        while self._queue is not None and (wanted is None or wanted in self._awaited):
            documents = self._queue.take()
            for key, document in documents:
                self._take(key, document)
            if not documents:
                self.end()

    def _take(self, key: bytes, document: bytes) -> None:
        self._awaited.discard(key)
        self._note_document(key, document)

    def end(self) -> None:
        """Let go of the processes that read; what they have not read is read here."""
        queue, self._queue = self._queue, None
        self._awaited.clear()
        if queue is not None:
            queue.end()

    def keep(self) -> None:
        """Keep what was read since for later runs."""
        self._take_coming()
        self._keep_new()

    def _keep_new(self) -> None:
        if self._new:
            self._store.keep(self._new)
            self._n_kept += len(self._new)
            self._new = {}

    def line(self, cast: CastLine, symbols: str) -> LineReading:
        """Read a cast line.

        Args:
            cast: The line.
            symbols: Version of its checkpoint's symbol table.
        """
        key = self._line_key(cast, symbols)
        found = self._find(key, _LINE)
        if found is None:
            found = self._read(
                cast.language,
                symbols,
                cast.line.speaker,
                lambda reading: read_line(cast.text.segments, reading),
                lambda error: LineReading(language_fault=error.message, remedy=error.remedy),
            )
            self._note(key, found)
        return found

    def transcript(self, clip: ReferenceClip, symbols: str) -> TranscriptReading:
        """Read what is said in a reference clip."""
        asked = (clip.transcript, clip.language, symbols)
        found = self._transcripts.get(asked)
        if found is None:
            found = self._transcripts[asked] = self._transcript(*asked)
        return found

    def _transcript(self, text: str, language: str, symbols: str) -> TranscriptReading:
        key = self.reading_keys().of_transcript(text, language=language, symbols=symbols)
        found = self._find(key, _TRANSCRIPT)
        if found is None:
            found = self._read(
                language,
                symbols,
                "",
                lambda reading: read_transcript(text, reading),
                lambda error: TranscriptReading(said=None, fault=error.message),
            )
            self._note(key, found)
        return found

    def _find(self, key: bytes, decoder: msgspec.msgpack.Decoder[_Read]) -> _Read | None:
        """Give a reading that is known; a document that is none of ours is as good as none."""
        if key in self._awaited:
            self._take_coming(key)
        document = self._known.get(key)
        if document is None and key not in self._asked:
            self._asked.add(key)
            document = self._store.find([key]).get(key)
        content = None if document is None else unsealed(key, document)
        if document is None or content is None:
            return None
        try:
            found = decoder.decode(content)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        self._known[key] = document
        return found

    def _read(
        self,
        language: str,
        symbols: str,
        speaker: str,
        read: Callable[[Reading], _Read],
        refused: Callable[[UsageError], _Read],
    ) -> _Read:
        try:
            spoken = language_of(language)
        except UsageError as error:
            return refused(error)
        return read(
            Reading(
                language=spoken,
                symbols=symbols,
                lexicon=self._load_lexicon()[0],
                speaker=speaker,
            )
        )

    def _note(self, key: bytes, reading: LineReading | TranscriptReading) -> None:
        self._note_document(key, msgspec.msgpack.encode(reading))

    def _note_document(self, key: bytes, content: bytes) -> None:
        self._known[key] = self._new[key] = sealed(key, content)
        least, most = _KEPT_AT_ONCE
        if len(self._new) >= min(max(least, self._n_kept // 2), most):
            self._keep_new()

    def _line_key(self, cast: CastLine, symbols: str) -> bytes:
        # By identity, since comparing lines costs more than reading their texts again.
        known = self._line_keys.get(id(cast))
        if known is not None and known[1] == symbols:
            return known[2]
        key = self.reading_keys().of_line(
            cast.text.segments,
            language=cast.language,
            symbols=symbols,
            speaker=cast.line.speaker,
        )
        self._line_keys[id(cast)] = (cast, symbols, key)
        return key

    def reading_keys(self) -> ReadingKeys:
        """Give what makes keys under the project's lexicon."""
        if self._keys is None:
            self._keys = ReadingKeys(self._load_lexicon()[0])
        return self._keys

    def _load_lexicon(self) -> tuple[Lexicon, tuple[Diagnostic, ...]]:
        if self._lexicon is None:
            settings, _ = load_settings(self._root)
            path = LEXICON_FILE if settings is None else settings.lexicon
            is_there = (self._root / path).exists()
            self._lexicon = load_lexicon(self._root, path) if is_there else (EMPTY_LEXICON, ())
        return self._lexicon


def _to_read(
    lines: Iterable[tuple[bytes, Sequence[Segment], str, str, str]],
) -> dict[bytes, TextToRead]:
    """Bring lines into the form for other processes, but those in a language nobody reads.

    Args:
        lines: Key, segments, language, symbols and speaker of each.
    """
    return {
        key: LineToRead(
            segments=tuple(segments), language=language, symbols=symbols, speaker=speaker
        )
        for key, segments, tag, symbols, speaker in lines
        if (language := _language_read(tag)) is not None
    }


@lru_cache(maxsize=64)
def _language_read(tag: str) -> Language | None:
    try:
        return language_of(tag)
    except UsageError:
        return None
