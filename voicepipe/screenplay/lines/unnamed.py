"""Who speaks the lines that have no id yet: they become no clips, and need a voice all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.screenplay.story.story import screenplay_lines

if TYPE_CHECKING:
    from voicepipe.diagnostics import SourceSpan
    from voicepipe.screenplay.syntax import Screenplay, SpeakerId


def speakers_without_ids(screenplay: Screenplay) -> tuple[tuple[SpeakerId, SourceSpan], ...]:
    """List the speakers of lines without an id, members in place of groups.

    Returns:
        (speaker, place of the line), in the order of the script.
    """
    members = {s.id: s.members for s in reversed(screenplay.speakers) if s.members}
    return tuple(
        (speaker, line.span)
        for line in screenplay_lines(screenplay)
        if line.who and line.is_voiced and not line.id
        for speaker in members.get(line.who, (line.who,))
    )
