"""Where a training computes: all graphics cards together, or processes on the processor."""

from __future__ import annotations

from typing import Final

import torch

from voicepipe.engines.gpt_sovits.renderer import require_device
from voicepipe.errors import UsageError
from voicepipe.settings_values import devices_of

CPU: Final = "cpu"
_CUDA: Final = "cuda"


def training_devices(wanted: str, *, jobs: int = 0) -> tuple[str, ...]:
    """Say where each process of a training computes.

    Args:
        wanted: As `--device` has it: `cpu`, or `cuda:0,cuda:1`. Empty: every graphics card there
            is, or else the processor.
        jobs: Processes on the processor; 0: one, which uses every core.

    Returns:
        One device a process.

    Raises:
        UsageError: Something listed is no device, is listed twice, or cannot share a batch with
            the others.
        EnvironmentFault: A device is not on this machine.
    """
    listed = _listed(wanted) if wanted else _found()
    kinds = {device.partition(":")[0] for device in listed}
    if len(kinds) > 1:
        raise UsageError(
            f"one training cannot compute on {' and '.join(sorted(kinds))} together",
            remedy="say cpu, or cuda:0,cuda:1 …",
        )
    if listed == (CPU,):
        return (CPU,) * max(1, jobs)
    for device in listed:
        require_device(device)
    return listed


def _found() -> tuple[str, ...]:
    n_cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return tuple(f"{_CUDA}:{card}" for card in range(n_cards)) or (CPU,)


def _listed(wanted: str) -> tuple[str, ...]:
    try:
        listed = devices_of(wanted)
    except ValueError as error:
        raise UsageError(str(error), remedy="say cpu, or cuda:0,cuda:1 …") from error
    if _CUDA in listed and len(listed) > 1:
        raise UsageError(
            f'"{_CUDA}" beside others does not say which card',
            remedy="say cuda:0,cuda:1 …",
        )
    return listed
