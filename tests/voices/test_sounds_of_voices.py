"""A voice's file names its laughs and sighs; its consent covers them as it covers its clips."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from voice_builders import SYNTHETIC, load

from voicepipe.hashing import sha256_of_bytes
from voicepipe.voices.sound_checks import check_sound
from voicepipe.voices.voice import VoiceId

if TYPE_CHECKING:
    from pathlib import Path

RATE = 24_000


def burst(seconds: float, level: float = 0.2, rate: int = RATE) -> bytes:
    noise = np.random.PCG64(2).random_raw(round(seconds * rate)).astype(np.float64) / 2.0**64 - 0.5
    content = io.BytesIO()
    soundfile.write(content, level * noise, rate, format="WAV", subtype="PCM_16")
    return content.getvalue()


def voice_file(consent: str = SYNTHETIC) -> str:
    sounds = "sounds:\n  laughs: [voices/ann/one.wav, voices/ann/two.wav]\n"
    return f"engine: scratch\n{sounds}  tired_yawn: [voices/ann/one.wav]\n{consent}"


def test_sounds_are_named_hashed_and_in_order(tmp_path: Path) -> None:
    files = {"voices/ann/one.wav": burst(0.5), "voices/ann/two.wav": burst(0.7)}
    catalog, problems = load(tmp_path, {"voices/ann.yaml": voice_file(), **files})
    assert not problems
    sounds = catalog.voices[VoiceId("ann")].sounds
    assert [(one.name, one.path) for one in sounds] == [
        ("laughs", "voices/ann/one.wav"),
        ("laughs", "voices/ann/two.wav"),
        ("tired_yawn", "voices/ann/one.wav"),
    ]
    assert sounds[1].sha256 == sha256_of_bytes(burst(0.7))
    assert not [found for one in sounds for found in check_sound(tmp_path, one)[1]]


def test_a_missing_sound_and_one_outside_the_project_are_errors(tmp_path: Path) -> None:
    _, problems = load(tmp_path, {"voices/ann.yaml": voice_file()})
    assert [problem.code for problem in problems] == ["VP320"] * 3
    outside = voice_file().replace("voices/ann/one.wav", "../one.wav")
    _, problems = load(tmp_path, {"voices/ann.yaml": outside, "voices/ann/two.wav": burst(0.7)})
    assert len(problems) == 2


def test_a_revoked_voice_has_no_sounds(tmp_path: Path) -> None:
    revoked = SYNTHETIC + "  revoked: 2026-02-01\n"
    catalog, _ = load(tmp_path, {"voices/ann.yaml": voice_file(revoked)})
    assert catalog.voices[VoiceId("ann")].sounds == ()


@pytest.mark.parametrize("name", ["Laughs", "two words", "x" * 65])
def test_a_name_no_tag_can_call_is_refused(tmp_path: Path, name: str) -> None:
    text = f"engine: scratch\nsounds: {{{name}: [voices/ann/one.wav]}}\n{SYNTHETIC}"
    _, problems = load(tmp_path, {"voices/ann.yaml": text, "voices/ann/one.wav": burst(0.5)})
    assert [problem.code for problem in problems] == ["VP305"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (burst(0.05), "VP337"),
        (burst(11.0), "VP337"),
        (burst(0.5, level=0.0), "VP337"),
        (burst(0.5, level=0.004), "VP337"),
        (burst(0.5, rate=16_000), "VP322"),
        (b"no sound", "VP320"),
    ],
)
def test_sounds_are_checked_as_references_are(tmp_path: Path, content: bytes, code: str) -> None:
    files = {"voices/ann/one.wav": content, "voices/ann/two.wav": burst(0.7)}
    catalog, _ = load(tmp_path, {"voices/ann.yaml": voice_file(), **files})
    _, found = check_sound(tmp_path, catalog.voices[VoiceId("ann")].sounds[0])
    assert [one.code for one in found] == [code]
