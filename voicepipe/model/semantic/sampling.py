"""From the predictor's logits to one token a line.

Torch-free arithmetic by row, so a token depends on the line's own logits,
history, seed and step, and never on who shares the batch or on a global random
stream. Nothing here knows where logits come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.errors import SynthesisError
from voicepipe.model.philox import TOKEN_STREAM, token_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MAX_TOKENS: Final = 1500
"""The reference's safety limit: 60 s of speech at 25 tokens a second."""

_SEED_LIMIT = 2**64
_UNIT = 2.0**-53  # one step of a double drawn from 53 random bits


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingSettings:
    """How tokens are drawn; the defaults are the reference's."""

    top_k: int = 15
    """Candidates kept; 1 is greedy."""
    top_p: float = 1.0
    """Probability mass kept before temperature; 1 keeps all."""
    temperature: float = 1.0
    repetition_penalty: float = 1.35
    """What the score of every token said before, prompt included, is divided by."""
    min_tokens: int = 11
    """Steps during which end of speech cannot be chosen: 0.44 s."""
    max_tokens: int = MAX_TOKENS
    """New tokens after which a line is cut off."""

    def __post_init__(self) -> None:
        checks = (
            (self.top_k >= 1, "top_k", "at least 1", self.top_k),
            (0.0 < self.top_p <= 1.0, "top_p", "over 0 and at most 1", self.top_p),
            (0.0 < self.temperature <= 100.0, "temperature", "over 0, to 100", self.temperature),
            (
                0.0 < self.repetition_penalty <= 100.0,
                "repetition_penalty",
                "over 0, to 100",
                self.repetition_penalty,
            ),
            (self.min_tokens >= 0, "min_tokens", "at least 0", self.min_tokens),
            (self.max_tokens >= 1, "max_tokens", "at least 1", self.max_tokens),
        )
        for is_valid, name, limit, value in checks:
            if not is_valid:
                msg = f"{name} is {value}, and must be {limit}"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one step decided."""

    token: int
    is_end: bool
    """The line ends here, and `token` is not part of it."""


def token_noise(seed: int, step: int, n_tokens: int) -> NDArray[np.float64]:
    """Draw the exponential noise of one step: one value a token id.

    Args:
        seed: From 0 to 2**64 - 1.
        step: New tokens before this one.
        n_tokens: Vocabulary size; value `i` is the same whatever the size.

    Returns:
        (V,) float64, over 0.

    Source: Philox 4x64-10 (Salmon et al., 2011), whose raw output NumPy promises to keep;
    counter (token id, step), key (seed, stream).
    """
    bits = np.random.Philox(
        key=np.array([_require_seed(seed), TOKEN_STREAM], dtype=np.uint64),
        counter=np.array([0, step, 0, 0], dtype=np.uint64),
    )
    return _noise(bits.random_raw(n_tokens))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Whose turn it is: what a row's draw depends on besides its scores and history."""

    settings: SamplingSettings
    seed: int
    step: int
    """New tokens before this one."""


def choose_token(
    logits: NDArray[np.float32],
    seen: NDArray[np.bool_],
    *,
    settings: SamplingSettings,
    seed: int,
    step: int,
    eos_id: int,
) -> Choice:
    """Draw the next token of a line.

    The reference's order: repetition penalty over all earlier tokens, then top-p,
    temperature, top-k, and argmax of probability over exponential noise. The
    line ends when that draw or the highest penalised score is end of speech.

    Args:
        logits: (V,) as the predictor returns them; not changed.
        seen: (V,) which tokens came before, prompt included.
        settings: How to draw.
        seed: The line's own.
        step: New tokens before this one.
        eos_id: End of speech.

    Raises:
        SynthesisError: The logits hold a NaN or an infinity.

    Source: RVC-Boss/GPT-SoVITS `AR/models/utils.py` @48b1a01, `logits_to_probs`. Where the
    reference draws from a global stream, the noise here is a function of seed, step and token.
    """
    draw = Draw(settings=settings, seed=seed, step=step)
    (choice,) = choose_tokens(logits[None], seen[None], (draw,), eos_id=eos_id)
    if isinstance(choice, SynthesisError):
        raise choice
    return choice


def choose_tokens(
    logits: NDArray[np.float32], seen: NDArray[np.bool_], draws: Sequence[Draw], *, eos_id: int
) -> list[Choice | SynthesisError]:
    """Draw the next token of several lines, each as `choose_token` does it alone.

    Args:
        logits: (B, V); not changed.
        seen: (B, V).
        draws: B of them.
        eos_id: End of speech.

    Returns:
        A choice a row, or what is wrong with that row.
    """
    settings = [draw.settings for draw in draws]
    penalties = np.array([one.repetition_penalty for one in settings], dtype=np.float32)[:, None]
    is_finite = [bool(np.isfinite(row).all()) for row in logits]
    scores = np.where(np.array(is_finite)[:, None], logits, np.float32(0.0))
    said = np.where(scores < 0, scores * penalties, scores / penalties)
    scores = np.where(seen, said, scores)
    is_early = [draw.step < draw.settings.min_tokens for draw in draws]
    scores[np.flatnonzero(is_early), eos_id] = -np.inf
    best = scores.argmax(axis=1)
    for row, one in enumerate(settings):
        if one.top_p < 1.0:
            scores[row] = _keep_top_p(scores[row], one.top_p)
    scores /= np.array([max(one.temperature, 1e-5) for one in settings], np.float32)[:, None]
    tokens = _drawn(scores, draws)
    return [
        Choice(token=int(token), is_end=eos_id in (token, top)) if finite else broken_scores(draw)
        for token, top, finite, draw in zip(tokens, best, is_finite, draws, strict=True)
    ]


def _drawn(scores: NDArray[np.float32], draws: Sequence[Draw]) -> NDArray[np.int64]:
    """Keep each row's `top_k` and draw one of them."""
    ranks = np.array([min(draw.settings.top_k, scores.shape[1]) for draw in draws])
    pivots = np.empty(len(draws), dtype=np.float32)
    for rank in np.unique(ranks):
        rows = np.flatnonzero(ranks == rank)
        pivots[rows] = np.partition(scores[rows], -rank, axis=1)[:, -rank]
    # Row by row, token by token: (row, token) pairs, rows ascending.
    rows, kept = np.nonzero((scores >= pivots[:, None]) & (scores > -np.inf))
    seeds = np.array([_require_seed(draw.seed) for draw in draws], dtype=np.uint64)
    steps = np.array([draw.step for draw in draws], dtype=np.uint64)
    noise = _noise(token_words(kept, seeds[rows], steps[rows]))
    # argmax(p / noise) = argmax(log p - log noise), and log p is the score less a constant.
    gains = np.full(scores.shape, -np.inf)
    gains[rows, kept] = scores[rows, kept].astype(np.float64) - np.log(noise)
    tokens: NDArray[np.int64] = gains.argmax(axis=1)
    return tokens


def _noise(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    uniform = (words >> np.uint64(11)).astype(np.float64)
    noise: NDArray[np.float64] = -np.log((uniform + 0.5) * _UNIT)  # (0, 1): neither 0 nor infinite
    return noise


def _require_seed(seed: int) -> int:
    if not 0 <= seed < _SEED_LIMIT:
        msg = f"seed {seed} is not from 0 to 2**64 - 1"
        raise ValueError(msg)
    return seed


def broken_scores(draw: Draw) -> SynthesisError:
    """Say that a line's scores are no numbers."""
    return SynthesisError(
        f"the semantic stage gave a score that is not a number at step {draw.step}",
        remedy="check the checkpoint: voicepipe models verify",
    )


def _keep_top_p(scores: NDArray[np.float32], top_p: float) -> NDArray[np.float32]:
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order].astype(np.float64)
    weights = np.exp(ranked - ranked[0])
    mass = np.cumsum(weights / weights.sum())
    # The reference drops the token that crosses the threshold too, but never the first.
    dropped = order[1:][mass[1:] > top_p]
    kept: NDArray[np.float32] = scores.copy()
    kept[dropped] = -np.inf
    return kept
