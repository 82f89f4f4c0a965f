"""Which lines can be heard directly before and after each line.

Prompts and reports want the lines around a line. Conditions count as possible;
nothing here depends on the values of variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.screenplay.story.detours import find_detours
from voicepipe.screenplay.story.graph import MISSING, RETURNING, build_graph
from voicepipe.screenplay.syntax import Choice, Detour, DialogueLine, Jump

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from voicepipe.screenplay.story.graph import Place, StoryGraph
    from voicepipe.screenplay.syntax import LineId, Screenplay

NEIGHBOURS_KEPT = 16
"""A hub is entered from thousands of places; nobody listens to more of them than this."""
FOLLOWERS_SOUGHT = 64
"""How many followers of one line are looked for; more are left out."""
SILENT_PLACES_CROSSED = 256
"""How many nodes without a line are crossed in search of the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The lines around each line, by base id, in script order, at most `NEIGHBOURS_KEPT`."""

    before: Mapping[LineId, tuple[LineId, ...]]
    after: Mapping[LineId, tuple[LineId, ...]]


def find_neighbours(screenplay: Screenplay) -> Neighbours:
    """Find for every line with an id what can be heard directly before and after it."""
    search = _Search(build_graph(screenplay))
    after: dict[LineId, tuple[LineId, ...]] = {}
    before: dict[LineId, list[LineId]] = {}
    for line, followers in search.all_followers():
        after[line] = tuple(followers[:NEIGHBOURS_KEPT])
        for follower in followers:
            preceding = before.setdefault(follower, [])
            if len(preceding) < NEIGHBOURS_KEPT:
                preceding.append(line)
    return Neighbours(before={line: tuple(ids) for line, ids in before.items()}, after=after)


Point = tuple[int, int]
"""A place, and the entry to read on from."""


class _Search:
    """Looks forward from a point in the script to the next thing heard."""

    def __init__(self, graph: StoryGraph) -> None:
        self._places = graph.places
        self._rank: dict[LineId, int] = {}
        for place in graph.places:
            for line in place.lines():
                self._rank.setdefault(line.id, len(self._rank))
        self._under_way = find_detours(graph).under_way
        self._exits = [_exits_by_entry(place) for place in graph.places]
        self._openings: dict[Point, list[LineId]] = {}

    def all_followers(self) -> Iterator[tuple[LineId, list[LineId]]]:
        for place in self._places:
            exits = self._exits[place.index]
            for position, entry in enumerate(place.node.entries):
                if isinstance(entry, DialogueLine) and entry.id:
                    yield entry.id, self._followers(place, position + 1)
                elif isinstance(entry, Choice):
                    targets = dict(exits.get(position, ()))
                    for number, option in enumerate(entry.options):
                        if option.line is not None and option.line.id:
                            points = self._points(place, targets.get(number, MISSING))
                            yield option.line.id, self._openings_of(points)

    def _followers(self, place: Place, position: int) -> list[LineId]:
        if position < place.length:
            following = place.node.entries[position]
            if isinstance(following, DialogueLine) and following.when is None and following.id:
                return [following.id]
        found: dict[LineId, None] = {}
        for point in self._scan((place.index, position), found):
            if len(found) >= FOLLOWERS_SOUGHT:
                break
            for line in self._opening(point):
                found.setdefault(line, None)
        return self._in_order(found)

    def _openings_of(self, points: Iterable[Point]) -> list[LineId]:
        return self._in_order({line: None for point in points for line in self._opening(point)})

    def _opening(self, point: Point) -> list[LineId]:
        """List the lines that going on from a point can begin with."""
        known = self._openings.get(point)
        if known is None:
            found: dict[LineId, None] = {}
            waiting, seen = [point], {point}
            while waiting and len(found) < FOLLOWERS_SOUGHT:
                for target in self._scan(waiting.pop(), found):
                    if target not in seen and len(seen) < SILENT_PLACES_CROSSED:
                        seen.add(target)
                        waiting.append(target)
            known = self._openings[point] = self._in_order(found)
        return known

    def _points(self, place: Place, target: int) -> list[Point]:
        """Say where a target leads to, seen from a place."""
        if target >= 0:
            return [(target, 0)]
        if target == RETURNING:
            edges = self._under_way.get(place.index, ())
            return [(edge.source, edge.entry + 1) for edge in edges]
        return []

    def _scan(self, point: Point, found: dict[LineId, None]) -> list[Point]:
        """Read on from a point; return where it goes on before anything is heard for sure."""
        place = self._places[point[0]]
        exits = self._exits[place.index]
        onward: list[Point] = []
        for index in range(point[1], place.length):
            entry = place.node.entries[index]
            if isinstance(entry, DialogueLine):
                if entry.id:
                    found.setdefault(entry.id, None)
                if entry.when is None or len(found) >= FOLLOWERS_SOUGHT:
                    break
            elif isinstance(entry, Jump | Detour | Choice):
                for target in _answers(entry, exits[index], found):
                    onward += self._points(place, target)
                if isinstance(entry, Detour) and entry.when is None:
                    break  # what it plays is heard first, and leads back here
        return onward

    def _in_order(self, found: dict[LineId, None]) -> list[LineId]:
        return sorted((line for line in found if line), key=self._rank.__getitem__)


def _answers(
    entry: Jump | Detour | Choice, edges: list[tuple[int, int]], found: dict[LineId, None]
) -> Iterator[int]:
    """Note the voiced options; yield where gotos, detours and silent options lead."""
    for number, target in edges:
        voiced = entry.options[number].line if isinstance(entry, Choice) else None
        if voiced is None:
            yield target
        else:
            found.setdefault(voiced.id, None)


def _exits_by_entry(place: Place) -> dict[int, list[tuple[int, int]]]:
    """Map an entry to its (number of the option, target) pairs; a goto counts as number 0."""
    edges: dict[int, list[tuple[int, int]]] = {}
    for edge in place.exits:
        of_entry = edges.setdefault(edge.entry, [])
        of_entry.append((len(of_entry), edge.target))
    return edges
