"""Opened checkpoints to a stage: the files a family needs beside its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from acoustic_fixtures import acoustic_checkpoint, checkpoint, formula_state
from acoustic_tiny import (
    SETTINGS,
    formula_state_of,
    latent_config,
    line,
    mel_config,
    mel_stage,
    reference,
)
from tiny_decoders import mel_decoder

from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic import config
from voicepipe.model.acoustic.bigvgan import BigVGAN
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.acoustic.networks import MelSynthesizer, build_network
from voicepipe.model.acoustic.stage import DecodeOptions
from voicepipe.model.acoustic.vocoder import Generator
from voicepipe.model.checkpoints.reading import Checkpoint
from voicepipe.model.config import Family

TO_QUERY = "estimator.transformer_blocks.0.attn.to_q"


@pytest.fixture(autouse=True)
def _small_decoders(monkeypatch: pytest.MonkeyPatch) -> None:
    small = {family: mel_decoder(family) for family in (Family.V3, Family.V4)}
    monkeypatch.setattr(config, "_MEL_DECODERS", small)


def mel_file(family: Family) -> Checkpoint:
    return checkpoint(family, formula_state_of(lambda: build_network(mel_config(family))), SETTINGS)


def vocoder_file(family: Family) -> Checkpoint:
    sizes = mel_decoder(family).vocoder
    if family is Family.V3:
        return checkpoint(Family.BIGVGAN, formula_state_of(lambda: BigVGAN(sizes)))
    return checkpoint(Family.VOCODER_V4, formula_state_of(lambda: Generator(sizes)))


@pytest.mark.parametrize("family", [Family.V3, Family.V4])
def test_a_mel_family_is_loaded_with_its_vocoder(family: Family) -> None:
    stage = load_acoustic_stage(mel_file(family), vocoder=vocoder_file(family))
    twin = mel_stage(family)
    options = DecodeOptions(n_steps=1)
    (made,), (expected,) = (
        each.decode([line(each.encode_reference([reference(each)]), 1)], options)
        for each in (stage, twin)
    )
    assert torch.equal(made, expected)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(CheckpointError, match=r"v3\.pth: needs the vocoder"):
        load_acoustic_stage(mel_file(Family.V3))
    config = latent_config(speaker=True)
    state = formula_state_of(lambda: build_network(config))
    with pytest.raises(CheckpointError, match="ERes2NetV2"):
        load_acoustic_stage(checkpoint(Family.V2_PRO, state, SETTINGS))
    lora = replace(mel_file(Family.V3), lora_rank=4)
    with pytest.raises(CheckpointError, match="needs the base"):
        load_acoustic_stage(lora, vocoder=vocoder_file(Family.V3))


def test_the_vocoder_of_another_family_is_refused() -> None:
    with pytest.raises(CheckpointError, match=r"vocoder_v4\.pth: lacks"):
        load_acoustic_stage(mel_file(Family.V3), vocoder=vocoder_file(Family.V4))


def test_a_low_rank_fine_tune_changes_its_base() -> None:
    base = mel_file(Family.V4)
    weight = base.tensors[f"cfm.{TO_QUERY}.weight"]
    down = torch.randn(4, weight.shape[1], generator=torch.Generator().manual_seed(1))
    up = torch.randn(weight.shape[0], 4, generator=torch.Generator().manual_seed(2))
    changes = {
        f"cfm.base_model.model.{TO_QUERY}.lora_A.default.weight": down.half(),
        f"cfm.base_model.model.{TO_QUERY}.lora_B.default.weight": up.half(),
    }
    lora = replace(checkpoint(Family.V4, changes), lora_rank=4)
    stage = load_acoustic_stage(lora, base=base, vocoder=vocoder_file(Family.V4))
    assert isinstance(stage.network, MelSynthesizer)
    made = stage.network.get_parameter(f"cfm.{TO_QUERY}.weight")
    torch.testing.assert_close(made, weight + up.half().float() @ down.half().float())


@pytest.mark.slow
def test_a_pro_family_is_loaded_with_its_speaker_model() -> None:
    speaker = checkpoint(Family.SPEAKER, formula_state("speaker", "keys.json"))
    stage = load_acoustic_stage(acoustic_checkpoint(Family.V2_PRO), speaker=speaker)
    prompt = stage.encode_reference([reference(stage)])
    (waveform,) = stage.decode([line(prompt, 1, n_tokens=5)])
    assert waveform.shape == (5 * 2 * 640,)
    assert bool(waveform.isfinite().all())


def test_a_vocoder_has_no_place_for_a_posterior_encoder() -> None:
    file = vocoder_file(Family.V4)
    extra = dict(file.tensors) | {"enc_q.pre.bias": torch.zeros(1)}
    with pytest.raises(CheckpointError, match=r"enc_q\.pre\.bias"):
        load_acoustic_stage(mel_file(Family.V4), vocoder=checkpoint(Family.VOCODER_V4, extra))
