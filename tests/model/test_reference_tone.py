"""What a voice's style gets wrong is heard on its own clip, and put right in its lines."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from smallest_family import GENERATOR, smallest_checkpoint, smallest_stage

from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.acoustic.reference_tone import bounded, reference_tone
from voicepipe.model.acoustic.source_filter_config import with_learnt_tone
from voicepipe.model.acoustic.stage import AcousticLine, ReferenceAudio

RATE = GENERATOR.sample_rate
BANDS = GENERATOR.n_bands
HIGHEST_MEL = 2595 * math.log10(1 + RATE / 2 / 700)
BAND_HZ = 700 * (10 ** (torch.linspace(0, HIGHEST_MEL, BANDS) / 2595) - 1)


def noise(seconds: float, seed: int = 1) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(int(RATE * seconds), generator=rng)


def raised(wave: torch.Tensor, above_hz: float, decibels: float) -> torch.Tensor:
    spectrum = torch.fft.rfft(wave)
    hz = torch.linspace(0, RATE / 2, len(spectrum))
    gain = torch.where(hz > above_hz, 10 ** (decibels / 20), 1.0)
    made: torch.Tensor = torch.fft.irfft(gain * spectrum)
    return made


@pytest.mark.parametrize("decibels", [4.0, -5.0, 30.0])
def test_a_brighter_clip_is_heard_as_such(decibels: float) -> None:
    said = noise(3)
    tone = reference_tone(raised(said, 5_500, decibels), said, 150.0, BANDS, RATE)
    assert tone.shape == (BANDS,)
    assert float(tone[BAND_HZ < 4_500].abs().max()) < 0.02
    high = tone[BAND_HZ > 7_000] * 20 / math.log(10)
    torch.testing.assert_close(high, torch.full_like(high, decibels), atol=0.2, rtol=0)


def test_no_voice_is_changed_by_more_than_eight_decibels() -> None:
    tone = bounded(torch.tensor([-9.0, -0.3, 0.0, 0.5, 9.0]))
    assert (20 / math.log(10) * tone).tolist() == pytest.approx(
        [-8.0, -2.606, 0.0, 4.343, 8.0], 1e-3
    )


def test_loudness_and_pauses_do_not_count() -> None:
    said = noise(3)
    recorded = torch.cat((torch.zeros(RATE), 3 * said, torch.zeros(2 * RATE)))
    tone = reference_tone(recorded, said, 150.0, BANDS, RATE)
    assert float(tone.abs().max()) < 0.05


def test_silence_says_nothing_wild() -> None:
    tone = reference_tone(torch.zeros(RATE), noise(1), 150.0, BANDS, RATE)
    assert torch.isfinite(tone).all()


def test_the_harmonics_of_one_clip_are_no_tone() -> None:
    times = torch.arange(2 * RATE) / RATE
    said, recorded = (
        sum(0.05 * torch.sin(2 * math.pi * hz * k * times) for k in range(1, 30))
        for hz in (330.0, 350.0)
    )
    assert isinstance(said, torch.Tensor)
    assert isinstance(recorded, torch.Tensor)
    coarse = reference_tone(recorded, said, 340.0, BANDS, RATE)
    fine = reference_tone(recorded, said, 100.0, BANDS, RATE)
    low = BAND_HZ < 4_000
    assert float(coarse[low].std()) < 0.6 * float(fine[low].std())


def test_points_closer_than_bins_change_nothing() -> None:
    said = noise(1)
    tone = reference_tone(said, said, 150.0, BANDS, 192_000)
    torch.testing.assert_close(tone, torch.zeros(BANDS))


def test_a_line_takes_on_the_tone_of_its_reference() -> None:
    stage = smallest_stage()
    tokens, phonemes = torch.arange(25), torch.arange(1, 9)
    plain = ReferenceAudio(waveforms={RATE: noise(1)})
    known = ReferenceAudio(waveforms={RATE: noise(1)}, semantic_tokens=tokens, phoneme_ids=phonemes)
    untold, told = (stage.encode_reference([clip]) for clip in (plain, known))
    assert untold.tone is None
    assert told.tone is not None
    assert told.tone.shape == (1, BANDS, 1)
    torch.testing.assert_close(told.style, untold.style, rtol=0, atol=0)
    # Said again in the prompt it gave, the clip's own words now differ from it by less.
    off = []
    for prompt in (untold, told):
        line = AcousticLine(semantic_tokens=tokens, phoneme_ids=phonemes, prompt=prompt, seed=0)
        said = stage.decode([line])[0]
        off.append(float(reference_tone(noise(1), said, 150.0, BANDS, RATE).abs().mean()))
    assert off[1] < 0.6 * off[0]


def test_a_voice_that_was_learnt_takes_no_tone_from_one_clip() -> None:
    base = smallest_checkpoint()
    learnt = load_acoustic_stage(replace(base, config=with_learnt_tone(base.config)))
    tokens, phonemes = torch.arange(25), torch.arange(1, 9)
    clip = ReferenceAudio(waveforms={RATE: noise(1)}, semantic_tokens=tokens, phoneme_ids=phonemes)
    assert smallest_stage().encode_reference([clip]).tone is not None
    assert learnt.encode_reference([clip]).tone is None
    with pytest.raises(CheckpointError, match="must be heard or learnt"):
        load_acoustic_stage(smallest_checkpoint(tone="guessed"))
