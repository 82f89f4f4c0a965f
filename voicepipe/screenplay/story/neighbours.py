"""Which lines can be heard directly before and after each line.

Prompts and reports want the lines around a line. Conditions count as possible;
nothing here depends on the values of variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.screenplay.story.graph import build_graph
from voicepipe.screenplay.syntax import Choice, DialogueLine, Jump

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


class _Search:
    """Looks forward from a point in the script to the next thing heard."""

    def __init__(self, graph: StoryGraph) -> None:
        self._places = graph.places
        self._rank: dict[LineId, int] = {}
        for place in graph.places:
            for line in place.lines():
                self._rank.setdefault(line.id, len(self._rank))
        self._exits = [_exits_by_entry(place) for place in graph.places]
        self._openings: dict[int, list[LineId]] = {}

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
                            target = targets.get(number, -1)
                            yield option.line.id, self._opening(target)

    def _followers(self, place: Place, position: int) -> list[LineId]:
        if position < place.length:
            following = place.node.entries[position]
            if isinstance(following, DialogueLine) and following.when is None and following.id:
                return [following.id]
        found: dict[LineId, None] = {}
        for target in self._scan(place, position, found):
            if len(found) >= FOLLOWERS_SOUGHT:
                break
            for line in self._opening(target):
                found.setdefault(line, None)
        return self._in_order(found)

    def _opening(self, place: int) -> list[LineId]:
        """List the lines that entering a place can begin with."""
        if place < 0:
            return []
        known = self._openings.get(place)
        if known is None:
            found: dict[LineId, None] = {}
            waiting, seen = [place], {place}
            while waiting and len(found) < FOLLOWERS_SOUGHT:
                for target in self._scan(self._places[waiting.pop()], 0, found):
                    if target >= 0 and target not in seen and len(seen) < SILENT_PLACES_CROSSED:
                        seen.add(target)
                        waiting.append(target)
            known = self._openings[place] = self._in_order(found)
        return known

    def _scan(self, place: Place, position: int, found: dict[LineId, None]) -> list[int]:
        """Read on from an entry; return the places entered before anything is heard for sure."""
        exits = self._exits[place.index]
        onward: list[int] = []
        for index in range(position, place.length):
            entry = place.node.entries[index]
            if isinstance(entry, DialogueLine):
                if entry.id:
                    found.setdefault(entry.id, None)
                if entry.when is None or len(found) >= FOLLOWERS_SOUGHT:
                    break
            elif isinstance(entry, Jump):
                onward.extend(target for _, target in exits[index])
            elif isinstance(entry, Choice):
                onward.extend(_answers(entry, exits[index], found))
        return onward

    def _in_order(self, found: dict[LineId, None]) -> list[LineId]:
        return sorted((line for line in found if line), key=self._rank.__getitem__)


def _answers(
    choice: Choice, edges: list[tuple[int, int]], found: dict[LineId, None]
) -> Iterator[int]:
    """Note the voiced options; yield where the silent ones lead."""
    for number, target in edges:
        voiced = choice.options[number].line
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
