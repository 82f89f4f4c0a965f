"""Steps in tensors: the same words, the same draws and the same tokens as the plain path."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from test_semantic_precision import CONFIG, request, stage

from voicepipe.model.philox import token_words
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.device_sampling import (
    DrawState,
    as_signed,
    draw_on_device,
    token_words_on_device,
)
from voicepipe.model.semantic.generation import SemanticBatch, generate_semantic
from voicepipe.model.semantic.sampling import Choice, Draw, SamplingSettings, choose_tokens

EOS = 64


@pytest.mark.parametrize("seed", [0, 7, 2**63 - 1, 2**63, 2**64 - 1])
def test_words_are_the_cpu_s_bit_for_bit(seed: int) -> None:
    ids = np.arange(1025)
    for step in (0, 3, 1499):
        expected = token_words(
            ids, np.full(1025, seed, dtype=np.uint64), np.full(1025, step, dtype=np.uint64)
        )
        found = token_words_on_device(
            torch.from_numpy(ids), torch.tensor(as_signed(seed)), torch.tensor(step)
        )
        np.testing.assert_array_equal(found.numpy().view(np.uint64), expected)


def test_draws_are_the_cpu_s() -> None:
    rng = np.random.default_rng(4)
    n_rows = 200
    logits = rng.normal(0, 3, (n_rows, EOS + 1)).astype(np.float32)
    seen = rng.random((n_rows, EOS + 1)) < 0.3
    draws = [
        Draw(
            settings=SamplingSettings(
                top_k=int(rng.integers(1, 80)),
                top_p=float(rng.choice([1.0, 0.5, 0.9])),
                temperature=float(rng.choice([0.6, 1.0, 1.7])),
                repetition_penalty=float(rng.choice([1.0, 1.35])),
            ),
            seed=int(rng.integers(0, 2**63)),
            step=int(rng.integers(0, 30)),
        )
        for _ in range(n_rows)
    ]
    settings = [draw.settings for draw in draws]
    state = DrawState(
        seen=torch.from_numpy(seen),
        seeds=torch.tensor([as_signed(draw.seed) for draw in draws]),
        steps=torch.tensor([draw.step for draw in draws]),
        top_k=torch.tensor([one.top_k for one in settings]),
        top_p=torch.tensor([one.top_p for one in settings], dtype=torch.float64),
        temperature=torch.tensor([one.temperature for one in settings]),
        penalty=torch.tensor([one.repetition_penalty for one in settings]),
        min_tokens=torch.tensor([one.min_tokens for one in settings]),
    )
    tokens, ends = draw_on_device(torch.from_numpy(logits), state, eos_id=EOS)
    found = [
        Choice(token=token, is_end=end)
        for token, end in zip(tokens.tolist(), ends.tolist(), strict=True)
    ]
    assert found == choose_tokens(logits, seen, draws, eos_id=EOS)


def test_tokens_are_those_of_the_plain_path() -> None:
    made = stage(Precision.FLOAT32)
    requests = [request(seed) for seed in range(24)]
    expected = generate_semantic(made, requests, n_slots=5, max_length=300)
    found = generate_semantic(made, requests, n_slots=5, max_length=300, on_device=True)
    assert found == expected
    assert len({outcome.tokens for outcome in expected}) == 24


def test_a_broken_line_is_told_and_leaves_a_clean_slot() -> None:
    made = stage(Precision.FLOAT32)
    batch = SemanticBatch(made, n_slots=2, max_length=200, on_device=True)
    first, second = batch.admit(request(1)), batch.admit(request(2))
    batch._cache.values[first, 0, :, 0] = float("nan")
    ended = batch.step()
    assert "not a number" in str(ended[first])
    while batch.n_active:
        ended |= batch.step()
    (expected,) = generate_semantic(made, [request(2)], n_slots=1, max_length=200)
    assert ended[second] == expected
    assert batch.admit(request(3)) == first
    (after,) = run_out(batch)
    assert after == generate_semantic(made, [request(3)], n_slots=1, max_length=200)[0]


def run_out(batch: SemanticBatch) -> list[object]:
    """Step until nobody is left."""
    ended: list[object] = []
    while batch.n_active:
        ended += batch.step().values()
    return ended


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_recorded_step_says_what_the_plain_path_says() -> None:
    made = stage(Precision.FLOAT32)
    requests = [request(seed) for seed in range(12)]
    expected = generate_semantic(made, requests, n_slots=4, max_length=300)
    there = made.to("cuda").pack()
    assert generate_semantic(there, requests, n_slots=4, max_length=300) == expected
    assert CONFIG.eos_id == EOS
