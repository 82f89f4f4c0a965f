"""How many rows a product with weights has on a CPU (torch-free)."""

from __future__ import annotations

from typing import Final

ROWS: Final = 32
"""Over this the weights are no longer what costs. Kernels may split their sums by the number of
rows: where they do, every product has this many, and so a row's rounding is its own."""

COUNTS: Final = (8, 16, 32, 64)
"""Where kernels do not, products have one of these, as near as can be to the rows there are."""


def whole_rows(n_rows: int) -> int:
    """Give the rows that are computed for `n_rows`: whole pieces of `COUNTS`."""
    pieces = row_pieces(n_rows)
    return sum(pieces)


def row_pieces(n_rows: int, counts: tuple[int, ...] = COUNTS) -> tuple[int, ...]:
    """Cut rows into products.

    Args:
        n_rows: At least 0.
        counts: Rows a product may have, ascending.

    Returns:
        The largest again and again, and for what is left the smallest that holds it.
    """
    n_largest, rest = divmod(n_rows, counts[-1])
    pieces = (counts[-1],) * n_largest
    return (*pieces, next(count for count in counts if count >= rest)) if rest else pieces
