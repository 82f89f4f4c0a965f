"""Detours that come back, and entry points that exist: one function a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.screenplay.codes.stories import diagnose
from voicepipe.screenplay.story.detours import find_detours
from voicepipe.screenplay.story.graph import RETURNING, matching_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.story.story import Story


def check_entry_patterns(story: Story) -> Iterator[Diagnostic]:
    """VP260: what is declared as an entry point exists."""
    for each in story.screenplay.entries:
        if matching_places(story.graph, each.pattern):
            continue
        known = story.graph.by_key if "." in each.pattern else story.graph.scene_entries
        what = "node" if "." in each.pattern else "scene"
        message = f'entry "{each.pattern}" names no {what}{did_you_mean(each.pattern, known)}'
        remedy = "name a scene, or a node as scene.node; * stands for any letters"
        yield diagnose("VP260", each.span, message, remedy)


def check_returns(story: Story) -> Iterator[Diagnostic]:
    """VP261: a RETURN has a detour to come back from."""
    under_way = find_detours(story.graph).under_way
    for place in story.graph.places:
        for number, edge in enumerate(place.exits):
            if edge.target != RETURNING:
                continue
            if place.index not in under_way:
                message = (
                    f'no detour leads to node "{place.node.id}", so there is nowhere to return'
                )
                remedy = f"write detour: {place.node.id} where it is played, or goto another node"
                yield diagnose("VP261", edge.span, message, remedy)
            elif (place.index, number) in story.exploration.lost_returns:
                message = f'node "{place.node.id}" can also be entered without a detour, and then '
                message += "there is nowhere to return"
                remedy = "enter it by detours only, or return under a condition"
                yield diagnose("VP261", edge.span, message, remedy)


def check_circular_detours(story: Story) -> Iterator[Diagnostic]:
    """VP262: no detour begins again before it has come back."""
    for edge in find_detours(story.graph).circular:
        message = f'detour "{edge.written}" can be taken again before it has come back'
        remedy = "let what it plays end in goto: RETURN instead of coming here"
        yield diagnose("VP262", edge.span, message, remedy)
