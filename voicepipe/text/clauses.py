"""Splitting a long line at its clauses, with the pauses a reader would leave between them.

The models lose the thread in long lines: they skip or repeat words. Such a line is rendered
clause by clause and joined with silence. What a clause is worth is counted in the text, not in
phonemes, so that `plan` needs no dictionary.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

_WIDE = 3
"""A Chinese character, kana or hangul syllable counts as much as three Latin letters."""
LONGEST_UNITS = 240
"""Units a clause may have: about 80 Chinese characters or 45 English words, 15 to 20 s."""
SHORTEST_UNITS = 18
"""A clause with less joins its neighbour: six Chinese characters, three or four English words."""
_CLOSING = "”’」』）)》〉】\\]\"'"
_PAUSES_MS = {
    **dict.fromkeys("。．.！!？?", 420),
    **dict.fromkeys("…", 500),
    **dict.fromkeys("；;：:", 320),
    **dict.fromkeys("—–", 300),
    **dict.fromkeys("，,、", 220),
}
_LONG_PAUSE_MS = _PAUSES_MS["。"]
# A full stop or comma inside a number or an abbreviation ends nothing: 3.5, 1,204, a.m., Dr.
_SAID = re.compile(r"[\w\s]")
_BREAK = re.compile(
    r"(?:(?<!\b[A-Za-z])(?<!\b(?:Dr|Mr|Ms|St))(?<!\b(?:Mrs|etc))\.(?=[\s" + _CLOSING + r"]|$)"
    r"|,(?!\d)|[。．！!？?…；;，、—–]|[：:](?!\d))"
    r"[。．.！!？?…；;，,、—–]*[" + _CLOSING + r"]*\s*"
)


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a line that is rendered by itself."""

    text: str
    pause_after_ms: int
    """Silence between this clause and the next; 0 after the last."""


def split_clauses(
    text: str, *, longest: int = LONGEST_UNITS, shortest: int = SHORTEST_UNITS
) -> tuple[Clause, ...]:
    """Cut a line into parts no longer than a model can keep in mind.

    A line that fits is one clause. A longer one is cut at sentence ends first, then at any pause,
    then between words, into parts as even as the marks allow.

    Args:
        text: The line.
        longest: Units a part may have; see `text_units`.
        shortest: Units below which a part joins its neighbour, if both then fit.

    Returns:
        Clauses that spell the text, pauses (ms) as long as their marks ask for. None for no text.
    """
    if not text.strip():
        return ()
    parts = _split(text, longest)
    if len(parts) == 1:
        return (Clause(text=text, pause_after_ms=0),)
    parts = _join_short(parts, longest, shortest)
    last = len(parts) - 1
    return tuple(
        Clause(text=part, pause_after_ms=0 if index == last else _pause_after(part))
        for index, part in enumerate(parts)
    )


def natural_pause_ms(text: str) -> int:
    """How long a reader rests after a text, by the marks it ends with; 0 without one."""
    return _pause_after(text)


def text_units(text: str) -> int:
    """Measure how much there is to say: Latin letters 1, digits and East Asian characters 3."""
    return sum(map(_units_of, text))


@lru_cache(maxsize=1 << 14)
def _units_of(character: str) -> int:
    if character.isdigit() or character >= "\u3041":
        return _WIDE if character.isalnum() else 0
    return 1 if character.isalnum() else 0


def _split(text: str, longest: int) -> list[str]:
    if len(text) * _WIDE <= longest or text_units(text) <= longest:
        return [text]
    pieces = _at_punctuation(text, _LONG_PAUSE_MS)
    if len(pieces) == 1:
        pieces = _at_punctuation(text, 0)
    if len(pieces) == 1:
        return _between_words(text, longest)
    packed = _pack(pieces, longest)
    return [part for piece in packed for part in _split(piece, longest)]


def _at_punctuation(text: str, least_pause_ms: int) -> list[str]:
    pieces, start = [], 0
    for match in _BREAK.finditer(text):
        is_inside = 0 < match.end() < len(text)
        if is_inside and _pause_of(match[0]) >= least_pause_ms:
            pieces.append(text[start : match.end()])
            start = match.end()
    return [*pieces, text[start:]]


def _pack(pieces: list[str], longest: int) -> list[str]:
    """Join pieces into as few parts as fit, of even size."""
    total = sum(text_units(piece) for piece in pieces)
    n_parts = -(-total // longest)
    target = total / n_parts
    packed = [pieces[0]]
    for piece in pieces[1:]:
        filled, added = text_units(packed[-1]), text_units(piece)
        if filled + added <= longest and filled + added / 2 <= target:
            packed[-1] += piece
        else:
            packed.append(piece)
    return packed


def _between_words(text: str, longest: int) -> list[str]:
    parts, start, filled = [], 0, 0
    last_gap = 0
    for index, character in enumerate(text):
        units = _units_of(character)
        if filled + units > longest and index > start:
            # A word longer than a whole part is cut where it stands.
            stop = last_gap if last_gap > start else index
            parts.append(text[start:stop])
            start, filled = stop, text_units(text[stop:index])
        filled += units
        if character.isspace() or units == _WIDE:
            last_gap = index + 1
    return [*parts, text[start:]]


def _join_short(parts: list[str], longest: int, shortest: int) -> list[str]:
    joined: list[str] = []
    for part in parts:
        is_short = joined and min(text_units(joined[-1]), text_units(part)) < shortest
        # Nothing is left hanging: marks alone always belong to what was said before.
        fits = bool(joined) and text_units(joined[-1] + part) <= longest
        if joined and ((is_short and fits) or not text_units(part)):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _pause_after(part: str) -> int:
    written = part.rstrip()
    start = len(written)
    while start and not _SAID.match(written[start - 1]):
        start -= 1
    return _pause_of(written[start:])


def _pause_of(punctuation: str) -> int:
    return max((_PAUSES_MS.get(mark, 0) for mark in punctuation), default=0)
