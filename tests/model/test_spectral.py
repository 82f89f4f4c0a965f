"""Spectrograms against the reference's, and against what a tone must look like."""

from __future__ import annotations

import math

import pytest
import torch
from acoustic_fixtures import TOLERANCE, vectors

from voicepipe.model.acoustic.config import read_mel_decoder
from voicepipe.model.config import Family
from voicepipe.model.spectral import (
    kaldi_fbank,
    linear_spectrogram,
    mel_filters,
    mel_spectrogram,
)
from voicepipe.model.spectral_config import SpectrogramConfig

LINEAR = SpectrogramConfig(sample_rate=32_000, n_fft=2048, hop_length=640, win_length=2048)


def tone(hz: float, sample_rate: int, n_samples: int) -> torch.Tensor:
    return 0.5 * torch.sin(2 * math.pi * hz * torch.arange(n_samples) / sample_rate)


@pytest.mark.parity
def test_the_linear_spectrogram_equals_the_reference() -> None:
    given = vectors("spectrogram")
    spectrogram = linear_spectrogram(given["wave_32k"], LINEAR)
    assert spectrogram.shape == (1, 1025, given["wave_32k"].shape[1] // 640)
    assert given.error(spectrogram[:, :, ::4], "linear_spec") < TOLERANCE


@pytest.mark.parity
@pytest.mark.parametrize(
    ("family", "wave", "mel"),
    [(Family.V3, "wave_24k", "mel_v3"), (Family.V4, "wave_32k_b", "mel_v4")],
)
def test_the_mel_spectrogram_equals_the_reference(family: Family, wave: str, mel: str) -> None:
    given = vectors("spectrogram")
    made = mel_spectrogram(given[wave], read_mel_decoder(family).mel)
    assert given.error(made, mel) < TOLERANCE


def test_a_tone_peaks_in_its_own_bin_with_half_the_windows_weight() -> None:
    hz = 32_000 * 100 / 2048  # exactly bin 100
    spectrogram = linear_spectrogram(tone(hz, 32_000, 32_000)[None], LINEAR)[0, :, 20:-20]
    assert bool((spectrogram.argmax(dim=0) == 100).all())
    # Amplitude 0.5, half of it at positive frequencies, a Hann window sums to half its length.
    assert spectrogram[100].mean().item() == pytest.approx(0.5 / 2 * 1024, rel=1e-3)


def test_silence_sits_on_the_floor() -> None:
    quiet = torch.zeros(1, 6400)
    assert linear_spectrogram(quiet, LINEAR).max().item() == pytest.approx(1e-4)
    mel = mel_spectrogram(quiet, read_mel_decoder(Family.V3).mel)
    assert mel.max().item() == pytest.approx(math.log(1e-5))


def test_mel_filters_have_unit_area_and_cover_the_band() -> None:
    filters = mel_filters(24_000, 1024, 100, 0.0, None)
    assert filters.shape == (100, 513)
    # Narrow triangles fall between bins; the wide ones show the area, 1 over the bin's width.
    areas = filters[60:].sum(dim=1) * (24_000 / 1024)
    torch.testing.assert_close(areas, torch.ones(40), rtol=0.02, atol=0)
    assert mel_filters(24_000, 1024, 100, 0.0, 8000.0)[:, 350:].abs().max().item() == 0


def test_filterbank_frames_fit_whole_and_do_not_see_their_neighbours() -> None:
    wave = tone(440.0, 16_000, 16_000)
    fbank = kaldi_fbank(wave, 16_000, 80)
    assert fbank.shape == (98, 80)
    part = kaldi_fbank(wave[1600 : 1600 + 400], 16_000, 80)
    torch.testing.assert_close(part[0], fbank[10])


def test_a_mel_made_without_gradients_leaves_later_ones_their_own() -> None:
    config = read_mel_decoder(Family.V3).mel
    wave = tone(440.0, 24_000, 4800)[None]
    with torch.inference_mode():
        mel_spectrogram(wave, config)
    wave.requires_grad_()
    (slope,) = torch.autograd.grad(mel_spectrogram(wave, config).sum(), wave)
    assert bool(slope.isfinite().all())
