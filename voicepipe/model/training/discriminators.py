"""Critics: networks that learn to tell recorded samples from generated ones.

Source: Kong et al., 2020 (HiFi-GAN), sections 2.3; RVC-Boss/GPT-SoVITS@48b1a01,
`MultiPeriodDiscriminator` in `module/models.py`. Attribute names are the keys of the checkpoints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.config_fields import count_under
from voicepipe.model.config import Family
from voicepipe.model.training.weight_norm_form import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping

CRITICS_REMEDY = "give the s2D file that belongs to the acoustic base"
_SLOPE = 0.1
_PERIODS = (2, 3, 5, 7, 11, 17, 23)
_PRO_FAMILIES = frozenset({Family.V2_PRO, Family.V2_PRO_PLUS})
_N_PERIODS = 5  # of the other families: the first of them


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticLayer:
    """One convolution of a critic."""

    width: int
    kernel_size: int
    stride: int
    groups: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorConfig:
    """One critic of the samples as they are, and one a period of every so-manyth sample."""

    scale: tuple[CriticLayer, ...] = (
        CriticLayer(width=16, kernel_size=15, stride=1),
        CriticLayer(width=64, kernel_size=41, stride=4, groups=4),
        CriticLayer(width=256, kernel_size=41, stride=4, groups=16),
        CriticLayer(width=1024, kernel_size=41, stride=4, groups=64),
        CriticLayer(width=1024, kernel_size=41, stride=4, groups=256),
        CriticLayer(width=1024, kernel_size=5, stride=1),
    )
    period: tuple[CriticLayer, ...] = (
        CriticLayer(width=32, kernel_size=5, stride=3),
        CriticLayer(width=128, kernel_size=5, stride=3),
        CriticLayer(width=512, kernel_size=5, stride=3),
        CriticLayer(width=1024, kernel_size=5, stride=3),
        CriticLayer(width=1024, kernel_size=5, stride=1),
    )
    periods: tuple[int, ...] = _PERIODS[:_N_PERIODS]

    @classmethod
    def of_family(cls, family: Family) -> DiscriminatorConfig:
        """Describe the critics that upstream trains a family with; the Pro families have more."""
        return cls(periods=_PERIODS if family in _PRO_FAMILIES else _PERIODS[:_N_PERIODS])


TINY_CRITICS: Final = DiscriminatorConfig(
    scale=(
        CriticLayer(width=4, kernel_size=15, stride=1),
        CriticLayer(width=8, kernel_size=41, stride=4, groups=4),
        CriticLayer(width=8, kernel_size=5, stride=1),
    ),
    period=(
        CriticLayer(width=4, kernel_size=5, stride=3),
        CriticLayer(width=8, kernel_size=5, stride=1),
    ),
    periods=_PERIODS[:2],
)
"""Critics for models of tiny size: everything works as at full size, in no time."""


class Verdict(NamedTuple):
    """What one critic says, and what it noticed on the way."""

    scores: Tensor
    """(B, N); trained towards 1 for recordings and 0 for the rest."""
    features: tuple[Tensor, ...]
    """Of every layer, the scores before flattening last."""


class ScaleCritic(nn.Module):
    """Listens to every sample (upstream `DiscriminatorS`)."""

    def __init__(self, layers: tuple[CriticLayer, ...]) -> None:
        super().__init__()
        self.convs = nn.ModuleList()
        width = 1
        for layer in layers:
            self.convs.append(
                nn.Conv1d(
                    width,
                    layer.width,
                    layer.kernel_size,
                    layer.stride,
                    padding=layer.kernel_size // 2,
                    groups=layer.groups,
                )
            )
            width = layer.width
        self.conv_post = nn.Conv1d(width, 1, 3, padding=1)

    def forward(self, samples: Tensor) -> Verdict:
        """Judge (B, 1, S) samples."""
        return _judge(self.convs, self.conv_post, samples)


class PeriodCritic(nn.Module):
    """Listens to every `period`-th sample at each offset (upstream `DiscriminatorP`)."""

    def __init__(self, period: int, layers: tuple[CriticLayer, ...]) -> None:
        super().__init__()
        self.period = period
        self.convs = nn.ModuleList()
        width = 1
        for layer in layers:
            self.convs.append(
                nn.Conv2d(
                    width,
                    layer.width,
                    (layer.kernel_size, 1),
                    (layer.stride, 1),
                    padding=(layer.kernel_size // 2, 0),
                    groups=layer.groups,
                )
            )
            width = layer.width
        self.conv_post = nn.Conv2d(width, 1, (3, 1), padding=(1, 0))

    def forward(self, samples: Tensor) -> Verdict:
        """Judge (B, 1, S) samples, more of them than the period."""
        missing = -samples.shape[2] % self.period
        if missing:
            samples = functional.pad(samples, (0, missing), mode="reflect")
        # (B, 1, S) -> (B, 1, S / period, period)
        folded = samples.reshape(len(samples), 1, -1, self.period)
        return _judge(self.convs, self.conv_post, folded)


class Discriminators(nn.Module):
    """All critics, weights normalised as they train (upstream `MultiPeriodDiscriminator`)."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        critics: list[nn.Module] = [ScaleCritic(config.scale)]
        critics += [PeriodCritic(period, config.period) for period in config.periods]
        self.discriminators = nn.ModuleList(critics)
        for module in list(self.modules()):
            if isinstance(module, (nn.Conv1d, nn.Conv2d)):
                normalise(module)

    def forward(self, samples: Tensor) -> tuple[Verdict, ...]:
        """Let every critic judge (B, 1, S) samples."""
        return tuple(critic(samples) for critic in self.discriminators)


def read_discriminator_config(
    shapes: Mapping[str, tuple[int, ...]], *, source: str = "this file"
) -> DiscriminatorConfig:
    """Describe a discriminator file by its tensors' shapes.

    Shapes say nothing of strides and periods: these are upstream's. Its critics step by 4 and by 3
    in all layers but the last (and the first, of the critic that hears every sample), and use the
    first of the known periods.

    Args:
        shapes: Every tensor's name and shape.
        source: The file, for messages.

    Raises:
        CheckpointError: It holds no such critics, or more of them than there are known periods.
    """
    weights = {
        name.removesuffix(".weight_v").removesuffix(".weight"): shape
        for name, shape in shapes.items()
        if name.endswith((".weight_v", ".weight"))
    }
    n_critics = count_under(weights, "discriminators.")
    scale, period = (_layers(weights, f"discriminators.{i}.convs.") for i in (0, 1))
    if not scale or not period or not 2 <= n_critics <= 1 + len(_PERIODS):
        raise CheckpointError(
            f"{source}: holds {n_critics} whole critics; a discriminator has 2 to "
            f"{1 + len(_PERIODS)}, of samples and of periods",
            remedy=CRITICS_REMEDY,
        )
    return DiscriminatorConfig(
        scale=_critic(scale, 4, source, first=1),
        period=_critic(period, 3, source, first=3),
        periods=_PERIODS[: n_critics - 1],
    )


def _layers(weights: Mapping[str, tuple[int, ...]], prefix: str) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    while (shape := weights.get(f"{prefix}{len(found)}")) is not None and len(shape) in (3, 4):
        found.append(shape)
    return found


def _critic(
    shapes: list[tuple[int, ...]], stride: int, source: str, *, first: int
) -> tuple[CriticLayer, ...]:
    before, layers = 1, []
    for number, shape in enumerate(shapes):
        if not min(shape) or before % shape[1] or shape[0] % (before // shape[1]):
            raise CheckpointError(
                f"{source}: a critic's layer {number} of shape {shape} does not follow one of "
                f"width {before}",
                remedy=CRITICS_REMEDY,
            )
        step = 1 if number == len(shapes) - 1 else stride if number else first
        layers.append(
            CriticLayer(
                width=shape[0], kernel_size=shape[2], stride=step, groups=before // shape[1]
            )
        )
        before = shape[0]
    return tuple(layers)


def _judge(convs: nn.ModuleList, last: nn.Module, x: Tensor) -> Verdict:
    features = []
    for conv in convs:
        x = functional.leaky_relu(conv(x), _SLOPE)
        features.append(x)
    x = last(x)
    return Verdict(x.flatten(1), (*features, x))
