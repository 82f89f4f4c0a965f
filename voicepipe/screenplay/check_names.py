"""Scenes, nodes, speakers and groups: declared once, known, and used. One function a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.screenplay.story_codes import diagnose
from voicepipe.screenplay.syntax import Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.screenplay.story import Story
    from voicepipe.screenplay.syntax import Speaker

Named = tuple[str, "SourceSpan"]


def check_repeated_scenes(story: Story) -> Iterator[Diagnostic]:
    """VP235: a scene is declared once."""
    for name, span, first in _repeated((s.id, s.span) for s in story.screenplay.scenes):
        message = f'scene "{name}" exists already, at {first}'
        yield diagnose("VP235", span, message, "rename one of them")


def check_repeated_nodes(story: Story) -> Iterator[Diagnostic]:
    """VP236: a node is declared once in its scene."""
    for scene in story.screenplay.scenes:
        for name, span, first in _repeated((n.id, n.span) for n in scene.nodes):
            message = f'node "{name}" exists already in scene "{scene.id}", at {first}'
            yield diagnose("VP236", span, message, "rename one of them")


def check_repeated_declarations(story: Story) -> Iterator[Diagnostic]:
    """VP238: a speaker, a variable or a bark set is declared once."""
    screenplay = story.screenplay
    declared: list[tuple[str, list[Named]]] = [
        ("speaker", [(speaker.id, speaker.span) for speaker in screenplay.speakers]),
        ("variable", [(variable.name, variable.span) for variable in screenplay.variables]),
    ]
    declared.extend(
        ("bark set", [(barks.id, barks.span) for barks in scene.barks])
        for scene in screenplay.scenes
    )
    for kind, things in declared:
        for name, span, first in _repeated(things):
            message = f'{kind} "{name}" is declared already, at {first}'
            yield diagnose("VP238", span, message, "delete one of the two")


def _repeated(things: Iterable[Named]) -> Iterator[tuple[str, SourceSpan, SourceSpan]]:
    """Find names used again, with the place of the first use."""
    first: dict[str, SourceSpan] = {}
    for name, span in things:
        if name in first:
            yield name, span, first[name]
        else:
            first[name] = span


def check_speakers_known(story: Story) -> Iterator[Diagnostic]:
    """VP239: every line is spoken by a declared speaker, where a project declares any."""
    known = {speaker.id for speaker in story.screenplay.speakers}
    if not known:
        return
    for line in story.lines():
        if line.who and line.who not in known:
            message = f'speaker "{line.who}" is not declared{did_you_mean(line.who, known)}'
            yield diagnose("VP239", line.span, message, "declare them under speakers:")


def check_groups(story: Story) -> Iterator[Diagnostic]:
    """VP240: members of a group are declared speakers, and no groups."""
    speakers = {speaker.id: speaker for speaker in story.screenplay.speakers}
    for group in story.screenplay.speakers:
        for position, member in enumerate(group.members):
            problem = ""
            if member not in speakers:
                problem = "is not declared" + did_you_mean(member, speakers)
            elif speakers[member].members:
                problem = "is itself a group"
            elif member in group.members[:position]:
                problem = "is named twice"
            if problem:
                message = f'group "{group.id}": member "{member}" {problem}'
                yield diagnose("VP240", group.span, message, "list each single speaker once")


def check_silent_speakers(story: Story) -> Iterator[Diagnostic]:
    """VP241: every declared speaker has a line."""
    speaking: set[str] = {line.who for line in story.lines()}
    for group in story.screenplay.speakers:
        if group.id in speaking:
            speaking.update(group.members)
    for speaker in story.screenplay.speakers:
        if speaker.id not in speaking:
            yield _silent(speaker)


def _silent(speaker: Speaker) -> Diagnostic:
    message = f'speaker "{speaker.id}" is declared, but no line is theirs'
    return diagnose("VP241", speaker.span, message, "delete the declaration if they are gone")


def check_empty(story: Story) -> Iterator[Diagnostic]:
    """VP242: scenes, nodes and bark sets hold something."""
    for scene in story.screenplay.scenes:
        if not scene.nodes and not scene.barks:
            message = f'scene "{scene.id}" has neither nodes nor barks'
            yield diagnose("VP242", scene.span, message, "write a node, or delete the scene")
        for barks in scene.barks:
            if not barks.lines:
                message = f'bark set "{barks.id}" has no lines'
                yield diagnose("VP242", barks.span, message, "write a line, or delete the set")
        for node in scene.nodes:
            if all(isinstance(entry, Remark) for entry in node.entries):
                message = f'node "{node.id}" has no entries'
                yield diagnose("VP242", node.span, message, "write a line or a goto")
