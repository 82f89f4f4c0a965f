"""The acoustic stage's masked batches, critics and losses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from acoustic_tiny import latent_config, mel_config
from closeness import assert_equal_but_rounding
from golden_vectors import LARGE, MISSING, is_large, keys
from training_tiny import (
    HOP,
    SOURCE,
    acoustic_batch,
    acoustic_state,
    noise,
    synthesizer,
)

from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic.loading import load_network
from voicepipe.model.acoustic.networks import build_network
from voicepipe.model.checkpoints.weight_norm import fold_weight_norm
from voicepipe.model.checkpoints.weights import shapes_only
from voicepipe.model.config import Family
from voicepipe.model.spectral import mel_of_spectrogram, mel_spectrogram
from voicepipe.model.training.acoustic_losses import (
    cut_slices,
    discriminator_loss,
    divergence_loss,
    feature_loss,
    generator_loss,
    mel_loss,
)
from voicepipe.model.training.discriminators import (
    TINY_CRITICS,
    DiscriminatorConfig,
    Discriminators,
    read_discriminator_config,
)
from voicepipe.model.training.indexed_rng import RowDropout, row_noise, seed_of, slice_starts
from voicepipe.model.training.synthesizer import (
    Synthesis,
    TrainableSynthesizer,
    load_trainable_synthesizer,
    loss_mel_config,
)
from voicepipe.model.training.weight_norm_form import load_trainable, to_file_names
from voicepipe.parity.replay import Vectors, replay_folder
from voicepipe.parity.training import TRAINING_REPLAYS


def made(frames: list[int], phonemes: list[int]) -> Synthesis:
    network = synthesizer().requires_grad_(requires_grad=False)
    seeds = [seed_of(1, n) for n in frames]
    return network.synthesise(
        acoustic_batch(frames, phonemes),
        noise=row_noise(seeds, frames, 8),
        starts=[1 for _ in frames],
        slice_frames=4,
    )


def test_a_long_row_is_the_same_in_any_batch() -> None:
    alone, together = made([20], [9]), made([20, 13], [9, 12])
    assert_equal_but_rounding(together.audio[:1], alone.audio)
    for found, expected in zip(
        (*together.prior, *together.posterior), (*alone.prior, *alone.posterior), strict=True
    ):
        # Formula weights make log-scales of hundreds: what differs is their last bits.
        torch.testing.assert_close(found[:1], expected, rtol=1e-4, atol=1e-4)


def test_a_short_row_is_the_same_in_any_batch() -> None:
    alone, together = made([13], [12]), made([20, 13], [9, 12])
    torch.testing.assert_close(together.audio[1:], alone.audio, rtol=0, atol=1e-4)
    for found, expected in zip(
        (*together.prior, *together.posterior, together.flowed),
        (*alone.prior, *alone.posterior, alone.flowed),
        strict=True,
    ):
        # Formula weights make log-scales of hundreds: what differs is their last bits.
        torch.testing.assert_close(found[1:, :, :13], expected, rtol=1e-4, atol=1e-3)
        assert float(found[1, :, 13:].abs().max()) == 0.0


def test_a_style_hears_padding_only_when_asked_to() -> None:
    # In float64, where rounding is out of sight: the two layouts sum in different orders.
    network = synthesizer().requires_grad_(requires_grad=False).double()
    batch = acoustic_batch([20, 13], [9, 12])
    batch = replace(batch, spectrogram=batch.spectrogram.double())
    expected = network.ref_enc(batch.spectrogram[1:, :, :13])
    torch.testing.assert_close(network.style_of(batch)[1:], expected, rtol=0, atol=1e-12)
    heard = network.style_of(batch, hears_padding=True)
    assert float((heard[1:] - expected).abs().max()) > 1e-3
    torch.testing.assert_close(heard[:1], network.style_of(batch)[:1])


def test_masks_of_ones_change_nothing() -> None:
    network = synthesizer()
    batch = acoustic_batch([20], [9])
    style = network.ref_enc.embed_batch(batch.spectrogram, batch.mask)
    torch.testing.assert_close(style, network.ref_enc(batch.spectrogram), rtol=0, atol=1e-6)
    prior = network.prior(batch.semantic_tokens, [batch.phoneme_ids[0]], style)
    masked = network.synthesise(
        batch, noise=torch.zeros(1, 8, 20), starts=[0], slice_frames=4
    ).prior
    for found, expected in zip(masked, prior, strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


def test_the_flow_and_its_reverse_meet_under_a_mask() -> None:
    network = synthesizer()
    batch = acoustic_batch([20], [9])
    style = 0.1 * noise(1, 512, 1)
    latent = noise(1, 8, 20)
    there = network.flow(latent, style, batch.mask)
    torch.testing.assert_close(network.flow.reverse(there, style), latent, rtol=0, atol=1e-3)


def test_rendering_sees_the_weights_that_training_holds() -> None:
    network, state = synthesizer(), acoustic_state()
    batch = acoustic_batch([20], [9])
    latent, style = noise(1, 8, 6), 0.1 * noise(1, 512, 1)
    rendering = load_network(lambda: build_network(latent_config()), state, SOURCE)
    torch.testing.assert_close(
        network.dec(latent.requires_grad_(), style), rendering(latent, style), rtol=0, atol=1e-5
    )
    assert set(to_file_names(network.state_dict())) == set(state)
    assert batch.to("cpu").samples.shape == (1, 1, 20 * HOP)


def test_folded_files_train_too() -> None:
    state = acoustic_state()
    folded = fold_weight_norm(state, source=SOURCE)
    network = load_trainable_synthesizer(latent_config(), folded, source=SOURCE)
    again = fold_weight_norm(to_file_names(network.state_dict()), source=SOURCE)
    for name, tensor in folded.items():
        torch.testing.assert_close(again[name], tensor, rtol=1e-5, atol=1e-6)


def test_the_quantizer_is_frozen_and_all_else_learns() -> None:
    network = synthesizer()
    out = network.synthesise(
        acoustic_batch([20], [9]), noise=noise(1, 8, 20), starts=[3], slice_frames=8
    )
    mask = torch.ones(1, 1, 20)
    divergence = divergence_loss(
        out.flowed, out.posterior.log_scale, out.prior.mean, out.prior.log_scale, mask
    )
    torch.autograd.backward(divergence + out.audio.square().sum())
    still = {name for name, p in network.named_parameters() if p.grad is None}
    assert still == {"ssl_proj.weight", "ssl_proj.bias"}


def test_a_pro_family_hears_the_speaker() -> None:
    network = synthesizer(speaker=True)
    width = network.sv_emb.in_features
    audio = []
    for seed in (1, 2):
        batch = replace(acoustic_batch([12], [5]), speaker_embedding=noise(1, width, seed=seed))
        batch = batch.to("cpu")
        audio.append(
            network.synthesise(batch, noise=noise(1, 8, 12), starts=[0], slice_frames=4).audio
        )
    assert float((audio[0] - audio[1]).detach().abs().max()) > 1e-3


def test_what_cannot_be_trained_says_so() -> None:
    fine_tune = {k: v for k, v in acoustic_state().items() if not k.startswith("enc_q.")}
    with pytest.raises(CheckpointError, match="posterior encoder"):
        load_trainable_synthesizer(latent_config(), fine_tune, source=SOURCE)
    with pytest.raises(CheckpointError, match="low-rank"):
        TrainableSynthesizer(mel_config(Family.V4))


@pytest.mark.parity
def test_upstreams_critics_are_read_from_their_shapes() -> None:
    rows = keys("train_sovits", "discriminator_keys.json")
    shapes = {name: tuple(shape) for name, shape, _ in rows}
    assert read_discriminator_config(shapes) == DiscriminatorConfig()
    with shapes_only():
        state = Discriminators(DiscriminatorConfig()).state_dict()
    assert {k: tuple(v.shape) for k, v in to_file_names(state).items()} == shapes
    more = {
        k.replace("discriminators.5", f"discriminators.{n}"): s
        for k, s in shapes.items()
        for n in (5, 6, 7)
    }
    assert read_discriminator_config(more) == DiscriminatorConfig.of_family(Family.V2_PRO_PLUS)
    assert DiscriminatorConfig.of_family(Family.V2_PRO).periods == (2, 3, 5, 7, 11, 17, 23)
    assert DiscriminatorConfig.of_family(Family.V2) == DiscriminatorConfig()


@pytest.mark.parametrize(
    "shapes",
    [
        {},
        {"discriminators.0.convs.0.weight_v": (4, 1, 3)},
        {
            "discriminators.0.convs.0.weight_v": (4, 1, 3),
            "discriminators.0.convs.1.weight_v": (4, 3, 3),
            "discriminators.1.convs.0.weight_v": (4, 1, 3, 1),
        },
    ],
)
def test_files_that_hold_no_critics_are_refused(shapes: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(CheckpointError, match=r"s2D\.pth: ") as caught:
        read_discriminator_config(shapes, source="s2D.pth")
    assert "s2D file" in caught.value.remedy


def test_critics_and_generator_pull_against_each_other() -> None:
    critics = Discriminators(TINY_CRITICS)
    recorded, generated = 0.5 * noise(2, 1, 1001), 0.5 * noise(2, 1, 1001, seed=2)
    optimizer = torch.optim.AdamW(critics.parameters(), lr=1e-2)
    losses = []
    for _ in range(12):
        loss = discriminator_loss(critics(recorded), critics(generated))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]
    critics.requires_grad_(requires_grad=False)
    real, fake = critics(recorded), critics(generated)
    assert float(generator_loss(fake)) > float(generator_loss(real))
    assert float(feature_loss(real, real)) == 0.0
    assert float(feature_loss(real, fake)) > 0.0


def test_critics_load_from_files() -> None:
    first, second = Discriminators(TINY_CRITICS), Discriminators(TINY_CRITICS)
    load_trainable(second, to_file_names(first.state_dict()), source=SOURCE)
    samples = noise(1, 1, 500)
    for one, other in zip(first(samples), second(samples), strict=True):
        assert torch.equal(one.scores, other.scores)


def test_mel_bands_come_from_spectrogram_or_samples_alike() -> None:
    bands = loss_mel_config(latent_config(), 20)
    batch = acoustic_batch([20], [3])
    mel = mel_of_spectrogram(batch.spectrogram, bands)
    torch.testing.assert_close(mel, mel_spectrogram(batch.samples[:, 0], bands))
    assert float(mel_loss(mel, batch.samples, bands)) == pytest.approx(0.0, abs=1e-5)
    assert float(mel_loss(mel, 0.5 * batch.samples, bands)) == pytest.approx(np.log(2), rel=1e-3)


def test_divergence_of_two_normals_agrees_with_the_formula_on_average() -> None:
    count, mean, scale = 200_000, 0.7, 0.5
    flowed = mean + scale * noise(1, 1, count)
    zeros = torch.zeros(1, 1, count)
    sum_of_all = divergence_loss(flowed, zeros + np.log(scale), zeros, zeros, zeros + 1)
    expected = -np.log(scale) - 0.5 + (scale**2 + mean**2) / 2
    assert float(sum_of_all) / count == pytest.approx(expected, abs=0.01)


def test_slices_lie_within_rows_and_are_drawn_by_seed() -> None:
    lengths = [40, 8, 5]
    drawn = {slice_starts([seed_of(s, i) for i in range(3)], lengths, 8) for s in range(300)}
    assert {starts[0] for starts in drawn} == set(range(33))
    assert {starts[1:] for starts in drawn} == {(0, 0)}
    x = torch.arange(12.0).reshape(2, 1, 6)
    assert cut_slices(x, [2, 4], 4)[:, 0].tolist() == [[2, 3, 4, 5], [10, 11, 0, 0]]


def test_dropout_is_a_rows_own_and_keeps_the_mean() -> None:
    x = torch.ones(2, 100_000)
    seeds = [seed_of(3, 4), seed_of(3, 5)]
    first, second = RowDropout(0.1, seeds), RowDropout(0.1, seeds)
    dropped = first(x)
    assert torch.equal(dropped, second(x))
    assert torch.equal(dropped[1:], RowDropout(0.1, seeds[1:])(x[1:]))
    assert not torch.equal(dropped[0], dropped[1])
    assert not torch.equal(dropped, first(x))
    assert float(dropped.mean()) == pytest.approx(1.0, abs=0.01)
    assert float((dropped == 0).float().mean()) == pytest.approx(0.1, abs=0.01)
    assert RowDropout(0.0, [1, 2])(x) is x
    with pytest.raises(ValueError, match="dropout"):
        RowDropout(1.0, [1])


def test_row_noise_ends_with_its_row() -> None:
    drawn = row_noise([5, 6], [4, 2], 3)
    assert torch.equal(drawn[:1, :, :4], row_noise([5], [4], 3))
    assert float(drawn[1, :, 2:].abs().max()) == 0.0


@pytest.mark.parity
@pytest.mark.slow
def test_a_recorded_training_step_of_full_size_is_repeated() -> None:
    if not is_large():
        pytest.skip(f"{MISSING}train_sovits")
    measures = list(replay_folder(Vectors(LARGE / "train_sovits", "cpu"), TRAINING_REPLAYS))
    assert len(measures) == 9
    assert all(measure.is_passed for measure in measures), measures
