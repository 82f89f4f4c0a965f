"""Sums of products of float32 or pairs of bfloat16 as machine code for CPUs with vectors.

Every output is a sum in the order that is written here, whatever the CPU and the number of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.model.kernels.machine_code import (
    BIT_FALSE,
    FLOAT,
    INT16,
    INT32,
    INT64,
    LANES,
    has_feature,
    lanes,
    pairs_of_halves,
    rounded,
    whole,
)
from voicepipe.model.kernels.sum_terms import SLOPE, SumArguments, Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicepipe.model.kernels.machine_code import Code, Value

_CHUNK: Final = 256
"""Terms of a sum that are added up by themselves first: a sum of thousands in one go would round
away four times as much."""


def write_results(
    code: Code, given: SumArguments, total: Value, place: Value, *, is_rounded: bool
) -> None:
    """Write `LANES` sums, and what the next convolution reads of them, where they are asked for.

    Args:
        code: Being written.
        given: To the function.
        total: The sums.
        place: Where they begin.
        is_rounded: What is read next is bfloat16.
    """

    def plain(_: Value, __: Sequence[Value]) -> Sequence[Value]:
        code.store(total, given.out, place, FLOAT)
        return ()

    def activated(_: Value, __: Sequence[Value]) -> Sequence[Value]:
        do = code.do
        is_above = do.fcmp_ordered(">", total, lanes(0.0))
        value = do.select(is_above, total, do.fmul(total, lanes(SLOPE)))
        if is_rounded:
            code.store(rounded(code, value), given.activated, place, INT16)
        else:
            code.store(value, given.activated, place, FLOAT)
        return ()

    code.loop(given.writes_out, (), plain)
    code.loop(given.writes_activated, (), activated)


class VectorWriter:
    """Writes the function down.

    Args:
        code: Takes what `SumArguments` lists.
        terms: `FLOATS` or `PAIRS`.
        n_terms: Of a piece.
        row_stride: From one row to the next, in terms.
        fetches: Whether weights come from far, and so are asked for a panel ahead: those of a model
            that is read whole for a few rows.
    """

    def __init__(
        self, code: Code, terms: Terms, n_terms: int, row_stride: int, *, fetches: bool = False
    ) -> None:
        self._code, self._do = code, code.do
        self._fetches = fetches
        self._given = SumArguments(*code.arguments[: len(SumArguments._fields)])
        self._n_terms, self._row_stride = n_terms, row_stride
        self._is_paired = terms is Terms.PAIRS
        self._kind = INT32 if self._is_paired else FLOAT
        self._n_rows = terms.row_group if has_feature("avx512f") else terms.row_group // 2

    def write(self) -> None:
        """Write turns of 32 outputs and one of 16 for what is left; sums stay in registers."""
        do, given = self._do, self._given
        n_wide = 2 if has_feature("avx512f") else 1
        n_whole = do.and_(given.n_outputs, whole(-LANES * n_wide))
        self._columns(whole(0), n_whole, n_wide)
        if n_wide > 1:
            self._columns(n_whole, given.n_outputs, 1)

    def _columns(self, start: Value, stop: Value, n_vectors: int) -> None:
        code, do = self._code, self._do

        def outputs(count: Value, _: Sequence[Value]) -> Sequence[Value]:
            first = do.add(start, count)
            return self._groups([do.add(first, whole(at * LANES)) for at in range(n_vectors)])

        code.loop(do.sub(stop, start), (), outputs, step=LANES * n_vectors)

    def _groups(self, columns: Sequence[Value]) -> Sequence[Value]:
        """Write turns of rows for some outputs."""

        def group(row: Value, _: Sequence[Value]) -> Sequence[Value]:
            self._finish(row, columns, self._sums(row, columns))
            return ()

        return self._code.loop(self._given.n_rows, (), group, step=self._n_rows)

    def _sums(self, row: Value, columns: Sequence[Value]) -> Sequence[Value]:
        code, do, given = self._code, self._do, self._given
        rows = self._at(given.rows, do.mul(row, whole(self._row_stride)))
        of_output = do.mul(given.n_taps, whole(self._n_terms))
        panels = [self._at(given.weight, do.mul(column, of_output)) for column in columns]
        biases = [code.load(given.bias, column, FLOAT, LANES) for column in columns]
        ask = self._fetch_ahead(row, columns) if self._fetches else None

        def tap(number: Value, totals: Sequence[Value]) -> Sequence[Value]:
            places = do.mul(number, given.tap_stride), do.mul(number, whole(self._n_terms))
            return self._piece(rows, panels, places, totals, ask)

        return code.loop(given.n_taps, biases * self._n_rows, tap)

    def _piece(
        self,
        rows: Value,
        panels: Sequence[Value],
        places: tuple[Value, Value],
        totals: Sequence[Value],
        ask: Callable[[Value], None] | None = None,
    ) -> Sequence[Value]:
        """Add a piece's terms to sums; `places` are its first ones among rows and weights."""
        do = self._do
        if self._n_terms < _CHUNK:
            return self._terms(rows, panels, places, self._n_terms, totals, ask)

        def chunk(start: Value, totals: Sequence[Value]) -> Sequence[Value]:
            left = do.sub(whole(self._n_terms), start)
            is_whole = do.icmp_signed(">", left, whole(_CHUNK))
            n_terms = do.select(is_whole, whole(_CHUNK), left)
            from_here = do.add(places[0], start), do.add(places[1], start)
            zeros = [lanes(0.0)] * len(totals)
            parts = self._terms(rows, panels, from_here, n_terms, zeros, ask)
            return [do.fadd(total, part) for total, part in zip(totals, parts, strict=True)]

        return self._code.loop(whole(self._n_terms), totals, chunk, step=_CHUNK)

    def _terms(
        self,
        rows: Value,
        panels: Sequence[Value],
        places: tuple[Value, Value],
        n_terms: Value | int,
        sums: Sequence[Value],
        ask: Callable[[Value], None] | None,
    ) -> Sequence[Value]:
        code, do = self._code, self._do
        of_rows, of_weights = places

        def term(count: Value, sums: Sequence[Value]) -> Sequence[Value]:
            index = do.add(of_weights, count)
            if ask is not None:
                ask(index)
            offset = do.mul(index, whole(LANES))
            weights = [code.load(panel, offset, self._kind, LANES) for panel in panels]
            place = do.add(of_rows, count)
            added = []
            for row in range(self._n_rows):
                at = do.add(place, whole(row * self._row_stride))
                number = code.spread(code.load(rows, at, self._kind))
                held = sums[row * len(panels) : (row + 1) * len(panels)]
                added += [self._add(number, w, h) for w, h in zip(weights, held, strict=True)]
            return added

        stop = whole(n_terms) if isinstance(n_terms, int) else n_terms
        return code.loop(stop, sums, term)

    def _add(self, number: Value, weight: Value, held: Value) -> Value:
        if not self._is_paired:
            return self._code.fused(number, weight, held)
        return pairs_of_halves(self._code, number, weight, held)

    def _fetch_ahead(self, row: Value, columns: Sequence[Value]) -> Callable[[Value], None]:
        """Prepare asking for the next panels of weights, spread over all groups of rows.

        Returns:
            To be called with the index of a term; asks for one vector.
        """
        code, do, given = self._code, self._do, self._given
        of_output = do.mul(given.n_taps, whole(self._n_terms))
        panels = self._at(given.weight, do.mul(do.add(columns[-1], whole(LANES)), of_output))
        before = do.mul(do.udiv(row, whole(self._n_rows)), of_output)
        # A vector is asked for as often as there are more groups than panels, in powers of two.
        n_groups = do.udiv(given.n_rows, whole(self._n_rows * len(columns)))
        zeros = code.call("llvm.ctlz.i64", INT64, do.or_(n_groups, whole(1)), BIT_FALSE)
        shift = do.sub(whole(63), zeros)

        def ask(term: Value) -> None:
            vector = do.lshr(do.add(before, term), shift)
            code.fetch(panels, do.mul(vector, whole(LANES)), self._kind, LANES)

        return ask

    def _finish(self, row: Value, columns: Sequence[Value], sums: Sequence[Value]) -> None:
        code, do, given = self._code, self._do, self._given
        for index, sum_ in enumerate(sums):
            number, which = divmod(index, len(columns))
            place = do.add(row, whole(number))
            beside = do.add(do.mul(place, given.added_stride), columns[which])
            total = do.fadd(sum_, code.load(given.added, beside, FLOAT, LANES))
            at = do.add(do.mul(place, given.n_outputs), columns[which])
            write_results(code, given, total, at, is_rounded=self._is_paired)

    def _at(self, base: Value, index: Value) -> Value:
        return self._do.gep(base, [index], source_etype=self._kind)
