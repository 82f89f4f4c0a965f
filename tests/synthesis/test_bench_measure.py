"""A bench of models a hundredth of their size: it measures, is kept, and a plan uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from command_shell import Shell

from voicepipe.benchmarking.keys import models_key
from voicepipe.benchmarking.report import bench_schema
from voicepipe.errors import EnvironmentFault, InputError, UsageError
from voicepipe.pipeline.benching import BenchRequest, bench_machine
from voicepipe.pipeline.project import load_project
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(
    tiny: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Shell:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return Shell(tiny, capfd)


def test_a_formula_is_measured_in_json_and_not_kept(shell: Shell, tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    words = ("bench", "--size", "tiny", "--seconds", "4", "--slots", "3", "--json")
    assert shell(*words, "--svg", str(chart)) == 0
    document = json.loads(shell.out)
    jsonschema.Draft202012Validator(bench_schema()).validate(document)
    stages = document["stages"]
    parts = ("prefill", "semantic", "decoder")
    for figure in ("core_s_per_audio_s", "real_time_factor"):
        assert all(stages[part][figure] > 0 for part in parts)
        assert stages["total"][figure] == pytest.approx(sum(stages[part][figure] for part in parts))
    assert (document["slots"], document["precision"], document["device"]) == (3, "float32", "cpu")
    assert (document["threads"], document["size"]) == (1, "tiny")
    assert document["audio_s"] >= 4.0
    assert document["peak_memory_mb"] > 10
    assert document["startup_s"] >= document["import_s"] >= 0
    assert chart.read_text("utf-8").startswith("<svg")
    assert "not kept" in shell.err
    assert not (tmp_path / "cache").exists()


def test_a_plan_asks_for_a_bench_and_then_uses_it(shell: Shell) -> None:
    assert shell("plan", "--device", "cpu") == 0
    assert "no bench yet: voicepipe bench tells" in shell.err
    assert shell("plan", "--json") == 0
    whole = json.loads(shell.out)
    assert whole["estimate"] is None

    assert shell("bench", "--voice", "noah", "--seconds", "1") == 0
    assert "voice noah, float32, 32 lines at once on cpu" in shell.out
    assert "decoder" in shell.out
    assert "kept for `voicepipe plan`" in shell.err

    assert shell("plan", "--jobs", "1") == 0
    assert "on 1 × cpu" in shell.out
    assert "device hours" in shell.out
    assert "no bench" not in shell.err
    assert shell("plan", "--json", "--line", "hall_000") == 0
    document = json.loads(shell.out)
    part = document["estimate"]
    assert 0 < part["speech_s"] < whole["speech_s"]
    assert document["speech_s"] == part["speech_s"], "both speak of the chosen lines"
    assert part["stood_in_for"] == []
    assert part["device_hours"] * 3600 == pytest.approx(part["wall_s"], abs=1.0)

    assert shell("plan", "--device", "cpu,cuda:1") == 0
    assert "voicepipe bench --device cuda:1 tells" in shell.err


def test_a_damaged_bench_leaves_the_plan_alone(shell: Shell, tmp_path: Path) -> None:
    assert shell("bench", "--voice", "noah", "--seconds", "1", "--slots", "2") == 0
    (kept,) = (tmp_path / "cache").rglob("*.json")
    kept.rename(kept.with_name(kept.name.replace("2_slots", "auto"))).write_text("{", "utf-8")
    assert shell("plan") == 0
    assert "no estimate" in shell.err
    assert "to render" in shell.out


def test_a_bench_that_cannot_be_kept_is_still_told(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    assert shell("bench", "--voice", "noah", "--seconds", "1", "--slots", "2", "--json") == 0
    assert json.loads(shell.out)["models"] == "voice noah"
    assert "not kept, so" in shell.err
    assert shell("bench", "--size", "tiny", "--seconds", "1", "--svg", "/no/where.svg") == 4


def test_a_voice_is_kept_under_the_models_that_a_plan_asks_for(tiny: Path) -> None:
    found = bench_machine(tiny, BenchRequest(voice="noah", audio_s=1.0, slots=2))
    project = load_project(tiny)
    request = project.engines["gpt-sovits"].request(project.cast[0], 1)
    models = request.inputs["model"]
    assert isinstance(models, dict)
    assert found.models_key == models_key({role: str(sha) for role, sha in models.items()})


def test_int8_is_measured_as_int8(tiny: Path) -> None:
    asked = BenchRequest(voice="noah", audio_s=1.0, slots=2, precision="int8")
    try:
        assert bench_machine(tiny, asked).precision == "int8"
    except EnvironmentFault as fault:  # a processor whose 8-bit products are not exact
        assert "int8" in fault.message  # noqa: PT017


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        (BenchRequest(precision="int3"), UsageError, "no precision"),
        (BenchRequest(precision="float16"), EnvironmentFault, "for a GPU"),
        (BenchRequest(device="gpu"), EnvironmentFault, "no device"),
        (BenchRequest(size="huge"), UsageError, "no size"),
        (BenchRequest(family="v9"), UsageError, "v9"),
        (BenchRequest(voice="noah", size="tiny"), UsageError, "leave|size"),
        (BenchRequest(voice="nobody"), UsageError, "no voice"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    asked: BenchRequest, error: type[Exception], says: str, tiny: Path
) -> None:
    with pytest.raises(error, match=says):
        bench_machine(tiny, asked)


def test_a_voice_needs_models_and_leave_to_speak(tiny: Path) -> None:
    file = tiny / "voices" / "noah.yaml"
    whole = file.read_text("utf-8")
    file.write_text(whole.replace("gpt-sovits", "scratch"), "utf-8")
    with pytest.raises(UsageError, match="no models to measure"):
        bench_machine(tiny, BenchRequest(voice="noah"))
    file.write_text(whole.replace("sovits: formula-sovits", "sovits: gone"), "utf-8")
    with pytest.raises(UsageError, match="gone"):
        bench_machine(tiny, BenchRequest(voice="noah"))
    file.write_text(whole + "  until: 2021-01-01\n", "utf-8")
    with pytest.raises(InputError):
        bench_machine(tiny, BenchRequest(voice="noah"))
    (tiny / "voicepipe.yaml").unlink()
    with pytest.raises(InputError):
        bench_machine(tiny, BenchRequest(voice="noah"))
