from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from voicepipe.screenplay.drawing.layout import Box, Layout, Link, lay_out
from voicepipe.screenplay.drawing.ranks import arrange
from voicepipe.screenplay.story.graph import strong_components

PLAIN = Box(width=60, height=30)
LABEL = Box(width=90, height=16)


def overlap(layout: Layout, boxes: list[Box]) -> bool:
    placed = list(zip(layout.centres, boxes, strict=True))
    return any(
        abs(ax - bx) < (a.width + b.width) / 2 - 0.01
        and abs(ay - by) < (a.height + b.height) / 2 - 0.01
        for ((ax, ay), a), ((bx, by), b) in combinations(placed, 2)
    )


def test_links_lead_downwards_with_a_label_between() -> None:
    layout = lay_out([PLAIN, PLAIN], [Link(source=0, target=1, label=LABEL)])
    (top, bottom), (route,) = layout.centres, layout.routes
    assert route.label is not None
    assert top[1] < route.label[1] < bottom[1]
    assert route.points[0][1] == top[1] + 15
    assert route.points[-1][1] == bottom[1] - 15


def test_a_link_back_is_drawn_from_its_source_to_its_target() -> None:
    links = [Link(source=0, target=1), Link(source=1, target=0, label=LABEL)]
    back = lay_out([PLAIN, PLAIN], links).routes[1]
    assert back.points[0][1] > back.points[-1][1]
    assert back.label is not None


def test_links_cross_no_more_than_they_must() -> None:
    links = [Link(source=0, target=3), Link(source=1, target=2)]
    layout = lay_out([PLAIN] * 4, links)
    assert (layout.centres[0][0] < layout.centres[1][0]) == (
        layout.centres[3][0] < layout.centres[2][0]
    )


def test_boxes_at_the_bottom_share_the_last_layer() -> None:
    links = [Link(source=0, target=1), Link(source=1, target=2), Link(source=0, target=3)]
    layout = lay_out([PLAIN] * 4, links, bottom=[3])
    assert layout.centres[3][1] == layout.centres[2][1]


def test_a_very_long_link_bends_at_its_ends_only() -> None:
    ends = [*((n, n + 1) for n in range(200)), (0, 200)]
    chain = arrange(201, ends).chains[-1]
    assert len(chain) == 4
    assert len(arrange(40, [*((n, n + 1) for n in range(39)), (0, 39)]).chains[-1]) == 79


def test_nothing_to_draw_takes_no_room() -> None:
    assert lay_out([], []).width == 0


def test_a_box_without_links_stands_beside_the_others() -> None:
    layout = lay_out([PLAIN] * 5, [Link(source=0, target=n) for n in (1, 2, 3)])
    assert layout.width < 60 * 3 + 28 * 3 + 60


_LINKS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda ends: ends[0] != ends[1]),
    max_size=16,
)


@settings(max_examples=80, deadline=None)
@given(
    _LINKS, st.lists(st.tuples(st.integers(20, 200), st.integers(10, 60)), min_size=8, max_size=8)
)
def test_boxes_never_overlap_and_nothing_leaves_the_picture(
    ends: list[tuple[int, int]], sizes: list[tuple[int, int]]
) -> None:
    boxes = [Box(width=w, height=h) for w, h in sizes]
    links = [Link(source=a, target=b, label=LABEL if a % 2 else None) for a, b in ends]
    layout = lay_out(boxes, links, roots=[0])
    assert not overlap(layout, boxes)
    for (x, y), box in zip(layout.centres, boxes, strict=True):
        assert -0.01 <= x - box.width / 2 <= x + box.width / 2 <= layout.width + 0.01
        assert -0.01 <= y - box.height / 2 <= y + box.height / 2 <= layout.height + 0.01
    for link, route in zip(links, layout.routes, strict=True):
        source, target = layout.centres[link.source], layout.centres[link.target]
        assert abs(route.points[0][0] - source[0]) <= boxes[link.source].width / 2
        assert abs(route.points[-1][0] - target[0]) <= boxes[link.target].width / 2


@settings(max_examples=80, deadline=None)
@given(_LINKS)
def test_every_link_runs_down_through_every_layer_between(ends: list[tuple[int, int]]) -> None:
    layering = arrange(8, ends)
    level = {item: n for n, layer in enumerate(layering.layers) for item in layer}
    assert len(level) == layering.n_items
    for (source, target), chain, turned in zip(
        ends, layering.chains, layering.is_turned, strict=True
    ):
        assert (chain[0], chain[-1]) == ((target, source) if turned else (source, target))
        levels = [level[item] for item in chain]
        assert levels == list(range(levels[0], levels[0] + len(chain)))


@settings(max_examples=100, deadline=None)
@given(_LINKS)
def test_components_are_the_sets_of_places_that_reach_each_other(
    ends: list[tuple[int, int]],
) -> None:
    successors: list[list[int]] = [[] for _ in range(8)]
    for source, target in ends:
        successors[source].append(target)
    reach = [{n} for n in range(8)]
    for _ in range(8):
        for n in range(8):
            reach[n] |= {far for near in successors[n] for far in reach[near]}
    expected = {frozenset(m for m in range(8) if m in reach[n] and n in reach[m]) for n in range(8)}
    groups = strong_components(successors)
    assert {frozenset(group) for group in groups} == expected
    assert sum(map(len, groups)) == 8
