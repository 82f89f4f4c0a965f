"""What sums of products are made of, and how the function that adds them up is called."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from voicepipe.model.kernels.machine_code import Value


SLOPE: Final = 0.1
"""Of what is below zero."""


class Terms(Enum):
    """What a sum is made of, and by which instructions."""

    FLOATS = "float32"
    """Fused products of float32: AVX2, AVX-512, NEON."""
    PAIRS = "pairs of bfloat16"
    """AVX-512 BF16; a term is two numbers, the sum float32."""
    TILES = "tiles of bfloat16"
    """AMX, 16 rows by 16 outputs by 32 numbers; the sum is float32."""

    @property
    def numbers(self) -> int:
        """How many numbers a term is."""
        return 1 if self is Terms.FLOATS else 2

    @property
    def row_group(self) -> int:
        """Rows come in multiples of so many."""
        return 16 if self is Terms.TILES else 8


class SumArguments(NamedTuple):
    """What the function is called with, in order; addresses unless said otherwise."""

    n_rows: Value
    """A multiple of the group of rows."""
    n_outputs: Value
    """A multiple of 16."""
    n_taps: Value
    tap_stride: Value
    """In terms."""
    rows: Value
    weight: Value
    """(N / 16, taps, C, 16) terms."""
    bias: Value
    """(N,) float32: where sums begin."""
    added: Value
    """(M, N) float32, added to sums."""
    added_stride: Value
    """N, or 0 where every row gets the same."""
    out: Value
    """(M, N) float32: what comes of it; may be `added`. Not written where there is `activated`
    alone."""
    writes_out: Value
    """1 or 0."""
    activated: Value
    """(M, N) of the type that rows have: leaky rectified, slope `SLOPE`."""
    writes_activated: Value
    """1 or 0."""
