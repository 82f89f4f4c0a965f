from __future__ import annotations

import io
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from voice_builders import clip as reference

from voicepipe.diagnostics import Severity
from voicepipe.voices.reference_checks import check_reference

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.voices.reference_checks import ClipFigures

Samples = np.ndarray[Any, np.dtype[np.float64]]
RATE = 32_000


def _speech(seconds: float, *, rate: int = RATE, peak: float = 0.5) -> Samples:
    """Words of buzzing vowels with pauses between them, in a quiet room."""
    t = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 20))
    words = np.clip(np.sin(2 * np.pi * 0.8 * t + 0.5), 0, None)
    wave = buzz * words
    room = np.random.default_rng(2).standard_normal(len(t)) * 10 ** (-70 / 20)
    return np.asarray(wave / np.abs(wave).max() * peak + room)


def _check(
    root: Path,
    samples: Samples,
    rate: int = RATE,
    subtype: str = "PCM_24",
    transcript: str = "I could have saved everyone on this ship.",
) -> tuple[ClipFigures, list[tuple[str, Severity]]]:
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, format="WAV", subtype=subtype)
    (root / "clip.wav").write_bytes(stream.getvalue())
    clip = replace(reference("neutral", "en", "clip.wav"), transcript=transcript)
    figures, problems = check_reference(root, clip)
    assert figures is not None
    assert all('"clip.wav"' in d.message and d.help for d in problems)
    return figures, [(d.code, d.severity) for d in problems]


def test_a_good_clip_has_nothing_against_it(tmp_path: Path) -> None:
    figures, problems = _check(tmp_path, _speech(5.0))
    assert problems == []
    assert figures.duration_s == pytest.approx(5.0)
    assert (figures.encoding, figures.channels, figures.sample_rate) == ("WAV PCM_24", 1, RATE)
    assert figures.snr_db > 40
    assert figures.clipped_runs == 0


@pytest.mark.parametrize(
    ("transcript", "fits"),
    [
        pytest.param("I could have saved everyone on this ship.", True, id="it-fits"),
        pytest.param("Run! " * 14, True, id="quick-but-said"),
        pytest.param("Nobody on this ship ever slept. " * 8, False, id="fifty-words"),
        pytest.param("Oh.", False, id="next-to-nothing"),
    ],
)
def test_a_transcript_must_fit_the_time_its_clip_takes(
    tmp_path: Path, transcript: str, fits: bool
) -> None:
    found = _check(tmp_path, _speech(4.7), transcript=transcript)[1]
    assert found == ([] if fits else [("VP330", Severity.ERROR)])


@pytest.mark.parametrize("seconds", [3.0, 10.0])
def test_three_and_ten_seconds_are_fine(tmp_path: Path, seconds: float) -> None:
    assert _check(tmp_path, _speech(seconds))[1] == []


@pytest.mark.parametrize("seconds", [2.99, 10.01])
def test_other_lengths_stop_the_work(tmp_path: Path, seconds: float) -> None:
    assert _check(tmp_path, _speech(seconds))[1] == [("VP321", Severity.ERROR)]


def test_a_low_rate_is_dull(tmp_path: Path) -> None:
    problems = _check(tmp_path, _speech(4.0, rate=16_000), rate=16_000)[1]
    assert problems == [("VP322", Severity.WARNING)]


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_overload_is_found_and_a_hot_but_whole_wave_is_not(tmp_path: Path, subtype: str) -> None:
    hot = _speech(4.0, peak=0.995)
    assert _check(tmp_path, hot, subtype=subtype)[0].clipped_runs == 0
    cut = np.clip(_speech(4.0, peak=1.4), -0.999, 0.999)
    figures, problems = _check(tmp_path, cut, subtype=subtype)
    assert problems == [("VP323", Severity.WARNING)]
    assert figures.clipped_runs > 10


@pytest.mark.parametrize(("room_db", "noisy"), [(-60, False), (-30, True)])
def test_noise_is_measured(tmp_path: Path, room_db: float, noisy: bool) -> None:
    room = np.random.default_rng(5).standard_normal(5 * RATE) * 10 ** (room_db / 20)
    figures, problems = _check(tmp_path, _speech(5.0) + room)
    assert (("VP324", Severity.WARNING) in problems) is noisy
    loud_db = -14  # the ninetieth percentile of the frames of `_speech`
    assert figures.snr_db == pytest.approx(loud_db - room_db, abs=4)


def test_an_editors_digital_silence_does_not_pass_for_a_quiet_room(tmp_path: Path) -> None:
    noisy = _speech(5.0) + np.random.default_rng(5).standard_normal(5 * RATE) * 10 ** (-30 / 20)
    noisy[: RATE // 2] = 0.0
    assert ("VP324", Severity.WARNING) in _check(tmp_path, noisy)[1]


def test_a_wholly_gated_clip_has_no_noise_to_measure(tmp_path: Path) -> None:
    gated = np.zeros(4 * RATE)
    gated[RATE : RATE + RATE // 2] = _speech(0.5)
    figures, _ = _check(tmp_path, gated)
    assert figures.snr_db == math.inf


@pytest.mark.parametrize("end", ["start", "end"])
def test_silence_at_an_end_is_measured(tmp_path: Path, end: str) -> None:
    pad = np.zeros(round(0.8 * RATE))
    speech = _speech(4.0)
    samples = np.concatenate([pad, speech] if end == "start" else [speech, pad])
    figures, problems = _check(tmp_path, samples)
    assert problems == [("VP325", Severity.WARNING)]
    silence = figures.leading_silence_s if end == "start" else figures.trailing_silence_s
    assert silence == pytest.approx(0.8, abs=0.35)  # the speech itself may end in a pause


def test_channels_are_counted(tmp_path: Path) -> None:
    speech = _speech(4.0)
    problems = _check(tmp_path, np.stack([speech, speech], axis=1))[1]
    assert problems == [("VP326", Severity.NOTE)]


def test_an_offset_is_measured(tmp_path: Path) -> None:
    plain, _ = _check(tmp_path, _speech(4.0))
    figures, problems = _check(tmp_path, _speech(4.0) + 0.03)
    assert figures.offset == pytest.approx(0.03, abs=0.002)
    assert problems == [("VP327", Severity.WARNING)]
    assert figures.snr_db == pytest.approx(plain.snr_db, abs=6)


def test_the_wrong_file_is_silent(tmp_path: Path) -> None:
    figures, problems = _check(tmp_path, np.zeros(4 * RATE))
    assert problems == [("VP328", Severity.ERROR)]
    assert figures.is_silent
    assert figures.snr_db == 0.0


@pytest.mark.parametrize(
    "content", [None, b"", b"no sound", b"RIFF\xff\xff\0\0WAVEdata\xff\0\0\0x"]
)
def test_what_cannot_be_decoded_is_said(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "clip.wav").write_bytes(content)
    clip = reference("neutral", "en", "clip.wav")
    figures, (problem,) = check_reference(tmp_path, clip)
    assert figures is None
    assert (problem.code, problem.span) == ("VP320", clip.span)
    assert "clip.wav" in problem.message
