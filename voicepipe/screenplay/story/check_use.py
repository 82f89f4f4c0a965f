"""Speakers who never speak, and places with nothing in them: one function a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.screenplay.codes.stories import diagnose
from voicepipe.screenplay.syntax import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.story.story import Story
    from voicepipe.screenplay.syntax import Speaker


def check_silent_speakers(story: Story) -> Iterator[Diagnostic]:
    """VP241: every declared speaker has a line."""
    speaking: set[str] = {line.who for line in story.lines}
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
