"""The story as an SVG picture: a card a scene, arrows that say what the player chose."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.drawing.layout import Box, Link, lay_out
from voicepipe.screenplay.drawing.picture import BoxKind, is_wide

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicepipe.screenplay.drawing.layout import Layout, Point, Route
    from voicepipe.screenplay.drawing.picture import PictureBox, PictureLink, ScenePicture

MARGIN: Final = 32.0
PADDING: Final = 24.0
HEADER: Final = 52.0
FOOTER: Final = 26.0
GAP: Final = 40.0
ROWS_WIDTH: Final = 900.0
ROW: Final = 15.0
"""Pixels from one line of small text to the next."""

_STYLE: Final = """\
svg{font-family:"Noto Sans","Noto Sans CJK SC","Helvetica Neue",Arial,sans-serif}
.scene{fill:#fff;stroke:#d8d3c8}
.scene.off{fill:#fbf3f2;stroke:#d9a59d;stroke-dasharray:6 4}
.head{font-size:17px;font-weight:600;fill:#26323d}
.sub{font-size:12px;fill:#7b8288}
.node rect{fill:#e8eff4;stroke:#9db4c6}
.node.entry rect{fill:#d5e6dc;stroke:#6fa386;stroke-width:2}
.node.off rect{fill:#fdf0ee;stroke:#c8614f;stroke-dasharray:5 3}
.node.stop rect{fill:#fff3d6;stroke:#d09a2d}
.name{font-size:13px;font-weight:600;fill:#26323d}
.small{font-size:11px;fill:#5c6770}
.off .small{fill:#b04a39}
.stop .small{fill:#8d6510}
.door rect{fill:#fff;stroke:#9a8fb8}
.door text{font-size:12px;fill:#5d4f86}
.end rect{fill:#33404c}
.end text{font-size:12px;font-weight:600;fill:#fff}
.missing rect{fill:#c8614f}
.missing text{font-size:12px;fill:#fff}
.way{fill:none;stroke:#8796a3;stroke-width:1.4}
.way.pick{stroke:#4d7fa8}
.way.maybe{stroke-dasharray:5 3}
.way.never{stroke:#c8614f;stroke-dasharray:2 4}
.way.detour{stroke:#6fa386;stroke-width:1.8;stroke-dasharray:1 4;stroke-linecap:round}
.way.far{stroke:#a79dc2;stroke-width:1.8}
.label rect{fill:#fff;fill-opacity:.92}
.label text{font-size:11px;fill:#35536d}
.label .when{fill:#8d6510;font-style:italic}
"""
_DEFINITIONS: Final = """\
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
orient="auto"><path d="M0 0L8 4L0 8z" fill="#6d7d8b"/></marker></defs>
"""
# What XML 1.0 does not allow in any form.
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def draw_svg(scenes: Sequence[ScenePicture], *, title: str = "") -> str:
    """Draw a story.

    Args:
        scenes: As `picture_story` gives them.
        title: For screen readers and browser tabs.

    Returns:
        An SVG document; it refers to nothing outside itself and holds no script.
    """
    cards = [_Card(scene) for scene in scenes]
    doors = _doors_between(cards)
    linked = sorted({card for source, _, target in doors for card in (source, target)})
    place = {card: position for position, card in enumerate(linked)}
    layout = lay_out(
        [cards[card].size for card in linked],
        [Link(source=place[source], target=place[target]) for source, _, target in doors],
        roots=[place[card] for card in linked if cards[card].scene.is_start],
        side_gap=56,
        layer_gap=26,
    )
    corners = {card: _corner(layout, place[card], cards[card].size) for card in linked}
    rest = [card for card in range(len(cards)) if card not in place]
    top = layout.height + (GAP if linked else 0.0)
    corners |= _in_rows(rest, cards, top + MARGIN, max(layout.width, ROWS_WIDTH))
    body = [
        _scene_arrow(cards[source], corners[source], door, route)
        for (source, door, _), route in zip(doors, layout.routes, strict=True)
        if route.points[0][1] < route.points[-1][1]
    ]
    for card, (x, y) in sorted(corners.items()):
        body.append(f'<g transform="translate({x:.1f} {y:.1f})">{cards[card].draw()}</g>')
    width = max((corners[n][0] + card.size.width for n, card in enumerate(cards)), default=0.0)
    height = max((corners[n][1] + card.size.height for n, card in enumerate(cards)), default=0.0)
    width, height = max(width, layout.width + MARGIN) + MARGIN, height + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">\n'
        f"<title>{_safe(title)}</title>\n<style>{_STYLE}</style>\n{_DEFINITIONS}"
        f'<rect width="100%" height="100%" fill="#f4f2ee"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _in_rows(
    numbers: Sequence[int], cards: Sequence[_Card], top: float, width: float
) -> dict[int, Point]:
    """Stand cards that nothing leads to side by side, in rows of about this width."""
    corners: dict[int, Point] = {}
    x, tallest = MARGIN, 0.0
    for number in numbers:
        size = cards[number].size
        if x > MARGIN and x + size.width > width + MARGIN:
            x, top, tallest = MARGIN, top + tallest + GAP, 0.0
        corners[number] = (x, top)
        x += size.width + GAP
        tallest = max(tallest, size.height)
    return corners


def _corner(layout: Layout, number: int, size: Box) -> Point:
    x, y = layout.centres[number]
    return x - size.width / 2 + MARGIN, y - size.height / 2 + MARGIN


def _doors_between(cards: Sequence[_Card]) -> list[tuple[int, int, int]]:
    """Find every door that leads to another card: (card, box, card behind it)."""
    number_of: dict[str, int] = {}
    for number, card in enumerate(cards):
        number_of.setdefault(card.scene.id, number)
    return [
        (number, position, number_of[box.scene])
        for number, card in enumerate(cards)
        for position, box in enumerate(card.scene.boxes)
        if box.scene in number_of and number_of[box.scene] != number
    ]


def _scene_arrow(card: _Card, corner: Point, door: int, route: Route) -> str:
    """Draw from a door to the card behind it."""
    x, y = card.bottom_of(door)
    start = (corner[0] + x, corner[1] + y)
    rest = [(px + MARGIN, py + MARGIN) for px, py in route.points[1:]]
    return _path([start, (start[0], corner[1] + card.size.height), *rest], "way far")


class _Card:
    """One scene, laid out."""

    def __init__(self, scene: ScenePicture) -> None:
        sizes = tuple(_box_size(box) for box in scene.boxes)
        links = [
            Link(source=link.source, target=link.target, label=_label_size(link))
            for link in scene.links
        ]
        layout = lay_out(
            sizes,
            links,
            roots=[n for n, box in enumerate(scene.boxes) if box.is_entry],
            bottom=[n for n, box in enumerate(scene.boxes) if box.scene],
        )
        title = max(_width(scene.id, 17), _width(scene.title, 12), _width(_barks(scene), 11))
        height = HEADER + layout.height + PADDING + (FOOTER if scene.barks else 0)
        width = max(layout.width, title) + 2 * PADDING
        self.scene = scene
        self.layout = layout
        self.size = Box(width=width, height=height)
        self._sizes = sizes

    def _shift(self) -> float:
        return (self.size.width - self.layout.width) / 2

    def bottom_of(self, box: int) -> Point:
        x, y = self.layout.centres[box]
        return x + self._shift(), y + self._sizes[box].height / 2 + HEADER

    def draw(self) -> str:
        scene = self.scene
        kind = "scene" if scene.is_reached else "scene off"
        parts = [
            f'<rect class="{kind}" width="{self.size.width:.1f}" '
            f'height="{self.size.height:.1f}" rx="10"/>',
            _text(PADDING, 27, scene.id, "head"),
            _text(PADDING, 43, scene.title, "sub") if scene.title else "",
        ]
        if scene.barks:
            parts.append(_text(PADDING, self.size.height - 14, _barks(scene), "small"))
        parts.append(f'<g transform="translate({self._shift():.1f} {HEADER:.0f})">')
        drawn = list(zip(scene.links, self.layout.routes, strict=True))
        parts += [_path(route.points, _way_class(link)) for link, route in drawn]
        parts += [_label(link, route.label) for link, route in drawn if route.label is not None]
        for box, size, centre in zip(scene.boxes, self._sizes, self.layout.centres, strict=True):
            parts.append(_box(box, size, centre))
        return "".join((*parts, "</g>"))


def _barks(scene: ScenePicture) -> str:
    return f"barks: {', '.join(scene.barks)}" if scene.barks else ""


def _box_size(box: PictureBox) -> Box:
    if box.kind is BoxKind.NODE:
        width = max(_width(box.title, 13), *(_width(text, 11) for text in box.details))
        return Box(width=max(84.0, width + 28), height=26 + ROW * len(box.details))
    return Box(width=_width(box.title, 12) + 26, height=24)


def _label_size(link: PictureLink) -> Box | None:
    rows = _label_rows(link)
    if not rows:
        return None
    return Box(width=max(_width(text, 11) for text, _ in rows) + 10, height=ROW * len(rows) + 2)


def _label_rows(link: PictureLink) -> list[tuple[str, str]]:
    rows = [(f"“{link.text}”", "")] if link.text else []
    if link.is_detour:
        rows.append(("and back", "when"))
    if link.is_once:
        rows.append(("once", "when"))
    if link.when:
        rows.append((f"if {link.when}", "when"))
    return rows


def _way_class(link: PictureLink) -> str:
    return " ".join(
        (
            "way",
            *(["pick"] if link.is_option else []),
            *(["detour"] if link.is_detour else []),
            *(["maybe"] if link.when and link.is_taken else []),
            *([] if link.is_taken else ["never"]),
        )
    )


def _box(box: PictureBox, size: Box, centre: Point) -> str:
    x, y = centre[0] - size.width / 2, centre[1] - size.height / 2
    classes = [box.kind.value]
    classes += ["entry"] if box.is_entry else []
    classes += [] if box.is_reached else ["off"]
    classes += ["stop"] if box.is_dead_end else []
    radius = 7 if box.kind is BoxKind.NODE else 12
    rect = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{size.width:.1f}" '
        f'height="{size.height:.1f}" rx="{radius}"/>'
    )
    if box.kind is BoxKind.NODE:
        texts = _text(centre[0], y + 18, box.title, "name", middle=True)
        for number, detail in enumerate(box.details, start=1):
            texts += _text(centre[0], y + 18 + ROW * number, detail, "small", middle=True)
    else:
        texts = _text(centre[0], centre[1] + 4.5, box.title, "", middle=True)
    return f'<g class="{" ".join(classes)}">{rect}{texts}</g>'


def _label(link: PictureLink, centre: Point) -> str:
    size = _label_size(link)
    assert size is not None
    x, y = centre[0] - size.width / 2, centre[1] - size.height / 2
    texts = "".join(
        _text(centre[0], y + 12 + ROW * number, text, kind, middle=True)
        for number, (text, kind) in enumerate(_label_rows(link))
    )
    return (
        f'<g class="label"><rect x="{x:.1f}" y="{y:.1f}" width="{size.width:.1f}" '
        f'height="{size.height:.1f}" rx="4"/>{texts}</g>'
    )


def _path(points: Iterable[Point], kind: str) -> str:
    """Draw a curve that leaves and arrives upright and swings smoothly in between."""
    through = list(points)
    leans = [0.0, *(_lean(a, c) for a, c in zip(through, through[2:], strict=False)), 0.0]
    drawn = ["M{:.1f} {:.1f}".format(*through[0])]
    for (x, y), (to_x, to_y), lean, to_lean in zip(
        through, through[1:], leans, leans[1:], strict=False
    ):
        third = (to_y - y) / 3
        drawn.append(
            f"C{x + lean * third:.1f} {y + third:.1f} "
            f"{to_x - to_lean * third:.1f} {to_y - third:.1f} {to_x:.1f} {to_y:.1f}"
        )
    return f'<path class="{kind}" d="{"".join(drawn)}" marker-end="url(#tip)"/>'


def _lean(before: Point, behind: Point) -> float:
    """How far a curve goes sideways for each pixel down."""
    return (behind[0] - before[0]) / (behind[1] - before[1])


def _text(x: float, y: float, text: str, kind: str, *, middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}"{anchor}>{_safe(text)}</text>'


def _width(text: str, size: float) -> float:
    """Guess how wide a text is drawn: sans-serif letters are a little over half their height."""
    return sum(size if is_wide(character) else size * 0.58 for character in text)


def _safe(text: str) -> str:
    return escape(_UNPRINTABLE.sub("", text))
