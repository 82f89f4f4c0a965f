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
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    from voicepipe.synthesis.text_readings import LineReading, TranscriptReading
    from voicepipe.text.lexicon import Lexicon

_TEXTS_AT_ONCE: Final = 200
_WAITING_EACH: Final = 3
"""Batches that wait for each process at most: a few hundred kilobytes."""
_IDLE_S: Final = 30.0
_MOST: Final = 8
"""Processes: each holds the dictionaries of its languages, 100 to 300 MB."""
_WORTH_MS: Final = 3_000
"""Below so much reading, starting processes takes longer than they save."""
_TEXT_MS: Final = {Language.EN: 0.3, Language.ZH: 1.0}
_OTHER_TEXT_MS: Final = 3.0


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


def processes_worth(texts: Sequence[TextToRead]) -> int:
    """Say how many processes should read these texts; 1: this one alone."""
    expected_ms = sum(_TEXT_MS.get(text.language, _OTHER_TEXT_MS) for text in texts)
    return 1 if expected_ms < _WORTH_MS else min(n_cores(), _MOST)


def read_in_processes(
    texts: Sequence[TextToRead], lexicon: Lexicon, n_processes: int
) -> Iterator[tuple[bytes, ...]]:
    """Read texts in processes beside this one.

    Args:
        texts: Any number; only some hundred are under way at once.
        lexicon: Of the project.
        n_processes: At least 1.

    Yields:
        Readings as documents, in the order of the texts. The last of them are missing when a
        process was killed: whoever needs them reads them itself.
    """
    from loky import ProcessPoolExecutor  # noqa: PLC0415 -- only a large script needs it
    from loky.process_executor import BrokenProcessPool  # noqa: PLC0415

    executor = ProcessPoolExecutor(
        max_workers=n_processes,
        timeout=_IDLE_S,
        env=ENVIRONMENT,
        initializer=_begin,
        initargs=(os.getpid(), lexicon),
    )
    waiting: deque[Future[tuple[bytes, ...]]] = deque()
    try:
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            batch = msgspec.msgpack.encode(texts[start : start + _TEXTS_AT_ONCE])
            waiting.append(executor.submit(_read, batch))
            if len(waiting) >= _WAITING_EACH * n_processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        return
    finally:
        executor.shutdown(wait=True, kill_workers=True)


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
