"""Is a word there at all: how well a recogniser's weights explain a clip with it and without.

A recogniser writes what makes sense, and may write a word that nobody said, or another one for a
word that somebody did. Asked how probable two given texts are for one clip, it says more.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.qc.word_places import without_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voicepipe.text.written_words import Word

    Fit = Callable[[str], float]
    """Natural logarithm of a text's probability, given the clip."""

_LEAST_SOUNDS: Final = 4
_MOST_MORE: Final = 4
"""Sounds by which what is tried may be longer than what is in doubt."""
_MOST_TRIED: Final = 10
_INSIDE_WORDS: Final = frozenset("'’-")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """The words of a line that a clip explains best without."""

    start: int
    """Place in the text, in characters."""
    end: int
    n_sounds: int
    gain: float
    """By how much the text without them is more probable, in nats; below 0: less."""
    doubt: float
    """Share of their sounds that were not heard."""


def best_left_out(
    fit: Fit, text: str, words: Sequence[Word], doubtful: Sequence[tuple[int, int]]
) -> LeftOut | None:
    """Try which words near doubtful stretches are better left out.

    Args:
        fit: How well a text explains the clip.
        text: What should be said.
        words: Of the text.
        doubtful: Sounds of the line, from and to.

    Returns:
        The best; None when there is nothing to leave out.
    """
    tried = list(dict.fromkeys(_candidates(words, doubtful)))[:_MOST_TRIED]
    if not tried:
        return None
    whole = fit(_spoken(text))
    found = []
    for first, last in tried:
        start, end = without_marks(text, words[first].start, words[last].end)
        gain = fit(_spoken(text[:start] + text[end:])) - whole
        sounds = (words[first].first, words[last].last)
        n_sounds = sounds[1] - sounds[0]
        doubt = sum(max(0, min(sounds[1], b) - max(sounds[0], a)) for a, b in doubtful) / n_sounds
        found.append(LeftOut(start=start, end=end, n_sounds=n_sounds, gain=gain, doubt=doubt))
    return max(found, key=lambda one: one.gain)


def _candidates(
    words: Sequence[Word], doubtful: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Give neighbouring words, first and last, that are long enough to be missed."""
    for begun, ended in doubtful if words else ():
        near = [n for n, word in enumerate(words) if word.last > begun and word.first < ended]
        if not near:
            near = [min(n for n, word in enumerate(words) if word.last >= begun)]
        lowest, highest = max(0, near[0] - 1), min(len(words) - 1, near[-1] + 1)
        most = max(ended - begun, _LEAST_SOUNDS) + _MOST_MORE
        for first in range(lowest, highest + 1):
            for last in range(first, highest + 1):
                n_sounds = words[last].last - words[first].first
                is_whole = last - first + 1 == len(words)
                is_doubtful = (first, last) == (near[0], near[-1]) and n_sounds > 1
                fits = is_doubtful or _LEAST_SOUNDS <= n_sounds <= most
                if fits and not is_whole:
                    yield first, last


def _spoken(text: str) -> str:
    """Drop marks inside, which recognisers set as they like; the last one says that it ends."""
    text = text.strip()
    last = text[-1:] if _is_mark(text[-1:]) else ""
    kept = "".join(" " if c.isspace() else c for c in text if not _is_mark(c) or c in _INSIDE_WORDS)
    kept = " ".join(kept.split())
    return kept[:1].upper() + kept[1:] + last


def _is_mark(character: str) -> bool:
    return bool(character) and unicodedata.category(character).startswith("P")
