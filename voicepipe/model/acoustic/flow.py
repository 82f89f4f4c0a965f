"""The coupling flow between the prior's latent and the generator's.

Source: RealNVP couplings of VITS (Kim et al., 2021), mean only, as in
RVC-Boss/GPT-SoVITS@48b1a01, `ResidualCouplingBlock` and `ResidualCouplingLayer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from voicepipe.model.acoustic.layers import GatedConvStack, keep

if TYPE_CHECKING:
    from voicepipe.model.acoustic.config import LatentDecoderConfig


class Coupling(nn.Module):
    """Shifts one half of the channels by a function of the other half."""

    def __init__(self, config: LatentDecoderConfig, style_width: int) -> None:
        super().__init__()
        half = config.latent_width // 2
        self.pre = nn.Conv1d(half, config.flow.width, 1)
        self.enc = GatedConvStack(config.flow, style_width)
        self.post = nn.Conv1d(config.flow.width, half, 1)

    def shift(self, kept: Tensor, style: Tensor, mask: Tensor | None = None) -> Tensor:
        """The mean that the other half is moved by, (B, C/2, T), zero where the mask drops."""
        hidden = self.enc(keep(self.pre(kept), mask), style, mask)
        return keep(self.post(hidden), mask)


class CouplingFlow(nn.Module):
    """Couplings with the channels turned around between them."""

    def __init__(self, config: LatentDecoderConfig, style_width: int) -> None:
        super().__init__()
        # Odd positions are upstream's channel flips, whose numbering the keys keep.
        self.flows = nn.ModuleList()
        for _ in range(config.n_flows):
            self.flows.append(Coupling(config, style_width))
            self.flows.append(nn.Identity())

    def forward(self, latent: Tensor, style: Tensor, mask: Tensor | None = None) -> Tensor:
        """Take the generator's latent (B, C, T) to the prior's.

        Args:
            latent: (B, C, T), zero where the mask drops.
            style: (B, G, 1).
            mask: (B, 1, T), 1 = keep; `None` keeps all.
        """
        for coupling in self._couplings():
            kept, moved = latent.chunk(2, dim=1)
            moved = moved + coupling.shift(kept, style, mask)
            latent = torch.cat((kept, moved), dim=1).flip(1)
        return latent

    def reverse(self, latent: Tensor, style: Tensor) -> Tensor:
        """Take the prior's latent (B, C, T) to the generator's; undoes `forward`."""
        for coupling in reversed(self._couplings()):
            kept, moved = latent.flip(1).chunk(2, dim=1)
            latent = torch.cat((kept, moved - coupling.shift(kept, style)), dim=1)
        return latent

    def _couplings(self) -> list[Coupling]:
        return [flow for flow in self.flows if isinstance(flow, Coupling)]
