"""The search for what can happen against a plain one that knows no shortcuts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from story_builder import (
    boolean,
    choice,
    detour,
    effect,
    integer,
    jump,
    line,
    node,
    option,
    play,
    scene,
)

from voicepipe.screenplay.expressions import Assignment, apply, evaluate, parse_assignment
from voicepipe.screenplay.expressions import parse_condition as condition_of
from voicepipe.screenplay.story.graph import ENDING, RETURNING, build_graph
from voicepipe.screenplay.story.state_space import explore
from voicepipe.screenplay.syntax import Choice, Detour, DialogueLine, Effect, Jump

if TYPE_CHECKING:
    from voicepipe.screenplay.expressions import State
    from voicepipe.screenplay.story.graph import Exit, StoryGraph
    from voicepipe.screenplay.syntax import Entry, Expression, Screenplay

VARIABLES = (integer("a", 0, 3, "1"), integer("b", 0, 2), boolean("c"))
BOUNDS = {"a": (0, 3), "b": (0, 2)}
START: State = {"a": 1, "b": 0, "c": False}

CONDITIONS = st.sampled_from(
    ["", "a > 1", "b == 2", "c", "not c and a < 3", "a == b", "a != 2 or c", "3 <= a", "true"]
)
CHANGES = st.sampled_from(
    [
        *("a += 1", "a = b", "b -= 1", "b += 2", "c = true", "a = 0", "c = false"),
        *("a = 2 if c", "b += 1 if a > b", "c = true if not c and b == 0"),
    ]
)
TARGETS = st.sampled_from(["n0", "n1", "n2", "n3", "d0", "END", "nowhere"])
WITHIN_DETOURS = st.sampled_from(["d0", "d1", "RETURN", "RETURN", "END", "nowhere"])


@st.composite
def entries(draw: st.DrawFn, targets: st.SearchStrategy[str], detours: list[str]) -> list[Entry]:
    found: list[Entry] = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["line", "set", "jump", *(["detour"] if detours else [])]))
        if kind == "line":
            found.append(line("x", when=draw(CONDITIONS)))
        elif kind == "set":
            found.append(effect(*draw(st.lists(CHANGES, min_size=1, max_size=2))))
        elif kind == "detour":
            found.append(detour(draw(st.sampled_from(detours)), draw(CONDITIONS)))
        else:
            found.append(jump(draw(targets), draw(CONDITIONS)))
    if draw(st.booleans()):
        options = [
            option(
                draw(targets),
                when=draw(CONDITIONS),
                sets=tuple(draw(st.lists(CHANGES, max_size=2))),
                once=draw(st.booleans()),
            )
            for _ in range(draw(st.integers(1, 3)))
        ]
        found.append(choice(*options))
    return found


@st.composite
def stories(draw: st.DrawFn) -> Screenplay:
    """Four nodes that lead anywhere, and three that detours play; `d2` plays the others."""
    nodes = [
        node(
            f"n{number}",
            *draw(entries(TARGETS, ["d0", "d1", "d2", "nowhere"])),
            is_entry=number == 3 and draw(st.booleans()),
        )
        for number in range(4)
    ]
    nodes += [node(f"d{n}", *draw(entries(WITHIN_DETOURS, []))) for n in range(2)]
    nodes += [node("d2", *draw(entries(WITHIN_DETOURS, ["d0", "d1"])))]
    return play(*VARIABLES, scene("s", *nodes))


STORIES = stories()


class Point(NamedTuple):
    """Where a run is, and all that it remembers."""

    place: int
    position: int
    values: tuple[int | bool, ...]
    detours: tuple[tuple[int, int], ...] = ()
    taken: frozenset[tuple[int, int]] = frozenset()

    @property
    def state(self) -> State:
        return dict(zip(START, self.values, strict=True))


@dataclass
class Plain:
    entered: set[int] = field(default_factory=set)
    taken: set[tuple[int, int]] = field(default_factory=set)
    heard: set[tuple[int, int]] = field(default_factory=set)
    stops: set[int] = field(default_factory=set)
    stuck: set[tuple[int, int]] = field(default_factory=set)
    lost: set[tuple[int, int]] = field(default_factory=set)
    trapped: set[int] = field(default_factory=set)
    ended_with: set[Point] = field(default_factory=set)


def holds(written: Expression | None, state: State) -> bool:
    if written is None:
        return True
    parsed = condition_of(written.raw)
    return evaluate(parsed, state)  # type: ignore[arg-type]


def changed(written: tuple[Expression, ...], state: State) -> State:
    for expression in written:
        change = parse_assignment(expression.raw)
        assert isinstance(change, Assignment)
        state = apply(change, state, BOUNDS)
    return state


def steps(graph: StoryGraph, point: Point, found: Plain) -> list[Point | None]:
    """Where a run from a point can lead; None is out of the story."""
    place, state = point.place, point.state
    here = graph.places[place]
    edges = [(n, edge) for n, edge in enumerate(here.exits) if edge.entry >= point.position]
    for position in range(point.position, here.length):
        entry = here.node.entries[position]
        now = point._replace(position=position, values=tuple(state.values()))
        if isinstance(entry, DialogueLine):
            found.heard |= {(place, position)} if entry.when and holds(entry.when, state) else set()
        elif isinstance(entry, Effect):
            state = changed(entry.assignments, state)
        elif isinstance(entry, Jump | Detour):
            number, edge = edges.pop(0)
            missing = isinstance(entry, Detour) and edge.target < 0
            if holds(entry.when, state) and not missing:
                return [follow(now, number, edge, found)]
        elif isinstance(entry, Choice):
            is_open = [(n, w) for n, w in edges if holds(w.when, state)]
            is_open = [(n, w) for n, w in is_open if (place, n) not in point.taken]
            if not is_open:
                found.stuck.add((place, position))
            return [follow(now, n, w, found) for n, w in is_open] or [None]
    found.stops.add(place)
    found.ended_with.add(point._replace(values=tuple(state.values())))
    return [None]


def follow(now: Point, number: int, edge: Exit, found: Plain) -> Point | None:
    found.taken.add((now.place, number))
    values = tuple(changed(edge.effects, now.state).values())
    taken = now.taken
    if edge.option is not None and edge.option.is_once:
        taken |= {(now.place, number)}
    after = now._replace(place=edge.target, position=0, values=values, taken=taken)
    if edge.target == RETURNING and now.detours:
        (place, entry), rest = now.detours[0], now.detours[1:]
        return after._replace(place=place, position=entry + 1, detours=rest)
    if edge.target == RETURNING:
        found.lost.add((now.place, number))
    if edge.target == ENDING:
        found.ended_with.add(after)
    if edge.target < 0:
        return None
    if edge.is_detour:
        return after._replace(detours=((now.place, edge.entry), *now.detours))
    return after


def plainly(story: Screenplay) -> Plain:
    graph, found = build_graph(story), Plain()
    leads: dict[Point, list[Point | None]] = {}
    begin = Point(graph.start, 0, tuple(START.values()))
    waiting = [begin, *(begin._replace(place=place) for place in graph.entries)]
    while waiting:
        point = waiting.pop()
        if point in leads:
            continue
        found.entered.add(point.place)
        leads[point] = steps(graph, point, found)
        waiting += [step for step in leads[point] if step is not None]
        waiting += [
            Point(place, 0, ended.values, (), ended.taken)
            for ended in found.ended_with
            for place in graph.entries
        ]
        found.ended_with.clear()
    free: set[Point] = set()
    grown = True
    while grown:
        fresh = {k for k, to in leads.items() if any(t is None or t in free for t in to)} - free
        free |= fresh
        grown = bool(fresh)
    found.trapped = {point.place for point in leads.keys() - free}
    return found


@settings(max_examples=300, deadline=None)
@given(STORIES)
def test_the_search_finds_just_what_a_plain_one_finds(story: Screenplay) -> None:
    expected = plainly(story)
    found = explore(build_graph(story), story.variables, limit=10_000)
    assert found.is_exact
    assert {n for n, is_entered in enumerate(found.entered) if is_entered} == expected.entered
    assert found.taken == expected.taken
    assert found.heard == expected.heard
    assert set(found.stops) == expected.stops
    assert set(found.stuck) == expected.stuck
    assert found.lost_returns == expected.lost
    assert found.trapped == expected.trapped


@settings(max_examples=150, deadline=None)
@given(STORIES, st.integers(1, 6))
def test_a_search_cut_short_never_misses_what_can_happen(story: Screenplay, limit: int) -> None:
    expected = plainly(story)
    found = explore(build_graph(story), story.variables, limit=limit)
    assert {n for n, is_entered in enumerate(found.entered) if is_entered} >= expected.entered
    assert found.taken >= expected.taken
    assert found.heard >= expected.heard
    assert set(found.stops) <= expected.stops
    assert set(found.stuck) <= expected.stuck
    assert found.lost_returns <= expected.lost
    assert found.trapped <= expected.trapped


def test_very_wide_choices_use_up_the_bound_sooner() -> None:
    options = [option("n0", sets=("a += 1",)) for _ in range(2000)]
    story = play(
        integer("a", 0, 100_000),
        scene("s", node("n0", choice(*options, option("n1", when="a > 99000"))), node("n1")),
    )
    found = explore(build_graph(story), story.variables, limit=1000)
    assert not found.is_exact
    assert found.situations < 100
    assert found.entered == [True, True]
