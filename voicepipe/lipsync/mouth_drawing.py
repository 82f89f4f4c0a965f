"""The nine mouths of the Rhubarb set, drawn (torch-free)."""

from __future__ import annotations

from typing import Final, NamedTuple


class _Mouth(NamedTuple):
    """Sizes are shares of the width of a mouth at rest."""

    width: float
    opening: float
    has_teeth: bool = False
    has_lower_teeth: bool = False
    has_tongue: bool = False


_MOUTHS: Final = {
    "A": _Mouth(0.92, 0.0),
    "B": _Mouth(0.98, 0.14, has_teeth=True, has_lower_teeth=True),
    "C": _Mouth(0.92, 0.36, has_teeth=True),
    "D": _Mouth(0.9, 0.62, has_teeth=True, has_tongue=True),
    "E": _Mouth(0.66, 0.4),
    "F": _Mouth(0.36, 0.24),
    "G": _Mouth(0.9, 0.13, has_teeth=True),
    "H": _Mouth(0.84, 0.4, has_teeth=True, has_tongue=True),
    "X": _Mouth(0.82, 0.0),
}
SHAPES: Final = tuple(_MOUTHS)
"""`A` to `H`, and `X`."""
_LIP = 0.075


def mouth_drawing(shape: str, x: float, y: float, width: float) -> str:
    """Draw a mouth as an SVG group.

    Args:
        shape: `A` to `H`, or `X`.
        x: Its middle.
        y: Its middle.
        width: Of a mouth at rest.
    """
    mouth = _MOUTHS[shape]
    half, opening, lip = mouth.width * width / 2, mouth.opening * width, _LIP * width
    if not opening:
        colour = "#a8b0b9" if shape == "X" else "#b0525c"
        line = f'<path d="M{x - half:.1f} {y:.1f}Q{x:.1f} {y + lip:.1f} {x + half:.1f} {y:.1f}"'
        return f'{line} fill="none" stroke="{colour}" stroke-width="{2 * lip:.1f}"/>'
    rx, ry = half, opening / 2 + lip
    inner_x, inner_y = half - lip, opening / 2
    parts = [_ellipse(x, y, rx, ry, "#c4626c"), _ellipse(x, y, inner_x, inner_y, "#4a1620")]
    if mouth.has_teeth:
        parts.append(_teeth(x, y - inner_y, inner_x, min(opening * 0.34, 0.08 * width), 1))
    if mouth.has_lower_teeth:
        parts.append(_teeth(x, y + inner_y, inner_x, min(opening * 0.34, 0.05 * width), -1))
    if mouth.has_tongue:
        up = 0.0 if shape == "H" else inner_y * 0.55
        parts.append(_ellipse(x, y + up, inner_x * 0.5, inner_y * 0.42, "#d98a90"))
    return "".join(parts)


def _ellipse(x: float, y: float, rx: float, ry: float, fill: str) -> str:
    return f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{rx:.1f}" ry="{ry:.1f}" fill="{fill}"/>'


def _teeth(x: float, y: float, half: float, height: float, way: int) -> str:
    inner = half * 0.72
    edge = y + way * height * 1.7
    return (
        f'<path d="M{x - inner:.1f} {y + way * height * 0.55:.1f}Q{x:.1f} {y - way * 0.2:.1f} '
        f"{x + inner:.1f} {y + way * height * 0.55:.1f}L{x + inner * 0.9:.1f} {edge:.1f}"
        f'Q{x:.1f} {edge + way * 0.8:.1f} {x - inner * 0.9:.1f} {edge:.1f}Z" fill="#f7f4ee"/>'
    )
