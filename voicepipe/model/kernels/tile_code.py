"""Sums of products of bfloat16 as machine code for CPUs that multiply tiles (AMX).

A tile is 16 rows of 64 bytes. Two tiles of rows and two of weights make four of sums at a time.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import torch
from llvmlite import ir

from voicepipe.model.kernels.machine_code import (
    ADDRESS,
    BYTE,
    FLOAT,
    INT32,
    INT64,
    LANES,
    has_feature,
    whole,
)
from voicepipe.model.kernels.sum_terms import SumArguments
from voicepipe.model.kernels.vector_code import write_results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.model.kernels.machine_code import Code, Value

_ROWS: Final = 16
_PAIRS: Final = 16  # of numbers, in a row of a tile
_PAIR_BYTES: Final = 4
_ROW_BYTES: Final = 64
_NEEDS: Final = ("amx-tile", "amx-bf16")
_VOID: Final = ir.VoidType()


@lru_cache
def has_tiles() -> bool:
    """Say whether this CPU multiplies tiles and the system lets this process do so."""
    return all(map(has_feature, _NEEDS)) and bool(torch.cpu._init_amx())


def suits_tiles(n_terms: int) -> bool:
    """Say whether pieces of so many pairs are whole tiles."""
    return n_terms % _PAIRS == 0


@lru_cache
def _configuration() -> ctypes.Array[ctypes.c_char]:
    """Give what tiles look like: eight of 16 rows of 64 bytes.

    Source: Intel 64 manual, volume 1, 18.2, palette 1.
    """
    made = bytearray(64)
    made[0] = 1
    for tile in range(8):
        made[16 + 2 * tile] = _ROW_BYTES
        made[48 + tile] = _ROWS
    return (ctypes.c_char * len(made)).from_buffer_copy(made)


class TileWriter:
    """Writes the function down.

    Args:
        code: Takes what `SumArguments` lists.
        n_terms: Pairs of a piece, a multiple of 16.
        row_stride: From one row to the next, in pairs.
    """

    def __init__(self, code: Code, n_terms: int, row_stride: int) -> None:
        self._code, self._do = code, code.do
        self._given = SumArguments(*code.arguments)
        self._n_terms, self._row_stride = n_terms, row_stride

    def write(self) -> None:
        """Write turns of 32 rows by 32 outputs, and of 16 for what is left of either."""
        do, given = self._do, self._given
        address = ir.Constant(INT64, ctypes.addressof(_configuration()))
        self._tile("ldtilecfg", do.inttoptr(address, ADDRESS))
        room = do.alloca(ir.ArrayType(FLOAT, _ROWS * LANES))
        sums = do.bitcast(room, ADDRESS)
        wide_rows = do.and_(given.n_rows, whole(-2 * _ROWS))
        wide_outputs = do.and_(given.n_outputs, whole(-2 * LANES))
        for first, stop, n_columns in (
            (whole(0), wide_outputs, 2),
            (wide_outputs, given.n_outputs, 1),
        ):

            def outputs(
                count: Value, _: Sequence[Value], first: Value = first, n_columns: int = n_columns
            ) -> Sequence[Value]:
                column = do.add(first, count)
                self._rows(whole(0), wide_rows, column, (2, n_columns), sums)
                self._rows(wide_rows, given.n_rows, column, (1, n_columns), sums)
                return ()

            self._code.loop(do.sub(stop, first), (), outputs, step=LANES * n_columns)
        self._tile("tilerelease")

    def _rows(
        self, start: Value, stop: Value, column: Value, shape: tuple[int, int], sums: Value
    ) -> None:
        do = self._do

        def group(count: Value, _: Sequence[Value]) -> Sequence[Value]:
            self._sum(do.add(start, count), column, shape, sums)
            return ()

        self._code.loop(do.sub(stop, start), (), group, step=_ROWS * shape[0])

    def _sum(self, row: Value, column: Value, shape: tuple[int, int], sums: Value) -> None:
        code, do, given = self._code, self._do, self._given
        n_rows, n_columns = shape
        places = [do.add(row, whole(index * _ROWS)) for index in range(n_rows)]
        columns = [do.add(column, whole(index * LANES)) for index in range(n_columns)]
        of_output = do.mul(given.n_taps, whole(self._n_terms))
        rows = [self._at(given.rows, do.mul(p, whole(self._row_stride))) for p in places]
        panels = [self._at(given.weight, do.mul(c, of_output)) for c in columns]
        # Tiles 0 to 3 are sums, 4 and 5 rows, 6 and 7 weights.
        pairs = [(i, j) for i in range(n_rows) for j in range(n_columns)]
        for i, j in pairs:
            self._tile("tilezero", _number(2 * i + j))
        stride = whole(self._row_stride * _PAIR_BYTES)

        def tap(number: Value, _: Sequence[Value]) -> Sequence[Value]:
            of_rows = do.mul(number, given.tap_stride)
            of_weights = do.mul(number, whole(self._n_terms))

            def piece(count: Value, _: Sequence[Value]) -> Sequence[Value]:
                at = do.mul(do.add(of_weights, count), whole(LANES))
                for j, panel in enumerate(panels):
                    self._tile(
                        "tileloadd64", _number(6 + j), self._at(panel, at), whole(_ROW_BYTES)
                    )
                for i, base in enumerate(rows):
                    address = self._at(base, do.add(of_rows, count))
                    self._tile("tileloadd64", _number(4 + i), address, stride)
                for i, j in pairs:
                    self._tile("tdpbf16ps", _number(2 * i + j), _number(4 + i), _number(6 + j))
                return ()

            return code.loop(whole(self._n_terms), (), piece, step=_PAIRS)

        code.loop(given.n_taps, (), tap)
        for i, j in pairs:
            self._tile("tilestored64", _number(2 * i + j), sums, whole(_ROW_BYTES))
            self._finish(places[i], columns[j], sums)

    def _finish(self, row: Value, column: Value, sums: Value) -> None:
        code, do, given = self._code, self._do, self._given
        bias = code.load(given.bias, column, FLOAT, LANES)

        def line(index: Value, _: Sequence[Value]) -> Sequence[Value]:
            place = do.add(row, index)
            sum_ = do.fadd(code.load(sums, do.mul(index, whole(LANES)), FLOAT, LANES), bias)
            beside = do.add(do.mul(place, given.added_stride), column)
            total = do.fadd(sum_, code.load(given.added, beside, FLOAT, LANES))
            at = do.add(do.mul(place, given.n_outputs), column)
            write_results(code, given, total, at, is_rounded=True)
            return ()

        code.loop(whole(_ROWS), (), line)

    def _tile(self, name: str, *arguments: Value) -> None:
        self._code.call(f"llvm.x86.{name}", _VOID, *arguments)

    def _at(self, base: Value, index: Value) -> Value:
        return self._do.gep(base, [index], source_etype=INT32)


def _number(tile: int) -> Value:
    return ir.Constant(BYTE, tile)
