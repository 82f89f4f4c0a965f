"""HuBERT base (Hsu et al., 2021): the content encoder of the published families.

Only what listening takes. Tensors are named as in published files; outputs are those of the
transformers library, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.config_fields import sizes_of
from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.config import Family
from voicepipe.model.encoders.published import (
    attended,
    epsilon_or,
    read_sizes,
    read_weights,
    size_or,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Weight norm as stored by older and newer torch: the same two tensors under other names.
_RENAMED = (
    (".conv.weight_g", ".conv.parametrizations.weight.original0"),
    (".conv.weight_v", ".conv.parametrizations.weight.original1"),
)
_TRAINING_ONLY = "masked_spec_embed"
_ONE_WAY: Final[Mapping[str, object]] = {
    "feat_extract_norm": "group",
    "feat_extract_activation": "gelu",
    "hidden_act": "gelu",
    "conv_bias": False,
    "feat_proj_layer_norm": True,
    "do_stable_layer_norm": False,
    "conv_pos_batch_norm": False,
}
"""What the base model does; larger ones that do otherwise are not listened with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubertSizes:
    """Dimensions of a HuBERT; those that a configuration may leave out have the base model's."""

    width: int = 768
    n_layers: int = 12
    n_heads: int = 12
    feedforward_width: int = 3072
    conv_widths: tuple[int, ...] = (512,) * 7
    conv_kernels: tuple[int, ...] = (10, 3, 3, 3, 3, 2, 2)
    conv_strides: tuple[int, ...] = (5, 2, 2, 2, 2, 2, 2)
    position_kernel: int = 128
    position_groups: int = 16
    epsilon: float = 1e-5

    @classmethod
    def from_config(cls, config: Mapping[str, object]) -> HubertSizes:
        """Read `config.json`: only dimensions are taken over, whatever else it names.

        Raises:
            CheckpointError: A number is absurd, or the model computes otherwise than the base.
        """
        if config.get("model_type") != "hubert":
            raise CheckpointError("describes no HuBERT model")
        for name, expected in _ONE_WAY.items():
            if config.get(name, expected) != expected:
                raise CheckpointError(f"{name} is {config[name]!r}, and must be {expected!r}")
        usual = cls()
        sizes = cls(
            width=size_or(config, "hidden_size", usual.width),
            n_layers=size_or(config, "num_hidden_layers", usual.n_layers),
            n_heads=size_or(config, "num_attention_heads", usual.n_heads),
            feedforward_width=size_or(config, "intermediate_size", usual.feedforward_width),
            conv_widths=sizes_of(config.get("conv_dim", usual.conv_widths), "conv_dim"),
            conv_kernels=sizes_of(config.get("conv_kernel", usual.conv_kernels), "conv_kernel"),
            conv_strides=sizes_of(config.get("conv_stride", usual.conv_strides), "conv_stride"),
            position_kernel=size_or(config, "num_conv_pos_embeddings", usual.position_kernel),
            position_groups=size_or(config, "num_conv_pos_embedding_groups", usual.position_groups),
            epsilon=epsilon_or(config, usual.epsilon),
        )
        sizes.require_consistent()
        return sizes

    def require_consistent(self) -> None:
        """Make sure that the numbers make a network.

        Raises:
            CheckpointError: They do not.
        """
        n_convs = len(self.conv_widths)
        if not n_convs == len(self.conv_kernels) == len(self.conv_strides):
            raise CheckpointError("conv_dim, conv_kernel and conv_stride differ in length")
        for name, parts in (("heads", self.n_heads), ("groups", self.position_groups)):
            if self.width % parts:
                raise CheckpointError(f"{parts} {name} do not divide a width of {self.width}")


class HubertNetwork(nn.Module):
    """A waveform at 16 kHz to features at 50 Hz.

    Args:
        sizes: Dimensions.
    """

    def __init__(self, sizes: HubertSizes) -> None:
        super().__init__()
        # Fills masked stretches in training; part of every published file.
        self.masked_spec_embed = nn.Parameter(torch.empty(sizes.width))
        self.feature_extractor = nn.Module()
        widths = (1, *sizes.conv_widths)
        self.feature_extractor.conv_layers = nn.ModuleList(
            _ConvLayer(n_in, n_out, kernel, stride, has_norm=index == 0)
            for index, ((n_in, n_out), kernel, stride) in enumerate(
                zip(pairwise(widths), sizes.conv_kernels, sizes.conv_strides, strict=True)
            )
        )
        self.feature_projection = nn.Module()
        self.feature_projection.layer_norm = nn.LayerNorm(widths[-1], eps=sizes.epsilon)
        self.feature_projection.projection = nn.Linear(widths[-1], sizes.width)
        self.encoder = _Encoder(sizes)

    def forward(self, samples: Tensor) -> Tensor:
        """Listen.

        Args:
            samples: (1, S) float.

        Returns:
            (1, T, width): the last layer's output, about S / 320 rows.
        """
        extractor: Any = self.feature_extractor
        projection: Any = self.feature_projection
        frames = samples[:, None]
        for layer in extractor.conv_layers:
            frames = layer(frames)
        hidden: Tensor = self.encoder(
            projection.projection(projection.layer_norm(frames.transpose(1, 2)))
        )
        return hidden


class _ConvLayer(nn.Module):
    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int, *, has_norm: bool) -> None:
        super().__init__()
        self.conv = nn.Conv1d(n_in, n_out, kernel, stride=stride, bias=False)
        self.layer_norm = nn.GroupNorm(n_out, n_out) if has_norm else None

    def forward(self, frames: Tensor) -> Tensor:
        frames = self.conv(frames)
        if self.layer_norm is not None:
            frames = self.layer_norm(frames)
        return functional.gelu(frames)


class _Encoder(nn.Module):
    def __init__(self, sizes: HubertSizes) -> None:
        super().__init__()
        self.pos_conv_embed = nn.Module()
        self.pos_conv_embed.conv = _PositionConv(sizes)
        self.layer_norm = nn.LayerNorm(sizes.width, eps=sizes.epsilon)
        self.layers = nn.ModuleList(_Layer(sizes) for _ in range(sizes.n_layers))
        self._surplus = 1 - sizes.position_kernel % 2

    def forward(self, hidden: Tensor) -> Tensor:
        conv: Any = self.pos_conv_embed.conv
        positions = conv(hidden.transpose(1, 2))
        positions = positions[:, :, : positions.shape[2] - self._surplus]
        hidden = self.layer_norm(hidden + functional.gelu(positions).transpose(1, 2))
        for layer in self.layers:
            hidden = layer(hidden)
        return hidden


class _PositionConv(nn.Conv1d):
    """A convolution whose weight is stored as length and direction, as `weight_norm(dim=2)` does.

    The library's own form computes a norm when it is made, which without memory loads its whole
    compiler: a second of work and 100 MB.
    """

    def __init__(self, sizes: HubertSizes) -> None:
        super().__init__(
            sizes.width,
            sizes.width,
            sizes.position_kernel,
            padding=sizes.position_kernel // 2,
            groups=sizes.position_groups,
        )
        direction = self.weight
        del self.weight
        pair = nn.Module()
        pair.original0 = nn.Parameter(direction.new_empty(1, 1, direction.shape[2]))
        pair.original1 = nn.Parameter(direction)
        self.parametrizations = nn.Module()
        self.parametrizations.weight = pair

    def fold(self) -> None:
        """Put the weight together; before that there is none to work with."""
        pair: Any = self.parametrizations.weight
        with torch.no_grad():
            whole = torch._weight_norm(pair.original1, pair.original0, 2)
        del self.parametrizations
        self.weight = nn.Parameter(whole)


class _Layer(nn.Module):
    def __init__(self, sizes: HubertSizes) -> None:
        super().__init__()
        self.attention = _Attention(sizes.width, sizes.n_heads)
        self.layer_norm = nn.LayerNorm(sizes.width, eps=sizes.epsilon)
        self.feed_forward = nn.Module()
        self.feed_forward.intermediate_dense = nn.Linear(sizes.width, sizes.feedforward_width)
        self.feed_forward.output_dense = nn.Linear(sizes.feedforward_width, sizes.width)
        self.final_layer_norm = nn.LayerNorm(sizes.width, eps=sizes.epsilon)

    def forward(self, hidden: Tensor) -> Tensor:
        hidden = self.layer_norm(hidden + self.attention(hidden))
        wide: Any = self.feed_forward
        made: Tensor = self.final_layer_norm(
            hidden + wide.output_dense(functional.gelu(wide.intermediate_dense(hidden)))
        )
        return made


class _Attention(nn.Module):
    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self._n_heads = n_heads
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, hidden: Tensor) -> Tensor:
        heard = attended(hidden, (self.q_proj, self.k_proj, self.v_proj), self._n_heads)
        made: Tensor = self.out_proj(heard)
        return made


def load_hubert(folder: Path, path: Path) -> tuple[HubertNetwork, int]:
    """Load the network, in evaluation mode, and the width of its features.

    Args:
        folder: With its `config.json`.
        path: Of its weights.

    Raises:
        CheckpointError: A file is missing or wrong, or a weight is missing, left over or of
            another shape.
    """
    sizes = read_sizes(
        folder,
        HubertSizes.from_config,
        fetch="voicepipe models pull hubert",
        remedy="give the folder of chinese-hubert-base",
    )
    checkpoint = read_weights(path, Family.HUBERT, sizes.n_layers)
    with shapes_only():
        network = HubertNetwork(sizes)
    load_strictly(network, _renamed(checkpoint.tensors, network), source=path)
    conv: Any = network.encoder.pos_conv_embed.conv
    conv.fold()
    return network.eval().requires_grad_(requires_grad=False), sizes.width


def hear(network: nn.Module, samples: Tensor) -> Tensor:
    """Turn (1, S) samples into (1, C, T) features: the last hidden state.

    As upstream's `feature_extractor/cnhubert.py` @48b1a01.
    """
    hidden: Tensor = network(samples)
    return hidden.transpose(1, 2).contiguous()


def _renamed(tensors: Mapping[str, Tensor], model: HubertNetwork) -> dict[str, Tensor]:
    wanted = model.state_dict()
    prefix = "hubert."
    if any(key.startswith(prefix) for key in tensors):
        tensors = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    renamed = {}
    for key, value in tensors.items():
        name = key
        for old, new in (*_RENAMED, *((new, old) for old, new in _RENAMED)):
            if key.endswith(old) and key not in wanted:
                name = key.removesuffix(old) + new
        renamed[name] = value
    # An inference file may or may not bring what only training uses.
    renamed[_TRAINING_ONLY] = torch.zeros(wanted[_TRAINING_ONLY].shape)
    return renamed
