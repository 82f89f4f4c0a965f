"""The acoustic stage as an engine calls it, on small networks of every family."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from acoustic_fixtures import acoustic_checkpoint, worst_error
from acoustic_tiny import (
    latent_config,
    latent_stage,
    line,
    loaded,
    mel_config,
    mel_stage,
    noise_burst,
    phonemes,
    pro_stage,
    reference,
    tokens,
)

from voicepipe.errors import SynthesisError
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.acoustic.networks import build_network
from voicepipe.model.acoustic.stage import (
    AcousticPrompt,
    AcousticStage,
    DecodeOptions,
    ReferenceAudio,
)
from voicepipe.model.config import Family

QUICK = DecodeOptions(n_steps=2)


def make(kind: str) -> AcousticStage:
    if kind == "latent":
        return latent_stage()
    return pro_stage() if kind == "pro" else mel_stage(Family(kind))


@pytest.fixture(scope="module", params=["latent", "pro", "v3", "v4"])
def stage(request: pytest.FixtureRequest) -> AcousticStage:
    return make(request.param)


@pytest.fixture
def prompt(stage: AcousticStage) -> AcousticPrompt:
    return stage.encode_reference([reference(stage)])


def test_a_stage_says_what_it_needs() -> None:
    assert latent_stage().reference_rates == (32_000,)
    assert pro_stage().reference_rates == (32_000, 16_000)
    assert mel_stage(Family.V3).reference_rates == (32_000, 24_000)
    assert mel_stage(Family.V4).reference_rates == (32_000,)
    assert [make(kind).sample_rate for kind in ("latent", "v3", "v4")] == [32_000, 24_000, 48_000]
    assert [make(kind).needs_transcript for kind in ("pro", "v3")] == [False, True]


def test_rows_are_bit_equal_in_any_batch(stage: AcousticStage, prompt: AcousticPrompt) -> None:
    other = stage.encode_reference([reference(stage, seed=9)])
    lines = [line(prompt if seed % 2 else other, seed) for seed in range(8)]
    alone = [stage.decode([row], QUICK)[0] for row in lines]
    for size in (4, 8):
        together = stage.decode(lines[:size], QUICK)
        assert all(torch.equal(a, b) for a, b in zip(together, alone[:size], strict=True))
    assert not torch.equal(alone[0], alone[1])


def test_lines_come_back_in_order_whatever_their_lengths(
    stage: AcousticStage, prompt: AcousticPrompt
) -> None:
    lengths, speeds = (20, 12, 20, 31), (1.0, 1.0, 0.8, 1.0)
    lines = [
        line(prompt, i, n_tokens=n, speed=speed)
        for i, (n, speed) in enumerate(zip(lengths, speeds, strict=True))
    ]
    made = stage.decode(lines, QUICK)
    for row, waveform in zip(lines, made, strict=True):
        assert torch.equal(waveform, stage.decode([row], QUICK)[0])
        seconds = len(row.semantic_tokens) / 25 / row.speed
        assert waveform.dtype == torch.float32
        assert len(waveform) / stage.sample_rate == pytest.approx(seconds, abs=0.05)


def test_one_pass_of_many_rows_is_the_same_function(
    stage: AcousticStage, prompt: AcousticPrompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a GPU does: rows of one length in one pass, equal but for the last bits."""
    lines = [line(prompt, seed) for seed in range(3)]
    alone = stage.decode(lines, QUICK)
    monkeypatch.setattr(AcousticStage, "_passes", lambda _, rows: [list(range(len(rows)))])
    for a, b in zip(stage.decode(lines, QUICK), alone, strict=True):
        assert worst_error(a, b) < 1e-3


def test_off_the_cpu_lines_of_one_shape_share_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = latent_stage()
    prompt = AcousticPrompt(style=torch.zeros(1, 512, 1))
    rows = [line(prompt, i, n_tokens=n) for i, n in enumerate((20, 12, 20))]
    rows.append(replace(rows[0], speed=0.9))
    monkeypatch.setattr(AcousticStage, "device", torch.device("cuda"))
    assert stage._passes(rows) == [[0, 2], [1], [3]]


def test_the_seed_is_the_only_chance(stage: AcousticStage, prompt: AcousticPrompt) -> None:
    row = line(prompt, 5)
    torch.rand(3)  # a global stream moved on must change nothing
    (first,) = stage.decode([row], QUICK)
    torch.rand(3)
    (again,) = stage.decode([row], QUICK)
    (retake,) = stage.decode([replace(row, seed=6)], QUICK)
    assert torch.equal(first, again)
    assert not torch.equal(first, retake)


def test_noise_scale_zero_leaves_no_chance() -> None:
    stage = latent_stage()
    prompt = stage.encode_reference([reference(stage)])
    still = DecodeOptions(noise_scale=0.0)
    row = line(prompt, 1)
    a, b = stage.decode([row, replace(row, seed=2)], still)
    assert torch.equal(a, b)


def test_style_is_the_mean_over_references(stage: AcousticStage) -> None:
    clips = [reference(stage, seed) for seed in (1, 2)]
    apart = [stage.encode_reference([clip]).style for clip in clips]
    together = stage.encode_reference(clips).style
    torch.testing.assert_close(together, (apart[0] + apart[1]) / 2)
    assert not torch.equal(apart[0], apart[1])


def test_a_clipped_reference_is_divided_down(stage: AcousticStage) -> None:
    clip = reference(stage)
    loud = {rate: wave / wave.abs().max() * 1.5 for rate, wave in clip.waveforms.items()}
    fair = {rate: wave / 1.5 for rate, wave in loud.items()}
    given = [
        stage.encode_reference([replace(clip, waveforms=waves)]).style for waves in (loud, fair)
    ]
    torch.testing.assert_close(given[0], given[1])


def test_a_flow_prompt_keeps_the_end_of_the_shorter_of_mel_and_features() -> None:
    stage = mel_stage(Family.V4)
    long = stage.encode_reference([reference(stage, duration_s=2.0)])
    assert long.mel is not None
    assert long.features is not None
    assert long.mel.shape == (1, 100, 30)
    assert long.features.shape == (1, 16, 30)
    short = stage.encode_reference([reference(stage, duration_s=0.2)])
    assert short.mel is not None
    assert short.mel.shape == (1, 100, 20)


def test_a_tokeniser_halves_the_frame_rate() -> None:
    stage = latent_stage()
    features = torch.randn(768, 51, generator=torch.Generator().manual_seed(3))
    codes = stage.semantic_tokens(features)
    assert codes.shape == (25,)
    entries = stage.network.quantizer.entries
    projected = stage.network.ssl_proj(features[None])[0].t()
    assert torch.equal(codes, torch.cdist(projected, entries).argmin(dim=1))


def test_moving_a_stage_returns_it() -> None:
    stage = mel_stage(Family.V4)
    assert stage.to("cpu") is stage
    assert stage.device.type == "cpu"


@pytest.mark.parametrize("speed", [0.0, 0.2, 5.0, float("nan")])
def test_an_absurd_speed_is_refused(speed: float) -> None:
    stage = latent_stage()
    prompt = stage.encode_reference([reference(stage)])
    with pytest.raises(SynthesisError, match=r"outside 0\.25 to 4"):
        stage.decode([line(prompt, 1, speed=speed)])


def test_ids_that_do_not_exist_are_refused() -> None:
    stage = latent_stage()
    row = line(stage.encode_reference([reference(stage)]), 1)
    cases = {
        "no semantic tokens": replace(row, semantic_tokens=tokens(0, 1)),
        "semantic token outside 0 to 1023": replace(row, semantic_tokens=torch.tensor([1024])),
        "no phonemes": replace(row, phoneme_ids=phonemes(0, 1)),
        "phoneme outside 0 to 39": replace(row, phoneme_ids=torch.tensor([-1])),
    }
    for message, bad in cases.items():
        with pytest.raises(SynthesisError, match=message):
            stage.decode([row, bad])


def test_unfit_references_are_refused() -> None:
    stage = mel_stage(Family.V3)
    clip = reference(stage)
    with pytest.raises(SynthesisError, match="at least one reference"):
        stage.encode_reference([])
    with pytest.raises(SynthesisError, match="not given at 24000 Hz"):
        stage.encode_reference([replace(clip, waveforms={32_000: noise_burst(32_000, 1)})])
    short = {rate: noise_burst(100, 1) for rate in stage.reference_rates}
    with pytest.raises(SynthesisError, match=r"at least 0\.1 s"):
        stage.encode_reference([replace(clip, waveforms=short)])
    with pytest.raises(SynthesisError, match="transcript"):
        stage.encode_reference([ReferenceAudio(waveforms=clip.waveforms)])


def test_a_prompt_of_another_family_is_refused() -> None:
    latent, mel = latent_stage(), mel_stage(Family.V4)
    prompt = latent.encode_reference([reference(latent)])
    with pytest.raises(SynthesisError, match="another family"):
        mel.decode([line(prompt, 1)], QUICK)


def test_a_stage_refuses_missing_and_needless_parts() -> None:
    config = latent_config()
    network = loaded(lambda: build_network(config))
    with pytest.raises(ValueError, match="vocoder"):
        AcousticStage(mel_config(Family.V3), network)
    with pytest.raises(ValueError, match="speaker"):
        AcousticStage(latent_config(speaker=True), network)


@pytest.mark.slow
def test_full_size_rows_are_bit_equal_in_any_batch() -> None:
    stage = load_acoustic_stage(acoustic_checkpoint(Family.V2))
    prompt = stage.encode_reference([reference(stage)])
    lines = [line(prompt, seed, n_tokens=10) for seed in range(8)]
    alone = [stage.decode([row])[0] for row in lines]
    for size in (4, 8):
        together = stage.decode(lines[:size])
        assert all(torch.equal(a, b) for a, b in zip(together, alone[:size], strict=True))
