"""What the acoustic stage is to make small.

Every mean is over what the shapes hold, so slices of one length weigh the same in any batch.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `module/losses.py`: Mao et al., 2017 (least squares),
Larsen et al., 2016 (features), Kim et al., 2021 (the divergence).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from voicepipe.model.spectral import mel_spectrogram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from voicepipe.model.spectral_config import MelConfig
    from voicepipe.model.training.discriminators import Verdict

_FEATURE_FACTOR = 2.0


def discriminator_loss(recorded: Sequence[Verdict], generated: Sequence[Verdict]) -> Tensor:
    """Train critics towards 1 for recordings and 0 for the rest; summed over critics."""
    losses = [
        (1 - real.scores.float()).square().mean() + made.scores.float().square().mean()
        for real, made in zip(recorded, generated, strict=True)
    ]
    return torch.stack(losses).sum()


def generator_loss(generated: Sequence[Verdict]) -> Tensor:
    """Train the generator towards verdicts of 1; summed over critics."""
    return torch.stack([(1 - made.scores.float()).square().mean() for made in generated]).sum()


def feature_loss(recorded: Sequence[Verdict], generated: Sequence[Verdict]) -> Tensor:
    """Compare what critics notice in both, layer by layer; twice the sum of mean differences.

    No gradient goes back through the recordings.
    """
    losses = [
        (real.detach().float() - made.float()).abs().mean()
        for verdicts in zip(recorded, generated, strict=True)
        for real, made in zip(verdicts[0].features, verdicts[1].features, strict=True)
    ]
    return _FEATURE_FACTOR * torch.stack(losses).sum()


def mel_loss(target: Tensor, generated: Tensor, config: MelConfig) -> Tensor:
    """Compare log-mel spectrograms: the mean absolute difference, in nats.

    Args:
        target: (B, M, T) of the recordings' slices, as `mel_slices` cuts them.
        generated: (B, 1, S) samples.
        config: The bands.
    """
    return functional.l1_loss(mel_spectrogram(generated[:, 0].float(), config), target)


def divergence_loss(
    flowed: Tensor, posterior_log_scale: Tensor, mean: Tensor, log_scale: Tensor, mask: Tensor
) -> Tensor:
    """Sum, over what is kept, how far the prior is from the posterior's draws.

    Divide by the number of kept frames, of all processes together, for upstream's `kl_loss`.

    Args:
        flowed: (B, C, T), the posterior's draw taken to the prior's side (upstream `z_p`).
        posterior_log_scale: (B, C, T).
        mean: (B, C, T), of the prior.
        log_scale: (B, C, T), of the prior.
        mask: (B, 1, T), 1 = keep.
    """
    flowed, mean, log_scale = flowed.float(), mean.float(), log_scale.float()
    divergence = log_scale - posterior_log_scale.float() - 0.5
    divergence = divergence + 0.5 * (flowed - mean).square() * torch.exp(-2.0 * log_scale)
    return (divergence * mask).sum()


def cut_slices(x: Tensor, starts: Sequence[int], length: int) -> Tensor:
    """Cut (B, C, length) out of (B, C, T), zero where a row ends before its slice."""
    cut = [row[:, start : start + length] for row, start in zip(x, starts, strict=True)]
    return torch.stack([functional.pad(row, (0, length - row.shape[1])) for row in cut])
