"""Which numbers a training computes with."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def mixed_precision(device: torch.device) -> AbstractContextManager[object]:
    """Compute in bfloat16 what may be, on a CUDA device that knows it; elsewhere in float32.

    Losses and spectrograms are float32 everywhere. Its range is float32's, so that no loss is
    scaled and there is no scale to save; older devices train in float32.
    """
    if device.type != "cuda" or not torch.cuda.is_bf16_supported():
        return nullcontext()
    return torch.autocast("cuda", dtype=torch.bfloat16)
