"""Drawing for many lines at once, and random words by their place."""

from __future__ import annotations

import numpy as np
import pytest

from voicepipe.errors import SynthesisError
from voicepipe.model.philox import TOKEN_STREAM, token_words
from voicepipe.model.semantic.sampling import Draw, SamplingSettings, choose_token, choose_tokens

EOS = 64


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**63, 2**64 - 1])
@pytest.mark.parametrize("step", [0, 1, 1499])
def test_words_are_those_of_numpy_s_generator(seed: int, step: int) -> None:
    bits = np.random.Philox(
        key=np.array([seed, TOKEN_STREAM], dtype=np.uint64),
        counter=np.array([0, step, 0, 0], dtype=np.uint64),
    )
    ids = np.random.default_rng(1).permutation(1025)
    words = token_words(
        ids, np.full(1025, seed, dtype=np.uint64), np.full(1025, step, dtype=np.uint64)
    )
    np.testing.assert_array_equal(words, bits.random_raw(1025)[ids])


def test_each_row_draws_what_it_draws_alone() -> None:
    rng = np.random.default_rng(5)
    n_rows = 40
    logits = rng.normal(0, 3, (n_rows, EOS + 1)).astype(np.float32)
    seen = rng.random((n_rows, EOS + 1)) < 0.3
    draws = [
        Draw(
            settings=SamplingSettings(
                top_k=int(rng.integers(1, 90)),
                top_p=float(rng.choice([1.0, 0.6])),
                temperature=float(rng.choice([1.0, 1.7])),
                repetition_penalty=float(rng.choice([1.0, 1.35])),
            ),
            seed=row,
            step=int(rng.integers(0, 30)),
        )
        for row in range(n_rows)
    ]
    alone = [
        choose_token(
            logits[row], seen[row], settings=d.settings, seed=d.seed, step=d.step, eos_id=EOS
        )
        for row, d in enumerate(draws)
    ]
    for order in (np.arange(n_rows), rng.permutation(n_rows), rng.permutation(n_rows)[:7]):
        together = choose_tokens(logits[order], seen[order], [draws[i] for i in order], eos_id=EOS)
        assert together == [alone[i] for i in order]
    assert len({choice.token for choice in alone}) > 10


def test_a_broken_row_is_named_and_the_others_are_drawn() -> None:
    logits = np.random.default_rng(1).normal(0, 1, (3, EOS + 1)).astype(np.float32)
    logits[1, 5] = np.nan
    draw = Draw(settings=SamplingSettings(), seed=3, step=12)
    first, second, third = choose_tokens(
        logits, np.zeros(logits.shape, dtype=np.bool_), [draw] * 3, eos_id=EOS
    )
    assert isinstance(second, SynthesisError)
    assert "step 12" in str(second)
    assert not isinstance(first, SynthesisError)
    assert not isinstance(third, SynthesisError)
