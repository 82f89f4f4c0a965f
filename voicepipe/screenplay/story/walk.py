"""Playing the story: one step at a time, with conditions and effects.

It decides what is heard and asked; how that is shown, and who answers, is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import InputError, UsageError
from voicepipe.screenplay.expressions import (
    ExpressionFault,
    apply,
    evaluate,
    parse_assignment,
    parse_condition,
)
from voicepipe.screenplay.story.graph import ENDING, MISSING, RETURNING, build_graph
from voicepipe.screenplay.story.state_space import MAX_DETOUR_DEPTH
from voicepipe.screenplay.story.story_steps import declared_variables, start_value
from voicepipe.screenplay.syntax import Choice, Detour, DialogueLine, Effect, Jump

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.screenplay.expressions import Bounds, State
    from voicepipe.screenplay.story.graph import Exit, Place, StoryGraph
    from voicepipe.screenplay.syntax import Expression, Option, Screenplay

MAX_STEPS = 100_000
"""Nodes entered in one walk; a story that goes round without a choice would never end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """The walk comes to a node, at its top or back from a detour."""

    scene: str
    node: str
    is_return: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A line is spoken."""

    line: DialogueLine
    is_choice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The player answers."""

    options: tuple[Option, ...]
    """Those whose conditions hold."""
    picked: int
    """From 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Variables have changed."""

    values: State
    """All of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkEnded:
    """The walk is over."""

    why: str
    is_end: bool
    """The story says END; otherwise it just stops, or nothing can be chosen."""


Event = Entered | Heard | Chosen | Changed | WalkEnded


def walk_story(
    screenplay: Screenplay,
    choose: Callable[[Sequence[Option]], int | None],
    *,
    scene: str = "",
    node: str = "",
) -> Iterator[Event]:
    """Play a path through a story.

    Args:
        screenplay: Without errors in what the path meets.
        choose: Asked at every choice with the options that are open; gives one from 0 on, or None
            to leave.
        scene: Where to begin; empty is the story's start.
        node: The node to begin at, of the scene where one is given, or as `scene.node`; empty is
            where the scene is entered.

    Yields:
        What happens, as it happens. The last event is `Ended`.

    Raises:
        UsageError: There is no such scene or node, or the story has nowhere to begin.
        InputError: A condition, an assignment or a target on the way is wrong.
    """
    graph = build_graph(screenplay)
    walker = _Walker(screenplay, choose)
    place, position = _start(graph, scene, node), 0
    detours: list[Exit] = []
    for _ in range(MAX_STEPS):
        here = graph.places[place]
        yield Entered(scene=here.scene, node=here.node.id, is_return=position > 0)
        edge = yield from walker.run(here, position)
        if edge is None or edge.target == ENDING:
            yield WalkEnded(why=walker.stopped or "the end", is_end=edge is not None)
            return
        place, position = _next(edge, detours)
    yield WalkEnded(why=f"{MAX_STEPS} nodes were entered", is_end=False)


def _start(graph: StoryGraph, scene: str, node: str) -> int:
    """Find where a walk begins."""
    if node:
        key = f"{scene}.{node}" if scene and "." not in node else node
        found = graph.by_key.get(key, MISSING)
        wanted = f'there is no node "{key}" to enter{did_you_mean(key, graph.by_key)}'
    elif scene:
        found = graph.scene_entries.get(scene, MISSING)
        wanted = f'there is no scene "{scene}" to enter{did_you_mean(scene, graph.scene_entries)}'
    else:
        found, wanted = graph.start, "the story has no start"
    if found < 0:
        raise UsageError(wanted, remedy="`voicepipe check` lists what is wrong with the scripts")
    return found


def _next(edge: Exit, detours: list[Exit]) -> tuple[int, int]:
    """Follow an exit to a place and the entry to go on with; keep the detours under way."""
    if edge.target == MISSING:
        raise InputError(f'{edge.span}: {edge.kind} "{edge.written}" leads nowhere')
    if edge.target == RETURNING:
        if not detours:
            raise InputError(f"{edge.span}: no detour is under way, so there is nowhere to return")
        taken = detours.pop()
        return taken.source, taken.entry + 1
    if edge.is_detour:
        if len(detours) >= MAX_DETOUR_DEPTH:
            raise InputError(
                f"{edge.span}: more than {MAX_DETOUR_DEPTH} detours within one another"
            )
        detours.append(edge)
    return edge.target, 0


class _Walker:
    """Holds the variables on the way."""

    def __init__(
        self, screenplay: Screenplay, choose: Callable[[Sequence[Option]], int | None]
    ) -> None:
        self._choose = choose
        declared = declared_variables(screenplay.variables).values()
        steering = [variable for variable in declared if variable.kind in ("int", "bool")]
        self._state: State = {
            v.name: bool(start_value(v)) if v.kind == "bool" else start_value(v) or 0
            for v in steering
        }
        self._bounds: Bounds = {v.name: (v.minimum, v.maximum) for v in steering if v.kind == "int"}
        self._taken: set[SourceSpan] = set()
        self.stopped = ""

    def run(self, place: Place, position: int) -> Generator[Event, None, Exit | None]:
        """Go through a node from an entry; give back the way out, or None where there is none."""
        remaining = [edge for edge in place.exits if edge.entry >= position]
        for entry in place.node.entries[position : place.length]:
            if isinstance(entry, DialogueLine):
                if self._holds(entry.when):
                    yield Heard(line=entry)
            elif isinstance(entry, Effect):
                yield from self._change(entry.assignments)
            elif isinstance(entry, Jump | Detour):
                edge = remaining.pop(0)
                if self._holds(entry.when):
                    return edge
            elif isinstance(entry, Choice):
                return (yield from self._ask(remaining))
        self.stopped = "the node just stops"
        return None

    def _ask(self, edges: Sequence[Exit]) -> Generator[Event, None, Exit | None]:
        open_edges = [
            (edge, edge.option)
            for edge in edges
            if edge.option is not None and self._is_open(edge, edge.option)
        ]
        options = tuple(option for _, option in open_edges)
        if not options:
            self.stopped = "no option is left"
            return None
        picked = self._choose(options)
        if picked is None:
            self.stopped = "left by the player"
            return None
        if not 0 <= picked < len(options):
            raise UsageError(
                f"option {picked + 1} was chosen, but {len(options)} are open",
                remedy=f"choose from 1 to {len(options)}",
            )
        yield Chosen(options=options, picked=picked)
        if options[picked].is_once:
            self._taken.add(options[picked].span)
        spoken = options[picked].line
        if spoken is not None:
            yield Heard(line=spoken, is_choice=True)
        yield from self._change(options[picked].effects)
        return open_edges[picked][0]

    def _is_open(self, edge: Exit, option: Option) -> bool:
        return option.span not in self._taken and self._holds(edge.when)

    def _change(self, assignments: Sequence[Expression]) -> Iterator[Event]:
        before = self._state
        for written in assignments:
            change = parse_assignment(written.raw)
            if isinstance(change, ExpressionFault):
                raise InputError(f"{written.span}: {change.message}")
            try:
                self._state = apply(change, self._state, self._bounds)
            except KeyError as unknown:
                raise _unknown(written, unknown) from unknown
        if self._state != before:
            yield Changed(values=self._state)

    def _holds(self, written: Expression | None) -> bool:
        if written is None:
            return True
        condition = parse_condition(written.raw)
        if isinstance(condition, ExpressionFault):
            raise InputError(f"{written.span}: {condition.message}")
        try:
            return evaluate(condition, self._state)
        except KeyError as unknown:
            raise _unknown(written, unknown) from unknown


def _unknown(written: Expression, unknown: KeyError) -> InputError:
    return InputError(f'{written.span}: variable "{unknown.args[0]}" steers nothing')
