"""Loudness and true peak against the standards' own signals.

EBU Tech 3341 gives its signals in stereo; one channel alone reads 3.01 LU less.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tones import clip_of, joined, noise, silence, sine, speech_like

from voicepipe.audio.loudness import (
    LoudnessMethod,
    k_weighted,
    measure_loudness,
    true_peak_dbtp,
)

if TYPE_CHECKING:
    from voicepipe.audio.clip import AudioClip

_ONE_CHANNEL_LU = 10 * math.log10(2)


def _lufs(clip: AudioClip) -> float:
    reading = measure_loudness(clip)
    assert reading is not None
    return reading.lufs


@pytest.mark.parametrize("rate", [16_000, 22_050, 32_000, 44_100, 48_000, 96_000])
def test_a_full_scale_997_hz_sine_reads_minus_3_01(rate: int) -> None:
    # BS.1770-4, annex 1: the calibration point of the scale.
    assert _lufs(sine(hz=997, dbfs=0, seconds=3, rate=rate)) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(-23, 20)], -23.0),
        ([(-33, 20)], -33.0),
        ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
    ],
    ids=["case 1", "case 2", "case 3", "case 4", "case 5"],
)
def test_tech_3341_minimum_requirements(parts: list[tuple[float, float]], expected: float) -> None:
    clip = joined(*(sine(hz=1000, dbfs=db, seconds=s) for db, s in parts))
    assert _lufs(clip) + _ONE_CHANNEL_LU == pytest.approx(expected, abs=0.1)


def test_agrees_with_pyloudnorm_where_blocks_are_whole() -> None:
    from pyloudnorm import Meter  # brings scipy, which takes seconds

    clip = speech_like(seconds=3.0, rate=48_000)
    theirs = Meter(48_000, filter_class="DeMan").integrated_loudness(
        clip.samples.astype(np.float64)
    )
    assert _lufs(clip) == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000, 96_000])
def test_weighting_agrees_with_the_recursive_filters(rate: int) -> None:
    from pyloudnorm import IIRfilter

    clip = noise(dbfs=-20, seconds=6.7, rate=rate)  # longer than one block of the transform
    model_cache = IIRfilter(
        3.99984385397, 0.7071752369554193, 1681.9744509555319, rate, "high_shelf_DeMan"
    )
    high_pass = IIRfilter(0.0, 0.5003270373253953, 38.13547087613982, rate, "high_pass_DeMan")
    theirs = high_pass.apply_filter(model_cache.apply_filter(clip.samples.astype(np.float64)))
    assert np.max(np.abs(k_weighted(clip) - theirs)) < 1e-9


def test_weighting_meets_the_coefficients_of_the_standard() -> None:
    # BS.1770-4, annex 1, tables 1 and 2, at 48 kHz.
    model_cache = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.69065929318241, -0.73248077421585],
    )
    high_pass = ([1.0, -2.0, 1.0], [1.99004745483398, -0.99007225036621])
    impulse = np.zeros(4800)
    impulse[0] = 1.0
    wanted = impulse
    for (b0, b1, b2), (a1, a2) in (model_cache, high_pass):
        given, wanted = wanted, np.zeros(4800)
        for n in range(4800):
            past = [wanted[n - 1] if n > 0 else 0.0, wanted[n - 2] if n > 1 else 0.0]
            before = [given[n - 1] if n > 0 else 0.0, given[n - 2] if n > 1 else 0.0]
            wanted[n] = (
                b0 * given[n] + b1 * before[0] + b2 * before[1] + a1 * past[0] + a2 * past[1]
            )
    assert np.max(np.abs(k_weighted(clip_of(impulse)) - wanted)) < 1e-6


@pytest.mark.parametrize("seconds", [0.4, 0.43, 0.46, 0.49, 0.5, 0.57])
def test_a_block_the_clip_does_not_fill_does_not_count(seconds: float) -> None:
    clip = sine(hz=997, dbfs=-20, seconds=seconds)
    assert _lufs(clip) == pytest.approx(-23.01, abs=0.1)


def test_a_clip_shorter_than_a_block_says_how_it_was_measured() -> None:
    reading = measure_loudness(sine(hz=997, dbfs=-20, seconds=0.25))
    assert reading is not None
    assert reading.method is LoudnessMethod.UNGATED
    assert reading.lufs == pytest.approx(-23.01, abs=0.1)
    whole = measure_loudness(sine(hz=997, dbfs=-20, seconds=0.4))
    assert whole is not None
    assert whole.method is LoudnessMethod.INTEGRATED


@pytest.mark.parametrize(
    "clip",
    [
        silence(0.0),
        silence(0.2),
        silence(2.0),
        sine(hz=997, dbfs=-75, seconds=0.2),
        sine(hz=997, dbfs=-75, seconds=2.0),
    ],
    ids=["empty", "short silence", "silence", "short and under the gate", "under the gate"],
)
def test_what_nobody_hears_has_no_loudness(clip: AudioClip) -> None:
    assert measure_loudness(clip) is None


def test_gain_moves_loudness_by_itself() -> None:
    clip = noise(dbfs=-30, seconds=2)
    louder = clip_of(clip.samples * np.float32(10 ** (6 / 20)))
    assert _lufs(louder) - _lufs(clip) == pytest.approx(6.0, abs=0.001)


@pytest.mark.parametrize(
    ("divisor", "phase_deg", "dbfs", "expected"),
    [(4, 0, -6.02, -6.0), (4, 45, -6.02, -6.0), (6, 60, -6.02, -6.0), (8, 67.5, -6.02, -6.0)],
    ids=["case 15", "case 16", "case 17", "case 18"],
)
def test_tech_3341_true_peak(divisor: int, phase_deg: float, dbfs: float, expected: float) -> None:
    rate = 48_000
    hz = rate / divisor
    clip = sine(hz=hz, dbfs=dbfs, seconds=1.0, phase=math.radians(phase_deg))
    fade = np.minimum(1.0, np.arange(clip.n_samples) / 2400)  # the standard's signals fade in
    faded = clip_of(clip.samples * fade * fade[::-1])
    assert expected - 0.4 <= true_peak_dbtp(faded) <= expected + 0.2


def test_true_peak_finds_what_lies_between_the_samples() -> None:
    clip = sine(hz=12_000, dbfs=0, seconds=0.5, phase=math.pi / 4)
    assert 20 * math.log10(float(np.max(np.abs(clip.samples)))) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_dbtp(clip) > -0.4


def test_true_peak_is_never_under_the_highest_sample() -> None:
    for seed in range(20):
        clip = noise(dbfs=-12, seconds=0.05, seed=seed)
        assert true_peak_dbtp(clip) >= 20 * math.log10(float(np.max(np.abs(clip.samples))))


@pytest.mark.parametrize("clip", [silence(0.0), silence(0.1)], ids=["empty", "zeros"])
def test_silence_has_no_peak(clip: AudioClip) -> None:
    assert true_peak_dbtp(clip) == -math.inf
