"""Blocks of float32 by our own code or the library's: measured once, pinned by the variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voicepipe.model.acoustic import block_choice
from voicepipe.model.acoustic.block_choice import measure, packs_float32
from voicepipe.model.kernels.choice import KERNELS_VARIABLE, attention_kernel
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of the test's own; what was chosen before is forgotten."""
    if not attention_kernel().is_machine_code:
        pytest.skip(attention_kernel().reason)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    block_choice._choice.cache_clear()
    yield tmp_path
    block_choice._choice.cache_clear()


@pytest.mark.parametrize("is_faster", [True, False])
def test_what_was_measured_holds(
    is_faster: bool,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = {"machine-code": 1.0, "library": 2.0 if is_faster else 0.5}
    monkeypatch.setattr(block_choice, "measure", lambda _: seconds)
    assert packs_float32() is is_faster
    monkeypatch.setattr(block_choice, "measure", None)
    block_choice._choice.cache_clear()
    assert packs_float32() is is_faster
    assert len(list(cache.rglob("blocks-*.json"))) == 1


def test_code_that_computes_something_else_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_choice, "_is_right", lambda: False)
    assert not packs_float32()


def test_the_variable_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_choice, "measure", None)
    for value, expected in (("machine-code", True), ("onednn", False), ("plain", False)):
        monkeypatch.setenv(KERNELS_VARIABLE, value)
        assert packs_float32() is expected


def test_both_ways_are_timed_and_ours_computes_the_same() -> None:
    assert block_choice._is_right()
    assert set(measure(["machine-code", "library"])) == {"machine-code", "library"}
