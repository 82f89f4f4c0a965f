"""The acoustic network as it trains: with its posterior encoder, over masked batches.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `SynthesizerTrn.forward` in `module/models.py`. Parameter names
are those of whole checkpoints. The quantizer does not train: tokens are given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic.config import SEMANTIC_UPSAMPLE, GatedConvConfig
from voicepipe.model.acoustic.layers import no_dropout
from voicepipe.model.acoustic.networks import LatentSynthesizer
from voicepipe.model.checkpoints.weights import shapes_only
from voicepipe.model.spectral_config import MelConfig
from voicepipe.model.training.acoustic_losses import cut_slices
from voicepipe.model.training.posterior import PosteriorEncoder
from voicepipe.model.training.weight_norm_form import load_trainable, normalise_upstream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.model.acoustic.config import AcousticConfig
    from voicepipe.model.acoustic.layers import Dropout
    from voicepipe.model.acoustic.prior import Prior
    from voicepipe.model.training.posterior import Posterior

_POSTERIOR_LAYERS = 16
_POSTERIOR_KERNEL = 5
_FROZEN = ("ssl_proj", "quantizer")
UPSTREAM_N_MELS = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AcousticBatch:
    """Rows of several lengths, zero behind their ends."""

    spectrogram: Tensor
    """(B, F, T) linear magnitudes."""
    mask: Tensor
    """(B, 1, T) float32, 1 = keep."""
    semantic_tokens: Tensor
    """(B, ceil(T / 2)) int64."""
    phoneme_ids: Tensor
    """(B, P) int64."""
    text_mask: Tensor
    """(B, 1, P) float32, 1 = keep."""
    samples: Tensor
    """(B, 1, T * hop) recorded."""
    speaker_embedding: Tensor | None = None
    """(B, 20480), for the families that take one."""

    def to(self, device: torch.device | str) -> AcousticBatch:
        """Move every tensor."""
        speaker = self.speaker_embedding
        return replace(
            self,
            spectrogram=self.spectrogram.to(device),
            mask=self.mask.to(device),
            semantic_tokens=self.semantic_tokens.to(device),
            phoneme_ids=self.phoneme_ids.to(device),
            text_mask=self.text_mask.to(device),
            samples=self.samples.to(device),
            speaker_embedding=None if speaker is None else speaker.to(device),
        )


class Synthesis(NamedTuple):
    """What one pass gives."""

    audio: Tensor
    """(B, 1, slice frames * hop)."""
    prior: Prior
    posterior: Posterior
    flowed: Tensor
    """(B, C, T), the posterior's draw on the prior's side."""


class TrainableSynthesizer(LatentSynthesizer):
    """A latent family's network with its posterior encoder, weights normalised."""

    def __init__(self, config: AcousticConfig) -> None:
        if config.latent is None:
            raise CheckpointError(
                "a flow-matching model trains as a low-rank change, which is not made here",
                remedy="train a base of family v1, v2, v2Pro or v2ProPlus",
            )
        super().__init__(config, config.latent)
        self.config = config
        self.enc_q = PosteriorEncoder(
            config.spectrogram.n_fft // 2 + 1,
            config.latent_width,
            GatedConvConfig(
                width=config.encoder.width,
                kernel_size=_POSTERIOR_KERNEL,
                n_layers=_POSTERIOR_LAYERS,
            ),
            config.style_width,
        )
        normalise_upstream(self)
        for name in _FROZEN:
            self.get_submodule(name).requires_grad_(requires_grad=False)

    def synthesise(
        self,
        batch: AcousticBatch,
        *,
        noise: Tensor,
        starts: Sequence[int],
        slice_frames: int,
        dropout: Dropout = no_dropout,
        hears_padding: bool = False,
    ) -> Synthesis:
        """Encode rows, and generate one slice of each.

        Args:
            batch: On the network's device.
            noise: (B, C, T), standard normal, of the posterior's draw.
            starts: First frame of each row's slice.
            slice_frames: Length of the slices.
            dropout: Of the encoders.
            hears_padding: Let a short row's style depend on its batch, as upstream does: for
                replaying recordings.
        """
        mask = batch.mask
        style = self.style_of(batch, dropout, hears_padding=hears_padding)
        vectors = self.quantizer.decode(batch.semantic_tokens)
        vectors = vectors.repeat_interleave(SEMANTIC_UPSAMPLE, dim=2)[:, :, : mask.shape[2]]
        text_style = style
        if self.takes_speaker:
            text_style = self.ge_to512(style.transpose(1, 2)).transpose(1, 2)
        prior = self.enc_p.encode_batch(
            vectors * mask,
            batch.phoneme_ids,
            text_style,
            mask=mask,
            text_mask=batch.text_mask,
            dropout=dropout,
        )
        posterior = self.enc_q(batch.spectrogram, style, mask, noise)
        flowed = self.flow(posterior.latent, style, mask)
        audio = self.dec(cut_slices(posterior.latent, starts, slice_frames), style)
        return Synthesis(audio, prior, posterior, flowed)

    def style_of(
        self, batch: AcousticBatch, dropout: Dropout = no_dropout, *, hears_padding: bool = False
    ) -> Tensor:
        """Embed each row's own timbre, (B, G, 1)."""
        style: Tensor = self.ref_enc.embed_batch(
            batch.spectrogram, batch.mask, dropout, hears_padding=hears_padding
        )
        if self.takes_speaker:
            assert batch.speaker_embedding is not None, "checked when the batch is made"
            style = self.prelu(style + self.sv_emb(batch.speaker_embedding).unsqueeze(2))
        return style


def load_trainable_synthesizer(
    config: AcousticConfig, state: Mapping[str, Tensor], *, source: Path
) -> TrainableSynthesizer:
    """Build a network and give it a whole checkpoint's weights, ready to train.

    Raises:
        CheckpointError: A tensor is missing, left over or of another shape; fine-tunes lack the
            posterior encoder and cannot be trained on.
    """
    if not any(name.startswith("enc_q.") for name in state):
        raise CheckpointError(
            f"{source}: has no posterior encoder 'enc_q.*', so it cannot be trained on",
            remedy="train the whole base (s2G), not a fine-tune of it",
        )
    with shapes_only():
        network = TrainableSynthesizer(config)
    load_trainable(network, state, source=source)
    return network.train()


def loss_mel_config(
    config: AcousticConfig,
    n_mels: int = UPSTREAM_N_MELS,
    *,
    f_min: float = 0.0,
    f_max: float | None = None,
) -> MelConfig:
    """Describe the mel bands in which recordings and generated slices are compared."""
    return MelConfig(spectrogram=config.spectrogram, n_mels=n_mels, f_min=f_min, f_max=f_max)


def length_mask(lengths: Sequence[int], longest: int) -> Tensor:
    """Make (B, 1, T) float32 masks, 1 up to each row's length."""
    columns = torch.arange(longest)
    return torch.stack([(columns < length).float() for length in lengths]).unsqueeze(1)


def pad_rows(rows: Sequence[Tensor], longest: int) -> Tensor:
    """Stack rows (..., N) of several lengths, zero behind their ends."""
    return torch.stack([functional.pad(row, (0, longest - row.shape[-1])) for row in rows])
