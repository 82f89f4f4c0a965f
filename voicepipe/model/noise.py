"""Noise that belongs to a line, drawn by counting and never from a stream.

A value depends on the seed, its frame and its channel alone, so a line sounds the
same in any batch, on any device and however its frames are split.
"""

from __future__ import annotations

import numpy as np
import torch

_LATENT_STREAM = 0x6C6174656E74  # "latent" in ASCII: other uses of one seed draw other numbers
_SEED_LIMIT = 2**64
_UNIT = 2.0**-53  # one step of a double drawn from 53 random bits


def latent_noise(seed: int, n_frames: int, channels: int, *, first_frame: int = 0) -> torch.Tensor:
    """Draw standard normal noise for one line.

    Args:
        seed: From 0 to 2**64 - 1.
        n_frames: Frames to draw.
        channels: Values of a frame.
        first_frame: The line's frame to begin at; frame `i` has the same values whatever
            frame the drawing begins at.

    Returns:
        (C, T) float32 on the CPU.

    Raises:
        ValueError: The seed is out of range or a count is negative.

    Source: Philox 4x64-10 (Salmon et al., 2011), whose raw output NumPy promises to keep,
    then Box and Muller's transform in double precision.
    """
    if not 0 <= seed < _SEED_LIMIT:
        raise ValueError(f"seed {seed} is not from 0 to 2**64 - 1")
    if min(n_frames, channels, first_frame) < 0:
        raise ValueError("frames and channels cannot be negative")
    # Four 64-bit words a counter step: two pairs, four normal values.
    steps_per_frame = -(-channels // 4)
    bits = np.random.Philox(
        key=np.array([seed, _LATENT_STREAM], dtype=np.uint64),
        counter=np.array([first_frame * steps_per_frame, 0, 0, 0], dtype=np.uint64),
    )
    pairs_per_frame = 2 * steps_per_frame
    words = bits.random_raw(n_frames * 2 * pairs_per_frame).reshape(n_frames, pairs_per_frame, 2)
    uniform = (words >> np.uint64(11)).astype(np.float64)
    radius = np.sqrt(-2.0 * np.log((uniform[..., 0] + 1.0) * _UNIT))  # (0, 1]: no log of zero
    angle = 2.0 * np.pi * _UNIT * uniform[..., 1]
    pairs = np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=-1)
    frames = pairs.reshape(n_frames, 2 * pairs_per_frame)[:, :channels].astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(frames.T))
