from __future__ import annotations

import numpy as np
import pytest
from tones import clip_of, noise, sine

from voicepipe.audio.resample import resample


@pytest.mark.parametrize(
    ("rate", "target"),
    [(32_000, 48_000), (24_000, 48_000), (48_000, 22_050), (22_050, 44_100), (96_000, 16_000)],
)
def test_a_sine_stays_the_same_sine(rate: int, target: int) -> None:
    hz = 0.35 * min(rate, target)
    given = resample(sine(hz=hz, dbfs=-6, seconds=1.0, rate=rate), target)
    wanted = sine(hz=hz, dbfs=-6, seconds=1.0, rate=target)
    assert abs(given.n_samples - wanted.n_samples) <= 1
    middle = slice(target // 10, -target // 10)
    error = given.samples[: wanted.n_samples][middle] - wanted.samples[middle]
    assert 20 * np.log10(np.max(np.abs(error))) < -110


def test_what_the_target_rate_cannot_hold_is_gone() -> None:
    given = resample(sine(hz=11_500, dbfs=0, seconds=1.0, rate=48_000), 22_050)
    assert np.max(np.abs(given.samples[2000:-2000])) < 1e-5


def test_the_same_rate_gives_the_same_clip() -> None:
    clip = noise(dbfs=-20, seconds=0.1)
    assert resample(clip, 48_000) is clip


def test_nothing_is_shifted() -> None:
    click = np.zeros(3200)
    click[1600] = 1.0
    given = resample(clip_of(click, 32_000), 48_000)
    assert int(np.argmax(given.samples)) == 2400


@pytest.mark.parametrize("n", [1, 2, 5, 63])
def test_a_handful_of_samples_does_not_vanish(n: int) -> None:
    given = resample(clip_of(np.full(n, 0.5), 24_000), 48_000)
    assert abs(given.n_samples - 2 * n) <= 1
