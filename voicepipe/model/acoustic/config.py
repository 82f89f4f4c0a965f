"""What an acoustic checkpoint is made of, as frozen records.

The records are read from a checkpoint's own configuration and the shapes of its
tensors. This is the only file of the acoustic stage that knows the community's
family names: everything below it sees widths, rates and optional parts. It does
not know how a file is opened, nor does it hold a tensor.

Source of the sizes: RVC-Boss/GPT-SoVITS@48b1a01, `module/models.py` and
`TTS_infer_pack/TTS.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic.source_filter_config import (
    SourceFilterConfig,
    has_source_filter,
    read_source_filter,
)
from voicepipe.model.checkpoints.config_fields import section_of, shape_of, size_of, sizes_of
from voicepipe.model.config import Family
from voicepipe.model.spectral_config import MelConfig, SpectrogramConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

SSL_WIDTH = 768  # HuBERT base
CODEBOOK_SIZE = 1024
TEXT_STYLE_WIDTH = 512  # what the timbre fusion adds to the content, in every family
SEMANTIC_UPSAMPLE = 2  # 25 Hz tokens, 50 Hz latent frames


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderConfig:
    """The relative-attention encoders over content and text."""

    width: int = 192
    filter_width: int = 768
    n_heads: int = 2
    n_layers: int = 6
    kernel_size: int = 3
    window: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class GatedConvConfig:
    """A stack of gated dilated convolutions (upstream `WN`)."""

    width: int
    kernel_size: int
    n_layers: int
    dilation_rate: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorConfig:
    """A HiFi-GAN-like generator: frames in, samples out."""

    input_width: int
    width: int
    """Channels before the first upsampling; each upsampling halves them."""
    upsample_rates: tuple[int, ...]
    upsample_kernels: tuple[int, ...]
    resblock_kernels: tuple[int, ...] = (3, 7, 11)
    resblock_dilations: tuple[tuple[int, ...], ...] = ((1, 3, 5), (1, 3, 5), (1, 3, 5))
    style_width: int | None = None
    """Width of the style added once before the first upsampling; `None` for no style."""
    final_bias: bool = False

    @property
    def hop_length(self) -> int:
        """Samples made of one input frame."""
        hop = 1
        for rate in self.upsample_rates:
            hop *= rate
        return hop


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentDecoderConfig:
    """Coupling flow and generator: latent frames straight to a waveform."""

    latent_width: int
    n_flows: int
    """0 where the prior is the latent itself."""
    flow: GatedConvConfig
    generator: GeneratorConfig | SourceFilterConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerConfig:
    """The diffusion transformer that estimates the flow of a mel spectrogram."""

    width: int = 1024
    depth: int = 22
    n_heads: int = 16
    head_width: int = 64
    ff_mult: int = 2
    condition_width: int = 512
    n_condition_blocks: int = 4
    n_mels: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MelDecoderConfig:
    """Flow matching: features and a prompt to a mel spectrogram, then a vocoder of its own."""

    mel: MelConfig
    frames_per_latent: float
    """Mel frames made of one latent frame; nearest neighbour."""
    valid_frames_per_token: float
    """Frames beyond this many a token are silenced (upstream `sizee`, felt only off speed 1)."""
    prompt_frames: int
    """At most this many mel frames of the reference are kept as the prompt."""
    chunk_frames: int
    """Prompt and new frames together, in one pass of the transformer."""
    feature_width: int
    encoder: GatedConvConfig
    transformer: TransformerConfig
    vocoder: GeneratorConfig
    vocoder_sample_rate: int
    anti_aliased: bool
    """The vocoder's activations are snakes, resampled around (BigVGAN)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcousticConfig:
    """A whole acoustic stage; exactly one of `latent` and `mel` is there."""

    spectrogram: SpectrogramConfig
    n_symbols: int
    style_bins: int
    """The style encoder sees this many of the lowest spectrogram bins."""
    style_width: int
    speaker_width: int | None
    """Width of the speaker embedding that the style takes in; `None` for none."""
    latent_width: int
    encoder: EncoderConfig
    latent: LatentDecoderConfig | None
    mel: MelDecoderConfig | None
    content_width: int = SSL_WIDTH
    """Of the content features and of the codebook's entries."""
    codebook_size: int = CODEBOOK_SIZE
    text_style_width: int = TEXT_STYLE_WIDTH

    @property
    def sample_rate(self) -> int:
        """Of the waveforms that come out, in Hz."""
        return self.mel.vocoder_sample_rate if self.mel else self.spectrogram.sample_rate


# RVC-Boss/GPT-SoVITS@48b1a01, TTS.py: `init_vocoder`, `mel_fn`, `mel_fn_v4`.
_MEL_DECODERS = {
    Family.V3: MelDecoderConfig(
        mel=MelConfig(
            spectrogram=SpectrogramConfig(
                sample_rate=24_000, n_fft=1024, hop_length=256, win_length=1024
            ),
            n_mels=100,
        ),
        frames_per_latent=1.875,
        valid_frames_per_token=3.875,
        prompt_frames=468,
        chunk_frames=934,
        feature_width=512,
        encoder=GatedConvConfig(width=512, kernel_size=5, n_layers=8),
        transformer=TransformerConfig(),
        vocoder=GeneratorConfig(
            input_width=100,
            width=1536,
            upsample_rates=(4, 4, 2, 2, 2, 2),
            upsample_kernels=(8, 8, 4, 4, 4, 4),
        ),
        vocoder_sample_rate=24_000,
        anti_aliased=True,
    ),
    Family.V4: MelDecoderConfig(
        mel=MelConfig(
            spectrogram=SpectrogramConfig(
                sample_rate=32_000, n_fft=1280, hop_length=320, win_length=1280
            ),
            n_mels=100,
        ),
        frames_per_latent=2.0,
        valid_frames_per_token=4.0,
        prompt_frames=500,
        chunk_frames=1000,
        feature_width=512,
        encoder=GatedConvConfig(width=512, kernel_size=5, n_layers=8),
        transformer=TransformerConfig(),
        vocoder=GeneratorConfig(
            input_width=100,
            width=512,
            upsample_rates=(10, 6, 2, 2, 2),
            upsample_kernels=(20, 12, 4, 4, 4),
            final_bias=True,
        ),
        vocoder_sample_rate=48_000,
        anti_aliased=False,
    ),
}


def read_acoustic_config(
    config: Mapping[str, object],
    shapes: Mapping[str, tuple[int, ...]],
    *,
    family: Family | None = None,
) -> AcousticConfig:
    """Describe a checkpoint from its own configuration and its tensors' shapes.

    Args:
        config: The file's `config`, with its sections `model` and `data`.
        shapes: Every tensor's shape by its community name, weight norm folded or not.
        family: What the file's header or the user says. Needed only for flow-matching files,
            whose two families have the same tensors; elsewhere the shapes decide.

    Raises:
        CheckpointError: A value is missing or absurd, or the family contradicts the shapes.
    """
    model, data = section_of(config, "model"), section_of(config, "data")
    is_mel = any(name.startswith("cfm.") for name in shapes)
    if family is not None and is_mel != (family in _MEL_DECODERS):
        raise CheckpointError(
            f"the file is marked {family.value} but "
            f"{'has' if is_mel else 'lacks'} the flow-matching tensors 'cfm.*'",
            remedy="name the family the file was trained as",
        )
    style = shape_of(shapes, "ref_enc.spectral.0.fc.weight", 2)
    encoder = EncoderConfig(
        width=size_of(model, "hidden_channels"),
        filter_width=size_of(model, "filter_channels"),
        n_heads=size_of(model, "n_heads"),
        n_layers=size_of(model, "n_layers", at_most=64),
        kernel_size=size_of(model, "kernel_size"),
    )
    latent_width = size_of(model, "inter_channels")
    return AcousticConfig(
        spectrogram=SpectrogramConfig(
            sample_rate=size_of(data, "sampling_rate", at_most=192_000),
            n_fft=size_of(data, "filter_length"),
            hop_length=size_of(data, "hop_length"),
            win_length=size_of(data, "win_length"),
        ),
        n_symbols=shape_of(shapes, "enc_p.text_embedding.weight", 2)[0],
        style_bins=style[1],
        style_width=shape_of(shapes, "ref_enc.fc.fc.weight", 2)[0],
        speaker_width=(
            shape_of(shapes, "sv_emb.weight", 2)[1] if "sv_emb.weight" in shapes else None
        ),
        latent_width=latent_width,
        encoder=encoder,
        latent=None if is_mel else _latent_decoder(model, shapes, latent_width, encoder.width),
        mel=read_mel_decoder(family) if is_mel else None,
        content_width=_first(shapes, "ssl_proj.weight", SSL_WIDTH),
        codebook_size=_first(shapes, "quantizer.vq.layers.0._codebook.embed", CODEBOOK_SIZE),
        text_style_width=_first(shapes, "enc_p.mrte.c_pre.weight", TEXT_STYLE_WIDTH),
    )


def read_mel_decoder(family: Family | None) -> MelDecoderConfig:
    """Describe what follows the features of a flow-matching family.

    Raises:
        CheckpointError: The family is unknown or has no such decoder.
    """
    if family not in _MEL_DECODERS:
        raise CheckpointError(
            f"a flow-matching model must be of family v3 or v4, not {family and family.value}",
            remedy="say whether it is v3 or v4",
        )
    return _MEL_DECODERS[family]


def _latent_decoder(
    model: Mapping[str, object],
    shapes: Mapping[str, tuple[int, ...]],
    latent_width: int,
    hidden_width: int,
) -> LatentDecoderConfig:
    if has_source_filter(shapes):
        return LatentDecoderConfig(
            latent_width=latent_width,
            n_flows=0,
            flow=GatedConvConfig(width=hidden_width, kernel_size=5, n_layers=4),
            generator=read_source_filter(section_of(model, "source_filter"), shapes),
        )
    if str(model.get("resblock")) != "1":
        raise CheckpointError(f"model.resblock is {model.get('resblock')!r}; only '1' exists")
    dilations = model.get("resblock_dilation_sizes")
    if not isinstance(dilations, (list, tuple)):
        raise CheckpointError("model.resblock_dilation_sizes is not a list of lists")
    generator = GeneratorConfig(
        input_width=latent_width,
        width=size_of(model, "upsample_initial_channel"),
        upsample_rates=sizes_of(model.get("upsample_rates"), "upsample_rates"),
        upsample_kernels=sizes_of(model.get("upsample_kernel_sizes"), "upsample_kernel_sizes"),
        resblock_kernels=sizes_of(model.get("resblock_kernel_sizes"), "resblock_kernel_sizes"),
        resblock_dilations=tuple(sizes_of(row, "resblock_dilation_sizes") for row in dilations),
        style_width=size_of(model, "gin_channels"),
    )
    for first, second, what in (
        (generator.upsample_rates, generator.upsample_kernels, "upsamplings"),
        (generator.resblock_kernels, generator.resblock_dilations, "residual blocks"),
    ):
        if len(first) != len(second):
            raise CheckpointError(
                f"the lists that describe the generator's {what} are not of one length",
                remedy="the checkpoint's configuration is damaged; fetch the file again",
            )
    return LatentDecoderConfig(
        latent_width=latent_width,
        n_flows=4,
        flow=GatedConvConfig(width=hidden_width, kernel_size=5, n_layers=4),
        generator=generator,
    )


def _first(shapes: Mapping[str, tuple[int, ...]], name: str, default: int) -> int:
    """The first dimension of a tensor whose absence, if it is absent, loading will report."""
    shape = shapes.get(name)
    return shape[0] if shape else default
