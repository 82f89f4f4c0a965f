"""Scaled dot-product attention in the library's calls: of a prompt, and of lines on a device.

On a CPU a step attends as `kernels.choice` says.

Nothing here knows weights. Letters: B lines, T positions, H heads, D head width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

if TYPE_CHECKING:
    from torch import Tensor


def prefix_mask(n_text: int, n_audio: int, *, device: torch.device | str = "cpu") -> Tensor:
    """Say what audio positions may see: all of the text, and their own past.

    Returns:
        Bool (n_audio, n_text + n_audio), True = visible.
    """
    visible = torch.ones(n_audio, n_text + n_audio, dtype=torch.bool, device=device)
    return visible.tril_(diagonal=n_text)


def prefix_attention(
    queries: Tensor, keys: Tensor, values: Tensor, *, n_text: int, mask: Tensor
) -> Tensor:
    """Attend over one line's text and prompt: text sees all text, audio its past as well.

    The two halves run apart, over exactly the keys they see, so text never
    pays for masked audio.

    Args:
        queries: (H, T, D), of the same T positions as the keys, or of their last ones only.
        keys: (H, T, D).
        values: (H, T, D).
        n_text: How many of the queries are text; they come first.
        mask: `prefix_mask` of the audio queries.

    Returns:
        (Tq, H * D), Tq the number of queries.
    """
    n_queries = queries.shape[1]
    parts = []
    if n_text:
        n_keys = keys.shape[1] - (n_queries - n_text)
        text_keys, text_values = keys[None, :, :n_keys], values[None, :, :n_keys]
        parts.append(
            F.scaled_dot_product_attention(queries[None, :, :n_text], text_keys, text_values)
        )
    if n_queries > n_text:
        audio = queries[None, :, n_text:]
        parts.append(
            F.scaled_dot_product_attention(audio, keys[None], values[None], attn_mask=mask)
        )
    joined = torch.cat(parts, dim=2)[0]
    # (H, T, D) -> (T, H * D)
    return joined.transpose(0, 1).reshape(n_queries, -1)


def padded_attention(
    queries: Tensor,
    keys: Tensor,
    values: Tensor,
    *,
    slots: Tensor,
    lengths: Tensor,
    longest: int,
    out: Tensor,
) -> None:
    """Attend with one new query a line in one call, masking what lies past a line's end.

    For devices where many small calls cost more than they compute. A line's
    rounding depends on `longest` here.

    Args:
        queries: (B, H, D).
        keys: (slots, H, Tmax, D) of one layer.
        values: As `keys`.
        slots: (B,) slot of each line.
        lengths: (B,) positions of each line, the new one included.
        longest: The largest of `lengths`.
        out: (>= B, H * D); the first B rows are written.
    """
    n_rows = queries.shape[0]
    positions = torch.arange(longest, device=queries.device)
    mask = (positions < lengths.unsqueeze(1)).view(n_rows, 1, 1, longest)
    # Unreached memory may hold anything, NaN included, and no mask takes a NaN away.
    unreached = ~mask.transpose(2, 3)
    mixed = F.scaled_dot_product_attention(
        queries.unsqueeze(2),
        keys[slots, :, :longest].masked_fill_(unreached, 0.0),
        values[slots, :, :longest].masked_fill_(unreached, 0.0),
        attn_mask=mask,
    )
    out[:n_rows] = mixed.reshape(n_rows, -1)
