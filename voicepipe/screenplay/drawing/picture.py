"""What a drawing of the story shows: scenes, their nodes, and what leads from one to the next.

It knows what is said in each box and on each arrow, not where anything stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.story.graph import ENDING, MISSING, RETURNING
from voicepipe.screenplay.syntax import END, RETURN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.screenplay.story.graph import Exit, Place
    from voicepipe.screenplay.story.story import Story
    from voicepipe.screenplay.syntax import Language, Option, Scene

LABEL_LENGTH: Final = 30
"""Characters of an option's text on its arrow; wide ones count twice."""
FAR: Final = 40
"""Nodes between the ends of a jump from which on it is named rather than drawn."""


class BoxKind(Enum):
    """What a box stands for."""

    NODE = "node"
    DOOR = "door"
    """Another scene, or a node that is too far away for an arrow."""
    END = "end"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureBox:
    """One box."""

    kind: BoxKind
    title: str
    details: tuple[str, ...] = ()
    is_entry: bool = False
    is_reached: bool = True
    is_dead_end: bool = False
    scene: str = ""
    """For a door: the scene behind it; empty when it is this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLink:
    """One arrow between boxes of a scene."""

    source: int
    target: int
    text: str = ""
    """What the option says, shortened."""
    when: str = ""
    is_option: bool = False
    is_detour: bool = False
    is_once: bool = False
    is_taken: bool = True
    """False: its condition never holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenePicture:
    """One scene."""

    id: str
    title: str
    boxes: tuple[PictureBox, ...]
    links: tuple[PictureLink, ...]
    barks: tuple[str, ...]
    """Name and size of each set."""
    is_start: bool
    is_reached: bool


def picture_story(story: Story, *, language: Language, scene: str = "") -> tuple[ScenePicture, ...]:
    """Say what to draw.

    Args:
        story: Worked out by `read_story`.
        language: What options are labelled in.
        scene: Only this one; empty draws all.
    """
    pictures = []
    first = 0
    for each in story.screenplay.scenes:
        places = story.graph.places[first : first + len(each.nodes)]
        first += len(each.nodes)
        if not scene or each.id == scene:
            pictures.append(_Painter(story, each, places, language).paint())
    return tuple(pictures)


class _Painter:
    def __init__(
        self, story: Story, scene: Scene, places: Sequence[Place], language: Language
    ) -> None:
        self._story = story
        self._scene = scene
        self._places = places
        self._first = places[0].index if places else 0
        self._language = language
        self._entries = frozenset(story.graph.entries)
        self._boxes: list[PictureBox] = []
        self._doors: dict[tuple[BoxKind, str], int] = {}

    def paint(self) -> ScenePicture:
        self._boxes += [self._box(place) for place in self._places]
        links = [link for place in self._places for link in self._links(place)]
        entered = self._story.exploration.entered
        start = self._story.graph.start
        return ScenePicture(
            id=self._scene.id,
            title=self._scene.title,
            boxes=tuple(self._boxes),
            links=tuple(links),
            barks=tuple(f"{b.id} ({len(b.lines)})" for b in self._scene.barks),
            is_start=start >= 0 and self._places_hold(start),
            is_reached=not self._places or any(entered[p.index] for p in self._places),
        )

    def _places_hold(self, index: int) -> bool:
        return 0 <= index - self._first < len(self._places)

    def _box(self, place: Place) -> PictureBox:
        exploration = self._story.exploration
        n_lines = sum(1 for _ in place.lines())
        details = [f"{n_lines} line{'' if n_lines == 1 else 's'}"]
        is_reached = exploration.entered[place.index]
        is_dead_end = place.just_stops and (not place.exits or place.index in exploration.stops)
        if place.index in self._entries:
            details.append("entry point")
        if not is_reached:
            details.append("never entered")
        elif is_dead_end:
            details.append("stops here")
        return PictureBox(
            kind=BoxKind.NODE,
            title=place.node.id,
            details=tuple(details),
            is_entry=self._story.graph.scene_entries.get(self._scene.id) == place.index
            or place.index in self._entries,
            is_reached=is_reached,
            is_dead_end=is_dead_end and is_reached,
        )

    def _links(self, place: Place) -> Iterator[PictureLink]:
        taken = self._story.exploration.taken
        is_reached = self._story.exploration.entered[place.index]
        for number, edge in enumerate(place.exits):
            target = self._target(place, edge)
            if target is not None:
                yield PictureLink(
                    source=place.index - self._first,
                    target=target,
                    text="" if edge.option is None else self._said(edge.option),
                    when="" if edge.when is None else shorten(" ".join(edge.when.raw.split())),
                    is_option=edge.option is not None,
                    is_detour=edge.is_detour,
                    is_once=edge.option is not None and edge.option.is_once,
                    is_taken=not is_reached or (place.index, number) in taken,
                )

    def _said(self, option: Option) -> str:
        text = option.texts.get(self._language)
        return shorten(" ".join(text.raw.split())) if text is not None else "…"

    def _target(self, place: Place, edge: Exit) -> int | None:
        if edge.target == ENDING:
            return self._door(PictureBox(kind=BoxKind.END, title=END))
        if edge.target == RETURNING:
            return self._door(PictureBox(kind=BoxKind.END, title=RETURN))
        if edge.target == MISSING:
            return self._door(PictureBox(kind=BoxKind.MISSING, title=f"{edge.written or '?'} ?"))
        if not self._places_hold(edge.target):
            scene = self._story.graph.places[edge.target].scene
            is_entry = self._story.graph.scene_entries.get(scene) == edge.target
            title = scene if is_entry else self._story.graph.places[edge.target].key
            return self._door(PictureBox(kind=BoxKind.DOOR, title=f"→ {title}", scene=scene))
        if edge.target == place.index or abs(edge.target - place.index) > FAR:
            turn = "↻" if edge.target == place.index else "→"
            title = f"{turn} {self._story.graph.places[edge.target].node.id}"
            return self._door(PictureBox(kind=BoxKind.DOOR, title=title))
        return edge.target - self._first

    def _door(self, box: PictureBox) -> int:
        """Put up each door of a scene once."""
        known = self._doors.setdefault((box.kind, box.title), len(self._boxes))
        if known == len(self._boxes):
            self._boxes.append(box)
        return known


def shorten(text: str, length: int = LABEL_LENGTH) -> str:
    """Cut a text to a number of columns, wide characters counting two."""
    columns = 0
    for position, character in enumerate(text):
        columns += 2 if is_wide(character) else 1
        if columns > length:
            return text[:position].rstrip() + "…"
    return text


def is_wide(character: str) -> bool:
    """Tell ideographs, kana, hangul and full-width forms from letters."""
    return "\u1100" <= character <= "\u115f" or "\u2e80" <= character <= "\uffe6"
