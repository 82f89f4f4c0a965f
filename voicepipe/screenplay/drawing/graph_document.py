"""The story as plain values, for tools that draw or examine it themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.story.graph import ENDING, MISSING, RETURNING
from voicepipe.screenplay.syntax import END, RETURN

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.screenplay.story.graph import Exit
    from voicepipe.screenplay.story.story import Story
    from voicepipe.screenplay.syntax import Language


_NO_PLACE: Final = {ENDING: END, RETURNING: RETURN, MISSING: None}


def graph_document(story: Story, *, language: Language, scene: str = "") -> dict[str, Json]:
    """Give nodes and edges, in script order.

    Args:
        story: Worked out by `read_story`.
        language: What options are labelled in.
        scene: Only the nodes of this one, and their edges; empty: all.

    Returns:
        `nodes`, each with how many lines it holds and whether any run of the story enters it, and
        `edges`. An edge's `to` is `scene.node`, `END`, `RETURN`, or null where the target does not
        exist; its `kind` is `goto`, `option` or `detour`.
    """
    places = [place for place in story.graph.places if scene in ("", place.scene)]
    keys = [place.key for place in story.graph.places]
    entries = set(story.graph.entries)
    return {
        "nodes": [
            {
                "id": place.key,
                "scene": place.scene,
                "lines": sum(1 for _ in place.lines()),
                "is_entry": place.index in entries,
                "is_reached": story.exploration.entered[place.index],
            }
            for place in places
        ],
        "edges": [_edge(edge, keys, language) for place in places for edge in place.exits],
    }


def _edge(edge: Exit, keys: list[str], language: Language) -> dict[str, Json]:
    text = None if edge.option is None else edge.option.texts.get(language)
    return {
        "from": keys[edge.source],
        "to": _NO_PLACE[edge.target] if edge.target < 0 else keys[edge.target],
        "written": edge.written,
        "kind": edge.kind,
        "option": None if text is None else text.raw,
        "is_option": edge.option is not None,
        "is_once": edge.option is not None and edge.option.is_once,
        "when": None if edge.when is None else edge.when.raw,
    }
