"""The pitch of a reference clip is measured, whoever speaks."""

from __future__ import annotations

import math

import pytest
import torch
from smallest_family import CONFIG, GENERATOR, smallest_stage

from voicepipe.model.acoustic.reference_pitch import MIDDLE_PITCH_HZ, reference_pitch
from voicepipe.model.acoustic.source_filter import SourceFilter, pulse_train
from voicepipe.model.acoustic.stage import ReferenceAudio
from voicepipe.model.spectral import linear_spectrogram

RATE = 24_000


def voice(hz: float, seconds: float = 2.0) -> torch.Tensor:
    """A buzz (1, S) whose pitch wavers a little."""
    times = torch.arange(int(RATE * seconds)) / RATE
    pitch = hz * 2 ** (torch.sin(2 * math.pi * times) / 48)
    return 0.1 * pulse_train(pitch[None], RATE)


def measured(wave: torch.Tensor) -> list[float]:
    pitch = reference_pitch(linear_spectrogram(wave, CONFIG.spectrogram), RATE)
    return [MIDDLE_PITCH_HZ * math.exp(value) for value in pitch.tolist()]


@pytest.mark.parametrize("hz", [80.0, 120.0, 210.0, 330.0, 450.0])
def test_the_pitch_of_a_buzz_is_found(hz: float) -> None:
    assert measured(voice(hz)) == [pytest.approx(hz, rel=0.03)]


def test_pauses_and_hisses_do_not_count() -> None:
    rng = torch.Generator().manual_seed(1)
    hiss = 0.05 * torch.randn(1, RATE, generator=rng)
    joined = torch.cat((hiss, voice(140.0), torch.zeros(1, RATE)), dim=1)
    assert measured(joined) == [pytest.approx(140.0, rel=0.03)]


def test_a_clip_without_a_voice_counts_as_the_middle() -> None:
    rng = torch.Generator().manual_seed(1)
    rows = torch.cat((torch.zeros(1, RATE), torch.randn(1, RATE, generator=rng)))
    assert measured(rows) == [MIDDLE_PITCH_HZ, MIDDLE_PITCH_HZ]


def test_a_transform_too_short_for_a_voice_finds_none() -> None:
    assert reference_pitch(torch.ones(2, 17, 30), RATE).tolist() == [0.0, 0.0]


def test_a_style_brings_the_pitch_of_its_clip() -> None:
    stage = smallest_stage()
    clip = ReferenceAudio(waveforms={RATE: voice(200.0)[0]})
    style = stage.encode_reference([clip]).style
    assert style.shape == (1, 12, 1)
    assert float(style[0, 0, 0]) == pytest.approx(math.log(200 / MIDDLE_PITCH_HZ), abs=0.03)


def test_speech_moves_with_the_pitch_of_its_reference() -> None:
    generator = SourceFilter(GENERATOR)
    with torch.no_grad():
        generator.cond.weight[:, 0] = 0  # what else a network makes of it
    latent = torch.sin(torch.arange(8 * 10.0)).reshape(1, 8, 10)
    low, high = torch.zeros(1, 12, 1), torch.zeros(1, 12, 1)
    high[:, 0] = 0.5
    lower, higher = generator.frames(latent, low), generator.frames(latent, high)
    torch.testing.assert_close(higher.log_pitch, lower.log_pitch + 0.5)
    torch.testing.assert_close(higher.buzz, lower.buzz)
