"""What the values of variables make impossible: one function a code.

Every "never" here is certain: where the search was cut short, `Exploration` says that all can be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.screenplay.codes.stories import diagnose
from voicepipe.screenplay.expressions import ExpressionFault, names_in, parse_condition
from voicepipe.screenplay.story.graph import strong_components
from voicepipe.screenplay.story.story import entry_conditions
from voicepipe.screenplay.syntax import Choice, Detour, DialogueLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.story.graph import Place
    from voicepipe.screenplay.story.story import Story
    from voicepipe.screenplay.syntax import Entry

NODES_NAMED = 6
"""How many nodes of a loop a message names."""


def check_stuck_choices(story: Story) -> Iterator[Diagnostic]:
    """VP205: every choice always leaves an option."""
    for (place, position), values in sorted(story.exploration.stuck.items()):
        choice = story.graph.places[place].node.entries[position]
        message = "no option of this choice is left"
        remedy = "leave one option without a condition"
        if isinstance(choice, Choice) and any(option.is_once for option in choice.options):
            message += " once all that are offered once were taken"
            remedy = "leave one option without a condition and without once"
        message += example(story, (choice,), values)
        yield diagnose("VP205", choice.span, message, remedy)


def example(story: Story, entries: Iterable[Entry], values: Mapping[str, int]) -> str:
    """Say with which values something happens, naming what the conditions of entries read."""
    read: set[str] = set()
    for entry in entries:
        for written in entry_conditions(entry):
            condition = parse_condition(written.raw)
            if not isinstance(condition, ExpressionFault):
                read.update(name.name for name in names_in(condition))
    said = (
        f"{name} is {str(bool(value)).lower() if story.variables[name].kind == 'bool' else value}"
        for name in story.variables
        if name in read and (value := values.get(name)) is not None
    )
    text = " and ".join(said)
    return f", for example when {text}" if text else ""


def check_closed_edges(story: Story) -> Iterator[Diagnostic]:
    """VP206: every condition of a goto or an option can hold."""
    exploration = story.exploration
    for place in story.graph.places:
        if not exploration.entered[place.index]:
            continue
        for number, edge in enumerate(place.exits):
            if edge.when is None or (place.index, number) in exploration.taken:
                continue
            if edge.is_detour and edge.target < 0:
                continue
            furthest = exploration.furthest[place.index]
            if edge.entry > furthest:
                what = "detour" if edge.is_detour else "goto"
                message = f'{what} "{edge.written}" is never come to: {_barrier(place, furthest)}'
                yield diagnose("VP206", edge.span, message, "change the order, or delete it")
            else:
                message = f'the condition "{edge.when.raw}" never holds here'
                remedy = f'change it, or delete the {edge.kind} to "{edge.written}"'
                yield diagnose("VP206", edge.when.span, message, remedy)


def _barrier(place: Place, furthest: int) -> str:
    """Say what keeps every run from going on."""
    if isinstance(place.node.entries[furthest], Detour):
        return "the detour above it never comes back"
    return "a goto above it is always taken"


def check_unheard_lines(story: Story) -> Iterator[Diagnostic]:
    """VP207: some path speaks every line of a node that is entered."""
    for place in story.graph.places:
        if story.exploration.entered[place.index]:
            yield from _unheard(story, place)


def _unheard(story: Story, place: Place) -> Iterator[Diagnostic]:
    exploration = story.exploration
    furthest = exploration.furthest[place.index]
    if furthest >= place.length and not any(
        isinstance(e, DialogueLine) and e.when is not None for e in place.node.entries
    ):
        return
    for position in range(place.length):
        entry = place.node.entries[position]
        if not isinstance(entry, DialogueLine):
            continue
        name = f'line "{entry.id}"' if entry.id else "this line"
        if position > furthest:
            message = f"nobody hears {name}: {_barrier(place, furthest)}"
            yield diagnose("VP207", entry.span, message, "move it higher up, or delete it")
        elif entry.when is not None and (place.index, position) not in exploration.heard:
            message = f'nobody hears {name}: the condition "{entry.when.raw}" never holds here'
            yield diagnose("VP207", entry.when.span, message, "change it, or delete the line")


def check_traps(story: Story) -> Iterator[Diagnostic]:
    """VP208: every loop can be left."""
    exploration, places = story.exploration, story.graph.places
    if exploration.is_exact:
        inside, edges = exploration.trapped, exploration.trapped_edges
    else:
        inside, edges = set(range(len(places))), set(_all_edges(story))
    for loop in _closed_loops(inside, edges, places):
        if len(loop) == 1 and _jumps_to_itself(places[loop[0]]):
            continue  # VP218 says it
        message = f"this loop has no way out: {_route(places, loop)}"
        remedy = "add a goto or an option that leads out of it"
        yield diagnose("VP208", places[loop[0]].node.span, message, remedy)


def _all_edges(story: Story) -> Iterator[tuple[int, int]]:
    for place in story.graph.places:
        if story.exploration.entered[place.index]:
            yield from ((place.index, edge.target) for edge in place.exits)
            if place.just_stops:
                yield place.index, -1


def _closed_loops(
    inside: set[int], edges: Iterable[tuple[int, int]], places: Sequence[Place]
) -> list[list[int]]:
    """Find the loops among these places that lead nowhere else."""
    if not inside:
        return []
    edges = set(edges)
    leads_to: list[list[int]] = [[] for _ in places]
    for source, target in edges:
        if target >= 0:
            leads_to[source].append(target)
    group_of = [-1] * len(places)
    groups = strong_components(leads_to)
    for number, group in enumerate(groups):
        for place in group:
            group_of[place] = number
    is_left = [False] * len(groups)
    has_edge = [False] * len(groups)
    for source, target in edges:
        has_edge[group_of[source]] = True
        if target < 0 or group_of[target] != group_of[source]:
            is_left[group_of[source]] = True
    return sorted(
        group for number, group in enumerate(groups) if has_edge[number] and not is_left[number]
    )


def check_loops(story: Story) -> Iterator[Diagnostic]:
    """VP209: say which nodes lead to one another."""
    taken, places = story.exploration.taken, story.graph.places
    leads_to = [
        [
            edge.target
            for number, edge in enumerate(place.exits)
            if edge.target >= 0 and (place.index, number) in taken
        ]
        for place in places
    ]
    for loop in sorted(strong_components(leads_to)):
        is_loop = len(loop) > 1 or loop[0] in leads_to[loop[0]]
        if _jumps_to_itself(places[loop[0]]) and len(loop) == 1:
            continue
        if is_loop and not story.exploration.trapped.issuperset(loop):
            message = f"a loop of {len(loop)} nodes: {_route(places, loop)}"
            yield diagnose("VP209", places[loop[0]].node.span, message)


def _jumps_to_itself(place: Place) -> bool:
    return any(edge.target == place.index and edge.kind == "goto" for edge in place.exits)


def _route(places: Sequence[Place], loop: Sequence[int]) -> str:
    """Name the nodes of a loop, in script order."""
    one_scene = len({places[place].scene for place in loop}) == 1
    named = [places[p].node.id if one_scene else places[p].key for p in loop[:NODES_NAMED]]
    rest = f" and {len(loop) - NODES_NAMED} more" if len(loop) > NODES_NAMED else ""
    return ", ".join(f'"{name}"' for name in named) + rest


def check_search_bound(story: Story) -> Iterator[Diagnostic]:
    """VP211: say so when not every combination of values was tried."""
    if not story.exploration.is_exact:
        start = story.graph.places[story.graph.start].node
        n_tried = story.exploration.situations
        message = (
            f"the first {n_tried} combinations of node and variables were tried; "
            "beyond them every condition is taken to be possible"
        )
        remedy = "narrow min and max of the integers that conditions read, or ask fewer variables"
        yield diagnose("VP211", start.span, message, remedy)
