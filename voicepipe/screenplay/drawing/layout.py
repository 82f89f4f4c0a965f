"""The second half of a layered drawing: where everything stands, to the pixel.

Boxes keep their order and distance and are drawn to the middle of what they are linked with; links
become points to draw a curve through.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.drawing.ranks import arrange

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicepipe.screenplay.drawing.ranks import Layering

Point = tuple[float, float]

BEND_WIDTH: Final = 10.0
ROUNDS: Final = 16
STRAIGHT: Final = 6.0
"""How much more a link wants to be straight between two bends than at a box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Something to place."""

    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An arrow between two different boxes."""

    source: int
    target: int
    label: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a link runs."""

    points: tuple[Point, ...]
    """From the source's edge to the target's, at least two."""
    label: Point | None
    """The middle of the label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A finished drawing; y grows downwards, nothing is left or above of (0, 0)."""

    width: float
    height: float
    centres: tuple[Point, ...]
    routes: tuple[Route, ...]


def lay_out(
    boxes: Sequence[Box],
    links: Sequence[Link],
    *,
    roots: Iterable[int] = (),
    bottom: Iterable[int] = (),
    side_gap: float = 28.0,
    layer_gap: float = 20.0,
) -> Layout:
    """Draw boxes in layers, links mostly downwards.

    Args:
        boxes: In the order they should stand where nothing else decides.
        links: Between different boxes.
        roots: Boxes to stand on top.
        bottom: Boxes without links of their own that stand in the last layer.
        side_gap: Pixels between neighbours.
        layer_gap: Pixels between layers; a link crosses two gaps.
    """
    if not boxes:
        return Layout(width=0, height=0, centres=(), routes=())
    ends = [(link.source, link.target) for link in links]
    layering = arrange(len(boxes), ends, roots=roots, bottom=bottom)
    sizes = _sizes(boxes, links, layering)
    across = _positions(layering, sizes, len(boxes), side_gap)
    left = min(x - size.width / 2 for x, size in zip(across, sizes, strict=True))
    centres: list[Point] = [(0.0, 0.0)] * layering.n_items
    top = 0.0
    for layer in layering.layers:
        height = max((sizes[item].height for item in layer), default=0.0)
        for item in layer:
            centres[item] = (across[item] - left, top + height / 2)
        top += height + layer_gap
    return Layout(
        width=max(x + size.width / 2 for (x, _), size in zip(centres, sizes, strict=True)),
        height=top - layer_gap,
        centres=tuple(centres[: len(boxes)]),
        routes=_routes(links, layering, centres, sizes),
    )


def _sizes(boxes: Sequence[Box], links: Sequence[Link], layering: Layering) -> list[Box]:
    sizes = [*boxes, *([Box(width=BEND_WIDTH, height=0)] * (layering.n_items - len(boxes)))]
    for link, chain, turned in zip(links, layering.chains, layering.is_turned, strict=True):
        if link.label is not None:
            sizes[_label_bend(chain, turned=turned)] = link.label
    return sizes


def _label_bend(chain: Sequence[int], *, turned: bool) -> int:
    """The bend next to the link's source carries its label."""
    return chain[-2] if turned else chain[1]


def _positions(
    layering: Layering, sizes: Sequence[Box], n_boxes: int, side_gap: float
) -> list[float]:
    """Find where everything stands from left to right."""
    across = [0.0] * layering.n_items
    gaps = [_gaps(layer, sizes, n_boxes, side_gap) for layer in layering.layers]
    for layer, between in zip(layering.layers, gaps, strict=True):
        x = 0.0
        for item, gap in zip(layer, (0.0, *between), strict=True):
            x += gap
            across[item] = x
        for item in layer:
            across[item] -= x / 2
    above, below = _neighbours(layering, n_boxes)
    for number in range(ROUNDS):
        rows = list(zip(layering.layers, gaps, strict=True))
        is_last = number >= ROUNDS - 2
        for layer, between in rows if number % 2 == 0 else reversed(rows):
            for item in layer:
                sides = above[item] if number % 2 == 0 else below[item]
                around = (*above[item], *below[item]) if is_last else sides
                across[item] = _pulled(across[item], around, across)
            _keep_apart(layer, between, across)
    for layer, between in zip(layering.layers, gaps, strict=True):
        _tuck_in(layer, between, across, [bool(above[i] or below[i]) for i in layer])
    return across


def _tuck_in(
    layer: Sequence[int], gaps: Sequence[float], across: list[float], is_linked: Sequence[bool]
) -> None:
    """Move boxes without links next to their left neighbours, out of nobody's way."""
    for position, gap in enumerate(gaps, start=1):
        if not is_linked[position]:
            across[layer[position]] = across[layer[position - 1]] + gap


def _gaps(layer: Sequence[int], sizes: Sequence[Box], n_boxes: int, side: float) -> list[float]:
    """Say how far apart neighbours have to be, from middle to middle."""
    return [
        (sizes[a].width + sizes[b].width) / 2 + (side if min(a, b) < n_boxes else side / 2)
        for a, b in pairwise(layer)
    ]


_Around = list[list[tuple[int, float]]]


def _neighbours(layering: Layering, n_boxes: int) -> tuple[_Around, _Around]:
    above: _Around = [[] for _ in range(layering.n_items)]
    below: _Around = [[] for _ in range(layering.n_items)]
    for chain in layering.chains:
        for upper, lower in pairwise(chain):
            pull = STRAIGHT if min(upper, lower) >= n_boxes else 1.0
            below[upper].append((lower, pull))
            above[lower].append((upper, pull))
    return above, below


def _pulled(x: float, around: Sequence[tuple[int, float]], across: Sequence[float]) -> float:
    total = sum(pull for _, pull in around)
    return sum(across[other] * pull for other, pull in around) / total if total else x


def _keep_apart(layer: Sequence[int], gaps: Sequence[float], across: list[float]) -> None:
    """Move neighbours apart, all together as little as possible.

    Least squares under an order: pool adjacent violators, after taking the gaps off.
    """
    offset, offsets = 0.0, []
    for gap in (0.0, *gaps):
        offset += gap
        offsets.append(offset)
    pools: list[tuple[float, int]] = []
    for item, taken_off in zip(layer, offsets, strict=False):
        total, count = across[item] - taken_off, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before, n_before = pools.pop()
            total, count = total + before, count + n_before
        pools.append((total, count))
    position = 0
    for total, count in pools:
        for _ in range(count):
            across[layer[position]] = total / count + offsets[position]
            position += 1


def _routes(
    links: Sequence[Link], layering: Layering, centres: Sequence[Point], sizes: Sequence[Box]
) -> tuple[Route, ...]:
    ports = _ports(layering, centres, sizes)
    routes = []
    for number, (link, chain) in enumerate(zip(links, layering.chains, strict=True)):
        upper, lower = chain[0], chain[-1]
        points = [(ports[number, True], centres[upper][1] + sizes[upper].height / 2)]
        points += [centres[bend] for bend in chain[1:-1]]
        points.append((ports[number, False], centres[lower][1] - sizes[lower].height / 2))
        turned = layering.is_turned[number]
        label = None
        if link.label is not None:
            label = centres[_label_bend(chain, turned=turned)]
        routes.append(Route(points=tuple(reversed(points) if turned else points), label=label))
    return tuple(routes)


def _ports(
    layering: Layering, centres: Sequence[Point], sizes: Sequence[Box]
) -> dict[tuple[int, bool], float]:
    """Spread the ends of links over the boxes' edges, so that they do not start as one."""
    ends: dict[tuple[int, bool], list[tuple[float, int]]] = {}
    for number, chain in enumerate(layering.chains):
        ends.setdefault((chain[0], True), []).append((centres[chain[1]][0], number))
        ends.setdefault((chain[-1], False), []).append((centres[chain[-2]][0], number))
    ports: dict[tuple[int, bool], float] = {}
    for (box, is_bottom), arriving in ends.items():
        span = min(sizes[box].width * 0.6, 26.0 * (len(arriving) - 1))
        step = span / (len(arriving) - 1) if len(arriving) > 1 else 0.0
        for position, (_, number) in enumerate(sorted(arriving)):
            ports[number, is_bottom] = centres[box][0] - span / 2 + step * position
    return ports
