"""Where a text may be broken into lines, and where it is best broken (torch-free).

A break has a price: none after a mark, some between words, more within what belongs together;
inside a word, or where a line would begin with a closing mark, there is none to be had. Lines of
one caption come out about equally long.

Source: JIS X 4051 (characters that neither begin nor end a line); the BBC's subtitle guidelines.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from voicepipe.subtitles.rules import ReadingRules

NEVER: Final = float("inf")
_SENTENCE_END: Final = frozenset("。！？!?…‥.")
_CLAUSE_END: Final = frozenset("，、；：,;:—–）」』】》〉)]”’")
_NOT_FIRST: Final = frozenset(
    "、。，．・：；？！‥…ー～〜）」』】》〉〕］｝”’)]}!?,.:;％%ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々ゝゞ°"
)
_NOT_LAST: Final = frozenset("（「『【《〈〔［｛“‘([{$＄￥¥#＃")
_LATIN: Final = re.compile(
    r"[^\W\u0e00-\u0eff\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_INNER: Final = frozenset("'’-.,:;!?/)]”")
"""Marks that hold Latin letters together when no space follows them: `U.S.`, `10:30`."""
_NUMERAL: Final = re.compile("[0-9０-９一二三四五六七八九十百千万億亿第]")
_HIRAGANA: Final = re.compile("[\u3041-\u309f]")
_CLINGING: Final = re.compile(
    r"(?:a|an|the|of|to|in|on|at|by|for|with|and|or|but|my|your|his|her|its|our|their|no|not|"
    r"mr\.|mrs\.|ms\.|dr\.)$",
    re.IGNORECASE,
)
"""Words that belong to what follows them."""


def break_prices(text: str, word_starts: Collection[int] = ()) -> list[float]:
    """Give the price of breaking a text before each of its characters.

    Args:
        text: One line of it.
        word_starts: Where words begin in a script without spaces; empty: anywhere.
    """
    return [_price(text, place, word_starts) for place in range(len(text))]


def _price(text: str, place: int, word_starts: Collection[int]) -> float:
    before, after = text[:place].rstrip(), text[place]
    if not before or after.isspace() or after in _NOT_FIRST or before[-1] in _NOT_LAST:
        return NEVER
    last, is_spaced = before[-1], text[place - 1].isspace()
    if not is_spaced and _LATIN.match(after) and (_LATIN.match(last) or last in _INNER):
        return NEVER
    if last in _SENTENCE_END:
        return 0.0
    if last in _CLAUSE_END:
        return 0.5
    if is_spaced:
        return 7.0 if _CLINGING.search(before) else 3.0
    return _price_between_words(last, after, is_word=not word_starts or place in word_starts)


def _price_between_words(last: str, after: str, *, is_word: bool) -> float:
    """Give the price in a script without spaces."""
    if not is_word:
        return 14.0
    return 10.0 if _HIRAGANA.match(after) or _NUMERAL.match(last) else 4.0


def break_lines(
    text: str, rules: ReadingRules, word_starts: Collection[int] = (), *, care: float = 1.0
) -> tuple[tuple[int, int], ...]:
    """Break a text into as few lines as hold it, at the best places.

    Args:
        text: Any text.
        rules: Of its language.
        word_starts: See `break_prices`.
        care: How much good places count against lines of one length.

    Returns:
        Begin and end of each line in the text, spaces around it left out. A stretch that nothing
        may break and no line holds is a line of its own, too long.
    """
    if not text.strip():
        return ()
    breaks = [(n, p) for n, p in enumerate(break_prices(text, word_starts)) if p < NEVER]
    places = [0, *(place for place, _ in breaks), len(text)]
    prices = [0.0, *(care * price for _, price in breaks), 0.0]
    n_lines = _fewest(text, rules, places)
    ideal = rules.length(text.strip()) / n_lines
    chosen = _cheapest(text, rules, places, prices, ideal)
    return tuple(
        span for begin, end in pairwise(chosen) if (span := _bare(text, begin, end))[0] < span[1]
    )


def _fewest(text: str, rules: ReadingRules, places: Sequence[int]) -> int:
    """Count the lines when each is filled as far as it goes."""
    n_lines, begin = 1, 0
    for number, place in enumerate(places[1:], start=1):
        if (
            rules.length(text[begin:place].strip()) > rules.line_length
            and places[number - 1] > begin
        ):
            n_lines += 1
            begin = places[number - 1]
    return n_lines


def _cheapest(
    text: str,
    rules: ReadingRules,
    places: Sequence[int],
    prices: Sequence[float],
    ideal: float,
) -> list[int]:
    """Choose breaks by dynamic programming: uneven lines and bad places cost, long ones more."""
    best = [0.0] + [NEVER] * (len(places) - 1)
    origin = [0] * len(places)
    for end in range(1, len(places)):
        for begin in range(end - 1, -1, -1):
            length = rules.length(text[places[begin] : places[end]].strip())
            over = max(0.0, length - rules.line_length)
            if over and begin < end - 1 and best[end] < NEVER:
                break
            uneven = ((length - ideal) / max(ideal, 1.0)) ** 2
            cost = best[begin] + prices[end] + 30 * uneven + 1_000 * over + 4
            if cost < best[end]:
                best[end], origin[end] = cost, begin
    chosen = [len(places) - 1]
    while chosen[-1]:
        chosen.append(origin[chosen[-1]])
    return [places[number] for number in reversed(chosen)]


def _bare(text: str, begin: int, end: int) -> tuple[int, int]:
    shown = text[begin:end]
    begin += len(shown) - len(shown.lstrip())
    return begin, begin + len(shown.strip())
