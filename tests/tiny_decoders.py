"""Decoders of the flow-matching families, at a hundredth of their size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicepipe.model.acoustic.config import (
    GatedConvConfig,
    MelDecoderConfig,
    TransformerConfig,
    read_mel_decoder,
)

if TYPE_CHECKING:
    from voicepipe.model.config import Family


def mel_decoder(family: Family) -> MelDecoderConfig:
    """A flow-matching family's decoder with its rates kept and its widths cut."""
    real = read_mel_decoder(family)
    return replace(
        real,
        feature_width=16,
        encoder=GatedConvConfig(width=16, kernel_size=5, n_layers=2),
        prompt_frames=30,
        chunk_frames=70,
        transformer=TransformerConfig(
            width=32, depth=2, n_heads=2, head_width=16, condition_width=16, n_condition_blocks=1
        ),
        vocoder=replace(
            real.vocoder, width=64, resblock_kernels=(3,), resblock_dilations=((1, 3),)
        ),
    )
