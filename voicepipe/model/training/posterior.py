"""What was really said, as a latent: the posterior encoder, which only training hears.

Source: Kim et al., 2021 (VITS); RVC-Boss/GPT-SoVITS@48b1a01, `PosteriorEncoder`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from torch import Tensor, nn

from voicepipe.model.acoustic.layers import GatedConvStack, keep

if TYPE_CHECKING:
    from voicepipe.model.acoustic.config import GatedConvConfig


class Posterior(NamedTuple):
    """A drawn latent and the distribution it was drawn from, each (B, C, T)."""

    latent: Tensor
    mean: Tensor
    log_scale: Tensor


class PosteriorEncoder(nn.Module):
    """Spectrogram and style to a latent (upstream `enc_q`).

    Args:
        n_bins: Of the linear spectrogram.
        latent_width: Channels of the latent.
        stack: The convolutions between.
        style_width: Of the style.
    """

    def __init__(
        self, n_bins: int, latent_width: int, stack: GatedConvConfig, style_width: int
    ) -> None:
        super().__init__()
        self.pre = nn.Conv1d(n_bins, stack.width, 1)
        self.enc = GatedConvStack(stack, style_width)
        self.proj = nn.Conv1d(stack.width, 2 * latent_width, 1)

    def forward(self, spectrogram: Tensor, style: Tensor, mask: Tensor, noise: Tensor) -> Posterior:
        """Draw a latent.

        Args:
            spectrogram: (B, F, T).
            style: (B, G, 1); no gradient goes back through it from here.
            mask: (B, 1, T), 1 = keep.
            noise: (B, C, T), standard normal.

        Returns:
            Each zero where the mask drops.
        """
        hidden = self.enc(keep(self.pre(spectrogram), mask), style.detach(), mask)
        mean, log_scale = keep(self.proj(hidden), mask).chunk(2, dim=1)
        latent = keep(mean + noise * log_scale.exp(), mask)
        return Posterior(latent, mean, log_scale)
