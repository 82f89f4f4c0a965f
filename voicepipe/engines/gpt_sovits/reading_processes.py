"""Many texts read aloud at once by several processes: what a large script takes the first time."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec

from voicepipe.child_processes import ENVIRONMENT, n_cores, tie_to_parent
from voicepipe.screenplay.line import Segment  # noqa: TC001 - of a form that is read
from voicepipe.synthesis.parts import Reading
from voicepipe.synthesis.text_readings import read_line, read_transcript
from voicepipe.text.languages import Language
from voicepipe.text.lexicon import EMPTY_LEXICON

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from concurrent.futures import Future

    from voicepipe.synthesis.text_readings import LineReading, TranscriptReading
    from voicepipe.text.lexicon import Lexicon

_TEXTS_AT_ONCE: Final = 400
_WAITING_EACH: Final = 32
"""Batches under way for each process at most: some ten megabytes, and what it reads while the main
process is at something else."""
_IDLE_S: Final = 30.0
_MOST: Final = 8
"""Processes: each holds the dictionaries of its languages, 100 to 300 MB."""
_WORTH_MS: Final = 1_500
"""Below so much reading, starting processes takes longer than they save."""
_TEXT_MS: Final = {Language.EN: 0.15, Language.ZH: 0.3}
_OTHER_TEXT_MS: Final = 1.0
_ELSE_MS: Final = 0.15
"""What the main process does with a text in the meantime: more processes than keep pace with it
would take its core."""


class LineToRead(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """A line, as far as its reading depends on it."""

    segments: tuple[Segment, ...]
    language: Language
    symbols: str
    """Version of its checkpoint's symbol table."""
    speaker: str


class TranscriptToRead(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """What is said in a reference clip."""

    text: str
    language: Language
    symbols: str


TextToRead = LineToRead | TranscriptToRead
_BATCH: Final = msgspec.msgpack.Decoder(list[TextToRead])


def processes_worth(texts: Collection[TextToRead], n_times: float = 1.0) -> int:
    """Say how many processes should read these texts beside this one; 0: it reads them itself.

    Args:
        texts: Those that are known.
        n_times: All there will be, as a multiple of these.
    """
    reading_ms = sum(_TEXT_MS.get(text.language, _OTHER_TEXT_MS) for text in texts)
    if n_times * reading_ms < _WORTH_MS or n_cores() == 1:
        return 0
    keeping_pace = max(1, round(reading_ms / (len(texts) * _ELSE_MS)))
    return min(keeping_pace, n_cores(), _MOST)


class TextQueue:
    """Texts that processes beside this one read, in the order in which they are asked for.

    Args:
        lexicon: Of the project.
        n_processes: At least 1; they start with the first batch.
    """

    def __init__(self, lexicon: Lexicon, n_processes: int) -> None:
        from loky import ProcessPoolExecutor  # noqa: PLC0415 -- only a large script needs it
        from loky.process_executor import BrokenProcessPool  # noqa: PLC0415

        self._broken = BrokenProcessPool
        self._executor = ProcessPoolExecutor(
            max_workers=n_processes,
            timeout=_IDLE_S,
            env=ENVIRONMENT,
            initializer=_begin,
            initargs=(os.getpid(), lexicon),
        )
        self._most_sent = _WAITING_EACH * n_processes
        self._waiting: deque[tuple[bytes, TextToRead]] = deque()
        self._sent: deque[tuple[list[bytes], Future[tuple[bytes, ...]]]] = deque()

    def ask(self, texts: Mapping[bytes, TextToRead]) -> None:
        """Have more texts read.

        Args:
            texts: By what their readings shall be given back under.
        """
        self._waiting.extend(texts.items())
        self._send(least=_TEXTS_AT_ONCE)

    def ready(self) -> Iterator[tuple[bytes, bytes]]:
        """Give the readings that are there, as documents, without waiting for others."""
        while self._sent and self._sent[0][1].done():
            yield from self.take()

    def take(self) -> list[tuple[bytes, bytes]]:
        """Wait for the next readings.

        Returns:
            As documents; none when all have been given, or a process was killed: whoever needs
            the rest reads it itself.
        """
        self._send(least=_TEXTS_AT_ONCE if self._sent else 1)
        if not self._sent:
            return []
        keys, future = self._sent.popleft()
        try:
            found = list(zip(keys, future.result(), strict=True))
        except self._broken:
            self._give_up()
            return []
        self._send(least=_TEXTS_AT_ONCE)
        return found

    def end(self) -> None:
        """End the processes, whatever they are at."""
        self._executor.shutdown(wait=True, kill_workers=True)

    def _send(self, least: int) -> None:
        """Send batches of `least` texts or more, at least 1, while not too many are under way."""
        while len(self._waiting) >= least and len(self._sent) < self._most_sent:
            n_texts = min(len(self._waiting), _TEXTS_AT_ONCE)
            batch = [self._waiting.popleft() for _ in range(n_texts)]
            written = msgspec.msgpack.encode([text for _, text in batch])
            try:
                future = self._executor.submit(_read, written)
            except self._broken:
                self._give_up()
                return
            self._sent.append(([key for key, _ in batch], future))

    def _give_up(self) -> None:
        self._waiting.clear()
        self._sent.clear()


_lexicon = EMPTY_LEXICON
"""Of the project that a process reads for; given to it once."""


def _begin(parent: int, lexicon: Lexicon) -> None:
    global _lexicon  # noqa: PLW0603 - a process of its own
    tie_to_parent(parent)
    _lexicon = lexicon


def _read(batch: bytes) -> tuple[bytes, ...]:
    return tuple([msgspec.msgpack.encode(_read_text(text)) for text in _BATCH.decode(batch)])


def _read_text(text: TextToRead) -> LineReading | TranscriptReading:
    if isinstance(text, LineToRead):
        return read_line(text.segments, _reading(text, text.speaker))
    return read_transcript(text.text, _reading(text, ""))


def _reading(text: TextToRead, speaker: str) -> Reading:
    return Reading(language=text.language, symbols=text.symbols, lexicon=_lexicon, speaker=speaker)
