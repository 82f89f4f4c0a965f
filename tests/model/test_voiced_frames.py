"""A source-filter voice follows what a delivery asks of it."""

from __future__ import annotations

import math

import torch
from smallest_family import GENERATOR, smallest_stage

from voicepipe.model.acoustic.reference_tone import points_hz
from voicepipe.model.acoustic.source_filter import SourceFilter
from voicepipe.model.acoustic.stage import AcousticLine, AcousticPrompt
from voicepipe.model.acoustic.voiced_frames import Frames, voiced_frames
from voicepipe.model.acoustic.voicing import PLAIN_VOICING, Voicing

RATE = GENERATOR.sample_rate / GENERATOR.hop_length
POINTS = points_hz(GENERATOR.n_bands, GENERATOR.sample_rate)
N_FRAMES = 200


def melody() -> Frames:
    """Two seconds around 150 Hz, two semitones to either side once a second."""
    places = torch.arange(N_FRAMES) / RATE
    moving = math.log(2) / 12 * 2 * torch.sin(2 * math.pi * places)
    bands = (1, GENERATOR.n_bands, N_FRAMES)
    return Frames(
        (math.log(150.0) + moving)[None], torch.full(bands, -2.0), torch.full(bands, -6.0)
    )


def coloured(voicing: Voicing) -> Frames:
    return voiced_frames(melody(), voicing, POINTS, RATE)


def semitones(frames: Frames) -> torch.Tensor:
    return (frames.log_pitch[0] - math.log(150.0)) * 12 / math.log(2)


def test_plain_voicing_changes_nothing() -> None:
    for mine, plain in zip(coloured(PLAIN_VOICING), melody(), strict=True):
        torch.testing.assert_close(mine, plain)


def test_pitch_moves_the_mean_and_range_the_spread() -> None:
    pitch = semitones(coloured(Voicing(pitch_semitones=-3.0, range=0.5)))
    assert abs(float(pitch.mean()) + 3.0) < 0.01
    assert abs(float(pitch.std() / semitones(melody()).std()) - 0.5) < 0.01


def test_a_tremor_is_as_fast_and_as_wide_as_it_says() -> None:
    still = coloured(Voicing(range=0.0))
    trembling = coloured(Voicing(range=0.0, tremor_hz=5.0, tremor_semitones=0.4))
    tremor = semitones(trembling) - semitones(still)
    assert abs(float(tremor.max()) - 0.4) < 0.02
    assert int(torch.fft.rfft(tremor).abs().argmax()) == round(5.0 * N_FRAMES / RATE)


def test_a_question_rises_at_its_end_alone() -> None:
    rise = semitones(coloured(Voicing(rise_semitones=2.0))) - semitones(melody())
    assert abs(float(rise[-1]) - 2.0) < 1e-3
    assert float(rise[: N_FRAMES // 2].abs().max()) < 1e-3


def test_brightness_tilts_and_breath_takes_from_the_voice() -> None:
    brighter = coloured(Voicing(brightness_db=2.0)).buzz[0, :, 0]
    assert bool((brighter.diff() >= 0).all())
    assert float(brighter[-1]) > float(brighter[0]) + 0.5
    breathy = coloured(Voicing(breathiness_db=6.0))
    ratio = (breathy.hiss - breathy.buzz) - (melody().hiss - melody().buzz)
    assert abs(float(ratio.mean()) * 20 / math.log(10) - 6.0) < 1e-3


def test_a_whisper_has_the_power_and_no_pitch() -> None:
    generator = SourceFilter(GENERATOR)
    noise = torch.randn(
        1, N_FRAMES * GENERATOR.hop_length, generator=torch.Generator().manual_seed(1)
    )
    voiced = generator.synthesise(coloured(Voicing(range=0.0)), noise)[0]
    whisper = coloured(Voicing(range=0.0, is_voiceless=True))
    whispered = generator.synthesise(whisper, noise)[0]
    assert 0.5 < float(whispered.std() / voiced.std()) < 2.0
    assert periodicity(voiced) > 0.6
    assert periodicity(whispered) < 0.25


def periodicity(wave: torch.Tensor) -> float:
    """Of a tenth of a second in the middle: how alike it is to itself a period later."""
    length, middle = GENERATOR.sample_rate // 10, len(wave) // 2
    piece = wave[middle : middle + length]
    lags = range(GENERATOR.sample_rate // 200, GENERATOR.sample_rate // 100)
    return max(
        float(torch.corrcoef(torch.stack((piece[lag:], piece[:-lag])))[0, 1]) for lag in lags
    )


def test_a_stage_colours_only_the_lines_that_ask() -> None:
    stage = smallest_stage()

    def line(voicing: Voicing | None) -> AcousticLine:
        return AcousticLine(
            semantic_tokens=torch.arange(20),
            phoneme_ids=torch.arange(1, 9),
            prompt=AcousticPrompt(style=torch.zeros(1, 12, 1)),
            seed=3,
            voicing=voicing,
        )

    plain, higher = stage.decode([line(None), line(Voicing(pitch_semitones=4.0))])
    assert plain.shape == higher.shape
    assert not torch.equal(plain, higher)
    torch.testing.assert_close(stage.decode([line(PLAIN_VOICING)])[0], plain)


def test_a_livelier_melody_reaches_higher_and_no_lower() -> None:
    plain = semitones(melody())
    wider = semitones(coloured(Voicing(range=1.5)))
    assert abs(float(wider.mean() - plain.mean())) < 0.01
    widths = [float(one.quantile(0.9) - one.quantile(0.1)) for one in (plain, wider)]
    assert abs(widths[1] / widths[0] - 1.5) < 0.02
    rises = float(wider.max() - plain.max()), float(plain.min() - wider.min())
    assert rises[0] > 2 * rises[1]
    raised = coloured(Voicing(range=1.5, pitch_semitones=1.5))
    assert float(semitones(raised).min()) > float(plain.min())
