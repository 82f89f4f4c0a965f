"""Acoustic stages small enough to decode a line in milliseconds, with weights from a formula."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from acoustic_fixtures import checkpoint, formula_weights
from tiny_decoders import mel_decoder

from voicepipe.formula_models.sizes import TINY_SIZES
from voicepipe.model.acoustic.bigvgan import BigVGAN, lowpass_filter
from voicepipe.model.acoustic.config import (
    AcousticConfig,
    EncoderConfig,
    GatedConvConfig,
    GeneratorConfig,
    LatentDecoderConfig,
)
from voicepipe.model.acoustic.loading import load_acoustic_stage, load_network
from voicepipe.model.acoustic.networks import build_network
from voicepipe.model.acoustic.stage import (
    AcousticLine,
    AcousticPrompt,
    AcousticStage,
    ReferenceAudio,
)
from voicepipe.model.acoustic.vocoder import Generator
from voicepipe.model.checkpoints.weights import shapes_only
from voicepipe.model.config import Family
from voicepipe.model.encoders.speaker import SpeakerEncoder
from voicepipe.model.spectral_config import SpectrogramConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from voicepipe.model.checkpoints.reading import Checkpoint

STYLE_WIDTH = 512  # without a speaker, the style goes into the fusion as it is
SPEAKER_STEM = 8
SPEAKER_WIDTH = 320 * SPEAKER_STEM
SETTINGS = TINY_SIZES.acoustic


def latent_config(*, speaker: bool = False) -> AcousticConfig:
    """A latent family at a hundredth of its size."""
    return AcousticConfig(
        spectrogram=SpectrogramConfig(
            sample_rate=32_000, n_fft=2048, hop_length=640, win_length=2048
        ),
        n_symbols=40,
        style_bins=704,
        style_width=STYLE_WIDTH,
        speaker_width=SPEAKER_WIDTH if speaker else None,
        latent_width=8,
        encoder=EncoderConfig(width=16, filter_width=32, n_layers=2),
        latent=LatentDecoderConfig(
            latent_width=8,
            n_flows=4,
            flow=GatedConvConfig(width=16, kernel_size=5, n_layers=4),
            generator=GeneratorConfig(
                input_width=8,
                width=32,
                upsample_rates=(10, 8, 8),
                upsample_kernels=(16, 16, 8),
                resblock_kernels=(3, 5),
                resblock_dilations=((1, 3), (1, 2)),
                style_width=STYLE_WIDTH,
            ),
        ),
        mel=None,
    )


def mel_config(family: Family) -> AcousticConfig:
    """A flow-matching family at a hundredth of its size."""
    return replace(latent_config(), latent=None, mel=mel_decoder(family))


@lru_cache
def latent_stage() -> AcousticStage:
    """A loaded v2-like stage."""
    return load_acoustic_stage(latent_checkpoint())


@lru_cache
def pro_stage() -> AcousticStage:
    """A loaded Pro-like stage with its speaker encoder."""
    config = latent_config(speaker=True)
    network = loaded(lambda: build_network(config))
    return AcousticStage(config, network, speaker=loaded(lambda: SpeakerEncoder(SPEAKER_STEM)))


@lru_cache
def mel_stage(family: Family) -> AcousticStage:
    """A loaded flow-matching stage with its vocoder."""
    config = mel_config(family)
    assert config.mel is not None
    sizes = config.mel.vocoder
    vocoder: Generator | BigVGAN
    if config.mel.anti_aliased:
        vocoder = loaded(lambda: BigVGAN(sizes))
    else:
        vocoder = loaded(lambda: Generator(sizes))
    return AcousticStage(config, loaded(lambda: build_network(config)), vocoder=vocoder)


def latent_checkpoint() -> Checkpoint:
    """The file that `latent_stage` is loaded from, in half precision."""
    state = formula_state_of(lambda: build_network(latent_config()))
    halved = {name: tensor.half() for name, tensor in state.items()}
    return checkpoint(Family.V2, halved, SETTINGS)


def formula_state_of(build: Callable[[], nn.Module]) -> dict[str, torch.Tensor]:
    """Formula weights for any network, with the usual low-pass filters.

    Snakes are slow and the last layer is quiet: fast ones amplify the last bit of a float until it
    is heard, and a clamp would hide what comes before it.
    """
    with shapes_only():
        shapes = build().state_dict()
    state = formula_weights([(k, tuple(v.shape), str(v.dtype)) for k, v in shapes.items()])
    taps = lowpass_filter(0.25, 0.3, 12)
    for name, tensor in state.items():
        if name.endswith(".filter"):
            state[name] = taps
        elif name.endswith(".act.alpha"):
            state[name] = tensor - 4.0
        elif name == "conv_post.weight":
            state[name] = tensor * 0.01
    return state


def loaded(build: Callable[[], Any]) -> Any:
    """A network with formula weights, ready for inference."""
    return load_network(build, formula_state_of(build), checkpoint(Family.V2, {}).path)


def noise_burst(n_samples: int, seed: int) -> torch.Tensor:
    """(S,) of quiet noise."""
    generator = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(n_samples, generator=generator)


def reference(stage: AcousticStage, seed: int = 1, duration_s: float = 1.0) -> ReferenceAudio:
    """A reference clip of noise at every rate a stage asks for."""
    return ReferenceAudio(
        waveforms={
            rate: noise_burst(int(rate * duration_s), seed) for rate in stage.reference_rates
        },
        semantic_tokens=tokens(25, seed),
        phoneme_ids=phonemes(11, seed),
    )


def tokens(count: int, seed: int) -> torch.Tensor:
    """(T,) token ids."""
    return torch.randint(0, 1024, (count,), generator=torch.Generator().manual_seed(seed))


def phonemes(count: int, seed: int) -> torch.Tensor:
    """(P,) phoneme ids."""
    return torch.randint(0, 40, (count,), generator=torch.Generator().manual_seed(seed))


def line(
    prompt: AcousticPrompt, seed: int, *, n_tokens: int = 20, speed: float = 1.0
) -> AcousticLine:
    """A line of its own text, whose number of phonemes depends on the seed."""
    return AcousticLine(
        semantic_tokens=tokens(n_tokens, seed),
        phoneme_ids=phonemes(7 + seed % 5, seed),
        prompt=prompt,
        seed=seed,
        speed=speed,
    )
