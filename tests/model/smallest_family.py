"""The smallest family, smaller still: a few thousand weights from a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acoustic_fixtures import checkpoint
from acoustic_tiny import formula_state_of
from smallest_settings import SETTINGS

from voicepipe.model.acoustic.config import (
    AcousticConfig,
    EncoderConfig,
    GatedConvConfig,
    LatentDecoderConfig,
)
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.acoustic.networks import build_network
from voicepipe.model.acoustic.source_filter_config import SourceFilterConfig
from voicepipe.model.acoustic.stage import AcousticStage
from voicepipe.model.config import Family
from voicepipe.model.spectral_config import SpectrogramConfig

if TYPE_CHECKING:
    from voicepipe.model.checkpoints.reading import Checkpoint

GENERATOR = SourceFilterConfig(
    latent_width=8,
    style_width=12,
    width=16,
    n_slow_blocks=1,
    n_fast_blocks=2,
    n_bands=20,
    sample_rate=24_000,
    n_fft=1024,
    hop_length=240,
    win_length=720,
)
CONFIG = AcousticConfig(
    spectrogram=SpectrogramConfig(sample_rate=24_000, n_fft=1024, hop_length=240, win_length=1024),
    n_symbols=40,
    style_bins=300,
    style_width=12,
    speaker_width=None,
    latent_width=8,
    encoder=EncoderConfig(width=16, filter_width=32, n_layers=2),
    latent=LatentDecoderConfig(
        latent_width=8,
        n_flows=0,
        flow=GatedConvConfig(width=16, kernel_size=5, n_layers=4),
        generator=GENERATOR,
    ),
    mel=None,
    content_width=24,
    codebook_size=32,
    text_style_width=12,
)


def smallest_stage() -> AcousticStage:
    """A stage as a file would give it."""
    return load_acoustic_stage(smallest_checkpoint())


def smallest_checkpoint(**changes: object) -> Checkpoint:
    """Its file; `changes` go into the numbers beside the generator's tensors."""
    table = SETTINGS["model"]["source_filter"] | changes
    settings = {**SETTINGS, "model": {**SETTINGS["model"], "source_filter": table}}
    return checkpoint(Family.TINY, formula_state_of(lambda: build_network(CONFIG)), settings)
