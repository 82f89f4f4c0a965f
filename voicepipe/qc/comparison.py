"""What was heard against what should be: stretches that are missing, added, repeated or exchanged.

Both are rows of units with sounds; they are compared by sound, so that homophones and near sounds,
which recognisers write in many ways, count little or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from voicepipe.qc.sound_distance import ALIKE, MISSED, Step, align_sounds, cost_within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.qc.spoken_units import SpokenUnit

_GONE: Final = 0.6
"""A unit is missing when so much of its sounds is."""
_WRONG: Final = 0.4
"""A unit is another one when its sounds cost so much on average."""


class Kind(Enum):
    """What is wrong with a stretch."""

    MISSING = "missing"
    ADDED = "added"
    REPEATED = "repeated"
    EXCHANGED = "exchanged"


_TOO_MUCH: Final = frozenset({Kind.ADDED, Kind.REPEATED})
_FEW: Final = 3
"""Sounds that may be added by a word that is heard wrongly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Neighbouring units with one thing wrong."""

    kind: Kind
    expected: tuple[int, int]
    """Units of the line, from and to; empty for what was added before that unit."""
    heard: tuple[int, int]
    """Units that were heard in their place; empty for what is missing."""
    n_sounds: int
    """How much is missing, too much or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A line and what was heard of it."""

    expected: tuple[SpokenUnit, ...]
    heard: tuple[SpokenUnit, ...]
    stretches: tuple[Stretch, ...]
    """In the order of the line."""
    error: float
    """What it costs to turn one into the other, by sound of the line; over 1: hardly a word."""
    wrong: float
    """What the sounds cost that were heard in the place of others, by such sound."""
    unheard: float
    """What the line's own sounds cost that were heard as others or not at all, by sound of the
    line: what was heard besides counts nothing."""
    lost: int
    """Sounds of the line that lack, after those that were heard in the place of others: wrong words
    are about as long as right ones, missing ones are not."""

    @property
    def wrong_units(self) -> float:
        """Units that are missing, added or exchanged, by unit of the line."""
        wrong = sum(
            max(s.expected[1] - s.expected[0], s.heard[1] - s.heard[0]) for s in self.stretches
        )
        return wrong / max(1, len(self.expected))


def compare(expected: Sequence[SpokenUnit], heard: Sequence[SpokenUnit]) -> Comparison:
    """Compare what was heard with what should be."""
    pairs = align_sounds(
        _sounds(expected),
        _sounds(heard),
        expected_starts=_starts(expected),
        heard_starts=_starts(heard),
    )
    owner, heard_owner = _owners(expected), _owners(heard)
    costs = [0.0] * len(expected)
    gone = [0] * len(expected)
    spans = [[len(heard), 0] for _ in expected]
    added = [True] * len(heard)
    before = [0] * len(heard)
    for pair in pairs:
        if pair.step is Step.ADDED:
            before[heard_owner[pair.heard]] = _unit_at(owner, pair.expected, len(expected))
            continue
        unit = owner[pair.expected]
        costs[unit] += pair.cost
        if pair.step is Step.MISSING:
            gone[unit] += 1
            continue
        word = heard_owner[pair.heard]
        added[word] = False
        spans[unit] = [min(spans[unit][0], word), max(spans[unit][1], word + 1)]
    missing = [gone[n] >= _GONE * len(unit.sounds) for n, unit in enumerate(expected)]
    wrong = [
        not missing[n] and costs[n] >= _WRONG * len(unit.sounds) for n, unit in enumerate(expected)
    ]
    places = _filled(spans, len(heard))
    stretches = [
        *_of_the_line(Kind.MISSING, missing, expected, places),
        *_of_the_line(Kind.EXCHANGED, wrong, expected, places),
        *_of_the_heard(expected, heard, added, before),
    ]
    total = sum(pair.cost for pair in pairs)
    matched = [pair.cost for pair in pairs if pair.step is Step.MATCH]
    n_gone = sum(pair.step is Step.MISSING for pair in pairs)
    n_added = sum(s.n_sounds for s in stretches if s.kind in _TOO_MUCH and s.n_sounds > _FEW)
    return Comparison(
        expected=tuple(expected),
        heard=tuple(heard),
        stretches=tuple(sorted(stretches, key=lambda s: (s.expected, s.heard))),
        error=total / max(1, len(owner)),
        wrong=sum(matched) / max(1, len(matched)),
        unheard=(sum(matched) + MISSED * n_gone) / max(1, len(owner)),
        lost=len(owner) - (len(heard_owner) - n_added),
    )


def _sounds(units: Sequence[SpokenUnit]) -> list[str]:
    return [sound for unit in units for sound in unit.sounds]


def _starts(units: Sequence[SpokenUnit]) -> frozenset[int]:
    return frozenset(accumulate((len(unit.sounds) for unit in units[:-1]), initial=0))


def _owners(units: Sequence[SpokenUnit]) -> list[int]:
    return [number for number, unit in enumerate(units) for _ in unit.sounds]


def _unit_at(owner: Sequence[int], sound: int, n_units: int) -> int:
    return owner[sound] if sound < len(owner) else n_units


def _filled(spans: Sequence[Sequence[int]], n_heard: int) -> tuple[tuple[int, int], ...]:
    """Give units without anything heard an empty place after the one before."""
    places: list[tuple[int, int]] = []
    end = 0
    for start, stop in spans:
        place = (start, stop) if start < stop else (end, end)
        places.append(place)
        end = min(n_heard, max(end, place[1]))
    return tuple(places)


def _of_the_line(
    kind: Kind,
    flags: Sequence[bool],
    expected: Sequence[SpokenUnit],
    places: Sequence[tuple[int, int]],
) -> Iterator[Stretch]:
    for start, end in _runs(flags):
        yield Stretch(
            kind=kind,
            expected=(start, end),
            heard=(places[start][0], max(places[start][0], places[end - 1][1])),
            n_sounds=len(_sounds(expected[start:end])),
        )


def _of_the_heard(
    expected: Sequence[SpokenUnit],
    heard: Sequence[SpokenUnit],
    added: Sequence[bool],
    before: Sequence[int],
) -> Iterator[Stretch]:
    for start, end in _runs(added):
        place = before[start]
        extra = _sounds(heard[start:end])
        near = (expected, heard[:start], heard[end:])
        is_repeat = len(extra) > _FEW and any(
            cost_within(extra, _sounds(row)) <= ALIKE for row in near
        )
        yield Stretch(
            kind=Kind.REPEATED if is_repeat else Kind.ADDED,
            expected=(place, place),
            heard=(start, end),
            n_sounds=len(extra),
        )


def _runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number, flag in enumerate(flags):
        if flag and runs and runs[-1][1] == number:
            runs[-1] = (runs[-1][0], number + 1)
        elif flag:
            runs.append((number, number + 1))
    return runs
