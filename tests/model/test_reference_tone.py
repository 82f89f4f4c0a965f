"""What a voice's style gets wrong is heard on its own clip, and put right in its lines."""

from __future__ import annotations

import math

import pytest
import torch
from smallest_family import GENERATOR, smallest_stage

from voicepipe.model.acoustic import AcousticLine, ReferenceAudio
from voicepipe.model.reference_tone import MOST_TONE, reference_tone

RATE = GENERATOR.sample_rate
BANDS = GENERATOR.n_bands
HIGHEST_MEL = 2595 * math.log10(1 + RATE / 2 / 700)
BAND_HZ = 700 * (10 ** (torch.linspace(0, HIGHEST_MEL, BANDS) / 2595) - 1)


def noise(seconds: float, seed: int = 1) -> torch.Tensor:
    chance = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(int(RATE * seconds), generator=chance)


def raised(wave: torch.Tensor, above_hz: float, decibels: float) -> torch.Tensor:
    spectrum = torch.fft.rfft(wave)
    hz = torch.linspace(0, RATE / 2, len(spectrum))
    gain = torch.where(hz > above_hz, 10 ** (decibels / 20), 1.0)
    made: torch.Tensor = torch.fft.irfft(gain * spectrum)
    return made


@pytest.mark.parametrize(("decibels", "expected"), [(4.0, 4.0), (-5.0, -5.0), (30.0, 8.0)])
def test_a_brighter_clip_is_heard_as_such(decibels: float, expected: float) -> None:
    said = noise(3)
    tone = reference_tone(raised(said, 5_500, decibels), said, BANDS, RATE)
    assert tone.shape == (BANDS,)
    assert float(tone[BAND_HZ < 4_500].abs().max()) < 0.02
    high = tone[BAND_HZ > 7_000] * 20 / math.log(10)
    torch.testing.assert_close(high, torch.full_like(high, expected), atol=0.2, rtol=0)
    assert float(tone.abs().max()) <= MOST_TONE + 1e-6


def test_loudness_and_pauses_do_not_count() -> None:
    said = noise(3)
    recorded = torch.cat((torch.zeros(RATE), 3 * said, torch.zeros(2 * RATE)))
    tone = reference_tone(recorded, said, BANDS, RATE)
    assert float(tone.abs().max()) < 0.05


def test_silence_says_nothing_wild() -> None:
    tone = reference_tone(torch.zeros(RATE), noise(1), BANDS, RATE)
    assert torch.isfinite(tone).all()
    assert float(tone.abs().max()) <= MOST_TONE + 1e-6


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
        off.append(float(reference_tone(noise(1), said, BANDS, RATE).abs().mean()))
    assert off[1] < 0.7 * off[0]
