"""Reading mouths and subtitles back as their formats are defined, without our own writers."""

from __future__ import annotations

import re
import struct
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_LARGEST: Final = 1 << 26
_CUE: Final = re.compile(r"(\d+\.\d\d)\t[A-HX]")
_SHAPES: Final = frozenset("ABCDEFGHX")
_LIVE_LINK_COLUMNS: Final = 63
_VISEMES: Final = 15
_CAPTION: Final = re.compile(
    r"^(\d{2,}):(\d\d):(\d\d)[.,](\d{3}) --> (\d{2,}):(\d\d):(\d\d)[.,](\d{3})$", re.MULTILINE
)


def reading_fault(path: Path, form: str) -> str:
    """Say why whoever reads a form would not take a file; empty when it is well.

    Args:
        path: The file.
        form: Name of a `TimedForm`.
    """
    try:
        return _READERS[form](read_regular(path, limit=_LARGEST))
    except OSError as error:
        return f"there is no {path.name}" if isinstance(error, FileNotFoundError) else str(error)
    except (ValueError, LookupError, TypeError, AttributeError, struct.error) as error:
        return f"{path.name} cannot be read: {type(error).__name__}: {error}"


def _rhubarb_tsv(content: bytes) -> str:
    lines = content.decode().splitlines()
    cues = [_CUE.fullmatch(line) for line in lines]
    times = [float(cue[1]) for cue in cues if cue is not None]
    if not times or len(times) != len(lines):
        return "a line is no time and shape"
    return "" if times[0] == 0 and times == sorted(times) else "its times do not run from 0"


def _rhubarb_json(content: bytes) -> str:
    cues = orjson.loads(content)["mouthCues"]
    if not cues or any(cue["value"] not in _SHAPES for cue in cues):
        return "a cue has no shape"
    is_whole = cues[0]["start"] == 0 and all(a["end"] == b["start"] for a, b in pairwise(cues))
    return "" if is_whole else "its cues do not run from 0 without a gap"


def _visemes(content: bytes) -> str:
    facts = orjson.loads(content)
    widths = {len(frame) for frame in facts["frames"]} | {len(facts["visemes"])}
    return "" if widths == {_VISEMES} else "a frame has not 15 weights"


def _live_link(content: bytes) -> str:
    head, *rows = [line.split(",") for line in content.decode().splitlines()]
    if head[:2] != ["Timecode", "BlendshapeCount"] or not rows:
        return "it is no recording of Live Link Face"
    widths = {len(row) for row in (head, *rows)}
    return "" if widths == {_LIVE_LINK_COLUMNS} else "a row has not 63 columns"


def _motion3(content: bytes) -> str:
    facts: dict[str, Any] = orjson.loads(content)
    points = sum((len(curve["Segments"]) - 2) // 3 + 1 for curve in facts["Curves"])
    meta = facts["Meta"]
    counts = (meta["CurveCount"], meta["TotalPointCount"])
    is_whole = facts["Version"] == 3 and counts == (len(facts["Curves"]), points)
    return "" if is_whole else "its counts are not those of its curves"


def _vrma(content: bytes) -> str:
    magic, version, size = struct.unpack_from("<4sII", content)
    n_json, kind = struct.unpack_from("<I4s", content, 12)
    if (magic, version, size, kind) != (b"glTF", 2, len(content), b"JSON"):
        return "it is no binary glTF"
    facts = orjson.loads(content[20 : 20 + n_json])
    return "" if facts["extensions"]["VRMC_vrm_animation"]["expressions"]["preset"] else "no mouth"


def _captions(content: bytes) -> str:
    text = content.decode()
    found = [tuple(map(int, row)) for row in _CAPTION.findall(text)]
    if len(found) != text.count(" --> "):
        return "a caption has no times"
    moments = [moment for row in found for moment in (row[:4], row[4:])]
    return "" if moments == sorted(moments) else "its captions are not in order"


def _vtt(content: bytes) -> str:
    return _captions(content) if content.startswith(b"WEBVTT\n") else "it is no WebVTT"


_READERS: Final[Mapping[str, Callable[[bytes], str]]] = {
    "rhubarb.tsv": _rhubarb_tsv,
    "rhubarb.json": _rhubarb_json,
    "visemes": _visemes,
    "arkit": _live_link,
    "live2d": _motion3,
    "vrm": _vrma,
    "vtt": _vtt,
    "srt": _captions,
}
