"""Live2D Cubism motions: `motion3.json`, version 3 (torch-free).

Source: Live2D's file format specification, motion3.json: a segment is 0 (linear) and a point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import orjson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicepipe.hashing import Json
    from voicepipe.lipsync.curves import Curves

_LINEAR: Final = 0
_OFF: Final = 0.01
"""A point that a straight line misses by less is left out."""


def motion3(curves: Curves) -> bytes:
    """Write curves as a motion that moves these parameters and nothing else."""
    duration_s = (len(curves.weights) - 1) / curves.rate
    written: list[dict[str, Json]] = []
    n_segments = 0
    for name, column in zip(curves.channels, curves.weights.T, strict=True):
        kept = kept_points(column)
        first, *others = [(round(k / curves.rate, 3), round(float(column[k]), 3)) for k in kept]
        segments: list[Json] = [*first]
        for point in others:
            segments += [_LINEAR, *point]
        n_segments += len(others)
        written.append({"Target": "Parameter", "Id": name, "Segments": segments})
    meta: dict[str, Json] = {
        "Duration": round(duration_s, 3),
        "Fps": curves.rate,
        "Loop": False,
        "AreBeziersRestricted": True,
        "CurveCount": len(written),
        "TotalSegmentCount": n_segments,
        "TotalPointCount": n_segments + len(written),
        "UserDataCount": 0,
        "TotalUserDataSize": 0,
    }
    document: dict[str, Json] = {"Version": 3, "Meta": meta, "Curves": [*written]}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def kept_points(values: NDArray[np.float64]) -> list[int]:
    """Choose the frames that straight lines must pass to stay near all (Douglas and Peucker)."""
    last = len(values) - 1
    kept = {0, last}
    open_ends = [(0, last)]
    while open_ends:
        start, end = open_ends.pop()
        if end - start < 2:
            continue
        inner = np.arange(start + 1, end)
        line = np.interp(inner, (start, end), (values[start], values[end]))
        off = np.abs(values[inner] - line)
        worst = int(np.argmax(off))
        if off[worst] > _OFF:
            kept.add(start + 1 + worst)
            open_ends += [(start, start + 1 + worst), (start + 1 + worst, end)]
    return sorted(kept)
