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
        for way in place.exits:
            if way.is_detour and way.target >= 0:
                sites.setdefault(way.target, []).append(way)
    if not sites:
        return Detours()
    under_way: dict[int, list[Exit]] = {}
    played: dict[int, list[int]] = {}
    for target, taken_at in sites.items():
        played[target] = _played(graph, target)
        for number in played[target]:
            under_way.setdefault(number, []).extend(taken_at)
    return Detours(
        under_way={place: _in_order(ways) for place, ways in under_way.items()},
        circular=_circular(graph, played),
    )


def _played(graph: StoryGraph, target: int) -> list[int]:
    """List the places a detour plays itself; those of detours within it are not among them."""
    seen = {target}
    waiting = [target]
    while waiting:
        for way in graph.places[waiting.pop()].exits:
            if way.target >= 0 and not way.is_detour and way.target not in seen:
                seen.add(way.target)
                waiting.append(way.target)
    return sorted(seen)


def _circular(graph: StoryGraph, played: Mapping[int, list[int]]) -> tuple[Exit, ...]:
    number = {target: position for position, target in enumerate(played)}
    inner = {
        target: [
            way
            for place in places
            for way in graph.places[place].exits
            if way.is_detour and way.target >= 0
        ]
        for target, places in played.items()
    }
    groups = strong_components([[number[way.target] for way in inner[t]] for t in played])
    group_of = {member: position for position, group in enumerate(groups) for member in group}
    return _in_order(
        way
        for target, ways in inner.items()
        for way in ways
        if group_of[number[way.target]] == group_of[number[target]]
    )


def _in_order(ways: Iterable[Exit]) -> tuple[Exit, ...]:
    unique = {(way.source, way.entry): way for way in ways}
    return tuple(unique[key] for key in sorted(unique))
