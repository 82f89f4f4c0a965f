"""When each phoneme and word of a clip sounds: the record, as it is stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import orjson

from voicepipe.errors import CorruptObject

if TYPE_CHECKING:
    from collections.abc import Sequence

ALIGNED: Final = "aligned"
"""Every phoneme was found in the sound."""
ESTIMATED: Final = "estimated"
"""Phonemes were spread over what is loud; `why` says why they were not found."""
ENGINE: Final = "engine"
"""The engine said when it speaks what."""
TIMING_SCHEMA: Final = 1

_Moment = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
_Place = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
_DECIMALS, _UNITS = 4, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonemeSpan:
    """One phoneme and its time."""

    phoneme: str
    """As the front end spells it."""
    start_s: _Moment
    """From the first sample of the clip."""
    end_s: _Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class WordSpan:
    """One written word, or in Chinese one character, and its time."""

    text: str
    """As it is shown, marks included: all words together are the text, spaces aside."""
    start: _Place
    """Where it begins in the text, in characters."""
    end: _Place
    start_s: _Moment
    end_s: _Moment
    reading: str = ""
    """How it is said: kana in Japanese, syllables with tones in Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipTiming:
    """The times of a clip."""

    method: str
    """`aligned`, `estimated` or `engine`."""
    why: str = ""
    """Why it is only estimated."""
    language: str
    text: str
    """As a subtitle shows it."""
    duration_s: _Moment
    phonemes: tuple[PhonemeSpan, ...]
    """In their order; between two may be silence, never anything in common."""
    words: tuple[WordSpan, ...]

    @property
    def is_estimated(self) -> bool:
        """Whether times are only a guess."""
        return self.method == ESTIMATED

    def fault(self) -> str:
        """Say why these cannot be the times of a clip; empty when they can."""
        phonemes = [(one.start_s, one.end_s) for one in self.phonemes]
        words = [(one.start_s, one.end_s) for one in self.words]
        return self._fault_of("phoneme", phonemes) or self._fault_of("word", words)

    def _fault_of(self, kind: str, spans: Sequence[tuple[float, float]]) -> str:
        before = 0.0
        for number, (start_s, end_s) in enumerate(spans):
            if not before <= start_s <= end_s <= self.duration_s:
                return (
                    f"{kind} {number} from {start_s:g} to {end_s:g} s does not lie "
                    f"between {before:g} and {self.duration_s:g} s"
                )
            before = end_s
        return ""

    def content(self) -> bytes:
        """Write it as it is stored: one JSON document."""
        assert not self.fault(), self.fault()
        facts = {"schema": TIMING_SCHEMA, **asdict(self)}
        return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def parse_timing(content: bytes) -> ClipTiming:
    """Read what `ClipTiming.content` wrote.

    Raises:
        CorruptObject: It is something else; says where it departs.
    """
    try:
        facts: Any = orjson.loads(content)
        timing = msgspec.convert(facts, ClipTiming)
    except (orjson.JSONDecodeError, msgspec.ValidationError) as error:
        raise CorruptObject(f"the times of a clip are damaged: {error}") from error
    fault = timing.fault()
    if fault:
        raise CorruptObject(f"the times of a clip are damaged: {fault}")
    return timing


def bounded(spans: Sequence[tuple[float, float]], duration_s: float) -> list[tuple[float, float]]:
    """Keep spans within the clip, in order and apart, in tenths of a millisecond."""
    whole = _floor(duration_s)
    kept: list[tuple[float, float]] = []
    before = 0.0
    for start_s, end_s in spans:
        start = min(max(round(start_s, _DECIMALS), before), whole)
        before = min(max(round(end_s, _DECIMALS), start), whole)
        kept.append((start, before))
    return kept


def _floor(seconds: float) -> float:
    return int(seconds * _UNITS) / _UNITS
