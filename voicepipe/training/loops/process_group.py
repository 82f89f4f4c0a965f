"""Several processes that train one network: each hears its share of a batch, all learn the sum.

Weights begin equal and take equal steps, so only gradients and measurements travel. Gradients are
averaged in blocks after the whole backward pass: a network whose parameters do not all take part
in every step, and two networks that take turns, need no care that way.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import torch
from torch import distributed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_BLOCK_VALUES = 8 << 20
_PATIENCE = timedelta(minutes=30)  # the first process writes states and previews, the others wait


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessGroup:
    """This process among those that train together."""

    rank: int = 0
    n_processes: int = 1

    def share(self, rows: Sequence[int]) -> tuple[int, ...]:
        """Give this process's part of a batch.

        Raises:
            ValueError: The batch does not divide among the processes.
        """
        if len(rows) % self.n_processes:
            raise ValueError(f"a batch of {len(rows)} does not divide among {self.n_processes}")
        part = len(rows) // self.n_processes
        return tuple(rows[self.rank * part : (self.rank + 1) * part])

    def total(self, value: float) -> float:
        """Add up a number over all processes."""
        if self.n_processes == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=_device())
        distributed.all_reduce(shared)
        return float(shared)

    def mean(self, losses: dict[str, float]) -> dict[str, float]:
        """Average named numbers over all processes."""
        if self.n_processes == 1:
            return losses
        shared = torch.tensor(list(losses.values()), dtype=torch.float64, device=_device())
        distributed.all_reduce(shared)
        return dict(zip(losses, (shared / self.n_processes).tolist(), strict=True))

    def average_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace every gradient by its mean over all processes, in place."""
        if self.n_processes == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        for block in _blocks(gradients):
            flat = torch.cat([gradient.flatten() for gradient in block])
            distributed.all_reduce(flat)
            flat /= self.n_processes
            for gradient, part in zip(
                block, torch.split(flat, [gradient.numel() for gradient in block]), strict=True
            ):
                gradient.copy_(part.view_as(gradient))

    def wait(self) -> None:
        """Go on when all processes are here."""
        if self.n_processes > 1:
            distributed.barrier()


ALONE = ProcessGroup()


@contextmanager
def joined(
    rank: int, n_processes: int, meeting: Path, *, backend: str = ""
) -> Iterator[ProcessGroup]:
    """Meet the other processes, and part when all went well.

    Args:
        rank: Of this process, from 0.
        n_processes: Of all.
        meeting: A file that none has used before, on a disk that all see.
        backend: `nccl` where there is CUDA and `gloo` elsewhere, unless given.
    """
    distributed.init_process_group(
        backend or ("nccl" if torch.cuda.is_available() else "gloo"),
        init_method=meeting.resolve().as_uri(),
        rank=rank,
        world_size=n_processes,
        timeout=_PATIENCE,
    )
    yield ProcessGroup(rank=rank, n_processes=n_processes)
    # Not after an error: the others would see the group break before this process can say why.
    distributed.destroy_process_group()


def _blocks(gradients: list[torch.Tensor]) -> Iterator[list[torch.Tensor]]:
    block: list[torch.Tensor] = []
    size = 0
    for gradient in gradients:
        if block and size + gradient.numel() > _BLOCK_VALUES:
            yield block
            block, size = [], 0
        block.append(gradient)
        size += gradient.numel()
    if block:
        yield block


def _device() -> torch.device:
    is_cuda = distributed.get_backend() == "nccl"
    return torch.device("cuda", torch.cuda.current_device()) if is_cuda else torch.device("cpu")
