"""Choosing a token: the order of the steps, the noise, and the end of a line."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import torch

from voicepipe.errors import SynthesisError
from voicepipe.model.semantic.sampling import Choice, SamplingSettings, choose_token, token_noise

EOS = 1024
NOTHING_SEEN = np.zeros(EOS + 1, dtype=np.bool_)
FREE = SamplingSettings(min_tokens=0)


def scores(**by_token: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    row = np.full(EOS + 1, -20.0, dtype=np.float32)
    for token, value in by_token.items():
        row[int(token[1:])] = value
    return row


def choose(
    row: np.ndarray[tuple[int], np.dtype[np.float32]],
    settings: SamplingSettings,
    *,
    seen: tuple[int, ...] = (),
    seed: int = 1,
    step: int = 20,
) -> Choice:
    said = NOTHING_SEEN.copy()
    said[list(seen)] = True
    return choose_token(row, said, settings=settings, seed=seed, step=step, eos_id=EOS)


def reference_candidates(
    row: np.ndarray[tuple[int], np.dtype[np.float32]],
    settings: SamplingSettings,
    seen: tuple[int, ...],
    *,
    with_eos: bool,
) -> set[int]:
    """The candidates as tensors give them, in the documented order of steps."""
    logits = torch.from_numpy(row.copy())
    if not with_eos:
        logits[EOS] = -torch.inf
    for token in seen:
        value = logits[token]
        logits[token] = (
            value * settings.repetition_penalty
            if value < 0
            else (value / settings.repetition_penalty)
        )
    if settings.top_p < 1:
        ranked, order = torch.sort(logits, descending=True)
        dropped = torch.cumsum(torch.softmax(ranked, 0), 0) > settings.top_p
        dropped[0] = False
        logits[order[dropped]] = -torch.inf
    logits /= settings.temperature
    pivot = torch.topk(logits, settings.top_k).values[-1]
    return set(torch.nonzero((logits >= pivot) & (logits > -torch.inf)).flatten().tolist())


@pytest.mark.parametrize("case", range(24))
def test_every_draw_is_one_of_the_candidates_and_all_of_them_come_up(case: int) -> None:
    rng = np.random.default_rng(case)
    row = rng.normal(0, 2, EOS + 1).astype(np.float32)
    seen = tuple(rng.choice(EOS, 40, replace=False).tolist())
    settings = SamplingSettings(
        top_k=int(rng.integers(1, 8)),
        top_p=float(rng.choice([1.0, 0.3, 0.9])),
        temperature=float(rng.choice([1.0, 0.6, 1.4])),
        min_tokens=0 if case % 2 else 11,
    )
    expected = reference_candidates(row, settings, seen, with_eos=bool(case % 2))

    drawn = {choose(row, settings, seen=seen, seed=s, step=3).token for s in range(400)}

    assert drawn <= expected
    likeliest = max(expected, key=lambda token: row[token])
    assert likeliest in drawn or likeliest in seen


def test_draws_follow_the_probabilities() -> None:
    row = scores(t3=np.log(0.6), t5=np.log(0.3), t7=np.log(0.1))
    counts = Counter(choose(row, FREE, seed=seed).token for seed in range(4000))
    assert counts[3] / 4000 == pytest.approx(0.6, abs=0.03)
    assert counts[5] / 4000 == pytest.approx(0.3, abs=0.03)
    assert counts[7] / 4000 == pytest.approx(0.1, abs=0.03)


def test_temperature_comes_after_top_p() -> None:
    # At temperature 5 the mass of token 3 alone would be under 0.5, and token 5 would stay.
    row = scores(t3=3.0, t5=1.0)
    settings = SamplingSettings(top_p=0.9, temperature=5.0, min_tokens=0)
    assert {choose(row, settings, seed=seed).token for seed in range(200)} == {3}


def test_the_penalty_divides_positive_scores_and_multiplies_negative_ones() -> None:
    greedy = SamplingSettings(top_k=1, repetition_penalty=2.0, min_tokens=0)
    assert choose(scores(t3=4.0, t5=2.1), greedy, seen=(3,)).token == 5
    row = scores(t3=-1.0, t5=-1.5)
    assert choose(row, greedy, seen=(3,)).token == 5
    assert choose(row, greedy).token == 3


def test_end_of_speech_is_out_of_reach_before_its_time() -> None:
    row = scores(t1024=30.0, t3=1.0)
    early, late = SamplingSettings(min_tokens=11), SamplingSettings(top_k=1)
    assert choose(row, early, step=10) == Choice(token=3, is_end=False)
    assert choose(row, late, step=11).is_end


def test_the_likeliest_token_ends_a_line_even_if_another_is_drawn() -> None:
    row = scores(t1024=1.0, t3=0.9)
    choices = [choose(row, FREE, seed=seed) for seed in range(50)]
    assert {choice.token for choice in choices} == {3, EOS}
    assert all(choice.is_end for choice in choices)


def test_noise_belongs_to_seed_step_and_token() -> None:
    noise = token_noise(7, 3, 1025)
    assert noise.min() > 0
    assert np.isfinite(noise).all()
    assert np.array_equal(token_noise(7, 3, 40), noise[:40])
    assert not np.array_equal(token_noise(8, 3, 1025), noise)
    assert not np.array_equal(token_noise(7, 4, 1025), noise)
    many = np.concatenate([token_noise(seed, 0, 1025) for seed in range(100)])
    assert many.mean() == pytest.approx(1.0, abs=0.02)
    assert many.var() == pytest.approx(1.0, abs=0.05)
    assert token_noise(2**64 - 1, 0, 4).shape == (4,)


def test_noise_keeps_its_values_from_release_to_release() -> None:
    # A change here changes every take; it needs a new engine revision.
    np.testing.assert_allclose(token_noise(1, 0, 3), NOISE_1_0, rtol=1e-12)
    np.testing.assert_allclose(token_noise(2**63 + 5, 1499, 3), NOISE_BIG, rtol=1e-12)


NOISE_1_0 = [0.5788933567173354, 3.4695806759980212, 2.354140928647655]
NOISE_BIG = [0.3968076764028351, 0.8086505595915647, 1.4480785603385635]


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="from 0 to"):
        token_noise(seed, 0, 4)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers_fail_the_line(bad: float) -> None:
    with pytest.raises(SynthesisError, match="not a number at step 20"):
        choose(scores(t3=bad), FREE)


def test_the_row_is_left_as_it_was() -> None:
    row = scores(t3=4.0, t5=2.0)
    before = row.copy()
    choose(row, SamplingSettings(temperature=0.5), seen=(3, 5))
    assert np.array_equal(row, before)


def test_ties_at_the_edge_are_all_candidates() -> None:
    row = scores(t3=1.0, t5=1.0)
    greedy = SamplingSettings(top_k=1, min_tokens=0)
    assert {choose(row, greedy, seed=seed).token for seed in range(50)} == {3, 5}


def test_more_candidates_than_tokens_keeps_them_all() -> None:
    assert choose(scores(t3=9.0), SamplingSettings(top_k=5000, min_tokens=0)).token == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("top_k", 0),
        ("top_p", 0.0),
        ("top_p", 1.5),
        ("temperature", 0.0),
        ("temperature", float("nan")),
        ("repetition_penalty", -1.0),
        ("min_tokens", -1),
        ("max_tokens", 0),
    ],
)
def test_settings_out_of_range_are_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field} is "):
        SamplingSettings(**{field: value})  # type: ignore[arg-type]


def test_sampling_needs_no_torch() -> None:
    code = "import sys, voicepipe.model.semantic.sampling; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
