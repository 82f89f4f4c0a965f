"""Machine code or plain torch: what chooses, with what reason, and that both give the same."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

import pytest
import torch
from closeness import assert_equal_but_rounding
from test_semantic_precision import CONFIG, stage

from voicepipe.errors import UsageError
from voicepipe.model.kernels import choice, machine_code
from voicepipe.model.kernels.choice import (
    KERNELS_VARIABLE,
    PLAIN,
    attention_kernel,
    describe_kernels,
    int8_kernel,
)
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.kv_cache import KvCache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.model.semantic.stage import SemanticStage


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """What another test found out about the CPU is forgotten."""
    caches = (choice._attention_kernel, choice._int8_kernel, machine_code.has_feature)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def scores(made: SemanticStage, precision: Precision) -> list[torch.Tensor]:
    """Score three steps of three lines of unequal length, laid out as is chosen now."""
    made.pack(precision)
    cache = KvCache(CONFIG, n_slots=3, max_length=60, dtype=made.cache_type)
    with torch.inference_mode():
        for slot, length in enumerate((3, 17, 40)):
            made.prefill(cache, slot, torch.arange(length) % 40, torch.arange(9) % 64)
        return [made.decode(cache, [2, 0, 1], [step, 5, 9]) for step in range(3)]


@pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.INT8])
def test_both_paths_give_the_same_scores_within_rounding(
    precision: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not attention_kernel().is_machine_code:
        pytest.skip(attention_kernel().reason)
    made = stage(precision)
    compiled = scores(made, precision)
    monkeypatch.setenv(KERNELS_VARIABLE, PLAIN)
    for found, expected in zip(scores(made, precision), compiled, strict=True):
        assert_equal_but_rounding(found, expected)


def test_the_variable_forces_the_plain_path_and_takes_no_other_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KERNELS_VARIABLE, PLAIN)
    assert not attention_kernel().is_machine_code
    assert describe_kernels()["attention"] == "plain torch (VOICEPIPE_KERNELS=plain)"
    monkeypatch.setenv(KERNELS_VARIABLE, "fast")
    with pytest.raises(UsageError, match="VOICEPIPE_KERNELS"):
        int8_kernel()


@pytest.mark.parametrize(
    ("feature", "is_attention"), [("avx2", False), ("fma", False), ("avx512vnni", True)]
)
def test_a_cpu_without_the_instructions_computes_in_plain_torch(
    feature: str, *, is_attention: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(machine_code, "has_feature", lambda name: name != feature)
    monkeypatch.setattr(machine_code, "trial_fault", lambda: "")
    assert attention_kernel().is_machine_code is is_attention
    assert not int8_kernel().is_machine_code
    assert int8_kernel().reason == f"this CPU has no {feature}"


def test_without_llvm_all_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    # As an import finds it where the library is not installed.
    monkeypatch.setitem(sys.modules, "voicepipe.model.kernels.machine_code", None)
    monkeypatch.delattr("voicepipe.model.kernels.machine_code")
    assert not attention_kernel().is_machine_code
    assert attention_kernel().reason.startswith("llvmlite cannot be loaded: ")
    assert scores(stage(Precision.INT8), Precision.INT8)


def test_code_that_does_not_compile_or_is_wrong_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: str) -> object:
        raise RuntimeError("no target")

    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(machine_code, "_machine_code", refuse)
    assert not attention_kernel().is_machine_code
    assert "cannot be compiled (no target)" in attention_kernel().reason
    monkeypatch.undo()
    monkeypatch.setattr(machine_code, "_EXP_TERMS", (0.5,) * 6)
    assert machine_code.trial_fault() == "its numbers are wrong"


def test_a_kind_of_processor_that_was_never_tried_computes_in_plain_torch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert attention_kernel() == (False, "machine code was never tried on riscv64")
