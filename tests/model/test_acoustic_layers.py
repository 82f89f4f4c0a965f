"""Blocks of the acoustic stage against plainer ways to say the same."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from acoustic_fixtures import checkpoint, worst_error
from acoustic_tiny import SETTINGS, formula_state_of, latent_checkpoint, latent_config, loaded

from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic.bigvgan import AntiAliasedSnake, lowpass_filter
from voicepipe.model.acoustic.config import (
    EncoderConfig,
    GatedConvConfig,
    GeneratorConfig,
    LatentDecoderConfig,
)
from voicepipe.model.acoustic.flow import CouplingFlow
from voicepipe.model.acoustic.layers import GatedConvEncoder, GatedConvStack
from voicepipe.model.acoustic.loading import load_acoustic_stage, load_network
from voicepipe.model.acoustic.networks import build_network
from voicepipe.model.acoustic.relative_attention import RelativeEncoder, WindowedSelfAttention
from voicepipe.model.acoustic.vocoder import FrameUpsample, Generator, same_conv, to_fast_layout
from voicepipe.model.checkpoints.weight_norm import (
    fold_weight_norm,
    normalised_modules,
    unfold_weight_norm,
)
from voicepipe.model.checkpoints.weights import shapes_only
from voicepipe.model.config import Family

SOURCE = Path("voice.pth")


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def attention_by_loops(layer: WindowedSelfAttention, x: torch.Tensor) -> torch.Tensor:
    """Every pair of frames by itself, in the words of the paper."""
    query, key, value = (conv(x[None])[0] for conv in (layer.conv_q, layer.conv_k, layer.conv_v))
    width = x.shape[0] // layer.n_heads
    out = torch.zeros_like(x)
    for head in range(layer.n_heads):
        rows = slice(head * width, (head + 1) * width)
        q, k, v = query[rows], key[rows], value[rows]
        for i in range(x.shape[1]):
            near = {
                j: j - i + layer.window for j in range(x.shape[1]) if abs(j - i) <= layer.window
            }
            scores = torch.stack(
                [
                    q[:, i] @ (k[:, j] + (layer.emb_rel_k[0, near[j]] if j in near else 0))
                    for j in range(x.shape[1])
                ]
            )
            weights = torch.softmax(scores / math.sqrt(width), dim=0)
            out[rows, i] = sum(
                weights[j] * (v[:, j] + (layer.emb_rel_v[0, near[j]] if j in near else 0))
                for j in range(x.shape[1])
            )
    joined: torch.Tensor = layer.conv_o(out[None])[0]
    return joined


@pytest.mark.parametrize("length", [1, 3, 5, 12])
def test_windowed_attention_equals_its_definition(length: int) -> None:
    layer = loaded(lambda: WindowedSelfAttention(16, 2, 4))
    x = noise(16, length)
    torch.testing.assert_close(layer(x[None])[0], attention_by_loops(layer, x))


def test_an_encoder_does_not_mix_rows() -> None:
    encoder = loaded(lambda: RelativeEncoder(EncoderConfig(width=16, filter_width=32), 2))
    x = noise(3, 16, 20)
    torch.testing.assert_close(encoder(x), torch.cat([encoder(row[None]) for row in x]))


def test_a_gated_stack_sees_its_style_and_holds_masked_frames_at_zero() -> None:
    stack = loaded(lambda: GatedConvStack(GatedConvConfig(width=8, kernel_size=3, n_layers=3), 4))
    x, style = noise(1, 8, 12), noise(1, 4, 1)
    mask = (torch.arange(12) < 9).float()[None, None]
    kept = stack(x * mask, style, mask)
    torch.testing.assert_close(kept[..., :9], stack(x[..., :9], style))
    assert bool((kept[..., 9:] == 0).all())
    assert not torch.allclose(stack(x, style), stack(x, style + 1))


def test_frames_beyond_the_valid_ones_are_silent() -> None:
    encoder = loaded(
        lambda: GatedConvEncoder(GatedConvConfig(width=8, kernel_size=5, n_layers=2), 4)
    )
    x, style = noise(1, 8, 12), noise(1, 4, 1)
    cut = encoder(x, style, 10)
    torch.testing.assert_close(cut[..., :10], encoder(x[..., :10], style, 10))
    assert bool((cut[..., 10:] == 0).all())
    assert torch.equal(encoder(x, style, 12), encoder(x, style, 99))


def test_the_flow_undoes_itself() -> None:
    described = latent_config().latent
    assert isinstance(described, LatentDecoderConfig)
    flow = loaded(lambda: CouplingFlow(described, 4))
    latent, style = noise(2, 8, 30), noise(2, 4, 1)
    there = flow(latent, style)
    assert not torch.allclose(there, latent, atol=0.1)
    torch.testing.assert_close(flow.reverse(there, style), latent, atol=1e-5, rtol=1e-5)


GENERATOR = GeneratorConfig(
    input_width=8,
    width=16,
    upsample_rates=(4, 2),
    upsample_kernels=(8, 4),
    resblock_kernels=(3,),
    resblock_dilations=((1, 3),),
)


def unfolded(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The generator's state as trainers store it: lengths drawn, directions as they were."""
    pairs: dict[str, torch.Tensor] = {}
    for name, tensor in state.items():
        if name.startswith(("ups.", "resblocks.")) and name.endswith(".weight"):
            pairs[name + "_g"] = 1 + 0.1 * noise(tensor.shape[0], 1, 1)
            pairs[name + "_v"] = tensor
        else:
            pairs[name] = tensor
    return pairs


def test_a_folded_generator_equals_an_unfolded_one() -> None:
    stored = unfolded(formula_state_of(lambda: Generator(GENERATOR)))
    folded = load_network(lambda: Generator(GENERATOR), stored, SOURCE)
    again = load_network(lambda: Generator(GENERATOR), stored, SOURCE)
    names = normalised_modules(stored)
    assert len(names) == 2 + 2 * 4
    unfold_weight_norm(again, names)
    up = again.get_submodule("ups.0")
    pair = dict(up.named_parameters())
    torch.testing.assert_close(pair["parametrizations.weight.original0"], stored["ups.0.weight_g"])
    x = noise(1, 8, 20)
    assert worst_error(folded(x), again(x)) < 1e-5


def test_folding_keeps_lengths_and_directions() -> None:
    direction, length = noise(4, 3, 2), noise(4, 1, 1, seed=2).abs()
    state = {"a.bias": noise(4), "a.weight_g": length.half(), "a.weight_v": direction.half()}
    folded = fold_weight_norm(state, source=SOURCE)
    assert list(folded) == ["a.bias", "a.weight"]
    assert folded["a.weight"].dtype == torch.float32
    norms = folded["a.weight"].flatten(1).norm(dim=1)
    torch.testing.assert_close(norms, length.half().float().flatten())
    cosines = torch.cosine_similarity(folded["a.weight"].flatten(1), direction.flatten(1))
    torch.testing.assert_close(cosines, torch.ones(4), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    "state",
    [
        {"a.weight_g": torch.ones(4, 1, 1)},
        {"a.weight_v": torch.ones(4, 3, 2)},
        {"a.weight_g": torch.ones(3, 1, 1), "a.weight_v": torch.ones(4, 3, 2)},
    ],
)
def test_broken_pairs_are_refused(state: dict[str, torch.Tensor]) -> None:
    with pytest.raises(CheckpointError, match=r"voice\.pth: a"):
        fold_weight_norm(state, source=SOURCE)


def test_an_anti_aliased_snake_lets_slow_tones_through_and_keeps_length() -> None:
    """Far below the cutoff, up and down again is the snake itself."""
    layer = loaded(lambda: AntiAliasedSnake(3))
    tone = torch.sin(torch.arange(200) * 0.05)[None, None].expand(1, 3, -1)
    frequency, size = layer.act.alpha.exp()[:, None], layer.act.beta.exp()[:, None]
    plain = tone + torch.sin(tone * frequency) ** 2 / size
    assert layer(tone).shape == tone.shape
    torch.testing.assert_close(layer(tone)[..., 20:-20], plain[..., 20:-20], atol=2e-3, rtol=0)


@pytest.mark.parametrize("half_width", [0.3, 0.15, 0.01])
def test_low_pass_filters_pass_the_mean_and_are_symmetric(half_width: float) -> None:
    taps = lowpass_filter(0.25, half_width, 12).flatten()
    assert float(taps.sum()) == pytest.approx(1)
    torch.testing.assert_close(taps, taps.flip(0))


def test_a_posterior_encoder_is_left_out_and_other_surplus_is_refused() -> None:
    whole = latent_checkpoint()
    extra = dict(whole.tensors) | {"enc_q.pre.weight": torch.zeros(1)}
    stage = load_acoustic_stage(checkpoint(Family.V2, extra, SETTINGS))
    assert stage.config == latent_config()
    with pytest.raises(CheckpointError, match=r"dec\.surplus"):
        load_acoustic_stage(
            checkpoint(Family.V2, extra | {"dec.surplus": torch.zeros(1)}, SETTINGS)
        )
    del extra["flow.flows.0.pre.bias"]
    with pytest.raises(CheckpointError, match=r"flow\.flows\.0\.pre\.bias"):
        load_acoustic_stage(checkpoint(Family.V2, extra, SETTINGS))


def test_loaded_networks_are_single_precision_and_need_no_gradients() -> None:
    stage = load_acoustic_stage(latent_checkpoint())
    parameters = list(stage.network.parameters())
    assert all(p.dtype == torch.float32 and not p.requires_grad for p in parameters)
    assert not stage.network.training


def test_a_network_built_by_hand_has_the_checkpoints_keys() -> None:
    whole = latent_checkpoint()
    with shapes_only():
        assert set(build_network(latent_config()).state_dict()) == set(whole.tensors)


@pytest.mark.parametrize("width", [4, 64, 80])
@pytest.mark.parametrize(("kernel", "dilation"), [(3, 1), (3, 5), (7, 3), (11, 5)])
@pytest.mark.parametrize("length", [1, 30, 31])
def test_the_channels_last_path_of_a_convolution_equals_the_plain_one(
    width: int, kernel: int, dilation: int, length: int
) -> None:
    conv = loaded(lambda: same_conv(width, kernel, dilation))
    x = noise(2, width, length)
    fast = conv(to_fast_layout(x))
    assert fast.shape == (2, width, 1, length)
    torch.testing.assert_close(fast.squeeze(2), conv(x), atol=1e-5, rtol=1e-4)


def test_the_channels_last_path_of_an_upsampling_equals_the_plain_one() -> None:
    up = loaded(lambda: FrameUpsample(8, 4, 16, 10, padding=3))
    x = noise(2, 8, 7)
    fast = up(to_fast_layout(x))
    assert fast.shape == (2, 4, 1, 70)
    torch.testing.assert_close(fast.squeeze(2), up(x), atol=1e-5, rtol=1e-4)


def test_laying_weights_out_changes_neither_names_nor_values() -> None:
    state = formula_state_of(lambda: Generator(GENERATOR))
    network = load_network(lambda: Generator(GENERATOR), state, SOURCE)
    assert list(network.state_dict()) == list(state)
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, state[name])
    weight = network.get_parameter("resblocks.0.convs1.0.weight")
    assert weight.unsqueeze(2).is_contiguous(memory_format=torch.channels_last)


def test_off_the_cpu_the_generator_takes_plain_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a GPU runs, run here: the same function in the other layout."""
    sizes = replace(GENERATOR, style_width=4)
    network = loaded(lambda: Generator(sizes))
    x, style = noise(2, 8, 9), noise(2, 4, 1)
    fast = network(x, style)
    monkeypatch.setattr("voicepipe.model.acoustic.vocoder.to_fast_layout", lambda frames: frames)
    torch.testing.assert_close(network(x, style), fast, atol=1e-5, rtol=1e-4)
