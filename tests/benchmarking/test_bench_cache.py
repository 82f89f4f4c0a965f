"""Benches are kept a machine, device, precision, slots and models each."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest
from bench_reports import report

from voicepipe import user_cache
from voicepipe.benchmarking.bench_cache import bench_path, cache_report, cached_report
from voicepipe.benchmarking.keys import formula_key, models_key
from voicepipe.errors import EnvironmentFault
from voicepipe.user_cache import cache_folder

USUAL = {"device": "cpu", "precision": "float32", "models_key": "formula-v2"}


def test_the_last_bench_is_the_one_that_is_given(tmp_path: Path) -> None:
    assert cached_report(**USUAL, slots_asked=0, cache=tmp_path) is None
    cache_report(report(core_s=1.0), tmp_path)
    path = cache_report(report(core_s=2.0), tmp_path)
    found = cached_report(**USUAL, slots_asked=0, cache=tmp_path)
    assert found == report(core_s=2.0)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_other_things_have_other_benches(tmp_path: Path) -> None:
    others = [
        report(),
        report(device="cuda:0"),
        report(precision="int8"),
        report(slots_asked=4),
        report(models_key="0a1b"),
    ]
    assert len({cache_report(each, tmp_path) for each in others}) == len(others)
    for each in others:
        found = cached_report(
            device=each.device,
            precision=each.precision,
            slots_asked=each.slots_asked,
            models_key=each.models_key,
            cache=tmp_path,
        )
        assert found == each


def test_another_machine_with_the_same_home_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache_report(report(), tmp_path)
    monkeypatch.setattr(platform, "node", lambda: "another")
    assert cached_report(**USUAL, slots_asked=0, cache=tmp_path) is None


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    path = bench_path(
        device="../../x", precision="/etc", slots_asked=0, models_key="a/b", cache=tmp_path
    )
    assert path.parent.parent == tmp_path / "bench"


def test_a_damaged_bench_is_a_fault_and_not_an_estimate(tmp_path: Path) -> None:
    path = cache_report(report(), tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(EnvironmentFault, match="no bench"):
        cached_report(**USUAL, slots_asked=0, cache=tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(EnvironmentFault):
        cached_report(**USUAL, slots_asked=0, cache=tmp_path)


def test_a_folder_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(EnvironmentFault) as caught:
        cache_report(report(), tmp_path / "file")
    assert "VOICEPIPE_CACHE" in caught.value.remedy
    assert cached_report(**USUAL, slots_asked=0, cache=tmp_path / "file") is None


@pytest.mark.parametrize(
    ("system", "environment", "expected"),
    [
        ("linux", {"VOICEPIPE_CACHE": "/c", "XDG_CACHE_HOME": "/x"}, "/c"),
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/voicepipe"),
        ("linux", {}, "HOME/.cache/voicepipe"),
        ("darwin", {"XDG_CACHE_HOME": "/x"}, "HOME/Library/Caches/voicepipe"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/voicepipe"),
        ("win32", {}, "HOME/AppData/Local/voicepipe"),
    ],
)
def test_the_cache_is_where_the_system_wants_it(
    system: str, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert cache_folder(environment) == Path(expected.replace("HOME", str(Path.home())))


def test_a_machine_without_a_name_still_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert user_cache.machine_name()
    monkeypatch.setattr(Path, "exists", lambda _: False)
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "")
    assert user_cache.machine_name() == "unknown"


def test_models_are_told_apart_by_what_speaks() -> None:
    pair = {"gpt": "a", "sovits": "b"}
    assert models_key(pair | {"hubert": "c"}) == models_key(pair)
    assert models_key(pair | {"vocoder": "c"}) != models_key(pair)
    assert models_key(pair) != models_key({"gpt": "b", "sovits": "a"})
    assert formula_key("v2") != models_key(pair)
