"""Loops written as machine code: they do what they say, on this very CPU."""

from __future__ import annotations

import math

import llvmlite.binding as llvm
import pytest
import torch

from voicepipe.model.kernels import machine_code
from voicepipe.model.kernels.machine_code import (
    ADDRESS,
    FLOAT,
    INT64,
    LANES,
    Code,
    has_feature,
    whole,
)


def exponentials(powers: torch.Tensor) -> torch.Tensor:
    code = Code("exponentials", [INT64, ADDRESS, ADDRESS])
    stop, source, target = code.arguments

    def turn(start: object, _: object) -> tuple[object, ...]:
        loaded = code.load(source, start, FLOAT, LANES)
        code.store(code.exponential(loaded), target, start, FLOAT)
        return ()

    code.loop(stop, (), turn, step=LANES)
    result = torch.empty_like(powers)
    code.finish()(len(powers), powers.data_ptr(), result.data_ptr())
    return result


def test_exponentials_are_near_the_library_s() -> None:
    powers = torch.linspace(-79.9, 0.0, 4096)
    exact = powers.double().exp()
    error = (exponentials(powers).double() - exact).abs() / exact
    assert float(error.max()) < 2.0**-22


def test_exponentials_end_at_the_edges() -> None:
    edges = torch.tensor([0.0, -0.0, -80.5, -1e30, -math.inf, math.nan, *[-1.0] * 10])
    found = exponentials(edges)
    assert found[:5].tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]
    assert torch.isnan(found[5])


def test_sums_and_halves_add_every_lane_once() -> None:
    code = Code("sums", [ADDRESS, ADDRESS])
    source, target = code.arguments
    rows = [code.load(source, whole(LANES * row), FLOAT, LANES) for row in range(LANES)]
    code.store(code.sums(rows), target, whole(0), FLOAT)
    code.store(code.halved(rows[3], code.do.fadd), target, whole(LANES), FLOAT)
    code.store(code.halved(rows[3], code.larger), target, whole(LANES + 1), FLOAT)
    # Powers of two: every sum is exact, and another for any other choice of lanes.
    numbers = 2.0 ** torch.arange(LANES).repeat(LANES, 1) * torch.arange(1, LANES + 1)[:, None]
    found = torch.zeros(LANES + 2)
    code.finish()(numbers.data_ptr(), found.data_ptr())
    assert torch.equal(found[:LANES], numbers.sum(dim=1))
    assert found[LANES:].tolist() == [numbers[3].sum(), numbers[3].max()]


def test_a_loop_hands_on_and_may_take_no_turn() -> None:
    code = Code("count", [INT64, ADDRESS])
    stop, target = code.arguments

    def turn(index: object, held: object) -> tuple[object, ...]:
        return (code.do.add(held[0], index),)  # type: ignore[index]

    (total,) = code.loop(stop, (whole(5),), turn, step=2)
    code.store(total, target, whole(0), INT64)
    count = code.finish()
    found = torch.zeros(1, dtype=torch.int64)
    for stop_at, expected in ((0, 5), (1, 5), (7, 5 + 0 + 2 + 4 + 6)):
        count(stop_at, found.data_ptr())
        assert found.item() == expected


def test_a_cpu_that_does_not_tell_has_no_features(monkeypatch: pytest.MonkeyPatch) -> None:
    def untold() -> llvm.FeatureMap:
        raise RuntimeError

    monkeypatch.setattr(llvm, "get_host_cpu_features", untold)
    has_feature.cache_clear()
    try:
        assert not has_feature("avx2")
        assert machine_code._features().flatten() == ""
        assert float(exponentials(torch.zeros(LANES))[0]) == 1.0
    finally:
        has_feature.cache_clear()
