"""One new query a line against all that the line has seen, as machine code for a CPU.

A step reads the keys and values of every line once and does next to nothing with them, so it can
be as fast as memory. Lines and heads go one after the other, each over exactly its own length: a
line's numbers are its own in any batch. Letters: B lines, H heads, T positions, D head width.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import torch
from llvmlite import ir

from voicepipe.model.kernels.machine_code import (
    ADDRESS,
    BYTE,
    FLOAT,
    INT16,
    INT32,
    INT64,
    INTS,
    LANES,
    Code,
    lanes,
    rounded,
    whole,
)
from voicepipe.model.precision import INT8_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from voicepipe.model.kernels.machine_code import Kind, Value
    from voicepipe.model.kernels.memory import AttentionMemory

_KINDS = {torch.float32: FLOAT, torch.bfloat16: INT16, torch.int8: BYTE}
_FACTS = 5  # of a line: addresses of keys, values, their scales, and the length


class RowAttention:
    """One step's attention for some lines of a cache.

    Args:
        cache: On a CPU. Receives the new position's keys and values, layer by layer.
        slots: The lines, the new position reserved.
    """

    def __init__(self, cache: AttentionMemory, slots: Sequence[int]) -> None:
        _, _, n_heads, self._room, width = cache.keys.shape
        self._n_lines = len(slots)
        self._attend = _attention(n_heads, width, _KINDS[cache.keys.dtype])
        self._weights = torch.empty(self._room)
        scales = cache.scales or (cache.keys, cache.values)  # not read where there are none
        parts = (cache.keys, cache.values, *scales)
        self._lines = torch.tensor(
            [[*(part[slot].data_ptr() for part in parts), cache.length(slot)] for slot in slots]
        )

    def __call__(self, layer: int, joined: Tensor, out: Tensor) -> None:
        """Attend in one layer.

        Args:
            layer: Which one.
            joined: (>= B, 3 * H * D) float32: queries, keys and values of the new position.
            out: (>= B, H * D) float32; the first B rows are written.
        """
        assert joined.is_contiguous()
        assert out.is_contiguous()
        self._attend(
            self._n_lines,
            self._lines.data_ptr(),
            layer,
            self._room,
            joined.data_ptr(),
            out.data_ptr(),
            self._weights.data_ptr(),
        )


@lru_cache
def _attention(n_heads: int, width: int, kind: Kind) -> Callable[..., None]:
    code = Code("attention", [INT64, ADDRESS, INT64, INT64, ADDRESS, ADDRESS, ADDRESS])
    _Writer(code, n_heads, width, kind).write()
    return code.finish()


class _Head(NamedTuple):
    """One head of one line; addresses are where the head's own numbers begin."""

    length: Value
    keys: Value
    values: Value
    key_scales: Value
    value_scales: Value
    joined: Value
    out: Value
    next_keys: Value
    """Those of the head after it."""


class _Writer:
    """Writes the function down."""

    def __init__(self, code: Code, n_heads: int, width: int, kind: Kind) -> None:
        self._code, self._do = code, code.do
        self._n_heads, self._width = n_heads, width
        self._kind, self._is_int8 = kind, kind is BYTE
        self._n_lines, self._table, self._layer, self._room = code.arguments[:4]
        self._joined, self._out, self._weights = code.arguments[4:]

    def write(self) -> None:
        """Write a turn a line and head."""

        def line(index: Value, _: Sequence[Value]) -> Sequence[Value]:
            first = self._do.mul(index, whole(_FACTS))
            facts = [
                self._code.load(self._table, self._do.add(first, whole(i)), INT64)
                for i in range(_FACTS)
            ]

            def head(number: Value, _: Sequence[Value]) -> Sequence[Value]:
                self._attend(self._head(index, number, facts))
                return ()

            return self._code.loop(whole(self._n_heads), (), head)

        self._code.loop(self._n_lines, (), line)

    def _head(self, line: Value, number: Value, facts: Sequence[Value]) -> _Head:
        do = self._do
        # (layers, H, room): which position of the line's memory is the head's first
        place = do.mul(do.add(do.mul(self._layer, whole(self._n_heads)), number), self._room)
        row = do.mul(place, whole(self._width))
        keys, values, key_scales, value_scales = (do.inttoptr(fact, ADDRESS) for fact in facts[:4])
        column = do.mul(number, whole(self._width))
        all_heads = self._n_heads * self._width
        own = do.add(do.mul(line, whole(all_heads)), column)
        joined = do.add(do.mul(line, whole(3 * all_heads)), column)
        next_row = do.add(row, do.mul(self._room, whole(self._width)))
        return _Head(
            length=facts[4],
            keys=self._from(keys, row, self._kind),
            values=self._from(values, row, self._kind),
            key_scales=self._from(key_scales, place, FLOAT),
            value_scales=self._from(value_scales, place, FLOAT),
            joined=self._from(self._joined, joined, FLOAT),
            out=self._from(self._out, own, FLOAT),
            next_keys=self._from(keys, next_row, self._kind),
        )

    def _attend(self, head: _Head) -> None:
        all_heads = self._n_heads * self._width
        self._keep(head, all_heads, head.keys, head.key_scales)
        self._keep(head, 2 * all_heads, head.values, head.value_scales)
        total = self._weigh(head, self._score(head))
        mixed = self._mix(head)
        for piece, values in enumerate(mixed):
            start = piece * LANES
            share = self._do.fdiv(values, self._code.spread(total))
            share = self._code.pick(share, share, [*range(min(LANES, self._width - start))])
            self._code.store(share, head.out, whole(start), FLOAT)

    def _keep(self, head: _Head, column: int, rows: Value, scales: Value) -> None:
        """Store the new position, of which the numbers are at `column` of the joined ones."""
        code, do = self._code, self._do
        position = do.sub(head.length, whole(1))
        fresh = code.load(head.joined, whole(column), FLOAT, self._width)
        if self._is_int8:
            kind, count = fresh.type, self._width
            sizes = code.call(f"llvm.fabs.v{count}f32", kind, fresh)
            # What is no number passes through to the scale, and so to all that is made of it.
            largest = code.call(f"llvm.vector.reduce.fmaximum.v{count}f32", FLOAT, sizes)
            is_zero = do.fcmp_ordered("==", largest, ir.Constant(FLOAT, 0.0))
            steps = ir.Constant(FLOAT, float(INT8_STEPS))
            scale = do.fdiv(do.select(is_zero, steps, largest), steps)
            code.store(scale, scales, position, FLOAT)
            near = code.call(
                f"llvm.rint.v{count}f32", kind, do.fdiv(fresh, code.spread(scale, count))
            )
            bytes_ = ir.VectorType(BYTE, count)
            fresh = code.call(f"llvm.fptosi.sat.v{count}i8.v{count}f32", bytes_, near)
        elif self._kind is INT16:
            fresh = rounded(code, fresh)
        code.store(fresh, rows, do.mul(position, whole(self._width)), self._kind)

    def _score(self, head: _Head) -> Value:
        """Write a score for every position, least for those past the end; gives the highest."""
        code, do = self._code, self._do
        factor = lanes(1.0 / math.sqrt(self._width))
        query = [do.fmul(piece, factor) for piece in self._row(head.joined, whole(0), FLOAT)]
        last = do.sub(head.length, whole(1))
        n_positions = code.spread(do.trunc(head.length, INT32))
        order = ir.Constant(INTS, [*range(LANES)])

        def block(start: Value, highest: Sequence[Value]) -> Sequence[Value]:
            products = []
            for offset in range(LANES):
                position = do.add(start, whole(offset))
                # Past the end is the last position again: what lies there was never written.
                position = do.select(do.icmp_signed("<", position, last), position, last)
                key = self._row(head.keys, do.mul(position, whole(self._width)), self._kind)
                product = do.fmul(query[0], key[0])
                for one, other in zip(query[1:], key[1:], strict=True):
                    product = code.fused(one, other, product)
                products.append(product)
            self._fetch(head.values, start)
            scores = code.sums(products)
            if self._is_int8:
                scores = do.fmul(scores, code.load(head.key_scales, start, FLOAT, LANES))
            place = do.add(code.spread(do.trunc(start, INT32)), order)
            is_there = do.icmp_signed("<", place, n_positions)
            scores = do.select(is_there, scores, lanes(-math.inf))
            code.store(scores, self._weights, start, FLOAT)
            return (code.larger(scores, highest[0]),)

        (highest,) = code.loop(head.length, (lanes(-math.inf),), block, step=LANES)
        return code.halved(highest, code.larger)

    def _weigh(self, head: _Head, highest: Value) -> Value:
        """Turn scores into weights, not yet divided by their sum; gives the sum."""
        code, do = self._code, self._do
        top = code.spread(highest)

        def block(start: Value, total: Sequence[Value]) -> Sequence[Value]:
            scores = code.load(self._weights, start, FLOAT, LANES)
            weights = code.exponential(do.fsub(scores, top))
            total = (do.fadd(total[0], weights),)
            if self._is_int8:
                weights = do.fmul(weights, code.load(head.value_scales, start, FLOAT, LANES))
            code.store(weights, self._weights, start, FLOAT)
            return total

        (total,) = code.loop(head.length, (lanes(0.0),), block, step=LANES)
        return code.halved(total, do.fadd)

    def _mix(self, head: _Head) -> Sequence[Value]:
        """Add up values by their weights."""
        code, do = self._code, self._do

        def add(position: Value, mixed: Sequence[Value]) -> Sequence[Value]:
            weight = code.spread(code.load(self._weights, position, FLOAT))
            value = self._row(head.values, do.mul(position, whole(self._width)), self._kind)
            return [code.fused(weight, one, sum_) for one, sum_ in zip(value, mixed, strict=True)]

        def block(start: Value, mixed: Sequence[Value]) -> Sequence[Value]:
            self._fetch(head.next_keys, start)
            for offset in range(LANES):
                mixed = add(do.add(start, whole(offset)), mixed)
            return mixed

        def rest(count: Value, mixed: Sequence[Value]) -> Sequence[Value]:
            return add(do.add(n_whole, count), mixed)

        nothing = [lanes(0.0)] * -(-self._width // LANES)
        n_whole = do.and_(head.length, whole(-LANES))
        mixed = code.loop(n_whole, nothing, block, step=LANES)
        return code.loop(do.sub(head.length, n_whole), mixed, rest)

    def _row(self, base: Value, start: Value, kind: Kind) -> list[Value]:
        """Read the numbers of one position by `LANES`, filled up with zeros."""
        code, do = self._code, self._do
        pieces = []
        for offset in range(0, self._width, LANES):
            count = min(LANES, self._width - offset)
            piece = code.load(base, do.add(start, whole(offset)), kind, count)
            if kind is BYTE:
                piece = do.sext(piece, ir.VectorType(INT32, count))
                piece = do.sitofp(piece, ir.VectorType(FLOAT, count))
            elif kind is INT16:  # the upper half of a float
                kinds = ir.VectorType(INT32, count)
                piece = do.shl(do.zext(piece, kinds), ir.Constant(kinds, [16] * count))
                piece = do.bitcast(piece, ir.VectorType(FLOAT, count))
            if count < LANES:
                zeros = ir.Constant(piece.type, [0.0] * count)
                piece = code.pick(piece, zeros, [*range(count), *[count] * (LANES - count)])
            pieces.append(piece)
        return pieces

    def _fetch(self, rows: Value, start: Value) -> None:
        """Ask for the positions of a block.

        Of float32 the first line alone, which makes the page known: the CPU asks for the rest by
        itself, and sooner than when all of it is asked for here.
        """
        first = self._do.mul(start, whole(self._width))
        count = LANES if self._kind is FLOAT else LANES * self._width
        self._code.fetch(rows, first, self._kind, count)

    def _from(self, base: Value, index: Value, kind: Kind) -> Value:
        return self._do.gep(base, [index], source_etype=kind)
