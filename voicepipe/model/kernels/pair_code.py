"""Convolutions of two frames at a time with fewer products, as machine code.

Of two outputs a distance `d` apart, three taps are four products instead of six (minimal filtering,
F(2, 3)), two taps three instead of four. With frames x0 to x3 a distance apart and taps w0 to w2:

    shared = (x1 + x2) (w0 + w1 + w2) / 2        opposed = (x2 - x1) (w0 - w1 + w2) / 2
    first = shared + opposed + (x0 - x2) w0      second = shared - opposed - (x1 - x3) w2

The sums and differences of frames are planes that are made once for all outputs.

Source: Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray, 2016.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from voicepipe.model.kernels.machine_code import (
    ADDRESS,
    FLOAT,
    FLOATS,
    INT64,
    LANES,
    Code,
    lanes,
    whole,
)
from voicepipe.model.kernels.sum_terms import SumArguments, Terms
from voicepipe.model.kernels.vector_code import VectorWriter, write_results

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicepipe.model.kernels.machine_code import Value

N_PLANES: Final = 4
"""Frames x, and what they give with the frame one or two distances on, y or z: y - x, x + y and
x - z, in this order."""
ITSELF, STEP, SUM, SPAN = range(N_PLANES)
PAIRS: Final = 12
"""Pairs of a phase come in multiples of so many: with 32 outputs as many sums as AVX-512 holds."""
_LINE_BYTES: Final = 64


class PairArguments(NamedTuple):
    """What the function of sums is called with after `SumArguments`.

    Of those `n_rows` are the pairs of a phase, `rows` the planes, `n_taps` all pieces, and
    `tap_stride` the frames from one of a pair to the other.
    """

    phase_stride: Value
    """From one phase's planes to the next ones, in numbers."""
    pieces: Value
    """Where each piece's terms begin in a phase's planes: int64, of the four sums in turn, and
    where those begin that are read next."""
    n_shared: Value
    """Pieces of the first sum."""
    n_opposed: Value
    n_first: Value
    n_second: Value


@lru_cache
def pair_function(n_terms: int) -> Callable[..., None]:
    """Compile the sums of pieces of `n_terms` channels.

    Returns:
        To be called with what `SumArguments` and `PairArguments` list.
    """
    kinds = [*[INT64] * 4, *[ADDRESS] * 4, INT64, ADDRESS, INT64, ADDRESS, INT64]
    code = Code("pairs", [*kinds, INT64, ADDRESS, *[INT64] * 4])
    _PairWriter(code, n_terms).write()
    return code.finish()


class _PairWriter(VectorWriter):
    def __init__(self, code: Code, n_terms: int) -> None:
        super().__init__(code, Terms.FLOATS, n_terms, n_terms)
        self._pairs = PairArguments(*code.arguments[len(SumArguments._fields) :])
        self._n_rows = PAIRS
        do = self._do
        room = do.ptrtoint(do.alloca(FLOATS, 4 * PAIRS + 1), INT64)
        # Vectors that lie across two lines of the cache take twice as long.
        start = do.and_(do.add(room, whole(_LINE_BYTES - 1)), whole(-_LINE_BYTES))
        self._held = do.inttoptr(start, ADDRESS)

    def _groups(self, columns: Sequence[Value]) -> Sequence[Value]:
        code, do = self._code, self._do

        def phase(number: Value, _: Sequence[Value]) -> Sequence[Value]:
            planes = self._at(self._given.rows, do.mul(number, self._pairs.phase_stride))

            def group(pair: Value, _: Sequence[Value]) -> Sequence[Value]:
                self._group(planes, number, pair, columns)
                return ()

            return code.loop(self._given.n_rows, (), group, step=self._n_rows)

        return code.loop(self._given.tap_stride, (), phase)

    def _group(self, planes: Value, phase: Value, pair: Value, columns: Sequence[Value]) -> None:
        code, do, given, pairs = self._code, self._do, self._given, self._pairs
        rows = self._at(planes, do.mul(pair, whole(self._row_stride)))
        biases = [code.load(given.bias, column, FLOAT, LANES) for column in columns]
        zeros = [lanes(0.0)] * (PAIRS * len(columns))
        after_opposed = do.add(pairs.n_shared, pairs.n_opposed)
        after_first = do.add(after_opposed, pairs.n_first)
        self._keep(self._pieces(rows, columns, (whole(0), pairs.n_shared), biases * PAIRS), 0)
        opposed = self._pieces(rows, columns, (pairs.n_shared, pairs.n_opposed), zeros)
        begun = [do.fadd(self._kept(i), value) for i, value in enumerate(opposed)]
        others = [do.fsub(self._kept(i), value) for i, value in enumerate(opposed)]
        self._keep(others, len(others))
        self._keep(self._pieces(rows, columns, (after_opposed, pairs.n_first), begun), 0)
        begun = [self._kept(len(zeros) + i) for i in range(len(zeros))]
        second = self._pieces(rows, columns, (after_first, pairs.n_second), begun)
        self._keep(second, len(second))
        self._finish_pairs(phase, pair, columns)

    def _pieces(
        self,
        rows: Value,
        columns: Sequence[Value],
        which: tuple[Value, Value],
        begun: Sequence[Value],
    ) -> Sequence[Value]:
        """Add up a sum's pieces, the first one and their number given."""
        code, do, given = self._code, self._do, self._given
        of_output = do.mul(given.n_taps, whole(self._n_terms))
        panels = [self._at(given.weight, do.mul(column, of_output)) for column in columns]

        def piece(number: Value, totals: Sequence[Value]) -> Sequence[Value]:
            place = do.add(which[0], number)
            at, after = (
                code.load(self._pairs.pieces, do.add(place, whole(i)), INT64) for i in range(2)
            )
            weights = do.mul(place, whole(self._n_terms))
            soon = self._at(rows, after)

            def ask(term: Value) -> None:
                line = do.mul(do.sub(term, weights), whole(LANES))
                code.fetch(soon, line, FLOAT, LANES)

            return self._piece(rows, panels, (at, weights), totals, ask)

        return code.loop(which[1], begun, piece)

    def _finish_pairs(self, phase: Value, pair: Value, columns: Sequence[Value]) -> None:
        """Write what is kept of a group: all first ones of the pairs, then all second ones."""
        code, do, given = self._code, self._do, self._given
        step = do.add(given.tap_stride, given.tap_stride)

        def half(which: Value, _: Sequence[Value]) -> Sequence[Value]:
            first = do.add(phase, do.mul(which, given.tap_stride))

            def line(number: Value, _: Sequence[Value]) -> Sequence[Value]:
                place = do.add(first, do.mul(do.add(pair, number), step))
                kept = do.add(do.mul(which, whole(PAIRS)), number)
                for index, column in enumerate(columns):
                    at = do.add(do.mul(kept, whole(len(columns))), whole(index))
                    sum_ = code.load(self._held, do.mul(at, whole(LANES)), FLOAT, LANES)
                    beside = do.add(do.mul(place, given.added_stride), column)
                    total = do.fadd(sum_, code.load(given.added, beside, FLOAT, LANES))
                    goal = do.add(do.mul(place, given.n_outputs), column)
                    write_results(code, given, total, goal, is_rounded=False)
                return ()

            return code.loop(whole(PAIRS), (), line)

        code.loop(whole(2), (), half)

    def _keep(self, sums: Sequence[Value], start: int) -> None:
        for index, value in enumerate(sums):
            self._code.store(value, self._held, whole(LANES * (start + index)), FLOAT)

    def _kept(self, index: int) -> Value:
        return self._code.load(self._held, whole(LANES * index), FLOAT, LANES)


@lru_cache
def plane_function(n_channels: int) -> Callable[..., None]:
    """Compile what makes planes of frames of `n_channels`.

    Returns:
        To be called with the frames' address, the distance, rows to be made, the planes' address
        and the rows they have room for: (distance, 2, `N_PLANES`, room, C) float32, of a phase's
        frames every second one, from the first and from the second on.
    """
    code = Code("planes", [ADDRESS, INT64, INT64, ADDRESS, INT64])
    frames, distance, n_rows, planes, room = code.arguments
    do = code.do
    step, of_plane = (do.mul(count, whole(n_channels)) for count in (distance, room))

    def row(phase: Value, place: Value, half: int) -> None:
        frame = do.add(do.mul(do.add(do.add(place, place), whole(half)), distance), phase)
        block = do.mul(do.add(do.add(phase, phase), whole(half)), whole(N_PLANES))
        first = do.mul(frame, whole(n_channels))
        goal = do.add(do.mul(block, of_plane), do.mul(place, whole(n_channels)))

        def piece(channel: Value, _: Sequence[Value]) -> Sequence[Value]:
            start, to = do.add(first, channel), do.add(goal, channel)
            x, y, z = (
                code.load(frames, do.add(start, do.mul(step, whole(i))), FLOAT, LANES)
                for i in range(3)
            )
            for index, values in enumerate((x, do.fsub(y, x), do.fadd(x, y), do.fsub(x, z))):
                code.store(values, planes, do.add(to, do.mul(of_plane, whole(index))), FLOAT)
            return ()

        code.loop(whole(n_channels), (), piece, step=LANES)

    def phase(number: Value, _: Sequence[Value]) -> Sequence[Value]:
        def rows(place: Value, _: Sequence[Value]) -> Sequence[Value]:
            row(number, place, 0)
            row(number, place, 1)
            return ()

        return code.loop(n_rows, (), rows)

    code.loop(distance, (), phase)
    return code.finish()
