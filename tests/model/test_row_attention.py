"""Attention of one new token a line: near the plain formula, and a line's own in any batch."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from test_semantic_precision import CONFIG, request, stage

from voicepipe.model.kernels.choice import KERNELS_VARIABLE, PLAIN, attention_kernel, row_attention
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.generation import SemanticBatch
from voicepipe.model.semantic.kv_cache import KvCache

LAYER = 1
TYPES = (torch.float32, torch.bfloat16, torch.int8)


@pytest.fixture(params=["machine code", "plain"], autouse=True)
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything holds on both paths."""
    if request.param == PLAIN:
        monkeypatch.setenv(KERNELS_VARIABLE, PLAIN)
    elif not attention_kernel().is_machine_code:
        pytest.skip(attention_kernel().reason)
    return str(request.param)


class FilledCache:
    """A cache whose lines have seen something; memory that none has reached is no number."""

    def __init__(
        self, heads: int, width: int, dtype: torch.dtype, lengths: tuple[int, ...]
    ) -> None:
        config = dataclasses.replace(CONFIG, n_heads=heads, width=heads * width)
        self.cache = KvCache(config, n_slots=len(lengths), max_length=max(lengths) + 3, dtype=dtype)
        for part in self.cache.scales or (self.cache.keys, self.cache.values):
            part.fill_(math.nan)
        generator = torch.Generator().manual_seed(heads * width)
        self.seen = []
        for slot, length in enumerate(lengths):
            keys, values = torch.randn(2, heads, length, width, generator=generator)
            self.cache.open(slot, n_text=length, n_audio=0)
            self.cache.write_prefix(LAYER, slot, keys, values)
            self.seen.append((keys, values))
        self.joined = torch.randn(len(lengths), 3 * heads * width, generator=generator)
        self.heads = heads

    def attend(self, slots: list[int]) -> torch.Tensor:
        self.cache.reserve_next(slots)
        out = torch.full((len(slots) + 1, self.joined.shape[1] // 3), 7.0)
        row_attention(self.cache, slots)(LAYER, self.joined[slots], out)
        assert (out[-1] == 7.0).all()
        return out[:-1]

    def plain(self, slot: int) -> torch.Tensor:
        query, key, value = self.joined[slot].view(3, self.heads, 1, -1).double()
        keys, values = (
            torch.cat((old.double(), new), dim=1)
            for old, new in zip(self.seen[slot], (key, value), strict=True)
        )
        scores = query @ keys.transpose(1, 2) / math.sqrt(query.shape[2])
        return (torch.softmax(scores, dim=2) @ values).flatten()


@pytest.mark.parametrize(
    ("dtype", "error"), [(torch.float32, 1e-6), (torch.bfloat16, 0.02), (torch.int8, 0.03)]
)
@pytest.mark.parametrize(("heads", "width"), [(3, 32), (2, 8), (1, 48)])
def test_it_is_the_plain_formula(heads: int, width: int, dtype: torch.dtype, error: float) -> None:
    lengths = (1, 14, 15, 16, 31, 70)
    found = FilledCache(heads, width, dtype, lengths)
    mixed = found.attend([*range(len(lengths))]).double()
    exact = torch.stack([found.plain(slot) for slot in range(len(lengths))])
    torch.testing.assert_close(mixed, exact, rtol=0, atol=error)
    if dtype is not torch.float32:
        assert not torch.allclose(mixed, exact, rtol=0, atol=error / 100)


@pytest.mark.parametrize("dtype", TYPES)
def test_a_line_is_the_same_in_any_batch_and_order(dtype: torch.dtype) -> None:
    lengths = (40, 3, 17, 64, 15)
    together = FilledCache(2, 32, dtype, lengths).attend([3, 0, 4, 2, 1])
    for row, slot in enumerate((3, 0, 4, 2, 1)):
        alone = FilledCache(2, 32, dtype, lengths).attend([slot])
        assert torch.equal(alone[0], together[row])


@pytest.mark.parametrize("dtype", TYPES)
def test_what_is_new_is_seen_by_the_next_step(dtype: torch.dtype) -> None:
    found = FilledCache(2, 32, dtype, (5,))
    found.attend([0])
    _, key, value = found.joined[0].view(3, 2, 1, -1)
    (keys, values) = found.seen[0]
    found.seen[0] = torch.cat((keys, key), dim=1), torch.cat((values, value), dim=1)
    error = 1e-6 if dtype is torch.float32 else 0.03
    torch.testing.assert_close(found.attend([0])[0].double(), found.plain(0), rtol=0, atol=error)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(
    ("part", "broken"), [(0, math.nan), (1, math.nan), (2, math.nan), (0, math.inf), (2, math.inf)]
)
def test_what_is_no_number_stays_visible_in_its_line(
    dtype: torch.dtype, part: int, broken: float
) -> None:
    lengths = (20, 20)
    found = FilledCache(2, 32, dtype, lengths)
    found.joined[0, part * 64 + 5] = broken
    mixed = found.attend([0, 1])
    assert not torch.isfinite(mixed[0, :32]).all()
    assert torch.isfinite(mixed[0, 32:]).all()
    assert torch.equal(mixed[1], FilledCache(2, 32, dtype, lengths).attend([1])[0])


@pytest.mark.parametrize("dtype", TYPES)
def test_one_score_far_over_the_others_takes_all(dtype: torch.dtype) -> None:
    found = FilledCache(1, 16, dtype, (30,))
    found.joined[0, :32] = 40.0
    mixed = found.attend([0])
    torch.testing.assert_close(mixed[0], found.joined[0, 32:], rtol=0, atol=0.02)


def test_rows_of_zeros_are_kept_in_8_bits() -> None:
    found = FilledCache(1, 16, torch.int8, (4,))
    found.joined.zero_()
    assert torch.isfinite(found.attend([0])).all()
    assert found.cache.scales is not None
    assert [float(scales[0, LAYER, 0, 4]) for scales in found.cache.scales] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("precision", "dtype"),
    [
        (Precision.FLOAT32, torch.float32),
        (Precision.BFLOAT16, torch.bfloat16),
        (Precision.INT8, torch.int8),
    ],
)
def test_a_batch_keeps_keys_and_values_in_the_numbers_of_its_stage(
    precision: Precision, dtype: torch.dtype
) -> None:
    made = stage(precision)
    assert made.cache_type is dtype
    batch = SemanticBatch(made, n_slots=1, max_length=160)
    batch.admit(request(1))
    assert batch._cache.keys.dtype is dtype
    assert (batch._cache.scales is None) == (dtype is not torch.int8)
