"""Stressed words are louder, higher and longer, and nothing else is changed."""

from __future__ import annotations

import math

import pytest
import torch
from smallest_family import GENERATOR, smallest_stage

from voicepipe.engines.gpt_sovits.stresses import found_stresses
from voicepipe.errors import SynthesisError
from voicepipe.model.acoustic.stage import AcousticLine, AcousticPrompt
from voicepipe.model.acoustic.stressed_frames import stressed_frames
from voicepipe.model.acoustic.voiced_frames import Frames
from voicepipe.model.acoustic.voicing import (
    STRESS_DB,
    STRESS_LENGTH,
    STRESS_SEMITONES,
    Stress,
)
from voicepipe.model.semantic.spoken_borders import Extent

RATE = GENERATOR.sample_rate / GENERATOR.hop_length
N_FRAMES = 200
WORD = Stress(start=80, end=120)


def level() -> Frames:
    bands = (1, GENERATOR.n_bands, N_FRAMES)
    return Frames(
        torch.full((1, N_FRAMES), math.log(150.0)), torch.full(bands, -2.0), torch.full(bands, -6.0)
    )


def test_a_word_rises_swells_and_lasts() -> None:
    said = stressed_frames(level(), [WORD], RATE)
    middle = 100 + round(20 * (STRESS_LENGTH - 1))
    semitones = (said.log_pitch[0] - math.log(150.0)) * 12 / math.log(2)
    decibels = (said.buzz[0, 0] + 2.0) * 20 / math.log(10)
    assert abs(float(semitones[middle]) - STRESS_SEMITONES) < 1e-3
    assert abs(float(decibels[middle]) - STRESS_DB) < 1e-3
    grown = said.log_pitch.shape[1] - N_FRAMES
    assert abs(grown - 40 * (STRESS_LENGTH - 1)) <= 2
    for values, plain in zip(said, level(), strict=True):
        torch.testing.assert_close(values[..., :70], plain[..., :70])
        torch.testing.assert_close(values[..., -70:], plain[..., -70:])


def test_a_stage_stresses_only_the_lines_that_ask() -> None:
    stage = smallest_stage()

    def line(stresses: tuple[Stress, ...], speed: float = 1.0) -> AcousticLine:
        return AcousticLine(
            semantic_tokens=torch.arange(20),
            phoneme_ids=torch.arange(1, 9),
            prompt=AcousticPrompt(style=torch.zeros(1, 12, 1)),
            seed=3,
            speed=speed,
            stresses=stresses,
        )

    plain, stressed, slow = stage.decode(
        [line(()), line((Stress(start=16, end=24),)), line((Stress(start=16, end=24),), 0.5)]
    )
    # The word's eight latent frames are followed by sixteen of the generator's, ramps aside.
    grown = (len(stressed) - len(plain)) / GENERATOR.hop_length
    assert abs(grown - 16 * (STRESS_LENGTH - 1)) <= 2
    twice = (len(slow) - len(stage.decode([line((), 0.5)])[0])) / GENERATOR.hop_length
    assert abs(twice - 32 * (STRESS_LENGTH - 1)) <= 2
    begun = 20 * GENERATOR.hop_length
    torch.testing.assert_close(stressed[:begun], plain[:begun])


def test_words_are_found_where_their_phonemes_were_heard() -> None:
    places, extents = (0, 2, 3, 5), [Extent(0, 4), Extent(5, 9), Extent(9, 12), Extent(14, 20)]
    assert found_stresses([(2, 4)], places, extents) == (Stress(start=5, end=12),)
    with pytest.raises(SynthesisError, match="stress"):
        found_stresses([(4, 5)], places, extents)
