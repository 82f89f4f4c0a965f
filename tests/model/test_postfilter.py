"""What averaging took out of envelopes, put back."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from smallest_family import smallest_checkpoint
from torch import Tensor

from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.acoustic.postfilter import Postfilter, postfiltered
from voicepipe.model.acoustic.source_filter import SourceFilter
from voicepipe.model.acoustic.source_filter_config import POSTFILTER
from voicepipe.model.acoustic.stage import AcousticLine, AcousticPrompt
from voicepipe.model.checkpoints.reading import Checkpoint

RATE, N_FFT = 24_000, 1_024
N_BINS = N_FFT // 2 + 1
ALL_OF_IT = Postfilter(formants=0.5, voicing=0.5)
NO_HISS = -20.0


def ripples(every_hz: float, height: float = 0.5) -> Tensor:
    """Log-magnitudes (1, F, 1) with a formant every so many Hz."""
    hz = torch.linspace(0, RATE / 2, N_BINS)
    return (height * torch.cos(2 * torch.pi * hz / every_hz))[None, :, None]


def height(envelope: Tensor) -> float:
    return float(envelope.max() - envelope.min()) / 2


@pytest.mark.parametrize(
    ("every_hz", "grown"), [(12_000.0, 0.5), (3_000.0, 0.75), (1_000.0, 0.75), (250.0, 0.5)]
)
def test_formants_grow_and_tilt_and_harmonics_stay(every_hz: float, grown: float) -> None:
    envelope = ripples(every_hz)
    buzz, _ = postfiltered(envelope, torch.full_like(envelope, NO_HISS), ALL_OF_IT, RATE)
    assert height(buzz) == pytest.approx(grown, rel=0.03)


def test_a_frame_stays_as_loud_as_it_was() -> None:
    buzz = torch.cat([ripples(1_000.0), ripples(2_000.0, 1.5) - 2], dim=2)
    hiss = torch.cat([ripples(700.0) - 1, ripples(500.0)], dim=2)
    made = postfiltered(buzz, hiss, ALL_OF_IT, RATE)
    before = (2 * buzz).exp().sum(dim=1) + (2 * hiss).exp().sum(dim=1)
    after = (2 * made[0]).exp().sum(dim=1) + (2 * made[1]).exp().sum(dim=1)
    # But for what hiss a voice covers, which is left out.
    assert bool((after <= before * 1.0001).all())
    assert bool((after > before * 0.9).all())


def test_hiss_falls_where_a_voice_covers_it_and_nowhere_else() -> None:
    buzz = torch.zeros(1, N_BINS, 1)
    buzz[:, N_BINS // 2 :] = NO_HISS
    hiss = torch.full_like(buzz, -2.0)
    _, made = postfiltered(buzz, hiss, Postfilter(formants=0.0, voicing=0.5), RATE)
    assert float(made[0, 100, 0]) == pytest.approx(-3.0, abs=1e-3)
    assert float(made[0, -100, 0]) == pytest.approx(-2.0, abs=1e-3)


def test_nothing_put_back_changes_nothing() -> None:
    buzz, hiss = ripples(1_000.0), ripples(700.0) - 1
    made = postfiltered(buzz, hiss, Postfilter(formants=0.0, voicing=0.0), RATE)
    torch.testing.assert_close(made, (buzz, hiss))


def test_a_file_says_how_much_is_put_back() -> None:
    plain = smallest_checkpoint()
    table = {**plain.tensors, POSTFILTER: torch.tensor([0.3, 0.0])}
    filtered = replace(plain, tensors=table)
    found = load_acoustic_stage(filtered).network.dec
    assert isinstance(found, SourceFilter)
    assert found.postfilter.tolist() == pytest.approx([0.3, 0.0])
    wave, sharper = (_said(checkpoint) for checkpoint in (plain, filtered))
    assert wave.shape == sharper.shape
    assert 0.01 < float((wave - sharper).std() / wave.std()) < 1


def _said(checkpoint: Checkpoint) -> Tensor:
    stage = load_acoustic_stage(checkpoint)
    line = AcousticLine(
        semantic_tokens=torch.arange(20),
        phoneme_ids=torch.arange(1, 9),
        prompt=AcousticPrompt(style=torch.zeros(1, 12, 1)),
        seed=3,
    )
    return stage.decode([line])[0]
