"""The prompts of lines that go through a network together, as tensors with a row a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from voicepipe.errors import SynthesisError
from voicepipe.model.acoustic.reference_range import PLAIN_RANGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor


def joined_tones(tones: Sequence[Tensor | None]) -> Tensor | None:
    """(B, bands, 1), no change where a line has none; None: no line has one."""
    return _joined(tones, torch.zeros_like)


def joined_ranges(ranges: Sequence[Tensor | None]) -> Tensor | None:
    """(B, 1), no change where a line has none; None: no line has one."""
    return _joined(ranges, lambda some: torch.full_like(some, PLAIN_RANGE))


def joined_features(features: Sequence[Tensor | None]) -> Tensor:
    """(B, C, P) that flow matching continues.

    Raises:
        SynthesisError: A line has none.
    """
    found = [one for one in features if one is not None]
    if len(found) != len(features):
        raise SynthesisError(
            "a line's prompt was made by a model of another family",
            remedy="encode the voice's references with the model that decodes its lines",
        )
    return torch.cat(found)


def _joined(found: Sequence[Tensor | None], plain: Callable[[Tensor], Tensor]) -> Tensor | None:
    some = next((one for one in found if one is not None), None)
    if some is None:
        return None
    return torch.cat([plain(some) if one is None else one for one in found])
