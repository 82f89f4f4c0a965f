"""VRM animations (`.vrma`): vowel expressions in a binary glTF (torch-free).

Source: VRMC_vrm_animation 1.0: an expression's weight is the x of its node's translation; glTF 2.0,
section 4.4 (GLB).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import numpy as np
import orjson

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.lipsync.curves import Curves

_MAGIC, _VERSION = b"glTF", 2
_JSON, _BIN = b"JSON", b"BIN\0"
_FLOAT: Final = 5126
_HIPS: Final = (0.0, 1.0, 0.0)
"""Metres: readers ask for a body, which stands still."""
_EXTENSION: Final = "VRMC_vrm_animation"


def vrm_animation(curves: Curves) -> bytes:
    """Write curves as an animation of preset expressions."""
    n_frames = len(curves.weights)
    times = (np.arange(n_frames) / curves.rate).astype("<f4")
    blobs = [times.tobytes()]
    for column in curves.weights.T:
        points = np.zeros((n_frames, 3), dtype="<f4")
        points[:, 0] = column
        blobs.append(points.tobytes())
    binary = b"".join(blobs)
    starts = np.cumsum([0, *map(len, blobs)])[:-1].tolist()
    n_channels = len(curves.channels)
    clock: dict[str, Json] = _accessor(0, n_frames, "SCALAR")
    clock |= {"min": [0.0], "max": [float(times[-1])]}
    document: dict[str, Json] = {
        "asset": {"version": "2.0", "generator": "voicepipe"},
        "extensionsUsed": [_EXTENSION],
        "extensions": {_EXTENSION: _expressions(curves.channels)},
        "scene": 0,
        "scenes": [{"nodes": list(range(n_channels + 1))}],
        "nodes": [
            *({"name": name} for name in curves.channels),
            {"name": "hips", "translation": _HIPS},
        ],
        "buffers": [{"byteLength": len(binary)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": len(blob)}
            for start, blob in zip(starts, blobs, strict=True)
        ],
        "accessors": [
            clock,
            *(_accessor(number, n_frames, "VEC3") for number in range(1, n_channels + 1)),
        ],
        "animations": [{"name": "mouth", **_animation(n_channels)}],
    }
    return _glb(orjson.dumps(document), binary)


def _expressions(names: tuple[str, ...]) -> dict[str, Json]:
    preset: dict[str, Json] = {name: {"node": node} for node, name in enumerate(names)}
    bones: dict[str, Json] = {"hips": {"node": len(names)}}
    return {
        "specVersion": "1.0",
        "humanoid": {"humanBones": bones},
        "expressions": {"preset": preset},
    }


def _accessor(view: int, count: int, kind: str) -> dict[str, Json]:
    return {"bufferView": view, "componentType": _FLOAT, "count": count, "type": kind}


def _animation(n_channels: int) -> dict[str, Json]:
    return {
        "samplers": [
            {"input": 0, "output": number, "interpolation": "LINEAR"}
            for number in range(1, n_channels + 1)
        ],
        "channels": [
            {"sampler": node, "target": {"node": node, "path": "translation"}}
            for node in range(n_channels)
        ],
    }


def _glb(document: bytes, binary: bytes) -> bytes:
    document += b" " * (-len(document) % 4)
    binary += b"\0" * (-len(binary) % 4)
    size = 12 + 8 + len(document) + 8 + len(binary)
    return b"".join(
        (
            struct.pack("<4sII", _MAGIC, _VERSION, size),
            struct.pack("<I4s", len(document), _JSON),
            document,
            struct.pack("<I4s", len(binary), _BIN),
            binary,
        )
    )
