"""What a render will take follows from benches by arithmetic."""

from __future__ import annotations

import pytest
from bench_reports import report

from voicepipe.benchmarking.clock import DECODER, PREFILL, SEMANTIC, StageMeter
from voicepipe.benchmarking.estimate import VoiceWork, estimate_work
from voicepipe.benchmarking.report import BenchReport

USUAL = "formula-v2"


def work(speech_s: float, key: str = "noah-key", voice: str = "noah") -> VoiceWork:
    return VoiceWork(voice=voice, models_key=key, speech_s=speech_s)


def estimate(
    asked: list[VoiceWork], places: list[str], *benches: BenchReport, n_cores: int = 8
) -> tuple[float, float, tuple[str, ...], tuple[str, ...]]:
    known = {(bench.device, bench.models_key): bench for bench in benches}
    found = estimate_work(
        asked, places, n_cores, lambda device, key: known.get((device, key)), stand_in=USUAL
    )
    return found.wall_s, found.device_hours, found.missing, found.strangers


def test_processes_share_the_core_seconds_and_each_loads_once() -> None:
    wall_s, hours, missing, strangers = estimate([work(600.0)], ["cpu"] * 4, report(core_s=0.5))
    assert wall_s == pytest.approx(10.0 + 600 * 0.5 / 4)
    assert hours == pytest.approx(4 * wall_s / 3600)
    assert (missing, strangers) == ((), ("noah",))


def test_more_processes_than_cores_are_no_faster() -> None:
    few, *_ = estimate([work(600.0)], ["cpu"] * 2, report(), n_cores=2)
    many, *_ = estimate([work(600.0)], ["cpu"] * 8, report(), n_cores=2)
    assert few == many


def test_devices_count_by_the_clock_and_add_up() -> None:
    gpu = report(device="cuda:0", core_s=9.0, clock_s=0.05)
    other = report(device="cuda:1", core_s=9.0, clock_s=0.1)
    wall_s, *_ = estimate([work(600.0)], ["cuda:0", "cuda:1"], gpu, other)
    assert wall_s == pytest.approx(10.0 + 600 / (20 + 10))
    wall_s, *_ = estimate([work(600.0)], ["cuda:0", "cpu"], gpu, report(core_s=0.5))
    assert wall_s == pytest.approx(10.0 + 600 / (20 + 2))


def test_a_voice_of_its_own_bench_needs_no_stand_in() -> None:
    own = report(models_key="noah-key", core_s=2.0, made="2025-01-01T00:00:00+00:00")
    wall_s, _, _, strangers = estimate(
        [work(100.0), work(100.0, "b", "ann"), work(1.0, "c", "ann")], ["cpu"], report(), own
    )
    assert wall_s == pytest.approx(10.0 + 200.0 + 50.5)
    assert strangers == ("ann",)
    only = estimate([work(100.0)], ["cpu"], own)
    assert (only[2], only[3]) == ((), ())


def test_a_device_without_a_bench_leaves_no_estimate() -> None:
    wall_s, hours, missing, _ = estimate(
        [work(100.0), work(5.0, "b")], ["cuda:0", "cpu", "cuda:1"], report()
    )
    assert (wall_s, hours, missing) == (0.0, 0.0, ("cuda:0", "cuda:1"))


def test_no_work_takes_no_time_and_needs_no_bench() -> None:
    assert estimate([], ["cpu"]) == (0.0, 0.0, (), ())


def test_a_clock_divides_by_the_speech_a_stage_served() -> None:
    settled: list[int] = []
    clock = StageMeter(lambda: settled.append(1))
    for stage, audio_s in ((PREFILL, 4.0), (SEMANTIC, 2.0), (DECODER, 1.0), (DECODER, 1.0)):
        with clock.timed(stage, audio_s):
            sum(range(20_000))
    costs = clock.costs()
    assert costs.prefill.real_time_factor == clock.wall_s[PREFILL] / 4
    assert costs.decoder.core_s_per_audio_s == clock.core_s[DECODER] / 2
    assert costs.total.core_s_per_audio_s == pytest.approx(
        sum(c.core_s_per_audio_s for c in (costs.prefill, costs.semantic, costs.decoder))
    )
    assert len(settled) == 8
