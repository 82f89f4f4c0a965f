"""Scenes, nodes, speakers and groups: declared once, and known. One function a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.screenplay.codes.stories import diagnose
from voicepipe.screenplay.hints import Hints
from voicepipe.screenplay.story.story import screenplay_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.screenplay.syntax import Screenplay

Named = tuple[str, "SourceSpan"]


def check_repeated_scenes(screenplay: Screenplay) -> Iterator[Diagnostic]:
    """VP235: a scene is declared once."""
    for name, span, first in _repeated((s.id, s.span) for s in screenplay.scenes):
        message = f'scene "{name}" exists already, at {first}'
        yield diagnose("VP235", span, message, "rename one of them")


def check_repeated_declarations(screenplay: Screenplay) -> Iterator[Diagnostic]:
    """VP238: a speaker or a variable is declared once."""
    declared: list[tuple[str, list[Named]]] = [
        ("speaker", [(speaker.id, speaker.span) for speaker in screenplay.speakers]),
        ("variable", [(variable.name, variable.span) for variable in screenplay.variables]),
    ]
    for kind, declarations in declared:
        for name, span, first in _repeated(declarations):
            message = f'{kind} "{name}" is declared already, at {first}'
            yield diagnose("VP238", span, message, "delete one of the two")


def _repeated(declarations: Iterable[Named]) -> Iterator[tuple[str, SourceSpan, SourceSpan]]:
    """Find names used again, with the place of the first use."""
    first: dict[str, SourceSpan] = {}
    for name, span in declarations:
        if name in first:
            yield name, span, first[name]
        else:
            first[name] = span


def check_speakers_known(screenplay: Screenplay) -> Iterator[Diagnostic]:
    """VP239: every line is spoken by a declared speaker, where a project declares any."""
    known = {speaker.id for speaker in screenplay.speakers}
    if not known:
        return
    hints = Hints()
    for line in screenplay_lines(screenplay):
        if line.who and line.who not in known:
            message = f'speaker "{line.who}" is not declared{hints(line.who, known)}'
            yield diagnose("VP239", line.span, message, "declare them under speakers:")


def check_groups(screenplay: Screenplay) -> Iterator[Diagnostic]:
    """VP240: members of a group are declared speakers, and no groups."""
    speakers = {speaker.id: speaker for speaker in screenplay.speakers}
    hints = Hints()
    for group in screenplay.speakers:
        for position, member in enumerate(group.members):
            problem = ""
            if member not in speakers:
                problem = "is not declared" + hints(member, speakers)
            elif speakers[member].members:
                problem = "is itself a group"
            elif member in group.members[:position]:
                problem = "is named twice"
            if problem:
                message = f'group "{group.id}": member "{member}" {problem}'
                yield diagnose("VP240", group.span, message, "list each single speaker once")
