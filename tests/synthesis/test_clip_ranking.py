"""Which of several reference clips is called the safest, and what speaks against the others."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from cli.main import application
from voicepipe.synthesis.clip_ranking import ClipEvidence, Impression, ranked_clips

if TYPE_CHECKING:
    from pathlib import Path

HEARD = Impression(style=(1.0, 0.2, 0.0), pitch_semitones=3.0, match=0.0)
CLIP = ClipEvidence(
    path="voices/a.wav", sha256="a", duration_s=4.0, snr_db=40.0, faults=(), impression=HEARD
)
OTHERS = (HEARD, HEARD)


def _named(name: str, clip: ClipEvidence = CLIP) -> ClipEvidence:
    return replace(clip, path=f"voices/{name}.wav", sha256=name)


def _heard(impression: Impression) -> ClipEvidence:
    return replace(CLIP, impression=impression)


def test_clips_alike_keep_the_order_of_the_file() -> None:
    ranked = ranked_clips([_named("b"), _named("a"), _named("c")], OTHERS)
    assert [one.evidence.sha256 for one in ranked] == ["b", "a", "c"]
    assert ranked == ranked_clips([_named("b"), _named("a"), _named("c")], OTHERS)


@pytest.mark.parametrize(
    ("worse", "reason"),
    [
        (replace(CLIP, snr_db=25.0), "noise"),
        (replace(CLIP, duration_s=3.0), "length"),
        (replace(CLIP, duration_s=9.0), "length"),
        (replace(CLIP, faults=("VP345",)), "what voices check remarks"),
        (_heard(replace(HEARD, style=(0.2, 1.0, 0.0))), "unlike the voice's other clips"),
        (_heard(replace(HEARD, match=-2.0)), "transcript"),
    ],
)
def test_the_safer_clip_is_first_and_the_reason_is_named(worse: ClipEvidence, reason: str) -> None:
    first, second = ranked_clips([_named("worse", worse), _named("good")], OTHERS)
    assert (first.evidence.sha256, second.evidence.sha256) == ("good", "worse")
    assert second.costs[0][0] == reason
    assert second.cost > first.cost


def test_a_pitch_is_unusual_among_the_others() -> None:
    low = _named("low", _heard(replace(HEARD, pitch_semitones=-6.0)))
    ranked = ranked_clips([low, _named("b"), _named("c")], OTHERS)
    assert ranked[-1].evidence.sha256 == "low"
    assert ranked[-1].costs[0][0] == "unusual pitch"


def test_how_well_words_are_heard_counts_only_where_they_are_others() -> None:
    faint = _named("faint", _heard(replace(HEARD, match=-1.4)))
    first, second = ranked_clips([faint, _named("clear")], OTHERS)
    assert (first.evidence.sha256, first.cost) == ("faint", second.cost)


def test_no_noise_or_length_makes_up_for_a_fault() -> None:
    faulty = _named("faulty", replace(CLIP, faults=("VP345",)))
    poor = replace(HEARD, style=(0.3, 1.0, 0.0))
    bad = _named("bad", replace(_heard(poor), snr_db=22.0, duration_s=9.9))
    assert [c.evidence.sha256 for c in ranked_clips([faulty, bad], OTHERS)] == ["bad", "faulty"]


def test_preparing_names_the_safest_of_several_clips_and_changes_nothing(tiny: Path) -> None:
    voice = tiny / "voices" / "noah.yaml"
    calm, rate = soundfile.read(tiny / "voices" / "calm.wav", dtype="float32")
    noise = np.random.default_rng(4).normal(0, 0.03, len(calm)).astype(np.float32)
    soundfile.write(tiny / "voices" / "hiss.wav", calm + noise, rate)
    first = "  - {path: voices/calm.wav, transcript: We have no time left., language: en}\n"
    text = voice.read_text("utf-8")
    voice.write_text(text.replace(first, first.replace("calm", "hiss") + first), "utf-8")
    written = voice.read_bytes()
    command = ["-C", str(tiny), "voices", "prepare"]
    (found,) = json.loads(CliRunner().invoke(application(), [*command, "--json"]).stdout)[
        "comparisons"
    ]
    assert (found["voice"], found["emotion"], found["language"]) == ("noah", "neutral", "en")
    assert (found["speaks"], found["best"]) == ("voices/hiss.wav", "voices/calm.wav")
    assert [clip["clip"] for clip in found["clips"]] == ["voices/calm.wav", "voices/hiss.wav"]
    told = CliRunner().invoke(application(), command).stdout
    assert "voices/calm.wav is the safest; to let it speak, write it first in voices/noah" in told
    assert voice.read_bytes() == written
    voice.write_text(text.replace(first, first + first.replace("calm", "hiss")), "utf-8")
    assert "is the safest" not in CliRunner().invoke(application(), command).stdout
