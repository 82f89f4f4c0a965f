"""The first half of a layered drawing: who stands in which layer, and in which order.

Loops are broken by turning some links around, links over several layers get a bend in each, and
layers are reordered until fewer links cross. Knows boxes and links, nothing of stories.

Source: Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
structures", 1981.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SWEEPS: Final = 12
SWEEPS_WHEN_LARGE: Final = 4
LARGE: Final = 4000
"""Links from which on order matters less than patience."""

LONGEST: Final = 100
"""Layers that a link is led through one by one; a longer one bends at its ends only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layering:
    """Boxes and bends in layers. Bends are numbered after the boxes."""

    layers: list[list[int]]
    """From the top; each from left to right."""
    chains: list[tuple[int, ...]]
    """For each link the boxes and bends it runs through, from the upper end to the lower."""
    is_turned: list[bool]
    """The link points upwards: its source is the lower end."""
    n_items: int


def arrange(
    n_boxes: int,
    links: Sequence[tuple[int, int]],
    *,
    roots: Iterable[int] = (),
    bottom: Iterable[int] = (),
) -> Layering:
    """Put boxes into layers, two layers a link, so that a label has one of its own.

    Args:
        n_boxes: How many there are.
        links: From box to box; none to itself.
        roots: Boxes to begin at, on top.
        bottom: Boxes that lead nowhere and stand in the last layer.
    """
    order, is_turned = _break_loops(n_boxes, links, roots)
    downward = [
        (b, a) if turned else (a, b) for (a, b), turned in zip(links, is_turned, strict=True)
    ]
    rank = _ranks(n_boxes, downward, order)
    lowest = max(rank, default=0)
    for box in bottom:
        rank[box] = lowest
    layers: list[list[int]] = [[] for _ in range(lowest + 1)]
    for box in order:
        layers[rank[box]].append(box)
    chains = []
    n_items = n_boxes
    for upper, lower in downward:
        levels: Sequence[int] = range(rank[upper] + 1, rank[lower])
        if len(levels) > LONGEST:
            levels = (levels[0], levels[-1])
        bends = range(n_items, n_items + len(levels))
        n_items += len(bends)
        for level, bend in zip(levels, bends, strict=True):
            layers[level].append(bend)
        chains.append((upper, *bends, lower))
    _reorder(layers, chains, n_items)
    return Layering(layers=layers, chains=chains, is_turned=is_turned, n_items=n_items)


def _break_loops(
    n_boxes: int, links: Sequence[tuple[int, int]], roots: Iterable[int]
) -> tuple[list[int], list[bool]]:
    """Walk depth first; links that lead back to where the walk came through are turned."""
    outgoing: list[list[tuple[int, int]]] = [[] for _ in range(n_boxes)]
    for number, (source, target) in enumerate(links):
        outgoing[source].append((number, target))
    is_turned = [False] * len(links)
    seen, is_open = [False] * n_boxes, [False] * n_boxes
    order: list[int] = []
    for root in (*roots, *range(n_boxes)):
        if seen[root]:
            continue
        seen[root] = is_open[root] = True
        order.append(root)
        walk = [(root, iter(outgoing[root]))]
        while walk:
            box, rest = walk[-1]
            number, target = next(rest, (-1, -1))
            if number < 0:
                is_open[box] = False
                walk.pop()
            elif is_open[target]:
                is_turned[number] = True
            elif not seen[target]:
                seen[target] = is_open[target] = True
                order.append(target)
                walk.append((target, iter(outgoing[target])))
    return order, is_turned


def _ranks(n_boxes: int, downward: Sequence[tuple[int, int]], order: Sequence[int]) -> list[int]:
    """Give each box the layer below everything that leads to it."""
    lower: list[list[int]] = [[] for _ in range(n_boxes)]
    n_above = [0] * n_boxes
    for upper, below in downward:
        lower[upper].append(below)
        n_above[below] += 1
    rank = [0] * n_boxes
    ready = [box for box in order if not n_above[box]]
    for box in ready:
        for below in lower[box]:
            rank[below] = max(rank[below], rank[box] + 2)
            n_above[below] -= 1
            if not n_above[below]:
                ready.append(below)
    return rank


def _reorder(layers: list[list[int]], chains: Sequence[tuple[int, ...]], n_items: int) -> None:
    """Order each layer by where its neighbours stand, down and up, and keep the best."""
    above: list[list[int]] = [[] for _ in range(n_items)]
    below: list[list[int]] = [[] for _ in range(n_items)]
    for chain in chains:
        for upper, lower in pairwise(chain):
            below[upper].append(lower)
            above[lower].append(upper)
    place = [0] * n_items
    _note_places(layers, place)
    best, fewest = [list(layer) for layer in layers], _crossings(layers, below, place)
    for sweep in range(SWEEPS_WHEN_LARGE if len(chains) > LARGE else SWEEPS):
        if not fewest:
            break
        is_downward = sweep % 2 == 0
        for layer in layers if is_downward else reversed(layers):
            neighbours = above if is_downward else below
            wanted = {item: _middle(item, neighbours[item], place) for item in layer}
            layer.sort(key=wanted.__getitem__)
            for position, item in enumerate(layer):
                place[item] = position
        crossings = _crossings(layers, below, place)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    layers[:] = best


def _note_places(layers: Sequence[Sequence[int]], place: list[int]) -> None:
    for layer in layers:
        for position, item in enumerate(layer):
            place[item] = position


def _middle(item: int, around: Sequence[int], place: Sequence[int]) -> float:
    return sum(place[other] for other in around) / len(around) if around else place[item]


def _crossings(
    layers: Sequence[Sequence[int]], below: Sequence[Sequence[int]], place: Sequence[int]
) -> int:
    total = 0
    for layer in layers:
        ends: list[int] = []
        for item in layer:
            targets = sorted(place[other] for other in below[item])
            total += sum(len(ends) - bisect_right(ends, target) for target in targets)
            for target in targets:
                insort(ends, target)
    return total
