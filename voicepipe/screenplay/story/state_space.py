"""Every way through the story with every combination of variables, up to a stated bound.

A *situation* is a program (a node, or what goes on behind a detour) with the values that matter on
entering it and the detours that are under way. Up to `limit` situations are walked through, and
within it what is found is exact. Beyond it every condition counts as possible, so that nothing
which can happen is ever said to be impossible.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.screenplay.story.compiled_steps import compile_steps
from voicepipe.screenplay.story.graph import ENDING, RETURNING
from voicepipe.screenplay.story.liveness import live_variables
from voicepipe.screenplay.story.programs import NOWHERE, read_programs
from voicepipe.screenplay.story.story_steps import StepKind, declared_variables, start_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.screenplay.story.compiled_steps import (
        Action,
        CompiledEdge,
        CompiledSteps,
        Range,
        Values,
    )
    from voicepipe.screenplay.story.graph import StoryGraph
    from voicepipe.screenplay.story.programs import Programs
    from voicepipe.screenplay.syntax import Variable

DEFAULT_STATE_LIMIT = 200_000
"""Situations: a second or two of work."""

WORK_A_SITUATION = 32
"""Entries and options looked at, on average; nodes with thousands of them count for more."""
LEAST_WORK = 100_000

MAX_DETOUR_DEPTH = 32
"""Detours within one another; more are those that never come back, which are refused."""

NO_DETOUR = 0
"""The number of the empty stack of detours."""

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
    lost_returns: set[tuple[int, int]] = field(default_factory=set)
    """(place, number of the exit) of a `RETURN` that some path comes to without a detour."""
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
    programs = read_programs(graph, variables)
    declared = declared_variables(variables)
    steering = {name: v for name, v in declared.items() if v.kind in ("int", "bool")}
    start_values = {name: start_value(v) or 0 for name, v in steering.items()}
    start_values |= dict.fromkeys(programs.taken, 0)
    masks = live_variables(programs, start_values)
    names = list(start_values)
    of_mask: dict[int, tuple[str, ...]] = {}
    for mask in masks:
        if mask not in of_mask:
            of_mask[mask] = tuple(n for bit, n in enumerate(names) if mask >> bit & 1)
    entry_names = [of_mask[mask] for mask in masks]
    compiled_steps = compile_steps(programs, entry_names, _ranges(steering))
    result = Exploration(limit=limit)
    result.entered = [False] * len(graph.places)
    result.furthest = [-1] * len(graph.places)
    starts = [start for start in (graph.start, programs.engine) if start >= 0]
    if starts:
        walk = _Walk(graph, programs, compiled_steps, result)
        for start in starts:
            walk.enter(start, (*(start_values[name] for name in entry_names[start]), NO_DETOUR))
        walk.run()
        if result.is_exact:
            walk.find_traps()
        else:
            _allow_everything(graph, programs, compiled_steps, walk.beyond, result)
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
        self,
        graph: StoryGraph,
        programs: Programs,
        compiled_steps: Sequence[CompiledSteps],
        result: Exploration,
    ) -> None:
        self._graph = graph
        self._engine = programs.engine
        self._homes = [program.place for program in programs.all]
        self._compiled_steps = compiled_steps
        self._result = result
        self._known: list[dict[tuple[int, ...], int]] = [{} for _ in self._homes]
        self._place_of: list[int] = []
        self._waiting: deque[tuple[int, int, tuple[int, ...]]] = deque()
        self._steps: list[tuple[int, int]] = []
        self._stacks: list[tuple[int, int, int]] = [(NO_DETOUR, -1, 0)]
        """Each stack of detours: the one below its top, the program to resume, how many."""
        self._stack_of: dict[tuple[int, int], int] = {}
        self.beyond: set[int] = set()
        """Programs that are entered with values which were not looked at any more."""

    def run(self) -> None:
        """Visit every situation that what was entered leads to."""
        work_left = max(LEAST_WORK, WORK_A_SITUATION * self._result.limit)
        while self._waiting:
            situation, program, entered_with = self._waiting.popleft()
            work_left -= self._compiled_steps[program].weight
            if work_left < 0:
                self.beyond.update((program, *(waiting[1] for waiting in self._waiting)))
                break
            self._visit(situation, program, entered_with)
            self._result.situations += 1
        self._result.is_exact = not self.beyond

    def enter(self, program: int, values: tuple[int, ...]) -> int:
        """Note a situation: the values that matter, and the stack of detours as the last one."""
        known = self._known[program]
        situation = known.get(values)
        if situation is None:
            if len(self._place_of) >= self._result.limit:
                self.beyond.add(program)
                return AWAY
            situation = known[values] = len(self._place_of)
            home = self._homes[program]
            self._place_of.append(home)
            if home >= 0:
                self._result.entered[home] = True
            self._waiting.append((situation, program, values))
        return situation

    def _visit(self, situation: int, program: int, entered_with: tuple[int, ...]) -> None:
        result, routine, place = self._result, self._compiled_steps[program], self._homes[program]
        values = [*entered_with[:-1], *routine.scratch]
        stack = entered_with[-1]
        is_certain = True
        for action in routine.actions:
            if action.kind is StepKind.LINE:
                if action.test is None or action.test(values):
                    result.heard.add((place, action.entry))
            elif action.kind is StepKind.CHANGE:
                for change in action.changes:
                    change(values)
            elif self._leave(situation, program, action, values, stack):
                return
            else:
                is_certain = is_certain and all(d.is_sure for d in action.departures)
        result.furthest[place] = self._graph.places[place].length
        if is_certain:
            result.stops.setdefault(place, _named(routine, values))
        self._end(routine.ended, values)
        self._steps.append((situation, AWAY))

    def _leave(
        self, situation: int, program: int, action: Action, values: Values, stack: int
    ) -> bool:
        """Try the exits of one entry; tell whether the run surely ends here."""
        is_over = False
        place = self._homes[program]
        for departure in action.departures:
            if departure.test is not None and not departure.test(values):
                continue
            if departure.number >= 0:
                self._result.taken.add((place, departure.number))
            target = self._depart(place, departure, values, stack)
            self._steps.append((situation, target if place != NOWHERE else AWAY))
            is_over = is_over or departure.is_sure
        if place != NOWHERE:
            self._result.furthest[place] = max(self._result.furthest[place], action.entry)
        if action.kind is StepKind.JUMP:
            return is_over
        if not any(d.test is None or d.test(values) for d in action.departures):
            example = _named(self._compiled_steps[program], values)
            self._result.stuck.setdefault((place, action.entry), example)
            self._steps.append((situation, AWAY))
        return True

    def _depart(self, place: int, departure: CompiledEdge, values: Values, stack: int) -> int:
        if departure.changes:
            values = values.copy()
            for change in departure.changes:
                change(values)
        if departure.target == ENDING:
            self._end(departure.carried.get(self._engine, ()), values)
            return AWAY
        target, stack = self._destination(place, departure, stack)
        if min(target, stack) < 0:
            return AWAY
        return self.enter(target, (*[values[at] for at in departure.carried[target]], stack))

    def _destination(self, place: int, departure: CompiledEdge, stack: int) -> tuple[int, int]:
        """Find the program to go on with, and the detours that are under way there."""
        if departure.target == RETURNING:
            below, resumed, _ = self._stacks[stack]
            if resumed < 0:
                self._result.lost_returns.add((place, departure.number))
            return resumed, below
        if departure.resume >= 0:
            stack = self._begin_detour(stack, departure.resume)
            if stack < 0:
                self.beyond.add(departure.target)
        return departure.target, stack

    def _begin_detour(self, stack: int, resume: int) -> int:
        """Give the stack with one detour more; -1 where they go too deep."""
        found = self._stack_of.get((stack, resume))
        if found is None:
            depth = self._stacks[stack][2] + 1
            if depth > MAX_DETOUR_DEPTH:
                return -1
            found = self._stack_of[stack, resume] = len(self._stacks)
            self._stacks.append((stack, resume, depth))
        return found

    def _end(self, carried: Sequence[int], values: Values) -> None:
        """Let the engine go on where it likes, with the values there are."""
        if self._engine >= 0:
            self.enter(self._engine, (*[values[at] for at in carried], NO_DETOUR))

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
    programs: Programs,
    compiled_steps: Sequence[CompiledSteps],
    beyond: set[int],
    result: Exploration,
) -> None:
    """From the places left unexplored on, take every condition to be possible."""
    is_open = _open_places(graph, programs, beyond)
    for program, routine in zip(programs.all, compiled_steps, strict=True):
        place = program.place
        if place == NOWHERE or not is_open[place]:
            continue
        result.entered[place] = True
        result.furthest[place] = graph.places[place].length
        result.taken.update((place, n) for n in range(len(graph.places[place].exits)))
        result.heard.update((place, action.entry) for action in routine.actions)


def _open_places(graph: StoryGraph, programs: Programs, beyond: set[int]) -> list[bool]:
    sources = {programs.all[program].place for program in beyond} | set(graph.entries)
    while True:
        is_open = graph.reachable_from(sources)
        back = {
            programs.all[behind].place
            for program in programs.all
            if program.place != NOWHERE and is_open[program.place]
            for behind in program.returns_to
        }
        if back <= sources:
            return is_open
        sources |= back
