"""Recorded trainings: losses, and how strongly each parameter is pulled.

Source of the recordings: one step of upstream's trainers, without dropout.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic.config import read_acoustic_config
from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.config import SemanticConfig
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.model.spectral import linear_spectrogram, mel_of_spectrogram
from voicepipe.model.training.acoustic_losses import (
    cut_slices,
    discriminator_loss,
    divergence_loss,
    feature_loss,
    generator_loss,
    mel_loss,
)
from voicepipe.model.training.discriminators import Discriminators, read_discriminator_config
from voicepipe.model.training.semantic_batch import upstream_batch
from voicepipe.model.training.semantic_losses import top_accuracy, upstream_cross_entropy
from voicepipe.model.training.semantic_scores import batch_scores
from voicepipe.model.training.synthesizer import (
    AcousticBatch,
    Synthesis,
    TrainableSynthesizer,
    length_mask,
    load_trainable_synthesizer,
    loss_mel_config,
)
from voicepipe.model.training.weight_norm_form import load_trainable, to_file_name
from voicepipe.parity.replay import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor, nn

    from voicepipe.model.acoustic.config import AcousticConfig
    from voicepipe.parity.replay import Replay, Vectors

_EOS_GAIN = 1.0
_GRADIENT_BAR = 1e-3
_UNSURE_BAR = 2.5e-3
_UNSURE = {"gradients generator": "in float64 the recording is 1.9e-3 away itself"}
_AUDIO_BAR = 5e-4
_AUDIO_NOTE = "formula weights amplify rounding: in float64 the recording is 1e-4 away itself"
_ROUNDING = 2.0**-24  # of the largest norm: gradients that are zero but for rounding
_C_MEL, _C_KL = 45.0, 1.0


def replay_semantic_training(vectors: Vectors) -> Iterator[Measure]:
    """One batch of the semantic stage: its summed cross-entropy, and every gradient."""
    with torch.inference_mode(mode=False), torch.enable_grad():
        measures = list(_semantic_training(vectors))
    yield from measures


def replay_acoustic_training(vectors: Vectors) -> Iterator[Measure]:
    """One batch of the acoustic stage: audio, every loss, and every gradient."""
    with torch.inference_mode(mode=False), torch.enable_grad():
        measures = list(_acoustic_training(vectors))
    yield from measures


TRAINING_REPLAYS: Mapping[str, Replay] = {
    "gradient_norms.json": replay_semantic_training,
    "discriminator_keys.json": replay_acoustic_training,
}
"""By a file that only such folders hold."""


def _semantic_training(vectors: Vectors) -> Iterator[Measure]:
    state = vectors.state("s1_keys.json", eos_gain=_EOS_GAIN)
    config = SemanticConfig.from_mapping(vectors.json("s1_config.json"))
    with shapes_only():
        stage = SemanticStage(config)
    tensors = {name.removeprefix("model."): tensor for name, tensor in state.items()}
    load_strictly(stage, tensors, source=Path(vectors.name))
    stage.to(vectors.device)
    batch = upstream_batch(
        vectors["phones"],
        vectors["phone_lengths"],
        vectors["tokens"],
        vectors["token_lengths"],
        vectors["bert"],
    )
    scores = batch_scores(stage, batch)
    loss = upstream_cross_entropy(scores, batch, config.eos_id)
    yield vectors.error("cross-entropy", loss.detach(), "loss_sum")
    torch.autograd.backward(loss)
    norms = {f"model.{name}": norm for name, norm in _norms(stage).items()}
    yield _compare_norms(vectors, "gradients", norms, "gradient_norms.json")
    if "top3_accuracy" in vectors.arrays:
        found = float(top_accuracy(scores, batch, config.eos_id))
        expected = float(vectors["top3_accuracy"])
        # One token on the edge of its three best may fall either way.
        bar = 1.5 / int(batch.token_mask.sum())
        yield Measure(folder=vectors.name, what="accuracy", found=abs(found - expected), bar=bar)


def _acoustic_training(vectors: Vectors) -> Iterator[Measure]:
    state = vectors.state("s2_keys.json")
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    config = read_acoustic_config(vectors.json("s2_config.json"), shapes)
    network = load_trainable_synthesizer(config, state, source=Path(vectors.name))
    network.to(vectors.device)
    critics = _critics(vectors)
    batch = _batch(vectors, network, config)
    starts = vectors["slice_start"].tolist()
    hop = config.spectrogram.hop_length
    n_frames = vectors["audio"].shape[2] // hop
    made = network.synthesise(
        batch,
        noise=vectors["posterior_noise"],
        starts=starts,
        slice_frames=n_frames,
        hears_padding=True,
    )
    audio = vectors.error("audio", made.audio.detach(), "audio", _AUDIO_BAR)
    yield Measure(
        folder=audio.folder, what=audio.what, found=audio.found, bar=audio.bar, note=_AUDIO_NOTE
    )
    recorded = cut_slices(batch.samples, [start * hop for start in starts], n_frames * hop)
    loss = discriminator_loss(critics(recorded), critics(made.audio.detach()))
    yield vectors.error("loss discriminator", loss.detach(), "loss_discriminator")
    torch.autograd.backward(loss)
    yield _compare_norms(
        vectors, "gradients discriminator", _norms(critics), "discriminator_gradient_norms.json"
    )
    losses = _generator_losses(vectors, config, critics, batch, made, recorded, starts)
    for name, value in losses.items():
        yield vectors.error(f"loss {name}", value.detach(), f"loss_{name}")
    divergence = losses.pop("kl")
    torch.autograd.backward(list(losses.values()), retain_graph=True)
    yield _compare_norms(
        vectors, "gradients generator", _norms(network), "generator_gradient_norms.json"
    )
    network.zero_grad()
    torch.autograd.backward(divergence)
    yield _compare_norms(vectors, "gradients kl", _norms(network), "kl_gradient_norms.json")


def _generator_losses(
    vectors: Vectors,
    config: AcousticConfig,
    critics: Discriminators,
    batch: AcousticBatch,
    made: Synthesis,
    recorded: Tensor,
    starts: list[int],
) -> dict[str, Tensor]:
    data, train = vectors.json("s2_config.json")["data"], vectors.json("s2_config.json")["train"]
    bands = loss_mel_config(
        config, data["n_mel_channels"], f_min=data["mel_fmin"], f_max=data["mel_fmax"]
    )
    n_frames = recorded.shape[2] // config.spectrogram.hop_length
    target = cut_slices(mel_of_spectrogram(batch.spectrogram, bands), starts, n_frames)
    real, fake = critics(recorded), critics(made.audio)
    divergence = divergence_loss(
        made.flowed,
        made.posterior.log_scale,
        made.prior.mean,
        made.prior.log_scale,
        batch.mask,
    )
    return {
        "generator": generator_loss(fake),
        "feature": feature_loss(real, fake),
        "mel": train.get("c_mel", _C_MEL) * mel_loss(target, made.audio, bands),
        "kl": train.get("c_kl", _C_KL) * divergence / batch.mask.sum(),
    }


def _critics(vectors: Vectors) -> Discriminators:
    state = vectors.state("discriminator_keys.json")
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    sizes = read_discriminator_config(shapes)
    with shapes_only():
        critics = Discriminators(sizes)
    load_trainable(critics, state, source=Path(vectors.name))
    return critics.to(vectors.device)


def _batch(
    vectors: Vectors, network: TrainableSynthesizer, config: AcousticConfig
) -> AcousticBatch:
    wave, phonemes = vectors["wave"], vectors["phones"]
    lengths = vectors["frame_lengths"].tolist()
    spectrogram = linear_spectrogram(wave[:, 0], config.spectrogram)
    mask = length_mask(lengths, spectrogram.shape[2]).to(vectors.device)
    text_mask = length_mask(vectors["phone_lengths"].tolist(), phonemes.shape[1])
    speaker = vectors["sv_emb"] if "sv_emb" in vectors.arrays else None
    if network.takes_speaker != (speaker is not None):
        raise CheckpointError("speaker embeddings are given exactly where the model takes them")
    return AcousticBatch(
        # Recorded as upstream loads them: spectrograms are padded, not made of padded sound.
        spectrogram=spectrogram * mask,
        mask=mask,
        semantic_tokens=network.semantic_tokens(vectors["ssl"]),
        phoneme_ids=phonemes,
        text_mask=text_mask.to(vectors.device),
        samples=wave,
        speaker_embedding=speaker,
    )


def _norms(network: nn.Module) -> dict[str, float]:
    return {
        to_file_name(name): float(parameter.grad.norm())
        for name, parameter in network.named_parameters()
        if parameter.grad is not None
    }


def _compare_norms(vectors: Vectors, what: str, norms: Mapping[str, float], file: str) -> Measure:
    """Compare every recorded norm; those that are rounding and nothing else count as equal."""
    recorded: dict[str, float] = vectors.json(file)
    floor = _ROUNDING * max(recorded.values())
    worst = 0.0 if recorded.keys() <= norms.keys() else float("inf")
    for name, expected in recorded.items():
        found = norms.get(name, 0.0)
        if max(found, expected) > floor:
            error = abs(found - expected) / expected
            worst = max(worst, error if error == error else float("inf"))  # noqa: PLR0124 - NaN
    surplus = [name for name in norms.keys() - recorded.keys() if norms[name] > 0]
    return Measure(
        folder=vectors.name,
        what=what,
        found=float("inf") if surplus else worst,
        bar=_UNSURE_BAR if what in _UNSURE else _GRADIENT_BAR,
        note=f"{len(recorded)} parameters{'; ' if what in _UNSURE else ''}{_UNSURE.get(what, '')}",
    )
