"""Mouth files, held to the formats they claim to be."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import jsonschema
import numpy as np
import pytest
from made_times import timing_of

from voicepipe.audio.clip import AudioClip
from voicepipe.exporters.timed import MOUTHS, SUFFIXES, set_of
from voicepipe.hashing import sha256_of_bytes
from voicepipe.lipsync.curves import mouth_curves
from voicepipe.lipsync.forms import MOUTHS_REVISION, SETS
from voicepipe.lipsync.live2d import kept_points
from voicepipe.lipsync.preview import draw_preview

TIMING = timing_of("HH AH0 L OW1 | P IY1 T ER0 B AA1 M F UW1")
RHUBARB: dict[str, Any] = {
    "type": "object",
    "required": ["metadata", "mouthCues"],
    "additionalProperties": False,
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["soundFile", "duration"],
            "additionalProperties": False,
            "properties": {"soundFile": {"type": "string"}, "duration": {"type": "number"}},
        },
        "mouthCues": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["start", "end", "value"],
                "additionalProperties": False,
                "properties": {
                    "start": {"type": "number", "minimum": 0},
                    "end": {"type": "number", "exclusiveMinimum": 0},
                    "value": {"enum": ["A", "B", "C", "D", "E", "F", "G", "H", "X"]},
                },
            },
        },
    },
}
MOTION3: dict[str, Any] = {
    "type": "object",
    "required": ["Version", "Meta", "Curves"],
    "properties": {
        "Version": {"const": 3},
        "Meta": {
            "type": "object",
            "required": [
                "Duration",
                "Fps",
                "Loop",
                "AreBeziersRestricted",
                "CurveCount",
                "TotalSegmentCount",
                "TotalPointCount",
                "UserDataCount",
                "TotalUserDataSize",
            ],
        },
        "Curves": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["Target", "Id", "Segments"],
                "properties": {
                    "Target": {"enum": ["Model", "Parameter", "PartOpacity"]},
                    "Id": {"type": "string"},
                    "Segments": {"type": "array", "items": {"type": "number"}, "minItems": 5},
                },
            },
        },
    },
}


def files(name: str) -> dict[str, bytes]:
    return dict(SETS[name].write(TIMING, "a_0010.wav"))


def test_rhubarb_json_is_as_rhubarb_writes_it() -> None:
    document = json.loads(files("rhubarb")[".json"])
    jsonschema.validate(document, RHUBARB)
    cues = document["mouthCues"]
    assert document["metadata"] == {"soundFile": "a_0010.wav", "duration": TIMING.duration_s}
    assert (cues[0]["start"], cues[-1]["end"]) == (0, TIMING.duration_s)
    assert all(a["end"] == b["start"] for a, b in pairwise(cues))


def test_rhubarb_tsv_has_a_time_and_a_shape_a_line_and_closes_at_the_end() -> None:
    lines = files("rhubarb")[".tsv"].decode().splitlines()
    assert all(re.fullmatch(r"\d+\.\d\d\t[A-HX]", line) for line in lines)
    times = [float(line.split("\t")[0]) for line in lines]
    assert times == sorted(times)
    assert lines[-1] == f"{TIMING.duration_s:.2f}\tX"


def test_visemes_weigh_one_a_frame() -> None:
    document = json.loads(files("visemes")[".visemes.json"])
    assert len(document["visemes"]) == 15
    assert len(document["frames"]) == int(TIMING.duration_s * document["fps"]) + 1
    assert np.array(document["frames"]).sum(axis=1) == pytest.approx(1, abs=0.01)


def test_arkit_is_a_live_link_face_recording() -> None:
    rows = list(csv.reader(io.StringIO(files("arkit")[".csv"].decode())))
    head = rows[0]
    assert head[:3] == ["Timecode", "BlendshapeCount", "EyeBlinkLeft"]
    assert head[53:54] == ["TongueOut"]
    assert head[-1] == "RightEyeRoll"
    assert {len(row) for row in rows} == {63}
    assert {row[1] for row in rows[1:]} == {"61"}
    assert rows[1][0] == "00:00:00:00.000"
    assert rows[61][0] == "00:00:01:00.000"
    assert all(0 <= float(value) <= 1 for row in rows[1:] for value in row[2:])


def test_motion3_counts_what_it_holds() -> None:
    document = json.loads(files("live2d")[".motion3.json"])
    jsonschema.validate(document, MOTION3)
    meta, points, segments = document["Meta"], 0, 0
    for curve in document["Curves"]:
        values = curve["Segments"]
        assert (len(values) - 2) % 3 == 0
        assert set(values[2::3]) == {0}
        times = [values[0], *values[3::3]]
        assert times == sorted(set(times))
        assert times[-1] == pytest.approx(meta["Duration"])
        segments += (len(values) - 2) // 3
        points += (len(values) - 2) // 3 + 1
    assert meta["TotalSegmentCount"] == segments
    assert meta["TotalPointCount"] == points
    assert [curve["Id"] for curve in document["Curves"]] == ["ParamMouthOpenY", "ParamMouthForm"]


def test_points_left_out_are_near_a_straight_line() -> None:
    values = np.sin(np.linspace(0, 9, 200))
    kept = kept_points(values)
    assert len(kept) < 100
    assert np.abs(np.interp(np.arange(200), kept, values[kept]) - values).max() <= 0.011


def test_vrma_is_a_gltf_of_five_expressions() -> None:
    content = files("vrm")[".vrma"]
    magic, version, size = struct.unpack_from("<4sII", content)
    assert (magic, version, size) == (b"glTF", 2, len(content))
    n_json, kind = struct.unpack_from("<I4s", content, 12)
    assert kind == b"JSON"
    document = json.loads(content[20 : 20 + n_json])
    preset = document["extensions"]["VRMC_vrm_animation"]["expressions"]["preset"]
    assert list(preset) == ["aa", "ih", "ou", "ee", "oh"]
    view = document["bufferViews"][document["accessors"][1]["bufferView"]]
    start = 20 + n_json + 8 + view["byteOffset"]
    points = np.frombuffer(content[start : start + view["byteLength"]], "<f4").reshape(-1, 3)
    wanted = mouth_curves(TIMING, "vrm", rate=30).weights[:, 0]
    assert points[:, 0] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("name", SETS)
def test_the_same_times_give_the_same_files(name: str) -> None:
    assert files(name) == files(name)


def test_the_picture_is_svg_and_shows_the_script_as_it_is() -> None:
    clip = AudioClip(samples=np.zeros(48_000, dtype=np.float32), sample_rate=16_000)
    drawn = draw_preview(TIMING, clip, "a_0010 <b>&")
    root = ElementTree.fromstring(drawn)
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "a_0010 <b>&" in texts
    assert {"word", "HH", "X"} <= set(texts)


HASHES = {1: "90e556b36b4c6b335bace4200666caf938f80c5ff05c3564e789471620e1616d"}
"""Revision -> hash of every set's files for the same times."""


def test_a_set_that_is_written_otherwise_has_another_revision() -> None:
    # Exports keep a mouth as long as its times and this revision are the same.
    content = b"".join(
        suffix.encode() + files(name)[suffix] for name in sorted(SETS) for suffix in files(name)
    )
    assert HASHES[MOUTHS_REVISION] == sha256_of_bytes(content)


def test_every_kind_of_file_has_a_suffix_that_exports_know() -> None:
    written = {f"{name}{suffix}" for name in SETS for suffix in files(name)}
    assert written == {
        f"{set_of(form)}{suffix}" for form, suffix in SUFFIXES.items() if set_of(form) in MOUTHS
    }
