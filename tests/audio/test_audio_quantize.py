from __future__ import annotations

import numpy as np
import pytest
from tones import sine

from voicepipe.audio.quantize import pcm_bytes, tpdf_noise

LSB = 2.0**-15


def _decoded(samples: object, *, seed: int | None) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    content = pcm_bytes(np.asarray(samples, dtype=np.float32), 16, dither_seed=seed)
    return np.frombuffer(content, dtype="<i2") * LSB


def test_noise_is_triangular_with_variance_one_sixth() -> None:
    noise = tpdf_noise(400_000, 7)
    assert abs(noise.mean()) < 0.003
    assert noise.var() == pytest.approx(1 / 6, rel=0.01)
    assert np.abs(noise).max() < 1
    # P(|x| < 1/2) of a triangle over (-1, 1) is 3/4.
    assert np.mean(np.abs(noise) < 0.5) == pytest.approx(0.75, abs=0.005)
    assert abs(np.corrcoef(noise[:-1], noise[1:])[0, 1]) < 0.01


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.75])
def test_dither_makes_the_mean_and_power_of_the_error_independent_of_the_signal(
    fraction: float,
) -> None:
    held = np.full(200_000, (100 + fraction) * LSB, dtype=np.float32)
    error = (_decoded(held, seed=3) - held) / LSB
    assert abs(error.mean()) < 0.01
    assert error.var() == pytest.approx(1 / 4, rel=0.02)  # 1/6 of the noise and 1/12 of rounding


def test_a_sine_under_one_step_survives_dither_and_not_plain_rounding() -> None:
    clip = sine(hz=440, dbfs=-98, seconds=2.0)
    assert not _decoded(clip.samples, seed=None).any()
    spectrum = np.abs(np.fft.rfft(_decoded(clip.samples, seed=5)))
    assert int(np.argmax(spectrum[1:])) + 1 == 880


def test_the_seed_decides_the_bytes() -> None:
    samples = sine(hz=440, dbfs=-20, seconds=0.1).samples
    assert pcm_bytes(samples, 16, dither_seed=1) == pcm_bytes(samples, 16, dither_seed=1)
    assert pcm_bytes(samples, 16, dither_seed=1) != pcm_bytes(samples, 16, dither_seed=2)


def test_the_noise_is_the_same_on_every_machine_and_release() -> None:
    assert tpdf_noise(3, 42).tolist() == [
        0.6847050946671516,
        -0.21569307893514633,
        0.4255826841108501,
    ]


def test_digital_silence_stays_digital() -> None:
    assert not _decoded(np.zeros(1000), seed=9).any()


def test_full_scale_is_clamped_and_never_wraps() -> None:
    loud = np.array([1.0, -1.0, 2.0, -2.0], dtype=np.float32)
    plain = np.frombuffer(pcm_bytes(loud, 16, dither_seed=None), "<i2")
    assert plain.tolist() == [32767, -32768, 32767, -32768]
    assert np.abs(_decoded(loud, seed=1)).min() > 0.9999
    assert pcm_bytes(loud, 24, dither_seed=None)[:6] == b"\xff\xff\x7f\x00\x00\x80"


def test_floats_keep_every_bit() -> None:
    samples = sine(hz=440, dbfs=-20, seconds=0.01).samples
    assert np.array_equal(np.frombuffer(pcm_bytes(samples, 32, dither_seed=4), "<f4"), samples)
