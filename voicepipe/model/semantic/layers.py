"""What the semantic stage is made of: embeddings, positions and layers.

Nothing here knows of caches or lines. Letters: T positions, H heads, D head width.

Source: RVC-Boss/GPT-SoVITS `AR/modules/transformer.py` and `embedding.py` @48b1a01; parameters
keep their names.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, cast

import torch
from torch import nn
from torch.nn import functional as F

from voicepipe.model.kernels.products import product_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from voicepipe.model.config import SemanticConfig
    from voicepipe.model.kernels.product_kernels import ProductKernel
    from voicepipe.model.kernels.products import LaidOutProduct, Product
    from voicepipe.model.precision import Precision

_POSITION_BLOCK = 1024
_LAYER_NORM_EPS = 1e-5


class TokenEmbedding(nn.Module):
    """One row an id."""

    def __init__(self, n_entries: int, width: int) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(n_entries, width)


class SinePosition(nn.Module):
    """Fixed sine positions (Vaswani et al., 2017) times one learned factor."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1))
        self._width = width
        self._table: Tensor | None = None

    def forward(self, hidden: Tensor, positions: Tensor) -> Tensor:
        """Add to (T, width) the sines of (T,) positions."""
        self.reach(int(positions.max()) + 1 if positions.numel() else 0, hidden.device)
        return self.at(hidden, positions)

    def reach(self, n_positions: int, device: torch.device) -> None:
        """Make sure that the sines of the first positions are there."""
        table = self._table
        if table is None or table.shape[0] < n_positions or table.device != device:
            n_blocks = -(-max(n_positions, 1) // _POSITION_BLOCK)
            self._table = _sine_table(_POSITION_BLOCK * n_blocks, self._width).to(device)

    def at(self, hidden: Tensor, positions: Tensor) -> Tensor:
        """Add sines that are there already: nothing is asked of the device."""
        assert self._table is not None, "reach() comes first"
        return hidden + self.alpha * self._table[positions].to(hidden.dtype)


class _SelfAttention(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)


class LayerProducts(NamedTuple):
    """The four products of a layer, laid out or not."""

    join: Product
    """(M, width) to queries, keys and values side by side."""
    mix: Product
    widen: Product
    narrow: Product


class LaidOutProducts(NamedTuple):
    """The four products of a layer, laid out, in the order of `LayerProducts`."""

    join: LaidOutProduct
    mix: LaidOutProduct
    widen: LaidOutProduct
    narrow: LaidOutProduct


class Layer(nn.Module):
    """One post-norm transformer layer; attention itself is done by the caller."""

    def __init__(self, config: SemanticConfig) -> None:
        super().__init__()
        width = config.width
        self.n_heads = config.n_heads
        self.self_attn = _SelfAttention(width)
        self.linear1 = nn.Linear(width, config.feedforward_width)
        self.linear2 = nn.Linear(config.feedforward_width, width)
        self.norm1 = nn.LayerNorm(width, eps=_LAYER_NORM_EPS)
        self.norm2 = nn.LayerNorm(width, eps=_LAYER_NORM_EPS)
        self._packed: LayerProducts | None = None
        self._shareable: tuple[Tensor, ...] = ()

    def pack(self, precision: Precision, kernel: ProductKernel) -> None:
        """Lay out the weights as they are now.

        Args:
            precision: Of the products.
            kernel: Of float32 products on a CPU.

        Raises:
            EnvironmentFault: The precision is not to be had here.
        """
        attention = self.self_attn
        laid_out = LaidOutProducts(
            join=product_of(attention.in_proj_weight, attention.in_proj_bias, precision, kernel),
            mix=product_of(attention.out_proj.weight, attention.out_proj.bias, precision, kernel),
            widen=product_of(self.linear1.weight, self.linear1.bias, precision, kernel),
            narrow=product_of(self.linear2.weight, self.linear2.bias, precision, kernel),
        )

        self._packed = LayerProducts(*laid_out)
        self._shareable = tuple(weight for product in laid_out for weight in product.weights)

    @property
    def shareable(self) -> tuple[Tensor, ...]:
        """Laid out weights that processes can share."""
        return self._shareable

    def forget_plain(self) -> None:
        """Let go of the weights that are laid out: `plain` and `pack` are no more to be had."""
        attention = self.self_attn
        attention.in_proj_weight = _without_memory(attention.in_proj_weight)
        for linear in (attention.out_proj, self.linear1, self.linear2):
            linear.weight = _without_memory(linear.weight)

    @property
    def product_shapes(self) -> tuple[tuple[int, int], ...]:
        """(N, K) of all weights."""
        attention = self.self_attn
        products = attention.out_proj, self.linear1, self.linear2
        weights = attention.in_proj_weight, *(product.weight for product in products)
        return tuple((weight.shape[0], weight.shape[1]) for weight in weights)

    @property
    def packed(self) -> LayerProducts:
        """Products with laid out weights, without gradients."""
        assert self._packed is not None, "pack() comes first"
        return self._packed

    @property
    def plain(self) -> LayerProducts:
        """Products with the parameters themselves."""
        attention = self.self_attn

        def join(rows: Tensor) -> Tensor:
            return F.linear(rows, attention.in_proj_weight, attention.in_proj_bias)

        return LayerProducts(join, attention.out_proj, self.linear1, self.linear2)

    def split(self, joined: Tensor, length: int) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values (H, T, D) of the first T rows of (>= T, 3 * width)."""
        # (T, 3 * H * D) -> 3 x (H, T, D)
        parts = joined[:length].view(length, 3, self.n_heads, -1).permute(1, 2, 0, 3)
        return parts[0], parts[1], parts[2]

    def split_rows(self, joined: Tensor, n_rows: int) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values (B, H, D) of the first B rows of (>= B, 3 * width)."""
        parts = joined[:n_rows].view(n_rows, 3, self.n_heads, -1)
        return parts[:, 0], parts[:, 1], parts[:, 2]

    def finish(self, hidden: Tensor, mixed: Tensor, products: LayerProducts) -> Tensor:
        """Everything after attention, for (T, width)."""
        hidden = self.norm1(hidden + products.mix(mixed))
        widened = torch.relu_(products.widen(hidden))
        result: Tensor = self.norm2(hidden + products.narrow(widened))
        return result


class Layers(nn.Module):
    """All layers, in order."""

    def __init__(self, config: SemanticConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.n_layers))

    def __iter__(self) -> Iterator[Layer]:
        return cast("Iterator[Layer]", iter(self.layers))


def _without_memory(weight: Tensor) -> nn.Parameter:
    return nn.Parameter(weight.detach().to("meta"), requires_grad=False)


def _sine_table(n_positions: int, width: int) -> Tensor:
    steps = torch.arange(0, width, 2, dtype=torch.float32)
    rates = torch.exp(steps * -(math.log(10_000.0) / width))
    angles = torch.arange(n_positions, dtype=torch.float32).unsqueeze(1) * rates
    # Sine and cosine alternate: (T, width / 2, 2) -> (T, width)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).view(n_positions, width)
