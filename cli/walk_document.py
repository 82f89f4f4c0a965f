"""What happened on a walk through the story, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.screenplay.story.walk import Event
    from voicepipe.screenplay.story.walk_text import WalkText


def event_document(event: Event, text: WalkText) -> dict[str, Json]:
    """Give one event; `picked` counts from 1, as the options of `--choose` do."""
    from voicepipe.screenplay.story.walk import Changed, Chosen, Entered, Heard

    if isinstance(event, Entered):
        return {
            "event": "node",
            "scene": event.scene,
            "node": event.node,
            "is_return": event.is_return,
        }
    if isinstance(event, Heard):
        return {
            "event": "line",
            "line": event.line.id,
            "speaker": event.line.who,
            "text": text.say(event.line.texts),
            "is_choice": event.is_choice,
            "is_voiced": event.line.is_voiced,
        }
    if isinstance(event, Chosen):
        options: list[Json] = [text.say(option.texts) for option in event.options]
        return {"event": "choice", "options": options, "picked": event.picked + 1}
    if isinstance(event, Changed):
        text.note(event.values)
        return {"event": "variables", "values": dict(event.values)}
    return {"event": "end", "why": event.why, "is_end": event.is_end}
