"""One process a device, all training one network."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch.multiprocessing.spawn import (
    ProcessExitedException,
    ProcessRaisedException,
    start_processes,
)

from voicepipe.errors import EnvironmentFault
from voicepipe.training.company import Company, joined

Work = Callable[[Company, torch.device], None]


def run_together(work: Work, devices: Sequence[str]) -> None:
    """Run the same work in a process for each device, and wait for all.

    Args:
        work: Builds a trainee on its device and trains it to the end; it can be pickled, as a
            function at the top of a module is, or `functools.partial` of one.
        devices: Such as `cuda:0`, `cuda:1`; `cpu` twice works too.

    Raises:
        EnvironmentFault: A process failed; the others were ended.
    """
    with tempfile.TemporaryDirectory(prefix="voicepipe-") as folder:
        meeting = Path(folder) / "meeting"
        try:
            start_processes(  # type: ignore[no-untyped-call]
                _member,
                args=(work, tuple(devices), meeting),
                nprocs=len(devices),
                start_method="spawn",
            )
        except (ProcessRaisedException, ProcessExitedException) as error:
            reason = str(error).strip().splitlines()[-1]
            msg = f"a training process on {devices[error.error_index]} failed: {reason}"
            raise EnvironmentFault(msg, remedy="go on from the last state") from error


def _member(rank: int, work: Work, devices: tuple[str, ...], meeting: Path) -> None:
    device = torch.device(devices[rank])
    if device.type == "cuda":
        torch.cuda.set_device(device)
    backend = "nccl" if device.type == "cuda" else "gloo"
    with joined(rank, len(devices), meeting, backend=backend) as company:
        work(company, device)
