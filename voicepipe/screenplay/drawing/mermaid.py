"""The story as Mermaid text, for wikis and merge requests that draw it themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.drawing.picture import shorten
from voicepipe.screenplay.story.graph import ENDING, MISSING, RETURNING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.screenplay.story.graph import Exit, Place
    from voicepipe.screenplay.story.story import Story
    from voicepipe.screenplay.syntax import Language, Scene

_PLAIN: Final = frozenset(" _-.,:;!?'()=+/")


def write_mermaid(story: Story, *, language: Language, scene: str = "") -> str:
    """Write a flowchart.

    Args:
        story: Worked out by `read_story`.
        language: What options are labelled in.
        scene: Only this one, and the names of what it leads to; empty writes all.

    Returns:
        `flowchart TD` and one statement a line. Boxes are named by number, since node ids may be
        words of Mermaid's own; everything the writer wrote stands in quotes, escaped.
    """
    writer = _Writer(story, language)
    first = 0
    for each in story.screenplay.scenes:
        places = story.graph.places[first : first + len(each.nodes)]
        first += len(each.nodes)
        if not scene or each.id == scene:
            writer.scene(each, places)
    return writer.text()


class _Writer:
    def __init__(self, story: Story, language: Language) -> None:
        self._story = story
        self._language = language
        self._boxes: list[str] = []
        self._edges: list[str] = []
        self._drawn: set[int] = set()
        self._named: dict[str, str] = {}
        self._unreached: list[str] = []
        self._entered: list[str] = []

    def scene(self, scene: Scene, places: Sequence[Place]) -> None:
        if not places:
            return
        title = f"{scene.id}: {scene.title}" if scene.title else scene.id
        self._boxes.append(f'  subgraph s{places[0].index}["{_quoted(title)}"]')
        for place in places:
            n_lines = sum(1 for _ in place.lines())
            lines = f"{n_lines} line{'' if n_lines == 1 else 's'}"
            self._boxes.append(f'    n{place.index}["{_quoted(place.node.id)}<br/>{lines}"]')
            self._drawn.add(place.index)
            if place.index in self._story.graph.entries:
                self._entered.append(f"n{place.index}")
            if not self._story.exploration.entered[place.index]:
                self._unreached.append(f"n{place.index}")
        self._boxes.append("  end")
        self._edges += [self._edge(edge) for place in places for edge in place.exits]

    def text(self) -> str:
        return "\n".join(("flowchart TD", *self._statements(), ""))

    def _statements(self) -> Iterator[str]:
        yield from self._boxes
        targets = {edge.rpartition(" ")[2] for edge in self._edges}
        for number, place in enumerate(self._story.graph.places):
            if number not in self._drawn and f"n{number}" in targets:
                yield f'  n{number}(["{_quoted(place.key)}"])'
        if "finish" in targets:
            yield '  finish(["END"])'
        if "back" in targets:
            yield '  back(["RETURN"])'
        yield from (f'  {box}{{{{"{_quoted(name)} ?"}}}}' for name, box in self._named.items())
        yield from self._edges
        if self._entered:
            yield "  classDef entered stroke-width:3px"
            yield f"  class {','.join(self._entered)} entered"
        if self._unreached:
            yield "  classDef unreached stroke:#c8614f,stroke-dasharray:5 3"
            yield f"  class {','.join(self._unreached)} unreached"

    def _edge(self, edge: Exit) -> str:
        rows = []
        if edge.option is not None:
            text = edge.option.texts.get(self._language)
            rows.append(shorten(" ".join(text.raw.split())) if text is not None else "…")
        if edge.option is not None and edge.option.is_once:
            rows.append("once")
        if edge.when is not None:
            rows.append("if " + " ".join(edge.when.raw.split()))
        label = "<br/>".join(map(_quoted, rows))
        shaft = "-.->" if edge.is_detour else "-->"
        arrow = f'{shaft}|"{label}"|' if label else shaft
        return f"  n{edge.source} {arrow} {self._target(edge)}"

    def _target(self, edge: Exit) -> str:
        if edge.target == ENDING:
            return "finish"
        if edge.target == RETURNING:
            return "back"
        if edge.target == MISSING:
            return self._named.setdefault(edge.written, f"m{len(self._named)}")
        return f"n{edge.target}"


def _quoted(text: str) -> str:
    """Escape what would end a quoted text or be read as markup."""
    return "".join(c if ord(c) > 127 or c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in text)
