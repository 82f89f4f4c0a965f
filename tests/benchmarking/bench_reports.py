"""Reports to test with."""

from __future__ import annotations

from voicepipe.benchmarking.report import BenchReport, StageCost, StageCosts


def cost(core_s: float, clock_s: float) -> StageCost:
    return StageCost(core_s_per_audio_s=core_s, real_time_factor=clock_s)


def report(
    *,
    core_s: float = 0.5,
    clock_s: float = 0.6,
    device: str = "cpu",
    precision: str = "float32",
    slots_asked: int = 0,
    models_key: str = "formula-v2",
    made: str = "2026-01-02T03:04:05+00:00",
    startup_s: float = 10.0,
) -> BenchReport:
    return BenchReport(
        stages=StageCosts(
            prefill=cost(0.2 * core_s, 0.2 * clock_s),
            semantic=cost(0.3 * core_s, 0.3 * clock_s),
            decoder=cost(0.5 * core_s, 0.5 * clock_s),
            total=cost(core_s, clock_s),
        ),
        slots=32,
        slots_asked=slots_asked,
        precision=precision,
        device=device,
        models="formula v2",
        models_key=models_key,
        size="full",
        audio_s=30.0,
        tokens_per_s=100.0,
        startup_s=startup_s,
        import_s=4.0,
        peak_memory_mb=900.0,
        peak_device_memory_mb=None if device == "cpu" else 4000.0,
        threads=1,
        machine="A <quick> processor",
        cores=2,
        load_average=0.5,
        made=made,
        versions={"voicepipe": "0.1.0", "python": "3.11.7", "torch": "2.14.1"},
    )
