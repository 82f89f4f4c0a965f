"""Where gotos lead, and what no goto leads to: one function a code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.screenplay.codes.stories import diagnose
from voicepipe.screenplay.hints import Hints
from voicepipe.screenplay.story.check_paths import example
from voicepipe.screenplay.story.graph import MISSING
from voicepipe.screenplay.syntax import END, RETURN, Choice, DialogueLine, Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.story.graph import Exit, Place
    from voicepipe.screenplay.story.story import Story
    from voicepipe.screenplay.syntax import Scene


_TARGET = re.compile(r"[A-Za-z0-9]\w*(\.[A-Za-z0-9]\w*)?", re.ASCII)
"""Anything else is reported by whoever reads the file."""


def check_targets(story: Story) -> Iterator[Diagnostic]:
    """VP201: every goto leads somewhere."""
    of_scene: dict[str, list[str]] = {}
    for key in story.graph.by_key:
        scene, _, node = key.partition(".")
        of_scene.setdefault(scene, []).append(node)
    scenes = {scene.id for scene in story.screenplay.scenes}
    hints = Hints()
    for place in story.graph.places:
        for edge in place.exits:
            if edge.target == MISSING and _TARGET.fullmatch(edge.written):
                if edge.written in scenes:
                    message = f'{_verb(edge)} "{edge.written}": the scene has no node to begin in'
                    remedy = "give the scene a node, or mend its start"
                else:
                    message = _missing(place, edge, of_scene, hints)
                    remedy = "correct the name, or add what it names"
                yield diagnose("VP201", edge.span, message, remedy)


def _missing(place: Place, edge: Exit, of_scene: Mapping[str, Sequence[str]], hints: Hints) -> str:
    scene, dot, node = edge.written.partition(".")
    if dot and scene in of_scene:
        hint = hints(node, of_scene[scene], among=scene)
        return f'{_verb(edge)} "{edge.written}": scene "{scene}" has no node "{node}"{hint}'
    if dot:
        hint = hints(scene, of_scene, among="scenes")
        return f'{_verb(edge)} "{edge.written}": there is no scene "{scene}"{hint}'
    known = [*of_scene.get(place.scene, ()), *of_scene, END] if hints.has_suggestions_left else []
    hint = hints(edge.written, known, among=f"from {place.scene}")
    if edge.written.upper() in (END, RETURN):
        hint = f' — did you mean "{edge.written.upper()}"?'
    where = f'neither a node of scene "{place.scene}" nor a scene'
    return f'{_verb(edge)} "{edge.written}" is {where}{hint}'


def _verb(edge: Exit) -> str:
    return "detour" if edge.is_detour else "goto"


def check_starts(story: Story) -> Iterator[Diagnostic]:
    """VP219: the story and every scene begin somewhere that exists."""
    screenplay = story.screenplay
    begins = screenplay.start
    if begins and screenplay.scenes and begins not in story.graph.scene_entries:
        hint = did_you_mean(begins, story.graph.scene_entries)
        message = f'the story starts in scene "{begins}", which does not exist{hint}'
        first = screenplay.scenes[0]
        yield diagnose("VP219", first.span, message, f"start: {first.id}")
    for scene in screenplay.scenes:
        nodes = [node.id for node in scene.nodes]
        if scene.start and nodes and scene.start not in nodes:
            message = f'scene "{scene.id}" starts in node "{scene.start}", which does not exist'
            message += did_you_mean(scene.start, nodes)
            yield diagnose("VP219", scene.span, message, f"start: {nodes[0]}")


def check_reach(story: Story) -> Iterator[Diagnostic]:
    """VP202, VP203: some path leads to every scene and node."""
    if story.graph.start < 0:
        return
    entered = story.exploration.entered
    targeted = {edge.target for place in story.graph.places for edge in place.exits}
    first = 0
    for scene in story.screenplay.scenes:
        places = story.graph.places[first : first + len(scene.nodes)]
        first += len(scene.nodes)
        if places and not any(entered[place.index] for place in places):
            yield _unreached_scene(scene)
            continue
        for place in places:
            if not entered[place.index]:
                why = "no goto leads here"
                if place.index in targeted:
                    why = "every goto that leads here is out of reach or has a condition that fails"
                message = f'node "{place.node.id}" is never entered: {why}'
                remedy = f"add a goto: {place.node.id}, say entry: true, or delete the node"
                yield diagnose("VP202", place.node.span, message, remedy)


def _unreached_scene(scene: Scene) -> Diagnostic:
    message = f'scene "{scene.id}" is never entered from the start of the story'
    remedy = f"add a goto: {scene.id} to another scene, or entry: true where the engine enters it"
    return diagnose("VP203", scene.span, message, remedy)


def check_dead_ends(story: Story) -> Iterator[Diagnostic]:
    """VP204: every node that is entered leads on."""
    exploration = story.exploration
    for place in story.graph.places:
        if not place.just_stops or not exploration.entered[place.index]:
            continue
        values = exploration.stops.get(place.index)
        if all(edge.is_detour for edge in place.exits) and not (place.exits and values is None):
            message = f'node "{place.node.id}" just stops: no goto, no choice'
        elif values is not None:
            message = f'node "{place.node.id}" can run past its last entry'
            message += example(story, place.node.entries, values)
        else:
            continue
        yield diagnose("VP204", place.node.span, message, "end it with a goto, or with goto: END")


def check_unheeded(story: Story) -> Iterator[Diagnostic]:
    """VP210: nothing stands behind the end of a node."""
    for place in story.graph.places:
        rest = [e for e in place.node.entries[place.length :] if not isinstance(e, Remark)]
        if rest:
            what = "choice" if isinstance(place.node.entries[place.length - 1], Choice) else "goto"
            n_lines = sum(isinstance(entry, DialogueLine) for entry in rest)
            message = f'the {what} above ends node "{place.node.id}": nothing from here on runs'
            message += f" ({n_lines} lines)" if n_lines > 1 else ""
            yield diagnose("VP210", rest[0].span, message, f"move it above the {what}")


def check_self_jumps(story: Story) -> Iterator[Diagnostic]:
    """VP218: no goto leads straight back to the top of its own node."""
    for place in story.graph.places:
        for edge in place.exits:
            if edge.target == place.index and edge.kind == "goto":
                message = f'node "{place.node.id}" jumps to its own beginning'
                yield diagnose("VP218", edge.span, message, "point it at another node")


def check_ambiguous_targets(story: Story) -> Iterator[Diagnostic]:
    """VP237: no goto could mean both a node and a scene."""
    entries = story.graph.scene_entries
    for place in story.graph.places:
        for edge in place.exits:
            other = entries.get(edge.written)
            if other is not None and edge.written != place.scene and edge.target >= 0:
                if edge.target == other:
                    continue
                message = f'"{edge.written}" is a node of scene "{place.scene}" and also a scene'
                message += "; the node is meant"
                remedy = f"write {place.scene}.{edge.written} for the node"
                yield diagnose("VP237", edge.span, message, remedy)
