"""From the predictor's logits to one token, for one line.

Torch-free arithmetic on one row, so a token depends on the line's own logits,
history, seed and step, and never on who shares the batch or on a global random
stream. Nothing here knows where logits come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.errors import SynthesisError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_TOKENS: Final = 1500
"""The reference's safety limit: 60 s of speech at 25 tokens a second."""

_SEED_LIMIT = 2**64
_TOKEN_STREAM = 0x746F6B656E  # "token" in ASCII: other uses of one seed draw other numbers
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
    if not 0 <= seed < _SEED_LIMIT:
        msg = f"seed {seed} is not from 0 to 2**64 - 1"
        raise ValueError(msg)
    bits = np.random.Philox(
        key=np.array([seed, _TOKEN_STREAM], dtype=np.uint64),
        counter=np.array([0, step, 0, 0], dtype=np.uint64),
    )
    uniform = (bits.random_raw(n_tokens) >> np.uint64(11)).astype(np.float64)
    noise: NDArray[np.float64] = -np.log((uniform + 0.5) * _UNIT)  # (0, 1): neither 0 nor infinite
    return noise


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
    if not np.isfinite(logits).all():
        msg = f"the semantic stage gave a score that is not a number at step {step}"
        raise SynthesisError(msg, remedy="check the checkpoint: voicepipe models verify")
    scores = logits.astype(np.float32, copy=True)
    penalty = settings.repetition_penalty
    said = scores[seen]
    scores[seen] = np.where(said < 0, said * penalty, said / penalty)
    if step < settings.min_tokens:
        scores[eos_id] = -np.inf
    best = int(scores.argmax())
    if settings.top_p < 1.0:
        scores = _keep_top_p(scores, settings.top_p)
    scores /= max(settings.temperature, 1e-5)
    rank = min(settings.top_k, scores.size)
    pivot = np.partition(scores, -rank)[-rank]
    kept = np.flatnonzero((scores >= pivot) & (scores > -np.inf))
    noise = token_noise(seed, step, logits.size)[kept]
    # argmax(p / noise) = argmax(log p - log noise), and log p is the score less a constant.
    token = int(kept[np.argmax(scores[kept].astype(np.float64) - np.log(noise))])
    return Choice(token=token, is_end=eos_id in (token, best))


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
