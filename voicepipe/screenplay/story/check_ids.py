"""Whether ids of lines can name clips in every folder and engine: one function a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.documents.portable import is_reserved_name
from voicepipe.screenplay.codes.stories import diagnose
from voicepipe.screenplay.story.story import screenplay_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.screenplay.syntax import LineId, Screenplay


def check_missing_ids(screenplay: Screenplay) -> Iterator[Diagnostic]:
    """VP230: every line has an id."""
    for line in screenplay_lines(screenplay):
        if not line.id:
            message = "this line has no id" + (f", spoken by {line.who}" if line.who else "")
            yield diagnose("VP230", line.span, message, "run `voicepipe ids --write`")


def check_repeated_ids(screenplay: Screenplay) -> Iterator[Diagnostic]:
    """VP232: an id names one line."""
    first: dict[str, SourceSpan] = {}
    for line in screenplay_lines(screenplay):
        if not line.id:
            continue
        if line.id in first:
            message = f'line "{line.id}" exists already, at {first[line.id]}'
            remedy = "take the id off the newer line and run `voicepipe ids --write`"
            yield diagnose("VP232", line.span, message, remedy)
        else:
            first[line.id] = line.span


def check_id_beginnings(screenplay: Screenplay) -> Iterator[Diagnostic]:
    """VP233: no id is the beginning of another, for engines that match file names loosely."""
    order = {
        line.id: (number, line)
        for number, line in enumerate(screenplay_lines(screenplay))
        if line.id
    }
    # All ids that begin with another follow it at once in the sorted list.
    open_ids: list[LineId] = []
    clashes = []
    for line_id in sorted(order):
        while open_ids and not line_id.startswith(open_ids[-1]):
            open_ids.pop()
        if open_ids:
            clashes.append((open_ids[-1], line_id))
        open_ids.append(line_id)
    for short, long in sorted(clashes, key=lambda pair: order[pair[1]][0]):
        message = f'"{short}", at {order[short][1].span}, is the beginning of "{long}"'
        remedy = "keep it if your engine looks for whole names; else `voicepipe ids rename` one"
        yield diagnose("VP233", order[long][1].span, message, remedy)


def check_letter_case(screenplay: Screenplay) -> Iterator[Diagnostic]:
    """VP263: no two names of files differ only in the case of their letters."""
    lines = ((line.id, line.span) for line in screenplay_lines(screenplay) if line.id)
    scenes = ((scene.id, scene.span) for scene in screenplay.scenes)
    for kind, named in (("scene", scenes), ("line", lines)):
        first: dict[str, tuple[str, SourceSpan]] = {}
        for name, span in named:
            known, place = first.setdefault(name.lower(), (name, span))
            if known != name:
                message = f'{kind} "{name}" and "{known}", at {place}, differ only in case'
                yield diagnose("VP263", span, message, "rename one of them")


def check_reserved_names(screenplay: Screenplay) -> Iterator[Diagnostic]:
    """VP234: no scene or line has a name that Windows keeps for itself."""
    for scene in screenplay.scenes:
        if is_reserved_name(scene.id):
            yield diagnose("VP234", scene.span, _reserved("scene", scene.id), "rename the scene")
    for line in screenplay_lines(screenplay):
        if is_reserved_name(line.id):
            yield diagnose("VP234", line.span, _reserved("line", line.id), "rename the line")


def _reserved(kind: str, name: str) -> str:
    return f'{kind} "{name}": Windows keeps this name for itself'
