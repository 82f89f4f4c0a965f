"""The search for what can happen against a plain one that knows no shortcuts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from story_builder import boolean, choice, effect, integer, jump, line, node, option, play, scene

from voicepipe.screenplay.expressions import Assignment, apply, evaluate, parse_assignment
from voicepipe.screenplay.expressions import parse_condition as condition_of
from voicepipe.screenplay.story.graph import build_graph
from voicepipe.screenplay.story.state_space import explore
from voicepipe.screenplay.syntax import Choice, DialogueLine, Effect, Jump

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
CHANGES = st.sampled_from(["a += 1", "a = b", "b -= 1", "b += 2", "c = true", "a = 0", "c = false"])
TARGETS = st.sampled_from(["n0", "n1", "n2", "n3", "END", "nowhere"])


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    found: list[Entry] = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["line", "set", "jump"]))
        if kind == "line":
            found.append(line("x", when=draw(CONDITIONS)))
        elif kind == "set":
            found.append(effect(*draw(st.lists(CHANGES, min_size=1, max_size=2))))
        else:
            found.append(jump(draw(TARGETS), draw(CONDITIONS)))
    if draw(st.booleans()):
        options = [
            option(
                draw(TARGETS),
                when=draw(CONDITIONS),
                sets=tuple(draw(st.lists(CHANGES, max_size=2))),
            )
            for _ in range(draw(st.integers(1, 3)))
        ]
        found.append(choice(*options))
    return found


STORIES = st.lists(entries(), min_size=4, max_size=4).map(
    lambda nodes: play(*VARIABLES, scene("s", *(node(f"n{i}", *e) for i, e in enumerate(nodes))))
)


@dataclass
class Plain:
    entered: set[int] = field(default_factory=set)
    taken: set[tuple[int, int]] = field(default_factory=set)
    heard: set[tuple[int, int]] = field(default_factory=set)
    stops: set[int] = field(default_factory=set)
    stuck: set[tuple[int, int]] = field(default_factory=set)
    trapped: set[int] = field(default_factory=set)


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


def steps(
    graph: StoryGraph, place: int, state: State, found: Plain
) -> list[tuple[int, State] | None]:
    """Where a run of a node can lead; None is out of the story."""
    here = graph.places[place]
    ways = list(enumerate(here.exits))
    for position, entry in enumerate(here.node.entries[: here.length]):
        if isinstance(entry, DialogueLine):
            found.heard |= {(place, position)} if entry.when and holds(entry.when, state) else set()
        elif isinstance(entry, Effect):
            state = changed(entry.assignments, state)
        elif isinstance(entry, Jump):
            number, way = ways.pop(0)
            if holds(entry.when, state):
                return [follow(place, number, way, state, found)]
        elif isinstance(entry, Choice):
            chosen = [follow(place, n, w, state, found) for n, w in ways if holds(w.when, state)]
            if not chosen:
                found.stuck.add((place, position))
            return chosen or [None]
    found.stops.add(place)
    return [None]


def follow(
    place: int, number: int, way: Exit, state: State, found: Plain
) -> tuple[int, State] | None:
    found.taken.add((place, number))
    return None if way.target < 0 else (way.target, changed(way.effects, state))


def plainly(story: Screenplay) -> Plain:
    graph, found = build_graph(story), Plain()
    leads: dict[tuple[int, tuple[int, ...]], list[tuple[int, tuple[int, ...]] | None]] = {}
    waiting: list[tuple[int, State]] = [(graph.start, START)]
    while waiting:
        place, state = waiting.pop()
        key = (place, tuple(state.values()))
        if key in leads:
            continue
        found.entered.add(place)
        after = steps(graph, place, state, found)
        leads[key] = [
            None if step is None else (step[0], tuple(step[1].values())) for step in after
        ]
        waiting += [step for step in after if step is not None]
    free: set[tuple[int, tuple[int, ...]]] = set()
    grown = True
    while grown:
        fresh = {k for k, to in leads.items() if any(t is None or t in free for t in to)} - free
        free |= fresh
        grown = bool(fresh)
    found.trapped = {place for place, _ in leads.keys() - free}
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
