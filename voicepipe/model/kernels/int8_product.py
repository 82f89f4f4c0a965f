"""Products of 8-bit weights with rows of floats, as machine code of CPUs that multiply bytes.

Rows are rounded to 8 bits by a scale each, multiplied in exact integers and scaled back, in one
call: a step reads its weights as fast as memory gives them. Letters: M rows, K inputs, N outputs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from llvmlite import ir

from voicepipe.model.kernels.machine_code import (
    ADDRESS,
    BYTE,
    FLOAT,
    FLOATS,
    INT32,
    INT64,
    INTS,
    LANES,
    Code,
    lanes,
    whole,
)
from voicepipe.model.precision import INT8_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from voicepipe.model.kernels.machine_code import Value

_GROUP = 16  # rows whose sums are in registers together
_QUAD = 4  # bytes a lane multiplies at once
_ZERO = 128  # of rows: the instruction wants them without a sign


def suits_bytes(n_outputs: int, n_inputs: int) -> bool:
    """Say whether weights of this shape can be laid out for the instruction (AVX-512 VNNI)."""
    return n_outputs % LANES == n_inputs % LANES == 0


class ByteProduct:
    """Rows with weights laid out for the instruction.

    Args:
        weight: (N, K) int8; both a multiple of 16.
        scales: (N,) float32, what a step of each output's weights is worth.
        bias: (N,) float32.
    """

    def __init__(self, weight: Tensor, scales: Tensor, bias: Tensor) -> None:
        n_outputs, n_inputs = weight.shape
        # (N / 16, K / 4, 16, 4): in the order in which they are read.
        quads = weight.view(-1, LANES, n_inputs // _QUAD, _QUAD)
        self._weight = quads.transpose(1, 2).contiguous()
        self._scales, self._bias = scales.contiguous(), bias.contiguous()
        # What every sum has too much for each row's number having `_ZERO` too much.
        self._excess = (weight.sum(dim=1, dtype=torch.int64) * _ZERO).to(torch.int32)
        self._shape = n_outputs, n_inputs
        self._multiply = _multiplication(n_inputs)

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """Give the memory that processes can share."""
        return self._weight, self._excess, self._scales, self._bias

    def __call__(self, rows: Tensor) -> Tensor:
        """Give (M, N) for (M, K) float32."""
        rows = rows.contiguous()
        n_outputs, n_inputs = self._shape
        n_rows = rows.shape[0]
        n_room = -(-n_rows // _GROUP) * _GROUP
        rounded = torch.empty(n_room, n_inputs, dtype=torch.uint8)
        scales = torch.empty(n_room)
        out = torch.empty(n_room, n_outputs)
        parts = rows, rounded, scales, self._weight, self._excess, self._scales, self._bias, out
        self._multiply(n_rows, n_outputs, *(part.data_ptr() for part in parts))
        return out[:n_rows]


@lru_cache
def _multiplication(n_inputs: int) -> Callable[..., None]:
    code = Code("multiplication", [INT64, INT64, *[ADDRESS] * 8])
    _Writer(code, n_inputs).write()
    return code.finish()


class _Writer:
    """Writes the function down."""

    def __init__(self, code: Code, n_inputs: int) -> None:
        self._code, self._do, self._n_inputs = code, code.do, n_inputs
        self._n_rows, self._n_outputs, self._rows, self._rounded, self._row_scales = code.arguments[
            :5
        ]
        self._weight, self._excess, self._scales, self._bias, self._out = code.arguments[5:]

    def write(self) -> None:
        """Round all rows, then make `LANES` outputs a turn, `_GROUP` rows at once."""

        def outputs(column: Value, _: Sequence[Value]) -> Sequence[Value]:
            def group(row: Value, _: Sequence[Value]) -> Sequence[Value]:
                self._finish(row, column, self._sums(row, column))
                return ()

            return self._code.loop(self._n_rows, (), group, step=_GROUP)

        self._code.loop(self._n_rows, (), self._round)
        self._code.loop(self._n_outputs, (), outputs, step=LANES)

    def _round(self, row: Value, _: Sequence[Value]) -> Sequence[Value]:
        code, do = self._code, self._do
        start = do.mul(row, whole(self._n_inputs))

        def largest(column: Value, found: Sequence[Value]) -> Sequence[Value]:
            numbers = code.load(self._rows, do.add(start, column), FLOAT, LANES)
            sizes = code.call("llvm.fabs.v16f32", FLOATS, numbers)
            # What is no number stays, down to the scale and all that is made of it.
            return (code.call("llvm.maximum.v16f32", FLOATS, sizes, found[0]),)

        (sizes,) = code.loop(whole(self._n_inputs), (lanes(0.0),), largest, step=LANES)
        size = code.call("llvm.vector.reduce.fmaximum.v16f32", FLOAT, sizes)
        steps = ir.Constant(FLOAT, float(INT8_STEPS))
        is_zero = do.fcmp_ordered("==", size, ir.Constant(FLOAT, 0.0))
        scale = do.fdiv(do.select(is_zero, steps, size), steps)
        code.store(scale, self._row_scales, row, FLOAT)
        divisor = code.spread(scale)

        def write(column: Value, _: Sequence[Value]) -> Sequence[Value]:
            place = do.add(start, column)
            numbers = do.fdiv(code.load(self._rows, place, FLOAT, LANES), divisor)
            near = code.call("llvm.rint.v16f32", FLOATS, numbers)
            whole_ones = code.call("llvm.fptosi.sat.v16i32.v16f32", INTS, near)
            shifted = do.add(whole_ones, ir.Constant(INTS, [_ZERO] * LANES))
            bytes_ = do.trunc(shifted, ir.VectorType(BYTE, LANES))
            code.store(bytes_, self._rounded, place, BYTE)
            return ()

        return code.loop(whole(self._n_inputs), (), write, step=LANES)

    def _sums(self, row: Value, column: Value) -> Sequence[Value]:
        """Sum up `LANES` outputs of each row of a group."""
        code, do = self._code, self._do
        rows = do.gep(self._rounded, [do.mul(row, whole(self._n_inputs))], source_etype=BYTE)
        weights = do.gep(self._weight, [do.mul(column, whole(self._n_inputs))], source_etype=BYTE)

        def quad(start: Value, sums: Sequence[Value]) -> Sequence[Value]:
            place = do.mul(start, whole(LANES))
            weight = do.bitcast(code.load(weights, place, BYTE, LANES * _QUAD), INTS)
            added = []
            for index, held in enumerate(sums):
                place = do.add(start, whole(index * self._n_inputs))
                four = do.bitcast(code.load(rows, place, BYTE, _QUAD), INT32)
                name = "llvm.x86.avx512.vpdpbusd.512"
                added.append(code.call(name, INTS, held, code.spread(four), weight))
            return added

        nothing = [ir.Constant(INTS, [0] * LANES)] * _GROUP
        return code.loop(whole(self._n_inputs), nothing, quad, step=_QUAD)

    def _finish(self, row: Value, column: Value, sums: Sequence[Value]) -> None:
        code, do = self._code, self._do
        excess = code.load(self._excess, column, INT32, LANES)
        scales = code.load(self._scales, column, FLOAT, LANES)
        bias = code.load(self._bias, column, FLOAT, LANES)
        for index, sum_ in enumerate(sums):
            number = do.add(row, whole(index))
            exact = do.sitofp(do.sub(sum_, excess), FLOATS)
            scale = code.spread(code.load(self._row_scales, number, FLOAT))
            result = code.fused(do.fmul(exact, scale), scales, bias)
            place = do.add(do.mul(number, self._n_outputs), column)
            code.store(result, self._out, place, FLOAT)
