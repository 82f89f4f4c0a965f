"""Everything a training leaves to chance, drawn by counting: seed, step, row.

No global stream is read or moved, so a training that begins again at any step draws what it would
have drawn, and a row draws the same in any batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from voicepipe.model.noise import latent_noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


def seed_of(*numbers: int) -> int:
    """Mix whole numbers, none negative, into one seed of 64 bits.

    Source: NumPy's `SeedSequence` (O'Neill, 2015), whose outputs NumPy promises to keep.
    """
    return int(np.random.SeedSequence(list(numbers)).generate_state(1, np.uint64)[0])


class RowDropout:
    """Dropout whose draws are a row's own: it drops the same beside any others of its length.

    Args:
        rate: Share of values that are dropped; 0 draws nothing.
        seeds: One a row, of step and row.
        device: Where the values are.
    """

    def __init__(
        self, rate: float, seeds: Sequence[int], device: torch.device | str = "cpu"
    ) -> None:
        if not 0 <= rate < 1:
            raise ValueError(f"a dropout rate is from 0 to under 1, not {rate}")
        self._rate = rate
        self._generators = [
            torch.Generator(device=device).manual_seed(seed % 2**63) for seed in seeds
        ]

    def __call__(self, x: Tensor) -> Tensor:
        """Drop, and scale what stays so that the mean stays. A row is the first dimension's."""
        if not self._rate:
            return x
        draws = torch.stack(
            [
                torch.rand(row.shape, generator=generator, device=x.device)
                for row, generator in zip(x, self._generators, strict=True)
            ]
        )
        return x * (draws >= self._rate).to(x.dtype) / (1 - self._rate)


def slice_starts(
    seeds: Sequence[int], frame_lengths: Sequence[int], slice_frames: int
) -> tuple[int, ...]:
    """Draw where each row's slice begins, evenly over where it fits.

    Args:
        seeds: One a row.
        frame_lengths: One a row; a row shorter than the slice begins at 0.
        slice_frames: Length of the slices.
    """
    rooms = (max(0, length - slice_frames) + 1 for length in frame_lengths)
    return tuple(
        int(np.random.default_rng(seed).integers(room))
        for seed, room in zip(seeds, rooms, strict=True)
    )


def row_noise(seeds: Sequence[int], frame_lengths: Sequence[int], width: int) -> Tensor:
    """Draw standard normal noise, (B, C, T) on the CPU, zero behind each row's end."""
    noise = torch.zeros(len(seeds), width, max(frame_lengths))
    for row, (seed, length) in enumerate(zip(seeds, frame_lengths, strict=True)):
        noise[row, :, :length] = latent_noise(seed, length, width)
    return noise
