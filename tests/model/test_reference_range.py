"""How lively a voice is, is measured on its own clip, and put right in its lines."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from smallest_family import GENERATOR, smallest_checkpoint, smallest_stage

from voicepipe.model.acoustic.joined_prompts import joined_ranges
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.acoustic.reference_range import PLAIN_RANGE, reference_range, with_range
from voicepipe.model.acoustic.source_filter import pulse_train
from voicepipe.model.acoustic.source_filter_config import with_learnt_tone
from voicepipe.model.acoustic.stage import AcousticLine, AcousticPrompt, ReferenceAudio
from voicepipe.model.acoustic.voiced_frames import Frames

RATE = GENERATOR.sample_rate
SEMITONE = math.log(2) / 12


def sung(middle_hz: float, semitones: float) -> np.ndarray:
    """Hz of a melody that goes up and down once a second, and has no voice at its ends."""
    turns = np.sin(2 * np.pi * np.arange(300) / 100)
    hertz = middle_hz * 2 ** (semitones * turns / 12)
    hertz[:20] = hertz[-20:] = 0
    return hertz.astype(np.float32)


@pytest.mark.parametrize(
    ("middle_hz", "semitones", "times"),
    [(200.0, 3.0, 1.0), (200.0, 3.6, 1.2), (230.0, 2.7, 0.9), (100.0, 9.0, 1.5), (400.0, 1.0, 0.8)],
    ids=["alike", "livelier", "calmer and higher", "far livelier", "far calmer"],
)
def test_a_clip_ranges_wider_than_its_own_words(
    middle_hz: float, semitones: float, times: float
) -> None:
    found = reference_range(sung(middle_hz, semitones), sung(200.0, 3.0))
    assert found == pytest.approx(times, abs=0.01)


def test_frames_heard_an_octave_off_do_not_count() -> None:
    recorded = sung(200.0, 3.6)
    recorded[100:110] /= 2
    assert reference_range(recorded, sung(200.0, 3.0)) == pytest.approx(1.2, abs=0.02)


def test_where_there_is_hardly_a_melody_nothing_changes() -> None:
    said = sung(200.0, 3.0)
    whispered = np.zeros_like(said)
    whispered[40:139] = said[40:139] * 1.1
    assert reference_range(whispered, said) == PLAIN_RANGE
    assert reference_range(said, np.zeros(0, dtype=np.float32)) == PLAIN_RANGE
    assert reference_range(said, sung(200.0, 0.0)) == PLAIN_RANGE
    assert reference_range(sung(200.0, 0.0), said) == PLAIN_RANGE


def test_a_melody_is_scaled_about_the_mean_of_what_has_a_voice() -> None:
    moving = 2 * SEMITONE * torch.sin(torch.arange(200) / 7)
    bands = (1, GENERATOR.n_bands, 200)
    buzz = torch.full(bands, -2.0)
    buzz[:, :, 100:] = -30.0  # half of it is a pause, whose pitch nobody hears
    pitch = (math.log(150.0) + moving)[None]
    pitch[:, 100:] = math.log(900.0)
    frames = Frames(pitch, buzz, torch.full(bands, -6.0))
    made = with_range(frames, torch.tensor([[1.25]]))
    before, after = frames.log_pitch[0, :100], made.log_pitch[0, :100]
    assert float(after.mean() - before.mean()) == pytest.approx(0, abs=1e-5)
    assert float(after.std() / before.std()) == pytest.approx(1.25, abs=1e-4)
    assert made.buzz is frames.buzz
    unchanged = with_range(frames, torch.tensor([[PLAIN_RANGE]]))
    torch.testing.assert_close(unchanged.log_pitch, frames.log_pitch)


def clip_of(hz: float, semitones: float) -> ReferenceAudio:
    turns = torch.sin(2 * math.pi * torch.arange(3 * RATE) / RATE)
    wave = 0.1 * pulse_train((hz * 2 ** (semitones * turns / 12))[None], RATE)[0]
    return ReferenceAudio(
        waveforms={RATE: wave},
        semantic_tokens=torch.arange(75) % 32,
        phoneme_ids=torch.arange(30) % 40,
    )


@pytest.mark.parametrize("is_learnt", [False, True])
def test_a_livelier_clip_makes_a_livelier_voice(is_learnt: bool) -> None:
    checkpoint = smallest_checkpoint()
    if is_learnt:
        checkpoint = replace(checkpoint, config=with_learnt_tone(checkpoint.config))
    stage = load_acoustic_stage(checkpoint)
    found = [
        stage.encode_reference([clip_of(180.0, semitones)]).melody_range for semitones in (4.5, 7.0)
    ]
    calm, lively = (float(one) for one in found if one is not None)
    assert calm < lively


def test_a_range_is_heard_in_what_a_voice_says() -> None:
    stage = smallest_stage()
    prompt = AcousticPrompt(style=torch.zeros(1, 12, 1))
    lines = [
        AcousticLine(
            semantic_tokens=torch.arange(20),
            phoneme_ids=torch.arange(1, 9),
            prompt=replace(prompt, melody_range=times),
            seed=3,
        )
        for times in (None, torch.tensor([[PLAIN_RANGE]]), torch.tensor([[1.3]]))
    ]
    without, plain, livelier = stage.decode(lines)
    torch.testing.assert_close(plain, without, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(livelier, without, atol=1e-3)


def test_lines_without_a_range_keep_theirs_among_others() -> None:
    joined = joined_ranges([None, torch.tensor([[1.3]])])
    assert joined is not None
    torch.testing.assert_close(joined, torch.tensor([[1.0], [1.3]]))
    assert joined_ranges([None, None]) is None
