"""Shapes and curves: closed lips are always seen, nothing flickers or jumps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_times import timing_of

from voicepipe.lipsync.cues import SHORTEST_S, mouth_cues
from voicepipe.lipsync.curves import mouth_curves
from voicepipe.lipsync.sounds import sounds_of
from voicepipe.lipsync.tables import table
from voicepipe.text.symbols import symbol_table
from voicepipe.text.written_words import SILENT

PHONEMES = ("M", "P", "F", "TH", "S", "SH", "K", "L", "R", "W", "AA1", "AE1", "IY0", "UW1", "|")
SETS = ("visemes", "arkit", "live2d", "vrm")


def test_every_symbol_that_front_ends_write_has_its_sounds() -> None:
    languages = table("sounds")["phonemes"]
    bare = {symbol.rstrip("0123456789") for symbol in symbol_table("v2").symbols}
    sounding = {s for s in bare if s and s[0].isalpha() and s not in SILENT | {"Y", "SP"}}
    mapped = {name for pieces in languages.values() for name in pieces}
    loose = {s for s in sounding - mapped if not s.startswith("Y")}
    assert loose <= {"I", "U", "i", "dv", "tv", "ty"}  # OpenJTalk's silent vowels become loud ones


@pytest.mark.parametrize("name", ["rhubarb", *SETS])
def test_every_set_shows_every_sound(name: str) -> None:
    assert set(table(name)["sounds"]) == set(table("sounds")["sounds"])


def test_finals_and_diphthongs_move() -> None:
    assert sounds_of("uang1", "zh") == ("w", "a", "k")
    assert sounds_of("AY1", "en") == ("a", "i")
    assert sounds_of("Ygwaang", "yue") == ("k", "w", "a", "k")


def test_closed_lips_are_seen_and_take_from_what_follows() -> None:
    shapes = [cue.shape for cue in mouth_cues(timing_of("AA1 P AA1", step_s=0.03))]
    assert "A" in shapes


def test_pauses_are_x_and_short_gaps_are_not() -> None:
    assert [cue.shape for cue in mouth_cues(timing_of("AA1 | UW1"))] == ["X", "D", "X", "F", "X"]
    quick = timing_of("AA1 | AA1", step_s=0.04)
    assert [cue.shape for cue in mouth_cues(quick)] == ["X", "D", "X"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(PHONEMES), max_size=20), st.floats(0.02, 0.3))
def test_cues_fill_the_clip_without_gap_or_flicker(phonemes: list[str], step_s: float) -> None:
    timing = timing_of(" ".join(phonemes), step_s=round(step_s, 3))
    cues = mouth_cues(timing)
    assert cues[0].start_s == 0
    assert cues[-1].end_s == timing.duration_s
    for before, after in pairwise(cues):
        assert before.end_s == after.start_s
        assert before.shape != after.shape
    assert all(cue.end_s - cue.start_s > SHORTEST_S - 1e-6 for cue in cues[:-1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PHONEMES), max_size=14), st.sampled_from(SETS))
def test_curves_stay_in_bounds_and_move_smoothly(phonemes: list[str], name: str) -> None:
    curves = mouth_curves(timing_of(" ".join(phonemes)), name, rate=60)
    least = -1.0 if name == "live2d" else 0.0
    assert curves.weights.min() >= least - 1e-9
    assert curves.weights.max() <= 1 + 1e-9
    assert np.abs(np.diff(curves.weights, axis=0)).max(initial=0.0) < 0.5 * (1 - least)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("step_s", [0.03, 0.06, 0.12])
@pytest.mark.parametrize("rate", [24, 30, 60])
def test_closed_lips_reach_closure_whole(name: str, step_s: float, rate: int) -> None:
    timing = timing_of("AA1 M AA1 | P AA1", step_s=step_s)
    curves = mouth_curves(timing, name, rate=rate)
    closed = table(name)["sounds"]["p"]
    target = np.array([closed.get(channel, 0.0) for channel in curves.channels])
    nearest = np.abs(curves.weights - target).sum(axis=1)
    for span in (timing.phonemes[1], timing.phonemes[3]):
        first, last = int(span.start_s * rate), int(span.end_s * rate) + 2
        assert nearest[first:last].min() < 1e-6


def test_a_short_vowel_is_coloured_by_its_neighbours_and_a_long_one_reached() -> None:
    jaw = {
        step_s: mouth_curves(timing_of("S AA1 S", step_s=step_s), "arkit", rate=60).weights.max()
        for step_s in (0.05, 0.25)
    }
    assert jaw[0.05] < 0.75 * jaw[0.25]
    assert jaw[0.25] == pytest.approx(table("arkit")["sounds"]["a"]["JawOpen"], abs=0.01)


def test_the_mouth_rests_in_silence() -> None:
    curves = mouth_curves(timing_of("AA1 | AA1", step_s=0.2), "visemes", rate=60)
    middle = curves.weights[round(0.7 * 60)]
    assert dict(zip(curves.channels, middle, strict=True))["sil"] == pytest.approx(1)
    assert curves.weights.sum(axis=1) == pytest.approx(1, abs=0.001)
