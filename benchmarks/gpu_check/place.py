"""The device under test: what differs between a graphics card and the processor."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from benchmarks.gpu_check.records import Figure
from voicepipe.memory import resident_mb
from voicepipe.model.precision import Precision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the checks run, and how large they are."""

    device: str
    """`cuda:0`, or `cpu`."""
    is_tiny: bool
    """Models of a hundredth of their size and short lines: everything is run, nothing measured."""

    @property
    def is_cuda(self) -> bool:
        """Whether it is a graphics card."""
        return torch.device(self.device).type == "cuda"

    @property
    def name(self) -> str:
        """What the device calls itself."""
        return torch.cuda.get_device_name(self.device) if self.is_cuda else "CPU"

    @property
    def size(self) -> str:
        """As benches call it."""
        return "tiny" if self.is_tiny else "full"

    @property
    def precisions(self) -> tuple[Precision, ...]:
        """What the semantic stage computes in here, from tokens to tokens."""
        if self.is_cuda:
            return (Precision.FLOAT32, Precision.FLOAT16, Precision.BFLOAT16)
        return (Precision.FLOAT32,)

    @property
    def n_lines(self) -> int:
        """Lines that are compared."""
        return 4 if self.is_tiny else 16

    @property
    def slot_counts(self) -> tuple[int, ...]:
        """Lines in flight at once that throughput is measured at."""
        return (1, 4) if self.is_tiny else (1, 16, 64, 128)

    @property
    def audio_s(self) -> float:
        """Seconds of speech that a stage is measured over."""
        return 2.0 if self.is_tiny else 60.0

    def settle(self) -> None:
        """Wait until all that was asked for is done."""
        if self.is_cuda:
            torch.cuda.synchronize(self.device)

    def seconds(self, started: float) -> float:
        """Seconds on the clock since `started`, everything done."""
        self.settle()
        return time.perf_counter() - started

    def stream(self) -> AbstractContextManager[object]:
        """Let what is asked for inside run beside what others ask for."""
        if not self.is_cuda:
            return nullcontext()
        return torch.cuda.stream(torch.cuda.Stream(self.device))

    def release(self) -> None:
        """Give back memory that nobody uses."""
        if self.is_cuda:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.device)

    def peak(self, what: str) -> Figure:
        """The most memory that was held since the last release, as a figure."""
        held = resident_mb()
        if self.is_cuda:
            held = torch.cuda.max_memory_allocated(self.device) / 2**20
        return Figure(what=f"{what}, memory", found=held, unit="MB")

    @contextmanager
    def exact(self) -> Iterator[None]:
        """Let float32 be float32: by default convolutions round their inputs to 10 bits."""
        kept = torch.backends.cudnn.allow_tf32
        torch.backends.cudnn.allow_tf32 = False
        try:
            yield
        finally:
            torch.backends.cudnn.allow_tf32 = kept

    @contextmanager
    def little_memory(self, spare_mb: float) -> Iterator[None]:
        """Let no more memory be had than is held now, and a little."""
        assert self.is_cuda, "a processor's memory is not bounded"
        self.release()
        _, total = torch.cuda.mem_get_info(self.device)
        held = torch.cuda.memory_reserved(self.device) + spare_mb * 2**20
        torch.cuda.set_per_process_memory_fraction(min(1.0, held / total), self.device)
        try:
            yield
        finally:
            torch.cuda.set_per_process_memory_fraction(1.0, self.device)
