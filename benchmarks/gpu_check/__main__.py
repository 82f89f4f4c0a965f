"""`python -m benchmarks.gpu_check FOLDER`: what a graphics card does with every part of a render.

Parity with the recorded vectors in every precision, recorded steps against plain ones, lines in any
company, throughput and memory, two streams, two processes, too little memory, training steps. The
report is written after every part, so that what is cut short leaves what it found.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch

import voicepipe
from benchmarks.gpu_check.learning import learning_figures
from benchmarks.gpu_check.models import Models
from benchmarks.gpu_check.parity import default_subset, parity_figures, rounded_figures
from benchmarks.gpu_check.place import Place
from benchmarks.gpu_check.records import Report, Section, Status, write_report
from benchmarks.gpu_check.rendering import rendering_figures
from benchmarks.gpu_check.semantic import company_figures, graph_figures
from benchmarks.gpu_check.throughput import (
    beside_figures,
    processes_figures,
    throughput_figures,
)
from voicepipe.clock import utc_now
from voicepipe.engines.gpt_sovits.renderer import require_device
from voicepipe.model.precision import Precision
from voicepipe.parity.subset import Subset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from benchmarks.gpu_check.records import Figure

ROOT = Path(__file__).resolve().parents[2]
MINUTES = 8.0


def checks_of(models: Models, subset: Subset) -> Mapping[str, Callable[[], Iterable[Figure]]]:
    """Name every check, in the order of what is wanted most."""
    place = models.place
    fastest = place.precisions[-1]
    exact = Precision.FLOAT32
    found: dict[str, Callable[[], Iterable[Figure]]] = {
        "parity, float32": partial(parity_figures, place, subset, exact),
    }
    for precision in place.precisions:
        name = precision.value
        found[f"recorded steps, {name}"] = partial(graph_figures, models, precision)
        found[f"company, {name}"] = partial(company_figures, models, precision)
    for precision in place.precisions:
        name = precision.value
        found[f"throughput, {name}"] = partial(throughput_figures, models, precision)
    found["too little memory"] = partial(rendering_figures, place)
    found["decoder beside steps"] = partial(beside_figures, models, fastest)
    found["two processes"] = partial(processes_figures, models, fastest)
    found["training"] = partial(learning_figures, place)
    for precision in (Precision.FLOAT16, Precision.BFLOAT16) if place.is_cuda else ():
        found[f"parity, {precision.value}"] = partial(parity_figures, place, subset, precision)
    found["parity, convolutions as renders run them"] = partial(rounded_figures, place, subset)
    return found


def run(place: Place, folder: Path, minutes: float, only: Sequence[str] = ()) -> Report:
    """Run the checks and write the report.

    Args:
        place: Where.
        folder: For the report.
        minutes: A check does not begin after so many.
        only: Names of checks begin with one of these; none: all.
    """
    report = Report(
        device=place.device,
        device_name=place.name,
        made=utc_now(),
        versions={
            "voicepipe": voicepipe.__version__,
            "torch": torch.__version__,
            "cuda": str(torch.version.cuda),
            "python": platform.python_version(),
        },
        size=place.size,
    )
    until = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as models:
        checks = checks_of(Models.written(place, Path(models)), Subset(default_subset(ROOT)))
        for name, check in checks.items():
            if only and not name.startswith(tuple(only)):
                continue
            section = Section(
                name=name, status=Status.NOT_RUN, seconds=0.0, note="the time was over"
            )
            if time.monotonic() < until:
                section = run_check(name, check)
            report = replace(report, sections=(*report.sections, section))
            write_report(folder, report)
            sys.stdout.write(f"{name}: {section.status.value} ({section.seconds:.1f} s)\n")
            sys.stdout.flush()
            place.release()
    return report


def run_check(name: str, check: Callable[[], Iterable[Figure]]) -> Section:
    """Run one check; whatever it raises is its result, and the next one runs all the same."""
    started = time.perf_counter()
    figures: list[Figure] = []
    note = ""
    try:
        figures.extend(check())
        status = Status.PASSED if all(f.is_passed for f in figures) else Status.MISSED
    except Exception:  # noqa: BLE001 -- whatever it is, it is the result
        status, note = Status.FAILED, traceback.format_exc(limit=-4)
    return Section(
        name=name,
        status=status,
        seconds=time.perf_counter() - started,
        figures=tuple(figures),
        note=note,
    )


def main() -> int:
    """Run, and exit with 0 where every check passed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu_check", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="for the report")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--only", nargs="+", default=[], help="checks whose names begin so")
    parser.add_argument(
        "--cpu-tiny", action="store_true", help="all of it on the CPU, at a hundredth of the size"
    )
    asked = parser.parse_args()
    device = "cpu" if asked.cpu_tiny else asked.device
    require_device(device)
    if device == "cpu":
        torch.set_num_threads(1)
    place = Place(device=device, is_tiny=asked.cpu_tiny)
    report = run(place, asked.folder, asked.minutes, asked.only)
    return 0 if report.is_passed else 1


if __name__ == "__main__":
    sys.exit(main())
