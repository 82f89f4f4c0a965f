"""The acoustic networks: semantic tokens, phonemes and style to latent frames or mel features.

One encoder, two decoders: `LatentSynthesizer` goes through a coupling flow straight to samples,
`MelSynthesizer` gives features that a flow-matching solver turns into a mel spectrogram. Which one
a checkpoint holds is its configuration's affair.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `SynthesizerTrn` and `SynthesizerTrnV3` in `module/models.py`.
Attribute names are the keys of the checkpoints. The posterior encoder (`enc_q`) only trains; it is
not here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.acoustic.config import SEMANTIC_UPSAMPLE, GeneratorConfig
from voicepipe.model.acoustic.flow import CouplingFlow
from voicepipe.model.acoustic.flow_matching import FlowMatching
from voicepipe.model.acoustic.layers import GatedConvEncoder
from voicepipe.model.acoustic.prior import Prior, PriorEncoder
from voicepipe.model.acoustic.reference_pitch import reference_pitch
from voicepipe.model.acoustic.source_filter import SourceFilter
from voicepipe.model.acoustic.style import StyleEncoder
from voicepipe.model.acoustic.vocoder import Generator
from voicepipe.model.encoders.quantizer import Quantizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.model.acoustic.config import (
        AcousticConfig,
        LatentDecoderConfig,
        MelDecoderConfig,
    )
    from voicepipe.model.acoustic.voicing import Stress, Voicing


class AcousticNetwork(nn.Module):
    """What every family shares: tokens of a clip, style of a clip, prior of a line."""

    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        self.enc_p = PriorEncoder(config)
        self.ref_enc = StyleEncoder(config.style_bins, config.style_width)
        # Two 50 Hz frames become one 25 Hz token.
        content = config.content_width
        self.ssl_proj = nn.Conv1d(content, content, SEMANTIC_UPSAMPLE, SEMANTIC_UPSAMPLE)
        self.quantizer = Quantizer(config.codebook_size, content)
        self.takes_speaker = config.speaker_width is not None
        if config.speaker_width is not None:
            self.sv_emb = nn.Linear(config.speaker_width, config.style_width)
            self.ge_to512 = nn.Linear(config.style_width, config.text_style_width)
            self.prelu = nn.PReLU(config.style_width)

    def semantic_tokens(self, ssl_features: Tensor) -> Tensor:
        """Quantise self-supervised features (upstream `extract_latent`).

        Args:
            ssl_features: (B, 768, T) at 50 Hz.

        Returns:
            (B, T // 2) int64.
        """
        return self.quantizer.encode(self.ssl_proj(ssl_features))

    def style_embedding(
        self, reference_spectrogram: Tensor, speaker_embedding: Tensor | None = None
    ) -> Tensor:
        """Embed the timbre of one reference (upstream `ge`).

        Args:
            reference_spectrogram: (B, F, T) linear magnitudes.
            speaker_embedding: (B, 20480), given exactly when the network takes one.

        Returns:
            (B, G, 1).
        """
        style: Tensor = self.ref_enc(reference_spectrogram)
        assert self.takes_speaker == (speaker_embedding is not None)
        if speaker_embedding is not None:
            style = self.prelu(style + self.sv_emb(speaker_embedding).unsqueeze(2))
        return style

    def prior(
        self,
        semantic_tokens: Tensor,
        phoneme_ids: Sequence[Tensor],
        style: Tensor,
        speed: float = 1.0,
    ) -> Prior:
        """Give the latent distribution of lines of one token count.

        Args:
            semantic_tokens: (B, T) int64.
            phoneme_ids: B tensors (P,) int64, each of its own length.
            style: (B, G, 1).
            speed: Over 1 is faster.
        """
        vectors = self.quantizer.decode(semantic_tokens)
        vectors = vectors.repeat_interleave(SEMANTIC_UPSAMPLE, dim=2)
        if self.takes_speaker:
            style = self.ge_to512(style.transpose(1, 2)).transpose(1, 2)
        out: Prior = self.enc_p(vectors, phoneme_ids, style, speed)
        return out


class LatentSynthesizer(AcousticNetwork):
    """The families that decode their latent themselves."""

    def __init__(self, config: AcousticConfig, decoder: LatentDecoderConfig) -> None:
        super().__init__(config)
        self.flow = CouplingFlow(decoder, config.style_width)
        sizes = decoder.generator
        self.dec: nn.Module = (
            Generator(sizes) if isinstance(sizes, GeneratorConfig) else SourceFilter(sizes)
        )

    def style_embedding(
        self, reference_spectrogram: Tensor, speaker_embedding: Tensor | None = None
    ) -> Tensor:
        """Embed a reference; a generator that wants its pitch finds it in the first channel."""
        style = super().style_embedding(reference_spectrogram, speaker_embedding)
        if not isinstance(self.dec, SourceFilter):
            return style
        pitch = reference_pitch(reference_spectrogram, self.dec.config.sample_rate)
        return torch.cat((pitch[:, None, None], style[:, 1:]), dim=1)

    def latent(self, prior: Prior, style: Tensor, noise: Tensor, noise_scale: float) -> Tensor:
        """Draw from the prior and take it through the flow.

        Args:
            prior: Of (B, C, T).
            style: (B, G, 1).
            noise: (B, C, T), standard normal.
            noise_scale: 0.5 is upstream's default; 0 takes the mean.

        Returns:
            (B, C, T), the generator's input (upstream `z`).
        """
        drawn = prior.mean + noise * prior.log_scale.exp() * noise_scale
        return self.flow.reverse(drawn, style)

    def forward(
        self,
        latent: Tensor,
        style: Tensor,
        tone: Tensor | None = None,
        melody_range: Tensor | None = None,
        voicing: Voicing | None = None,
        stresses: Sequence[Stress] = (),
    ) -> Tensor:
        """Generate (B, 1, S) samples.

        Args:
            latent: (B, C, T).
            style: (B, G, 1).
            tone: (B, bands, 1), for a source-filter generator alone.
            melody_range: (B, 1), for a source-filter generator alone.
            voicing: For a source-filter generator alone.
            stresses: For a source-filter generator alone.
        """
        own = (tone, melody_range, voicing, stresses) if isinstance(self.dec, SourceFilter) else ()
        out: Tensor = self.dec(latent, style, *own)
        return out


class MelSynthesizer(AcousticNetwork):
    """The families that go by way of a mel spectrogram."""

    def __init__(self, config: AcousticConfig, decoder: MelDecoderConfig) -> None:
        super().__init__(config)
        self.decoder = decoder
        width = decoder.feature_width
        self.bridge = nn.Sequential(nn.Conv1d(config.encoder.width, width, 1), nn.LeakyReLU())
        self.wns1 = GatedConvEncoder(decoder.encoder, config.style_width)
        # Used by no path of inference; every checkpoint carries it.
        self.linear_mel = nn.Conv1d(width, decoder.mel.n_mels, 1)
        self.cfm = FlowMatching(decoder.transformer)

    def features(
        self,
        semantic_tokens: Tensor,
        phoneme_ids: Sequence[Tensor],
        style: Tensor,
        speed: float = 1.0,
    ) -> Tensor:
        """Give the condition of the flow (upstream `decode_encp`).

        Args:
            semantic_tokens: (B, T) int64.
            phoneme_ids: B tensors (P,) int64, each of its own length.
            style: (B, G, 1).
            speed: Over 1 is faster.

        Returns:
            (B, C, frames), at the mel spectrogram's rate.
        """
        hidden = self.prior(semantic_tokens, phoneme_ids, style, speed).hidden
        stretched = functional.interpolate(
            self.bridge(hidden), scale_factor=self.decoder.frames_per_latent, mode="nearest"
        )
        n_valid = int(semantic_tokens.shape[1] * self.decoder.valid_frames_per_token / speed)
        out: Tensor = self.wns1(stretched, style, n_valid + (speed != 1))
        return out


def build_network(config: AcousticConfig) -> LatentSynthesizer | MelSynthesizer:
    """Build the network a configuration describes, its weights unset."""
    if config.latent is not None:
        return LatentSynthesizer(config, config.latent)
    assert config.mel is not None
    return MelSynthesizer(config, config.mel)


def n_latent_frames(n_tokens: int, speed: float) -> int:
    """How many latent frames a line of `n_tokens` has at a speed."""
    n_frames = n_tokens * SEMANTIC_UPSAMPLE
    return n_frames if speed == 1 else int(n_frames / speed) + 1
