"""Speech a second: at several numbers of slots, decoder beside steps, and two processes at once."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import torch

from benchmarks.gpu_check.records import Figure
from benchmarks.gpu_check.semantic import run_steps
from voicepipe.benchmarking.measure import decoder_work, measure_pair
from voicepipe.memory import is_out_of_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.gpu_check.models import Models
    from benchmarks.gpu_check.place import Place
    from voicepipe.model.precision import Precision

_SLOTS_BESIDE = 64


def throughput_figures(models: Models, precision: Precision) -> Iterator[Figure]:
    """Measure every stage at several numbers of slots.

    A number of slots that does not fit is told as no speech at all.
    """
    place, pair = models.place, models.load(precision)
    for n_slots in place.slot_counts:
        place.release()
        try:
            found = measure_pair(pair, place.device, n_slots=n_slots, audio_s=place.audio_s)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            yield Figure(what=f"{n_slots} slots", found=0.0, unit="tokens/s", note="no memory")
            continue
        stages = found.stages
        for stage, cost in (
            ("prefill", stages.prefill),
            ("semantic", stages.semantic),
            ("decoder", stages.decoder),
            ("total", stages.total),
        ):
            yield Figure(
                what=f"{n_slots} slots, {stage}", found=cost.real_time_factor, unit="s/s of speech"
            )
        yield Figure(what=f"{n_slots} slots", found=found.tokens_per_s, unit="tokens/s")
        yield place.peak(f"{n_slots} slots")


def beside_figures(models: Models, precision: Precision) -> Iterator[Figure]:
    """Run steps and decoding one after the other, and each on a stream of its own."""
    place, pair = models.place, models.load(precision)
    n_steps, n_slots = (3, 2) if place.is_tiny else (100, _SLOTS_BESIDE)
    decode = decoder_work(pair, place.device, audio_s=place.audio_s)

    def steps() -> None:
        run_steps(pair.semantic, n_slots, n_steps)

    steps()
    decode()
    steps_s, decode_s = (_timed(place, work) for work in (steps, decode))
    place.settle()
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda work: _on_stream(place, work), (steps, decode)))
    both_s = place.seconds(started)
    yield Figure(what="steps alone", found=steps_s, unit="s")
    yield Figure(what="decoder alone", found=decode_s, unit="s")
    yield Figure(what="at once", found=both_s, unit="s")
    yield Figure(what="gain", found=(steps_s + decode_s) / both_s)


def processes_figures(models: Models, precision: Precision) -> Iterator[Figure]:
    """Measure one process alone, and two at the same time."""
    n_slots = models.place.slot_counts[-2]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        alone = pool.submit(measure_alone, models, precision, n_slots).result()
        both = [pool.submit(measure_alone, models, precision, n_slots) for _ in range(2)]
        together = [future.result() for future in both]
    yield Figure(what="one process", found=alone, unit="tokens/s")
    yield Figure(what="two processes together", found=sum(together), unit="tokens/s")
    yield Figure(what="gain", found=sum(together) / alone)


def measure_alone(models: Models, precision: Precision, n_slots: int) -> float:
    """Tokens a second of a process of its own."""
    torch.set_num_threads(1)
    place, pair = models.place, models.load(precision)
    found = measure_pair(pair, place.device, n_slots=n_slots, audio_s=place.audio_s)
    return found.tokens_per_s


def _timed(place: Place, work: Callable[[], None]) -> float:
    place.settle()
    started = time.perf_counter()
    work()
    return place.seconds(started)


def _on_stream(place: Place, work: Callable[[], None]) -> None:
    with torch.inference_mode(), place.stream():
        work()
