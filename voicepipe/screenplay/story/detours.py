"""Which detours can be under way in each place, and which of them would begin again within itself.

It works on the graph alone: every condition counts as possible here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.screenplay.story.graph import strong_components

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voicepipe.screenplay.story.graph import Exit, StoryGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Detours:
    """What detours do in a story."""

    under_way: Mapping[int, tuple[Exit, ...]] = field(default_factory=dict)
    """Place → the detours that a `RETURN` in it can come back from, in script order."""
    circular: tuple[Exit, ...] = ()
    """Detours that can be taken again before they have come back."""


def find_detours(graph: StoryGraph) -> Detours:
    """Follow every detour through the gotos and options behind it."""
    sites: dict[int, list[Exit]] = {}
    for place in graph.places:
        for edge in place.exits:
            if edge.is_detour and edge.target >= 0:
                sites.setdefault(edge.target, []).append(edge)
    if not sites:
        return Detours()
    under_way: dict[int, list[Exit]] = {}
    played: dict[int, list[int]] = {}
    for target, taken_at in sites.items():
        played[target] = _played(graph, target)
        for number in played[target]:
            under_way.setdefault(number, []).extend(taken_at)
    return Detours(
        under_way={place: _in_order(edges) for place, edges in under_way.items()},
        circular=_circular(graph, played),
    )


def _played(graph: StoryGraph, target: int) -> list[int]:
    """List the places a detour plays itself; those of detours within it are not among them."""
    seen = {target}
    waiting = [target]
    while waiting:
        for edge in graph.places[waiting.pop()].exits:
            if edge.target >= 0 and not edge.is_detour and edge.target not in seen:
                seen.add(edge.target)
                waiting.append(edge.target)
    return sorted(seen)


def _circular(graph: StoryGraph, played: Mapping[int, list[int]]) -> tuple[Exit, ...]:
    number = {target: position for position, target in enumerate(played)}
    inner = {
        target: [
            edge
            for place in places
            for edge in graph.places[place].exits
            if edge.is_detour and edge.target >= 0
        ]
        for target, places in played.items()
    }
    groups = strong_components([[number[edge.target] for edge in inner[t]] for t in played])
    group_of = {member: position for position, group in enumerate(groups) for member in group}
    return _in_order(
        edge
        for target, edges in inner.items()
        for edge in edges
        if group_of[number[edge.target]] == group_of[number[target]]
    )


def _in_order(edges: Iterable[Exit]) -> tuple[Exit, ...]:
    unique = {(edge.source, edge.entry): edge for edge in edges}
    return tuple(unique[key] for key in sorted(unique))
