"""Sums of products of rows with laid out weights, compiled.

One function serves matrix products and convolutions over frames: a row is what one output sees,
`n_taps` pieces of memory of equal length, `tap_stride` apart.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from voicepipe.model.kernels.machine_code import ADDRESS, INT64, Code
from voicepipe.model.kernels.sum_terms import Terms
from voicepipe.model.kernels.tile_code import TileWriter
from voicepipe.model.kernels.vector_code import VectorWriter

if TYPE_CHECKING:
    from collections.abc import Callable


@lru_cache
def sum_function(
    terms: Terms, n_terms: int, row_stride: int, *, fetches: bool = False
) -> Callable[..., None]:
    """Compile the function.

    Args:
        terms: Of the sums.
        n_terms: Of a piece.
        row_stride: From one row to the next, in terms.
        fetches: Whether weights are asked for ahead; tiles never are.

    Returns:
        To be called with what `SumArguments` lists.
    """
    kinds = [*[INT64] * 4, *[ADDRESS] * 4, INT64, ADDRESS, INT64, ADDRESS, INT64]
    code = Code("sums", kinds)
    if terms is Terms.TILES:
        TileWriter(code, n_terms, row_stride).write()
    else:
        VectorWriter(code, terms, n_terms, row_stride, fetches=fetches).write()
    return code.finish()
