"""Small loops as machine code of this very CPU, written down in LLVM's own terms.

For work that a library's calls do at a fraction of what the memory gives: many short rows, too
small for a call each. No compiler is needed where the product runs, and the order of every sum is
the one written here: nothing is regrouped, so a number depends on its operands alone.

Vectors have `LANES` numbers whatever the CPU's own width; LLVM cuts them to it.
"""

from __future__ import annotations

import ctypes
import math
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import llvmlite.binding as llvm
from llvmlite import ir

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Value = Any
    """A number or a vector of a function being written (the library is not typed)."""
    Kind = Any
    """What memory holds: `BYTE`, `FLOAT` …"""
    Engine = Any

LANES: Final = 16

BIT_FALSE: Final = ir.Constant(ir.IntType(1), 0)
BYTE: Final = ir.IntType(8)
INT16: Final = ir.IntType(16)
INT32: Final = ir.IntType(32)
INT64: Final = ir.IntType(64)
FLOAT: Final = ir.FloatType()
ADDRESS: Final = ir.PointerType()
FLOATS: Final = ir.VectorType(FLOAT, LANES)
INTS: Final = ir.VectorType(INT32, LANES)

_LINE_BYTES = 64  # of a cache, on nearly every CPU
_LOG2_E, _LN2_HIGH, _LN2_LOW = 1.4426950408889634, 0.693359375, -2.12194440e-4
_EXP_TERMS = (
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
)
_TRIAL_ERROR = 1e-6
_EXP_LEAST = -80.0  # below: zero, so that no sum is slowed down by numbers too small to matter


def whole(number: int) -> Value:
    """Give a constant INT64."""
    return ir.Constant(INT64, number)


def lanes(number: float) -> Value:
    """Give a constant vector of one number."""
    return ir.Constant(FLOATS, [number] * LANES)


@lru_cache
def has_feature(name: str) -> bool:
    """Say whether this CPU has what LLVM calls so."""
    return bool(_features().get(name))


def trial_fault() -> str:
    """Compile and run a small function: why it does not do as written, or nothing where it does.

    It takes fused products, rounding and conversion, which the functions of this room are made of.
    """
    code = Code("trial", [ADDRESS])
    (numbers,) = code.arguments
    code.store(
        code.exponential(code.load(numbers, whole(0), FLOAT, LANES)), numbers, whole(0), FLOAT
    )
    powers = [-float(lane) for lane in range(LANES)]
    memory = (ctypes.c_float * LANES)(*powers)
    try:
        code.finish()(ctypes.addressof(memory))
    except (RuntimeError, OSError) as error:
        return f"it cannot be compiled ({error})"
    expected = map(math.exp, powers)
    is_near = all(map(partial(math.isclose, rel_tol=_TRIAL_ERROR), memory, expected))
    return "" if is_near else "its numbers are wrong"


class Code:
    """A function of addresses and whole numbers that gives nothing back, being written.

    Args:
        name: Of the function.
        parameters: `ADDRESS` or `INT64` each; their values are `arguments`.
    """

    def __init__(self, name: str, parameters: Sequence[object]) -> None:
        self.module = ir.Module(name)
        function = ir.Function(self.module, ir.FunctionType(ir.VoidType(), parameters), name)
        self.name, self.arguments = name, function.args
        self.do = ir.IRBuilder(function.append_basic_block())

    def loop(
        self,
        stop: Value,
        carried: Sequence[Value],
        body: Callable[[Value, Sequence[Value]], Sequence[Value]],
        *,
        step: int = 1,
    ) -> Sequence[Value]:
        """Write a loop from 0 up to `stop`.

        Args:
            stop: INT64.
            carried: What a turn hands on to the next, as it is before the first.
            body: Writes a turn, given its count and what was handed on; gives what it hands on.
            step: Added to the count.

        Returns:
            What the last turn handed on.
        """
        do, before = self.do, self.do.block
        head, turn, after = (do.append_basic_block() for _ in range(3))
        do.branch(head)
        do.position_at_end(head)
        count = do.phi(INT64)
        count.add_incoming(whole(0), before)
        held = [do.phi(value.type) for value in carried]
        for phi, value in zip(held, carried, strict=True):
            phi.add_incoming(value, before)
        do.cbranch(do.icmp_signed("<", count, stop), turn, after)
        do.position_at_end(turn)
        results = body(count, held)
        count.add_incoming(do.add(count, whole(step)), do.block)
        for phi, value in zip(held, results, strict=True):
            phi.add_incoming(value, do.block)
        do.branch(head)
        do.position_at_end(after)
        return held

    def call(self, name: str, kind: object, *arguments: Value) -> Value:
        """Call what LLVM itself offers, by its full name."""
        function = self.module.globals.get(name)
        if function is None:
            types = [argument.type for argument in arguments]
            function = ir.Function(self.module, ir.FunctionType(kind, types), name)
        return self.do.call(function, arguments)

    def load(self, base: Value, index: Value, kind: Kind, count: int = 0) -> Value:
        """Read one number, or `count` as a vector, from the `index`th of `base` on."""
        address = self.do.gep(base, [index], source_etype=kind)
        wanted = ir.VectorType(kind, count) if count else kind
        return self.do.load(address, typ=wanted, align=_size(kind))

    def store(self, value: Value, base: Value, index: Value, kind: Kind) -> None:
        """Write a number or vector of `kind` at the `index`th of `base`."""
        address = self.do.gep(base, [index], source_etype=kind)
        self.do.store(value, address, align=_size(kind))

    def fetch(self, base: Value, index: Value, kind: Kind, count: int) -> None:
        """Ask for memory that is needed soon; harmless wherever it lies."""
        numbers = _LINE_BYTES // _size(kind)
        flags = [ir.Constant(INT32, flag) for flag in (0, 3, 1)]  # to read, to keep, data
        for offset in range(0, count, numbers):
            place = self.do.add(index, whole(offset))
            address = self.do.gep(base, [place], source_etype=kind)
            self.call("llvm.prefetch.p0", ir.VoidType(), address, *flags)

    def spread(self, number: Value, count: int = LANES) -> Value:
        """Make a vector of one number."""
        empty = ir.Constant(ir.VectorType(number.type, count), ir.Undefined)
        first = self.do.insert_element(empty, number, ir.Constant(INT32, 0))
        return self.pick(first, first, [0] * count)

    def pick(self, first: Value, second: Value, places: Sequence[int]) -> Value:
        """Choose lanes of two vectors laid end to end."""
        chosen = ir.Constant(ir.VectorType(INT32, len(places)), list(places))
        return self.do.shuffle_vector(first, second, chosen)

    def fused(self, left: Value, right: Value, added: Value) -> Value:
        """Give left * right + added, rounded once."""
        return self.call(f"llvm.fma.v{left.type.count}f32", left.type, left, right, added)

    def larger(self, left: Value, right: Value) -> Value:
        """Give the larger of each lane; what is no number on the left is passed over."""
        return self.do.select(self.do.fcmp_ordered(">", left, right), left, right)

    def sums(self, vectors: Sequence[Value]) -> Value:
        """Add up the lanes of each of `LANES` vectors: one vector of their sums."""
        even, odd = range(0, 2 * LANES, 2), range(1, 2 * LANES, 2)
        while len(vectors) > 1:
            pairs = zip(vectors[::2], vectors[1::2], strict=True)
            vectors = [
                self.do.fadd(self.pick(a, b, [*even]), self.pick(a, b, [*odd])) for a, b in pairs
            ]
        return vectors[0]

    def halved(self, vector: Value, join: Callable[[Value, Value], Value]) -> Value:
        """Join the lanes of one vector, half by half, to one number."""
        while vector.type.count > 1:
            half = vector.type.count // 2
            low, high = range(half), range(half, 2 * half)
            vector = join(self.pick(vector, vector, [*low]), self.pick(vector, vector, [*high]))
        return self.do.extract_element(vector, ir.Constant(INT32, 0))

    def exponential(self, powers: Value) -> Value:
        """Give e to each power that is at most 0, within 2 units of the last place.

        Zero below -80; no number of what is none.

        Source: Cephes `expf` (S. Moshier): the power of two, and a polynomial for the rest.
        """
        do = self.do
        twos = self.call("llvm.rint.v16f32", FLOATS, do.fmul(powers, lanes(_LOG2_E)))
        rest = self.fused(twos, lanes(-_LN2_HIGH), powers)
        rest = self.fused(twos, lanes(-_LN2_LOW), rest)
        series = lanes(_EXP_TERMS[0])
        for term in _EXP_TERMS[1:]:
            series = self.fused(series, rest, lanes(term))
        series = self.fused(series, do.fmul(rest, rest), rest)
        exponent = self.call("llvm.fptosi.sat.v16i32.v16f32", INTS, twos)
        biased = do.add(exponent, ir.Constant(INTS, [127] * LANES))
        scale = do.bitcast(do.shl(biased, ir.Constant(INTS, [23] * LANES)), FLOATS)
        result = do.fmul(do.fadd(series, lanes(1.0)), scale)
        is_least = do.fcmp_ordered("<", powers, lanes(_EXP_LEAST))
        return do.select(is_least, lanes(0.0), result)

    def finish(self) -> Callable[..., None]:
        """Turn what was written into machine code; call it with addresses and numbers."""
        self.do.ret_void()
        engine = _machine_code(str(self.module))
        address = engine.get_function_address(self.name)
        signature = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * len(self.arguments))
        return _Callable(engine, signature(address))


class _Halves(ir.Type):  # type: ignore[misc] # the library is not typed
    """A vector of bfloat16, which the library has no name for."""

    def __init__(self, count: int) -> None:
        self.count = count

    def _to_string(self) -> str:
        return f"<{self.count} x bfloat>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Halves) and other.count == self.count

    def __hash__(self) -> int:
        return hash(self.count)


def pairs_of_halves(code: Code, left: Value, right: Value, added: Value) -> Value:
    """Give left[2i] * right[2i] + left[2i + 1] * right[2i + 1] + added[i], of AVX-512 BF16.

    Args:
        code: Being written.
        left: 16 whole numbers, each of the bits of two bfloat16.
        right: As `left`.
        added: 16 float32.
    """
    halves = _Halves(2 * LANES)
    pairs = [code.do.bitcast(value, halves) for value in (left, right)]
    return code.call("llvm.x86.avx512bf16.dpbf16ps.512", FLOATS, added, *pairs)


def rounded(code: Code, numbers: Value) -> Value:
    """Give the bits of the bfloat16 next to each float32, as whole numbers of 16 bits."""
    count = numbers.type.count
    halves = code.do.fptrunc(numbers, _Halves(count))
    return code.do.bitcast(halves, ir.VectorType(INT16, count))


class _Callable:
    """Machine code, and the memory it lies in."""

    def __init__(self, engine: object, function: Callable[..., None]) -> None:
        self._engine, self._function = engine, function

    def __call__(self, *numbers: int) -> None:
        self._function(*numbers)


def _machine_code(text: str) -> Engine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=_features().flatten(), opt=2
    )
    # No passes over it: what is written here is laid out for the machine already. With them it has
    # the same bits and speed, and takes two and a half times as long to come.
    module = llvm.parse_assembly(text)
    module.verify()
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return engine


def _features() -> llvm.FeatureMap:
    try:
        return llvm.get_host_cpu_features()
    except RuntimeError:  # not told on this system: the name of the CPU must do
        return llvm.FeatureMap()


def _size(kind: object) -> int:
    return {BYTE: 1, INT16: 2, FLOAT: 4, INT32: 4, INT64: 8}[kind]
