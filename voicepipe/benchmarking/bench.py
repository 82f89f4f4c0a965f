"""One bench from beginning to end: load as a worker does, measure, say on what. Imports torch."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

import voicepipe
from voicepipe.benchmarking.measure import measure_pair
from voicepipe.benchmarking.report import BenchReport
from voicepipe.child_processes import n_cores
from voicepipe.clock import utc_now
from voicepipe.engines.gpt_sovits.renderer import fitting_slots, require_device
from voicepipe.model.kernels.choice import describe_kernels
from voicepipe.synthesis.model_cache import ModelCache
from voicepipe.user_cache import machine_name

if TYPE_CHECKING:
    from voicepipe.benchmarking.models import BenchModels


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchOrder:
    """What to measure."""

    device: str = "cpu"
    n_slots: int = 0
    """0: as many as memory and device allow."""
    audio_s: float = 30.0
    """Seconds of speech for each stage."""
    import_s: float = 0.0
    """What importing this module took."""
    load_average: float | None = None
    """Before anything began."""


def run_bench(models: BenchModels, order: BenchOrder) -> BenchReport:
    """Load models on a device and measure them.

    On a CPU one thread computes, as in a worker.

    Raises:
        EnvironmentFault: Device or models are not here, or it does not compute in that precision.
        SynthesisError: The models give no numbers.
    """
    require_device(order.device)
    if order.device == "cpu":
        torch.set_num_threads(1)
    model_cache = ModelCache(models.root, order.device)
    started = time.perf_counter()
    pair = model_cache.pair(models.needed)
    load_s = time.perf_counter() - started
    n_slots = fitting_slots(pair.semantic, order.device, order.n_slots)
    found = measure_pair(
        pair,
        order.device,
        n_slots=n_slots,
        audio_s=order.audio_s,
        candidates=models.candidates,
    )
    model_cache.clear()
    return BenchReport(
        stages=found.stages,
        slots=n_slots,
        slots_asked=order.n_slots,
        precision=models.needed.precision.value,
        device=order.device,
        models=models.name,
        models_key=models.key,
        size=models.size,
        audio_s=found.audio_s,
        tokens_per_s=found.tokens_per_s,
        startup_s=order.import_s + load_s,
        import_s=order.import_s,
        peak_memory_mb=found.peak_memory_mb,
        peak_device_memory_mb=found.peak_device_memory_mb,
        threads=torch.get_num_threads(),
        machine=_machine(order.device),
        cores=n_cores(),
        load_average=order.load_average,
        made=utc_now(),
        kernels=dict(describe_kernels()) if order.device == "cpu" else {},
        versions={
            "voicepipe": voicepipe.__version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
    )


def _machine(device: str) -> str:
    if torch.device(device).type == "cuda":
        return f"{machine_name()}, {torch.cuda.get_device_name(device)}"
    return machine_name()
