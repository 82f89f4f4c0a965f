"""Mouths as files, one form a set: what `lipsync export --set` knows (torch-free)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.lipsync.cues import mouth_cues
from voicepipe.lipsync.curves import mouth_curves
from voicepipe.lipsync.live2d import motion3
from voicepipe.lipsync.live_link import live_link_csv
from voicepipe.lipsync.tables import table
from voicepipe.lipsync.vrm import vrm_animation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voicepipe.hashing import Json
    from voicepipe.lipsync.timing import ClipTiming

MOUTHS_REVISION: Final = 1
"""Raised whenever a set would be written otherwise for the same times."""
VISEME_RATE: Final = 60.0
LIVE2D_RATE: Final = 30.0
VRM_RATE: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MouthSet:
    """One way to show mouths."""

    name: str
    what: str
    """For people."""
    write: Callable[[ClipTiming, str], Mapping[str, bytes]]
    """From times and the clip's file name to files, by what their names end in."""


def _rhubarb(timing: ClipTiming, sound_file: str) -> Mapping[str, bytes]:
    """Write what Rhubarb Lip Sync writes; the last line of its TSV closes the mouth."""
    cues = mouth_cues(timing)
    rows = [f"{cue.start_s:.2f}\t{cue.shape}\n" for cue in cues]
    rows.append(f"{timing.duration_s:.2f}\t{table('rhubarb')['rest']}\n")
    document: dict[str, Json] = {
        "metadata": {"soundFile": sound_file, "duration": round(timing.duration_s, 2)},
        "mouthCues": [
            {"start": round(cue.start_s, 2), "end": round(cue.end_s, 2), "value": cue.shape}
            for cue in cues
        ],
    }
    return {
        ".tsv": "".join(rows).encode(),
        ".json": orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE),
    }


def _visemes(timing: ClipTiming, sound_file: str) -> Mapping[str, bytes]:
    """Write weights of the 15 visemes; a frame's weights add up to 1."""
    curves = mouth_curves(timing, "visemes", rate=VISEME_RATE)
    document: dict[str, Json] = {
        "schema": 1,
        "set": "visemes",
        "soundFile": sound_file,
        "duration": round(timing.duration_s, 3),
        "estimated": timing.is_estimated,
        "fps": curves.rate,
        "visemes": list(curves.channels),
        "frames": [[round(weight, 3) for weight in row] for row in curves.weights.tolist()],
    }
    return {".visemes.json": orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)}


def _arkit(timing: ClipTiming, _: str) -> Mapping[str, bytes]:
    return {".csv": live_link_csv(timing)}


def _live2d(timing: ClipTiming, _: str) -> Mapping[str, bytes]:
    return {".motion3.json": motion3(mouth_curves(timing, "live2d", rate=LIVE2D_RATE))}


def _vrm(timing: ClipTiming, _: str) -> Mapping[str, bytes]:
    return {".vrma": vrm_animation(mouth_curves(timing, "vrm", rate=VRM_RATE))}


SETS: Final[Mapping[str, MouthSet]] = {
    one.name: one
    for one in (
        MouthSet(name="rhubarb", what="drawn mouths A to H and X: TSV and JSON", write=_rhubarb),
        MouthSet(
            name="visemes", what="Meta's 15 visemes, 60 frames a second: JSON", write=_visemes
        ),
        MouthSet(name="arkit", what="ARKit's 52 blend shapes: Live Link Face CSV", write=_arkit),
        MouthSet(name="live2d", what="Live2D Cubism: motion3.json", write=_live2d),
        MouthSet(name="vrm", what="VRM's vowels: VRM animation (.vrma)", write=_vrm),
    )
}
"""By name."""
