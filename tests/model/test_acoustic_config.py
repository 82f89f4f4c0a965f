"""Checkpoints described from their own configuration and shapes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from acoustic_fixtures import LATENT, MEL, config
from acoustic_tiny import SETTINGS, latent_checkpoint, latent_config
from golden_vectors import keys

from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic.config import read_acoustic_config
from voicepipe.model.config import Family

Shapes = dict[str, tuple[int, ...]]


def shapes(family: Family) -> Shapes:
    return {name: shape for name, shape, _ in keys(family.value, "s2_keys.json")}


def tiny_shapes() -> Shapes:
    return {name: tuple(tensor.shape) for name, tensor in latent_checkpoint().tensors.items()}


@pytest.mark.parametrize("family", LATENT)
def test_latent_families_are_told_by_their_shapes(family: Family) -> None:
    described = read_acoustic_config(config(family.value), shapes(family))
    assert described == read_acoustic_config(config(family.value), shapes(family), family=family)
    is_v1, is_pro = family is Family.V1, "Pro" in family.value
    assert described.n_symbols == (322 if is_v1 else 732)
    assert described.style_bins == (1025 if is_v1 else 704)
    assert described.style_width == (1024 if is_pro else 512)
    assert described.speaker_width == (20_480 if is_pro else None)
    assert described.mel is None
    assert described.latent is not None
    assert described.latent.generator.width == (768 if family is Family.V2_PRO_PLUS else 512)
    assert described.latent.generator.hop_length == described.spectrogram.hop_length == 640
    assert described.sample_rate == 32_000


@pytest.mark.parametrize("family", MEL)
def test_mel_families_have_their_rates(family: Family) -> None:
    described = read_acoustic_config(config(family.value), shapes(family), family=family)
    assert described.latent is None
    mel = described.mel
    assert mel is not None
    hop = mel.mel.spectrogram.hop_length / mel.mel.spectrogram.sample_rate
    # One second of 50 Hz latent frames is one second of mel frames, and of samples.
    assert 50 * mel.frames_per_latent * hop == pytest.approx(1)
    samples = 50 * mel.frames_per_latent * mel.vocoder.hop_length
    assert samples == pytest.approx(mel.vocoder_sample_rate)
    assert described.sample_rate == (24_000 if family is Family.V3 else 48_000)


def test_a_flow_matching_file_must_say_which_it_is() -> None:
    with pytest.raises(CheckpointError, match="v3 or v4, not None"):
        read_acoustic_config(config("v3"), shapes(Family.V3))


@pytest.mark.parametrize(("folder", "claim"), [("v2", Family.V3), ("v4", Family.V2)])
def test_a_family_that_contradicts_the_shapes_is_refused(folder: str, claim: Family) -> None:
    with pytest.raises(CheckpointError, match=f"marked {claim.value}"):
        read_acoustic_config(config(folder), shapes(Family(folder)), family=claim)


def test_a_small_file_is_read_like_a_large_one() -> None:
    assert read_acoustic_config(SETTINGS, tiny_shapes()) == latent_config()


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("model", "hidden_channels", None),
        ("model", "n_layers", 65),
        ("model", "n_heads", 0),
        ("model", "kernel_size", True),
        ("model", "inter_channels", "192"),
        ("model", "upsample_initial_channel", 10**9),
        ("model", "upsample_rates", []),
        ("model", "upsample_rates", [2] * 17),
        ("model", "upsample_kernel_sizes", 16),
        ("model", "resblock", "2"),
        ("model", "resblock_dilation_sizes", "135"),
        ("model", "resblock_dilation_sizes", [[1, -3]]),
        ("data", "sampling_rate", 1e5),
        ("data", "hop_length", -640),
    ],
)
def test_absurd_values_are_named(section: str, name: str, value: object) -> None:
    settings: dict[str, Any] = copy.deepcopy(dict(SETTINGS))
    settings[section][name] = value
    with pytest.raises(CheckpointError, match=name):
        read_acoustic_config(settings, tiny_shapes())


@pytest.mark.parametrize(
    "lengths", [{"upsample_rates": [10, 8]}, {"resblock_kernel_sizes": [3, 5, 7]}]
)
def test_lists_of_unequal_length_are_refused(lengths: dict[str, list[int]]) -> None:
    settings: dict[str, Any] = copy.deepcopy(dict(SETTINGS))
    settings["model"].update(lengths)
    with pytest.raises(CheckpointError, match="of one length"):
        read_acoustic_config(settings, tiny_shapes())


def test_bare_weights_are_refused() -> None:
    with pytest.raises(CheckpointError, match="section 'model'"):
        read_acoustic_config({}, tiny_shapes())


def test_missing_and_misshapen_landmarks_are_named() -> None:
    whole = tiny_shapes()
    cut = {k: v for k, v in whole.items() if k != "ref_enc.fc.fc.weight"}
    with pytest.raises(CheckpointError, match=r"lacks 'ref_enc\.fc\.fc\.weight'"):
        read_acoustic_config(SETTINGS, cut)
    flat = whole | {"enc_p.text_embedding.weight": (40,)}
    with pytest.raises(CheckpointError, match="1 dimensions, not 2"):
        read_acoustic_config(SETTINGS, flat)
