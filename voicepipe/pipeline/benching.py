"""Measuring this machine: with a formula's models, or with a voice of the project."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicepipe.diagnostics import has_errors
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.model.kernels.choice import require_precision
from voicepipe.model.precision import Precision
from voicepipe.pipeline.project import input_error
from voicepipe.pipeline.render.saying import CLONING, consent_findings, voice_named
from voicepipe.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.benchmarking.models import BenchModels
    from voicepipe.benchmarking.report import BenchReport
    from voicepipe.settings import Settings
    from voicepipe.voices.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRequest:
    """What a person wants measured."""

    voice: str = ""
    """Empty: a formula's models."""
    family: str = "v2"
    """Of the formula's models."""
    size: str = "full"
    """Of the formula's models: `full` or `tiny`."""
    device: str = "cpu"
    precision: str = "float32"
    slots: int = 0
    """Lines at once; 0: as many as memory and device allow."""
    audio_s: float = 30.0
    """Seconds of speech to measure each stage over."""


def bench_machine(root: Path, request: BenchRequest) -> BenchReport:
    """Measure what a second of speech takes.

    Args:
        root: The project, for a voice; anything else for a formula's models.
        request: What to measure.

    Raises:
        UsageError: No such voice, size, family or precision; or the voice speaks without models.
        InputError: The voice's file, the settings or its consent stand in the way.
        EnvironmentFault: Device or models are not here.
        SynthesisError: The models give no numbers.
    """
    if request.voice and request.size != "full":
        raise UsageError("a voice's models have the size they have", remedy="leave --size out")
    precision = _precision(request.precision)
    require_precision(precision, request.device.partition(":")[0])
    # Whoever may not speak with a voice may not load it either: asked before torch is imported.
    found = _voice(root, request.voice) if request.voice else None
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    started = time.perf_counter()
    from voicepipe.benchmarking.bench import BenchOrder, run_bench  # noqa: PLC0415 -- torch
    from voicepipe.engines.gpt_sovits.renderer import require_device  # noqa: PLC0415 -- torch

    import_s = time.perf_counter() - started
    require_device(request.device)
    order = BenchOrder(
        device=request.device,
        n_slots=request.slots,
        audio_s=request.audio_s,
        import_s=import_s,
        load_average=load,
    )
    with _models(root, request, precision, found) as models:
        return run_bench(models, order)


@contextmanager
def _models(
    root: Path, request: BenchRequest, precision: Precision, found: tuple[Settings, Voice] | None
) -> Iterator[BenchModels]:
    from voicepipe.benchmarking.models import formula_pair, voice_pair  # noqa: PLC0415 -- torch

    if found is not None:
        settings, voice = found
        yield voice_pair(root, root / settings.out, voice, precision)
        return
    try:
        folder = Path(tempfile.mkdtemp(prefix="voicepipe-bench-"))
    except OSError as error:
        raise EnvironmentFault(
            f"no temporary folder: {error.strerror or error}", remedy="set TMPDIR to another folder"
        ) from error
    try:
        yield formula_pair(folder, precision, family=request.family, size=request.size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _voice(root: Path, name: str) -> tuple[Settings, Voice]:
    settings, problems = load_settings(root)
    if settings is None:
        raise input_error(root, problems)
    voice, found = voice_named(root, settings, name)
    if voice.engine != CLONING:
        raise UsageError(
            f'voice "{voice.id}" speaks through {voice.engine}, which has no models to measure',
            remedy=f"measure a voice of engine {CLONING}, or leave --voice out",
        )
    spoken = voice.languages or settings.languages
    found = [*found, *consent_findings(root, settings, voice, spoken[0])]
    if has_errors(found):
        raise input_error(root, found)
    return settings, voice


def _precision(name: str) -> Precision:
    known = {member.value: member for member in Precision}
    if name not in known:
        raise UsageError(f'there is no precision "{name}"', remedy=f"say one of {', '.join(known)}")
    return known[name]
