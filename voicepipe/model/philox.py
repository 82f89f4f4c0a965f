"""Philox 4x64-10 by index: the random word of any place, without those before it.

Only 64-bit integer arithmetic that wraps, so that NumPy on a CPU and tensors on a device give the
same words (`device_noise`). Torch-free.

Source: Salmon et al., 2011; the words are those of `numpy.random.Philox`, which NumPy promises to
keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MULTIPLIERS: Final = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
WEYL: Final = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
ROUNDS: Final = 10
TOKEN_STREAM: Final = 0x746F6B656E
"""ASCII "token": other uses of one seed draw other numbers."""

_LOW = np.uint64(0xFFFF_FFFF)
_HALF = np.uint64(32)
_MASK = 2**64 - 1


def token_words(
    token_ids: NDArray[np.int64], seeds: NDArray[np.uint64], steps: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Give the random word of each token id at a step of a line.

    Args:
        token_ids: (N,) from 0.
        seeds: (N,) of their lines.
        steps: (N,) new tokens of their lines before this one.

    Returns:
        (N,): what `numpy.random.Philox` with counter (0, step, 0, 0) and key (seed, stream) draws
        at place `token_ids`.
    """
    ids = token_ids.astype(np.uint64)
    zeros = np.zeros_like(ids)
    # The generator counts up before it draws four words at once.
    counter = [(ids >> np.uint64(2)) + np.uint64(1), steps.astype(np.uint64), zeros, zeros]
    key0, key1 = seeds.astype(np.uint64), TOKEN_STREAM
    with np.errstate(over="ignore"):
        for _ in range(ROUNDS):
            high0, low0 = _product(counter[0], MULTIPLIERS[0])
            high1, low1 = _product(counter[2], MULTIPLIERS[1])
            counter = [
                high1 ^ counter[1] ^ key0,
                low1,
                high0 ^ counter[3] ^ np.uint64(key1),
                low0,
            ]
            key0 = key0 + np.uint64(WEYL[0])
            key1 = (key1 + WEYL[1]) & _MASK
    words: NDArray[np.uint64] = np.choose((ids & np.uint64(3)).astype(np.intp), counter)
    return words


def _product(
    values: NDArray[np.uint64], factor: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Upper and lower 64 bits of values times a factor, by halves."""
    low, high = np.uint64(factor & 0xFFFF_FFFF), np.uint64(factor >> 32)
    value_low, value_high = values & _LOW, values >> _HALF
    first = value_low * low
    second = value_high * low + (first >> _HALF)
    third = value_low * high + (second & _LOW)
    upper = value_high * high + (second >> _HALF) + (third >> _HALF)
    return upper, values * np.uint64(factor)
