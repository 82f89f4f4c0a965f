"""The generator of the smallest family: a buzz, a hiss, and what shapes them."""

from __future__ import annotations

import math

import pytest
import torch
from smallest_family import CONFIG, GENERATOR, smallest_checkpoint, smallest_stage

from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.acoustic.source_filter import SourceFilter, pulse_train
from voicepipe.model.acoustic.stage import AcousticLine, AcousticPrompt
from voicepipe.model.acoustic.voiced_frames import Frames
from voicepipe.model.checkpoints.families import recognise
from voicepipe.model.config import Family

RATE = 24_000


def frames(pitch_hz: float, *, buzz: float, hiss: float, n_frames: int = 100) -> Frames:
    bands = (1, GENERATOR.n_bands, n_frames)
    return Frames(
        torch.full((1, n_frames), math.log(pitch_hz)),
        torch.full(bands, buzz),
        torch.full(bands, hiss),
    )


@pytest.mark.parametrize("hz", [80.0, 150.0, 400.0])
def test_a_pulse_train_holds_every_harmonic_alike(hz: float) -> None:
    wave = pulse_train(torch.full((1, RATE), hz), RATE)[0]
    spectrum = torch.fft.rfft(wave.double()).abs() / len(wave)
    harmonics = spectrum[int(hz) :: int(hz)][: int(RATE / 2 / hz) - 1]
    assert harmonics.max() / harmonics.min() < 1.02
    between = spectrum[int(hz) // 2 :: int(hz)]
    assert between.max() < 0.01 * harmonics.min()
    assert float(wave.pow(2).mean()) == pytest.approx(1.0, abs=0.05)


def test_a_pulse_train_stays_in_tune_for_minutes() -> None:
    wave = pulse_train(torch.full((1, RATE * 120), 100.0), RATE)[0]
    start, end = wave[: RATE // 2], wave[-RATE // 2 :]
    assert float((start - end).abs().max()) < 0.05


def test_the_envelopes_set_the_levels() -> None:
    generator = SourceFilter(GENERATOR)
    noise = torch.zeros(1, 100 * GENERATOR.hop_length)
    soft = generator.synthesise(frames(120.0, buzz=-3.0, hiss=-20.0), noise)
    loud = generator.synthesise(frames(120.0, buzz=-2.0, hiss=-20.0), noise)
    inside = slice(2000, -2000)
    ratio = loud[0, inside].std() / soft[0, inside].std()
    assert float(ratio) == pytest.approx(math.e, rel=1e-3)


def test_a_voiceless_frame_only_hisses() -> None:
    generator = SourceFilter(GENERATOR)
    torch_noise = torch.sin(torch.arange(100 * GENERATOR.hop_length) ** 1.5)[None]
    made = generator.synthesise(frames(120.0, buzz=-40.0, hiss=0.0), torch_noise)
    inside = slice(2000, -2000)
    torch.testing.assert_close(made[0, inside], torch_noise[0, inside], atol=1e-4, rtol=1e-4)


def test_a_token_is_forty_milliseconds_of_sound() -> None:
    stage = smallest_stage()
    prompt = AcousticPrompt(style=torch.zeros(1, 12, 1))
    line = AcousticLine(
        semantic_tokens=torch.arange(20), phoneme_ids=torch.arange(1, 9), prompt=prompt, seed=3
    )
    wave = stage.decode([line])[0]
    assert stage.sample_rate == RATE
    assert wave.shape == (20 * RATE // 25,)
    assert torch.isfinite(wave).all()
    assert float(wave.std()) > 1e-4
    assert torch.equal(wave, smallest_stage().decode([line, line])[1])


def test_a_file_of_the_family_is_known_by_its_tensors() -> None:
    checkpoint = smallest_checkpoint()
    shapes = {name: tuple(tensor.shape) for name, tensor in checkpoint.tensors.items()}
    assert recognise(shapes, path=checkpoint.path) is Family.TINY
    assert load_acoustic_stage(checkpoint).config == CONFIG


def test_weights_that_say_pitch_in_another_way_are_refused() -> None:
    with pytest.raises(CheckpointError, match="older release"):
        load_acoustic_stage(smallest_checkpoint(pitch=None))


@pytest.mark.parametrize(
    ("name", "value"),
    [("hop_length", 400), ("win_length", 2048), ("n_fft", 1 << 20), ("sample_rate", "24 kHz")],
)
def test_numbers_that_make_no_waveform_are_refused(name: str, value: object) -> None:
    with pytest.raises(CheckpointError):
        load_acoustic_stage(smallest_checkpoint(**{name: value}))
