"""How different two phonemes sound, and the cheapest way from one row of them to another.

Recognisers write what sounds alike, so a near sound must count less than another one: a tone or a
stress that differs, a voiced for a voiceless consonant, a vowel for its neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MISSED: Final = 0.8
"""A sound that is left out, or one too many: together dearer than a wrong one."""
ALIKE: Final = 0.3
"""By sound, on average: what costs more is not the same words."""
_BEGUN: Final = 0.2
_BEGUN_INSIDE: Final = 0.4
_OTHER_TONE: Final = 0.2
_NEAR: Final = 0.35
_SAME_KIND: Final = 0.7
_OTHER_KIND: Final = 1.0
_NEAR_CONSONANTS: Final = (
    {"b", "p"},
    {"d", "t"},
    {"g", "k"},
    {"z", "s", "c", "zh", "sh", "ch", "j", "q", "x", "ts"},
    {"v", "f", "b", "h"},
    {"n", "m", "ng", "l"},
    {"l", "r", "n", "d"},
    {"th", "dh", "s", "z", "f", "v", "d", "t"},
    {"jh", "ch", "zh", "sh", "j"},
    {"k", "h", "g"},
    {"w", "v", "u", "y"},
    {"ㄱ", "ㅋ", "ㄲ"},
    {"ㄷ", "ㅌ", "ㄸ"},
    {"ㅂ", "ㅍ", "ㅃ"},
    {"ㅈ", "ㅊ", "ㅉ", "ㅅ", "ㅆ"},
    {"ㄴ", "ㄹ", "ㅁ", "ㅇ"},
)
_VOWEL_LETTERS: Final = frozenset("aeiouv") | frozenset("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅛㅜㅠㅡㅣ")


class Step(Enum):
    """One move of an alignment."""

    MATCH = "match"
    MISSING = "missing"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Pair:
    """One step of an alignment: places in both rows, of which a missing or added sound has one."""

    step: Step
    expected: int
    """Place in the expected row; of an added sound, of the next one."""
    heard: int
    """Place in the heard row; of a missing sound, of the next one."""
    cost: float


@lru_cache(maxsize=1 << 14)
def sound_distance(one: str, other: str) -> float:
    """Tell how different two phonemes sound: 0 the same, 1 nothing in common."""
    if one == other:
        return 0.0
    a, b = _base(one), _base(other)
    if a == b:
        return _OTHER_TONE
    if _is_vowel(a) != _is_vowel(b):
        return _OTHER_KIND
    if _is_vowel(a):
        shared = len(set(a) & set(b)) / len(set(a) | set(b))
        return _SAME_KIND - (_SAME_KIND - _NEAR) * min(1.0, 2 * shared)
    is_near = any(a in near and b in near for near in _NEAR_CONSONANTS)
    return _NEAR if is_near else _SAME_KIND


def align_sounds(
    expected: Sequence[str],
    heard: Sequence[str],
    *,
    expected_starts: frozenset[int] = frozenset(),
    heard_starts: frozenset[int] = frozenset(),
) -> tuple[Pair, ...]:
    """Find the cheapest way from what should be heard to what is.

    To begin a stretch of missing or added sounds costs a little, and more inside a word, so that
    they stay together: whole words are left out and said twice.

    Args:
        expected: Sounds of the line.
        heard: Sounds of what was heard.
        expected_starts: Places where a word of the line begins.
        heard_starts: Places where a heard word begins.

    Source: Gotoh, 1982.
    """
    costs = _cheapest(expected, heard, expected_starts, heard_starts)
    i, j = len(expected), len(heard)
    step = min(Step, key=lambda one: costs[i, j, one][0])
    pairs: list[Pair] = []
    while i or j:
        before = costs[i, j, step][1]
        if step is Step.MATCH:
            i, j = i - 1, j - 1
            pairs.append(Pair(step, i, j, sound_distance(expected[i], heard[j])))
        else:
            i, j = (i - 1, j) if step is Step.MISSING else (i, j - 1)
            pairs.append(Pair(step, i, j, MISSED))
        step = before
    return tuple(reversed(pairs))


_Costs = dict[tuple[int, int, Step], tuple[float, Step]]
_NEVER: Final = 1e9


def _cheapest(
    expected: Sequence[str],
    heard: Sequence[str],
    expected_starts: frozenset[int],
    heard_starts: frozenset[int],
) -> _Costs:
    """For each place and last step: the cost so far, and the step before."""
    costs: _Costs = {(0, 0, step): (_NEVER, step) for step in Step}
    costs[0, 0, Step.MATCH] = (0.0, Step.MATCH)
    for i in range(len(expected) + 1):
        for j in range(len(heard) + 1):
            if not i and not j:
                continue
            distance = sound_distance(expected[i - 1], heard[j - 1]) if i and j else _NEVER
            gone = _BEGUN if i - 1 in expected_starts else _BEGUN_INSIDE
            more = _BEGUN if j - 1 in heard_starts else _BEGUN_INSIDE
            costs[i, j, Step.MATCH] = _after(costs, i - 1, j - 1, Step.MATCH, distance, 0.0)
            costs[i, j, Step.MISSING] = _after(costs, i - 1, j, Step.MISSING, MISSED, gone)
            costs[i, j, Step.ADDED] = _after(costs, i, j - 1, Step.ADDED, MISSED, more)
    return costs


def _after(
    costs: _Costs, i: int, j: int, step: Step, cost: float, begun: float
) -> tuple[float, Step]:
    if i < 0 or j < 0:
        return _NEVER, step
    best, before = _NEVER, step
    for one in Step:
        total = costs[i, j, one][0] + cost + (begun if one is not step else 0.0)
        if total < best:
            best, before = total, one
    return best, before


def cost_within(sounds: Sequence[str], row_of_sounds: Sequence[str]) -> float:
    """Tell what it costs, by sound, to find a stretch anywhere in a longer row.

    Source: Sellers, 1980: approximate matching.
    """
    row = [0.0] * (len(row_of_sounds) + 1)
    for sound in sounds:
        above, row = row, [row[0] + 1.0]
        for place, other in enumerate(row_of_sounds, 1):
            row.append(
                min(above[place - 1] + sound_distance(sound, other), above[place] + 1, row[-1] + 1)
            )
    return min(row) / len(sounds)


def _base(phoneme: str) -> str:
    """Drop tone and stress, the mark of Cantonese symbols, and capitals."""
    bare = phoneme.rstrip("0123456789")
    if len(bare) > 1 and bare[0] == "Y" and bare[1].islower():
        bare = bare[1:]
    return bare.lower()


def _is_vowel(base: str) -> bool:
    return base[:1] in _VOWEL_LETTERS and base not in {"v"}
