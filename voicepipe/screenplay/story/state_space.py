"""Every way through the story with every combination of variables, up to a stated bound.

A *situation* is a place with the values that matter on entering it. Up to `limit` situations are
walked through, and within it what is found is exact. Beyond it every condition counts as
possible, so that nothing which can happen is ever said to be impossible.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.screenplay.story.compiled_steps import compile_steps
from voicepipe.screenplay.story.liveness import live_variables
from voicepipe.screenplay.story.story_steps import (
    StepKind,
    declared_variables,
    read_steps,
    start_value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.screenplay.story.compiled_steps import (
        Action,
        CompiledSteps,
        Departure,
        Range,
        Values,
    )
    from voicepipe.screenplay.story.graph import StoryGraph
    from voicepipe.screenplay.syntax import Variable

DEFAULT_STATE_LIMIT = 200_000
"""Situations: a second or two of work."""

WORK_A_SITUATION = 32
"""Entries and options looked at, on average; nodes with thousands of them count for more."""
LEAST_WORK = 100_000

AWAY = -1
"""Stands for leaving the story: `END`, a missing target, a dead end, a choice without options."""


@dataclass(slots=True)
class Exploration:
    """What can happen in a story. Filled by `explore`; read-only for everyone else."""

    limit: int
    situations: int = 0
    """How many were walked through."""
    is_exact: bool = True
    entered: list[bool] = field(default_factory=list)
    """Place → some path leads there."""
    furthest: list[int] = field(default_factory=list)
    """Place → the last entry any run gets to; the node's length when one runs off its end."""
    taken: set[tuple[int, int]] = field(default_factory=set)
    """(place, number of the exit) that some path takes."""
    heard: set[tuple[int, int]] = field(default_factory=set)
    """(place, entry) of conditional lines that some path speaks."""
    stops: dict[int, Mapping[str, int]] = field(default_factory=dict)
    """Place that a run falls out of → values with which it does."""
    stuck: dict[tuple[int, int], Mapping[str, int]] = field(default_factory=dict)
    """(place, entry) of a choice left without options → values with which it is."""
    trapped: set[int] = field(default_factory=set)
    """Places from which, with some values, the story can never be left; empty if not exact."""
    trapped_edges: set[tuple[int, int]] = field(default_factory=set)
    """(place, place) steps between situations that are trapped."""


def explore(
    graph: StoryGraph, variables: Sequence[Variable], *, limit: int = DEFAULT_STATE_LIMIT
) -> Exploration:
    """Walk through the story with every combination of values it can be in.

    Args:
        graph: The places; the walk begins at its start.
        variables: The declarations; of two with one name the first counts.
        limit: How many situations to walk through at most, at least 1.

    Returns:
        What can happen: exactly, or, when the limit was reached, at least everything that can.
    """
    programs = read_steps(graph, variables)
    declared = declared_variables(variables)
    steering = {name: v for name, v in declared.items() if v.kind in ("int", "bool")}
    masks = live_variables(programs, steering)
    names = list(steering)
    of_mask: dict[int, tuple[str, ...]] = {}
    for mask in masks:
        if mask not in of_mask:
            of_mask[mask] = tuple(n for bit, n in enumerate(names) if mask >> bit & 1)
    entry_names = [of_mask[mask] for mask in masks]
    compiled_steps = compile_steps(programs, entry_names, _ranges(steering))
    result = Exploration(limit=limit)
    result.entered = [False] * len(graph.places)
    result.furthest = [-1] * len(graph.places)
    if graph.start >= 0:
        start = tuple(start_value(steering[name]) or 0 for name in entry_names[graph.start])
        walk = _Walk(graph, compiled_steps, result)
        walk.run(graph.start, start)
        if result.is_exact:
            walk.find_traps()
        else:
            _allow_everything(graph, compiled_steps, walk.beyond, result)
    return result


def _ranges(steering: Mapping[str, Variable]) -> dict[str, Range]:
    return {
        variable.name: (variable.minimum, variable.maximum)
        for variable in steering.values()
        if variable.kind == "int"
    }


class _Walk:
    """Breadth first, so that the example found first is a short one."""

    def __init__(
        self, graph: StoryGraph, compiled_steps: Sequence[CompiledSteps], result: Exploration
    ) -> None:
        self._graph = graph
        self._compiled_steps = compiled_steps
        self._result = result
        self._known: list[dict[tuple[int, ...], int]] = [{} for _ in graph.places]
        self._place_of: list[int] = []
        self._waiting: deque[tuple[int, int, tuple[int, ...]]] = deque()
        self._steps: list[tuple[int, int]] = []
        self.beyond: set[int] = set()
        """Places that are entered with values which were not looked at any more."""

    def run(self, start: int, values: tuple[int, ...]) -> None:
        self._enter(start, values)
        work_left = max(LEAST_WORK, WORK_A_SITUATION * self._result.limit)
        while self._waiting:
            situation, place, entered_with = self._waiting.popleft()
            work_left -= self._compiled_steps[place].weight
            if work_left < 0:
                self.beyond.update((place, *(waiting[1] for waiting in self._waiting)))
                break
            self._visit(situation, place, entered_with)
            self._result.situations += 1
        self._result.is_exact = not self.beyond

    def _enter(self, place: int, values: tuple[int, ...]) -> int:
        known = self._known[place]
        situation = known.get(values)
        if situation is None:
            if len(self._place_of) >= self._result.limit:
                self.beyond.add(place)
                return AWAY
            situation = known[values] = len(self._place_of)
            self._place_of.append(place)
            self._result.entered[place] = True
            self._waiting.append((situation, place, values))
        return situation

    def _visit(self, situation: int, place: int, entered_with: tuple[int, ...]) -> None:
        result, routine = self._result, self._compiled_steps[place]
        values = [*entered_with, *routine.scratch]
        is_certain = True
        for action in routine.actions:
            if action.kind is StepKind.LINE:
                if action.test is None or action.test(values):
                    result.heard.add((place, action.entry))
            elif action.kind is StepKind.CHANGE:
                for change in action.changes:
                    change(values)
            elif self._leave(situation, place, action, values):
                result.furthest[place] = max(result.furthest[place], action.entry)
                return
            else:
                is_certain = is_certain and all(d.is_sure for d in action.departures)
        result.furthest[place] = self._graph.places[place].length
        if is_certain:
            result.stops.setdefault(place, _named(routine, values))
        self._steps.append((situation, AWAY))

    def _leave(self, situation: int, place: int, action: Action, values: Values) -> bool:
        """Try the exits of one entry; tell whether the run surely ends here."""
        is_over = False
        for departure in action.departures:
            if departure.test is not None and not departure.test(values):
                continue
            self._result.taken.add((place, departure.number))
            self._steps.append((situation, self._depart(departure, values)))
            is_over = is_over or departure.is_sure
        if action.kind is StepKind.JUMP:
            return is_over
        if not any(d.test is None or d.test(values) for d in action.departures):
            example = _named(self._compiled_steps[place], values)
            self._result.stuck.setdefault((place, action.entry), example)
            self._steps.append((situation, AWAY))
        return True

    def _depart(self, departure: Departure, values: Values) -> int:
        if departure.target < 0:
            return AWAY
        if departure.changes:
            values = values.copy()
            for change in departure.changes:
                change(values)
        carried = tuple([values[position] for position in departure.carried])
        return self._enter(departure.target, carried)

    def find_traps(self) -> None:
        """Find the situations from which no path leaves the story."""
        before: list[list[int]] = [[] for _ in self._place_of]
        is_free = [False] * len(self._place_of)
        waiting = []
        for source, target in self._steps:
            if target != AWAY:
                before[target].append(source)
            elif not is_free[source]:
                is_free[source] = True
                waiting.append(source)
        while waiting:
            for source in before[waiting.pop()]:
                if not is_free[source]:
                    is_free[source] = True
                    waiting.append(source)
        result = self._result
        result.trapped = {p for p, free in zip(self._place_of, is_free, strict=True) if not free}
        result.trapped_edges = {
            (self._place_of[source], self._place_of[target])
            for source, target in self._steps
            if target != AWAY and not is_free[source]
        }


def _named(routine: CompiledSteps, values: Values) -> Mapping[str, int]:
    return {name: values[position] for name, position in routine.layout.items()}


def _allow_everything(
    graph: StoryGraph,
    compiled_steps: Sequence[CompiledSteps],
    beyond: set[int],
    result: Exploration,
) -> None:
    """From the places left unexplored on, take every condition to be possible."""
    for place, is_open in enumerate(graph.reachable_from(beyond)):
        if is_open:
            result.entered[place] = True
            result.furthest[place] = graph.places[place].length
            result.taken.update((place, n) for n in range(len(graph.places[place].exits)))
            result.heard.update((place, action.entry) for action in compiled_steps[place].actions)
