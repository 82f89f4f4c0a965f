"""The story as a graph: places, and the edges that lead from one to the next.

It knows which entry leaves a node and where to. It knows nothing of variables:
every condition counts as possible here; `state_space` looks at the values.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.syntax import (
    END,
    RETURN,
    Choice,
    Detour,
    DialogueLine,
    Effect,
    Jump,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.screenplay.syntax import Expression, Node, Option, Scene, Screenplay

ENDING = -1
"""The place behind `END`."""
MISSING = -2
"""What a target that does not exist leads to."""
RETURNING = -3
"""Back to behind the detour that is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """One edge out of a node: a goto, a detour, or an option of its choice."""

    source: int
    target: int
    """Index of a place, or `ENDING`, `MISSING` or `RETURNING`."""
    written: str
    """The target as the script says it."""
    entry: int
    """Which entry of the node this is."""
    option: Option | None = None
    is_detour: bool = False
    """It comes back to the entry behind it."""
    when: Expression | None = None
    effects: tuple[Expression, ...] = ()
    span: SourceSpan

    @property
    def kind(self) -> str:
        """Say what leads there, in the script's words."""
        if self.is_detour:
            return "detour"
        return "goto" if self.option is None else "option"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A node and its edges out, in the order they are tried."""

    index: int
    scene: str
    node: Node
    exits: tuple[Exit, ...]
    length: int
    """How many entries can run; those after a choice or an unconditional goto never do."""
    just_stops: bool
    """Nothing ends the node: when no goto is taken, the story hangs here."""

    @property
    def key(self) -> str:
        """Say where this is: `scene.node`."""
        return f"{self.scene}.{self.node.id}"

    def lines(self) -> list[DialogueLine]:
        """List the spoken entries, voiced options included, in script order."""
        return spoken_entries(self.node)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryGraph:
    """All places of a screenplay."""

    places: tuple[Place, ...]
    start: int
    """Where the story begins; `MISSING` when there is no such place."""
    scene_entries: Mapping[str, int]
    """Scene → index of the place it is entered at."""
    by_key: Mapping[str, int]
    """`scene.node` → index; the first of two with one name."""
    entries: tuple[int, ...] = ()
    """Places the engine enters by itself, in script order."""

    def reachable_from(self, sources: Iterable[int]) -> list[bool]:
        """Tell for each place whether some path leads there, conditions aside."""
        seen = [False] * len(self.places)
        waiting = [source for source in sources if source >= 0]
        for source in waiting:
            seen[source] = True
        while waiting:
            for edge in self.places[waiting.pop()].exits:
                if edge.target >= 0 and not seen[edge.target]:
                    seen[edge.target] = True
                    waiting.append(edge.target)
        return seen

    def assignments(self) -> Iterator[Expression]:
        """Go through every assignment in the script."""
        for place in self.places:
            for entry in place.node.entries:
                if isinstance(entry, Effect):
                    yield from entry.assignments
                elif isinstance(entry, Choice):
                    for option in entry.options:
                        yield from option.effects


_WORDS: Final = {END: ENDING, RETURN: RETURNING}


def spoken_entries(node: Node) -> list[DialogueLine]:
    """List a node's spoken entries, voiced options included, in script order."""
    spoken: list[DialogueLine] = []
    for entry in node.entries:
        if isinstance(entry, DialogueLine):
            spoken.append(entry)
        elif isinstance(entry, Choice):
            spoken += [option.line for option in entry.options if option.line is not None]
    return spoken


def build_graph(screenplay: Screenplay) -> StoryGraph:
    """Lay out every node and resolve every target.

    Where two scenes, or two nodes of a scene, share a name, targets mean the first.
    """
    addresses = _Addresses(screenplay.scenes)
    places: list[Place] = []
    for number, scene in enumerate(screenplay.scenes):
        for node in scene.nodes:
            places.append(_place(len(places), number, scene, node, addresses))
    start_scene = screenplay.start or next((s.id for s in screenplay.scenes if s.nodes), "")
    graph = StoryGraph(
        places=tuple(places),
        start=addresses.scene_entries.get(start_scene, MISSING),
        scene_entries=addresses.scene_entries,
        by_key=addresses.by_key,
    )
    return replace(graph, entries=_entries(graph, screenplay))


def _entries(graph: StoryGraph, screenplay: Screenplay) -> tuple[int, ...]:
    """Find what the engine enters by itself."""
    found = {place for each in screenplay.entries for place in matching_places(graph, each.pattern)}
    found.update(
        graph.scene_entries.get(scene.id, MISSING) for scene in screenplay.scenes if scene.is_entry
    )
    found.update(place.index for place in graph.places if place.node.is_entry)
    return tuple(sorted(found - {MISSING}))


def matching_places(graph: StoryGraph, pattern: str) -> list[int]:
    """Find the places that a pattern names: of scenes, or with a dot of nodes."""
    names = graph.by_key if "." in pattern else graph.scene_entries
    return [place for name, place in names.items() if fnmatchcase(name, pattern) and place >= 0]


class _Addresses:
    """What each written target means, seen from each scene."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.by_key: dict[str, int] = {}
        self.scene_entries: dict[str, int] = {}
        self._own: list[dict[str, int]] = []
        index = 0
        for scene in scenes:
            own: dict[str, int] = {}
            for node in scene.nodes:
                own.setdefault(node.id, index)
                self.by_key.setdefault(f"{scene.id}.{node.id}", index)
                index += 1
            self._own.append(own)
            if scene.nodes:
                first = scene.start or scene.nodes[0].id
                self.scene_entries.setdefault(scene.id, own.get(first, MISSING))

    def find(self, target: str, scene_number: int) -> int:
        if target in _WORDS:
            return _WORDS[target]
        own = self._own[scene_number].get(target)
        if own is not None:
            return own
        if "." in target:
            return self.by_key.get(target, MISSING)
        return self.scene_entries.get(target, MISSING)


def _place(index: int, number: int, scene: Scene, node: Node, addresses: _Addresses) -> Place:
    exits: list[Exit] = []
    length, just_stops = len(node.entries), True
    for position, entry in enumerate(node.entries):
        if isinstance(entry, Jump | Detour):
            exits.append(
                Exit(
                    source=index,
                    target=addresses.find(entry.target, number),
                    written=entry.target,
                    entry=position,
                    is_detour=isinstance(entry, Detour),
                    when=entry.when,
                    span=entry.span,
                )
            )
        elif isinstance(entry, Choice):
            exits.extend(
                Exit(
                    source=index,
                    target=addresses.find(option.goto, number),
                    written=option.goto,
                    entry=position,
                    option=option,
                    when=option.when,
                    effects=option.effects,
                    span=option.goto_span,
                )
                for option in entry.options
            )
        else:
            continue
        if isinstance(entry, Choice) or (isinstance(entry, Jump) and entry.when is None):
            length, just_stops = position + 1, False
            break
    return Place(
        index=index,
        scene=scene.id,
        node=node,
        exits=tuple(exits),
        length=length,
        just_stops=just_stops,
    )


def strong_components(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    """Group places that can all reach each other.

    Args:
        successors: For each place, the indices it leads to, all of them in range.

    Returns:
        Every place exactly once; a group comes after all groups it leads to.

    Source: Tarjan, "Depth-first search and linear graph algorithms", 1972; with a stack of
    our own, since a story can be deeper than Python's.
    """
    order = [-1] * len(successors)
    lowest = [0] * len(successors)
    on_path = [False] * len(successors)
    path: list[int] = []
    groups: list[list[int]] = []
    counter = 0
    for root in range(len(successors)):
        if order[root] >= 0:
            continue
        work = [(root, 0)]
        while work:
            place, next_edge = work.pop()
            if next_edge == 0:
                order[place] = lowest[place] = counter
                counter += 1
                path.append(place)
                on_path[place] = True
            deeper = _deeper(place, next_edge, successors[place], order, lowest, on_path)
            if deeper >= 0:
                work.append((place, deeper + 1))
                work.append((successors[place][deeper], 0))
                continue
            if lowest[place] == order[place]:
                groups.append(_close(place, path, on_path))
            if work:
                parent = work[-1][0]
                lowest[parent] = min(lowest[parent], lowest[place])
    return groups


def _deeper(
    place: int,
    next_edge: int,
    targets: Sequence[int],
    order: list[int],
    lowest: list[int],
    on_path: list[bool],
) -> int:
    """Look at edges from `next_edge` on; return the first that enters new ground, or -1."""
    for edge in range(next_edge, len(targets)):
        target = targets[edge]
        if order[target] < 0:
            return edge
        if on_path[target]:
            lowest[place] = min(lowest[place], order[target])
    return -1


def _close(place: int, path: list[int], on_path: list[bool]) -> list[int]:
    group: list[int] = []
    while True:
        member = path.pop()
        on_path[member] = False
        group.append(member)
        if member == place:
            return sorted(group)
