"""Drawing tokens where the scores are: `sampling` and `philox` once more, in tensors.

No value leaves the device and no shape depends on one, so that a step can be recorded and played
again. Random words are equal to the CPU's bit for bit; logarithms may differ in their last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from voicepipe.model.philox import MULTIPLIERS, ROUNDS, TOKEN_STREAM, WEYL

if TYPE_CHECKING:
    from torch import Tensor

_LOW = 0xFFFF_FFFF


class DrawState(NamedTuple):
    """What the rows of a draw depend on; S rows."""

    seen: Tensor
    """(S, V) bool."""
    seeds: Tensor
    """(S,) int64 holding the 64 bits of unsigned seeds."""
    steps: Tensor
    """(S,) int64."""
    top_k: Tensor
    """(S,) int64."""
    top_p: Tensor
    """(S,) float64."""
    temperature: Tensor
    """(S,) float32, as are the penalties."""
    penalty: Tensor
    min_tokens: Tensor
    """(S,) int64."""


def as_signed(number: int) -> int:
    """The signed 64-bit integer with the bits of an unsigned one."""
    return number - 2**64 if number >= 2**63 else number


def token_words_on_device(token_ids: Tensor, seeds: Tensor, steps: Tensor) -> Tensor:
    """Give the random word of each token id, as `philox.token_words` does.

    Args:
        token_ids: int64, of any shape that fits the others.
        seeds: int64 with the bits of unsigned seeds.
        steps: int64.

    Returns:
        int64 with the bits of unsigned words.
    """
    shape = torch.broadcast_shapes(  # type: ignore[no-untyped-call]
        token_ids.shape, seeds.shape, steps.shape
    )
    ids, key0, steps = (part.expand(shape) for part in (token_ids, seeds, steps))
    zeros = torch.zeros_like(ids)
    counter = [(ids >> 2) + 1, steps, zeros, zeros]
    key1 = TOKEN_STREAM
    for _ in range(ROUNDS):
        high0, low0 = _product(counter[0], MULTIPLIERS[0])
        high1, low1 = _product(counter[2], MULTIPLIERS[1])
        counter = [high1 ^ counter[1] ^ key0, low1, high0 ^ counter[3] ^ as_signed(key1), low0]
        key0 = key0 + as_signed(WEYL[0])
        key1 = (key1 + WEYL[1]) % 2**64
    return torch.stack(counter).gather(0, (ids & 3).unsqueeze(0))[0]


def draw_on_device(logits: Tensor, state: DrawState, *, eos_id: int) -> tuple[Tensor, Tensor]:
    """Draw a token a row, in the order of steps of `sampling.choose_tokens`.

    Args:
        logits: (S, V) float32.
        state: Whose turn it is.
        eos_id: End of speech.

    Returns:
        (S,) int64 tokens, and (S,) bool: whether the line ends here.
    """
    size = logits.shape[1]
    penalty = state.penalty.unsqueeze(1)
    said = torch.where(logits < 0, logits * penalty, logits / penalty)
    scores = torch.where(state.seen, said, logits)
    is_early = (state.steps < state.min_tokens).unsqueeze(1)
    ids = torch.arange(size, device=logits.device)
    scores = scores.masked_fill(is_early & (ids == eos_id), -torch.inf)
    best = scores.argmax(dim=1)
    ranked, order = torch.sort(scores, dim=1, descending=True, stable=True)
    mass = torch.softmax(ranked.double(), dim=1).cumsum(dim=1)
    is_dropped = (mass > state.top_p.unsqueeze(1)) & (state.top_p < 1.0).unsqueeze(1)
    is_dropped[:, 0] = False
    scores = scores.masked_fill(
        torch.zeros_like(is_dropped).scatter(1, order, is_dropped), -torch.inf
    )
    scores = scores / state.temperature.clamp(min=1e-5).unsqueeze(1)
    kept_ranks = torch.sort(scores, dim=1, descending=True).values
    pivot = kept_ranks.gather(1, (state.top_k.clamp(max=size) - 1).unsqueeze(1))
    words = token_words_on_device(ids, state.seeds.unsqueeze(1), state.steps.unsqueeze(1))
    uniform = ((words >> 11) & (2**53 - 1)).double()
    noise = -torch.log((uniform + 0.5) * 2.0**-53)
    gains = scores.double() - torch.log(noise)
    tokens = gains.masked_fill(scores < pivot, -torch.inf).argmax(dim=1)
    return tokens, (tokens == eos_id) | (best == eos_id)


def _product(values: Tensor, factor: int) -> tuple[Tensor, Tensor]:
    low, high = factor & _LOW, factor >> 32
    value_low, value_high = values & _LOW, (values >> 32) & _LOW
    first = value_low * low
    second = value_high * low + ((first >> 32) & _LOW)
    third = value_low * high + (second & _LOW)
    upper = value_high * high + ((second >> 32) & _LOW) + ((third >> 32) & _LOW)
    return upper, values * as_signed(factor)
