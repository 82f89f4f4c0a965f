"""Whether a CPU computes as machine code of ours or in plain torch: decided here, with a reason.

Machine code needs llvmlite, an instruction set it was written for, and a trial that comes out
right. Everything has a plain path beside it, which gives the same numbers within rounding. The
variable `VOICEPIPE_KERNELS=plain` chooses it where machine code would do; the name of another
kernel of float32 products chooses that one for them (`kernels.product_choice`).
"""

from __future__ import annotations

import os
import platform
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.model.kernels.product_kernels import ProductKernel
from voicepipe.model.precision import Precision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import torch
    from torch import Tensor, nn

    from voicepipe.model.kernels.frame_conv import UpsampleSums
    from voicepipe.model.kernels.frames import FrameConvolution
    from voicepipe.model.kernels.int8_product import ByteProduct
    from voicepipe.model.kernels.memory import AttentionMemory
    from voicepipe.model.kernels.plain_int8 import PlainInt8Product

    Attention = Callable[[int, Tensor, Tensor], None]

KERNELS_VARIABLE: Final = "VOICEPIPE_KERNELS"
PLAIN: Final = ProductKernel.PLAIN.value

_X86: Final = frozenset({"x86_64", "amd64"})
_ARM: Final = frozenset({"arm64", "aarch64"})
_X86_NEEDS: Final = ("avx2", "fma")
"""Without these LLVM calls a function for each fused product."""
_CHANNELS: Final = 16
"""Of frames, a multiple of this."""
_INT8_NEEDS: Final = "avx512vnni"
_BFLOAT16_NEEDS: Final = "avx512bf16"


class Kernel(NamedTuple):
    """How something is computed on this CPU, and why."""

    is_machine_code: bool
    reason: str

    def __str__(self) -> str:
        """For people: `plain torch (this CPU has no avx2)`."""
        return f"{'machine code' if self.is_machine_code else 'plain torch'} ({self.reason})"


def attention_kernel() -> Kernel:
    """Choose how one new position a line attends.

    Raises:
        UsageError: The variable has a value that is none.
    """
    return _attention_kernel(forced_kernels() == PLAIN)


def int8_kernel() -> Kernel:
    """Choose how rows are multiplied with 8-bit weights.

    Raises:
        UsageError: The variable has a value that is none.
    """
    return _int8_kernel(forced_kernels() == PLAIN)


def bfloat16_kernel() -> Kernel:
    """Choose how rows are multiplied with bfloat16 weights.

    Raises:
        UsageError: The variable has a value that is none.
    """
    return _bfloat16_kernel(forced_kernels() == PLAIN)


def require_precision(precision: Precision, device: str) -> None:
    """Make sure that a device computes in numbers of a precision.

    Args:
        precision: As the settings name it.
        device: `cpu`, or the type of another.

    Raises:
        EnvironmentFault: It does not, or only at a loss.
    """
    precision.require_device(device)
    if precision is not Precision.BFLOAT16 or device != "cpu":
        return
    kernel = _bfloat16_kernel(is_forced=False)
    if not kernel.is_machine_code:
        raise EnvironmentFault(
            f"precision bfloat16 is for CPUs that multiply such numbers: {kernel.reason}",
            remedy="use float32 or int8 on this CPU",
        )


def describe_kernels() -> Mapping[str, str]:
    """Say for people what is computed how on this machine's processor."""
    return {
        "attention": str(attention_kernel()),
        "int8 products": str(int8_kernel()),
        "bfloat16 products": str(bfloat16_kernel()),
    }


def row_attention(memory: AttentionMemory, slots: Sequence[int]) -> Attention:
    """Prepare one step's attention for some lines, on a CPU.

    Args:
        memory: Receives the new position's keys and values, layer by layer.
        slots: The lines, the new position reserved.

    Returns:
        To be called with a layer, (>= B, 3 * H * D) float32 queries, keys and values of the new
        position, and (>= B, H * D) float32, of which the first B rows are written.
    """
    if attention_kernel().is_machine_code:
        from voicepipe.model.kernels.row_attention import RowAttention  # noqa: PLC0415

        return RowAttention(memory, slots)
    from voicepipe.model.kernels.plain_attention import PlainRowAttention  # noqa: PLC0415

    return PlainRowAttention(memory, slots)


def int8_product(weight: Tensor, scales: Tensor, bias: Tensor) -> ByteProduct | PlainInt8Product:
    """Lay out 8-bit weights.

    Args:
        weight: (N, K) int8.
        scales: (N,) float32, what a step of each output's weights is worth.
        bias: (N,) float32.

    Returns:
        Gives (M, N) float32 for (M, K) float32.
    """
    if int8_kernel().is_machine_code:
        from voicepipe.model.kernels import int8_product as bytes_  # noqa: PLC0415

        if bytes_.suits_bytes(*weight.shape):
            return bytes_.ByteProduct(weight, scales, bias)
    from voicepipe.model.kernels import plain_int8  # noqa: PLC0415

    return plain_int8.PlainInt8Product(weight, scales, bias)


def frame_convolution(
    weight: Tensor, bias: Tensor, dilation: int, dtype: torch.dtype
) -> FrameConvolution:
    """Lay out a convolution over frames, on a CPU.

    Args:
        weight: (N, C, k); N and C multiples of 16, k odd.
        bias: (N,).
        dilation: Of the kernel.
        dtype: Of what is read: float32 or bfloat16.
    """
    kernel = attention_kernel() if dtype.itemsize == weight.itemsize else bfloat16_kernel()
    if kernel.is_machine_code:
        from voicepipe.model.kernels.frame_conv import FrameSums  # noqa: PLC0415
        from voicepipe.model.kernels.pair_conv import PairSums, suits_pairs  # noqa: PLC0415

        if dtype == weight.dtype and suits_pairs(*weight.shape[1:]):
            return PairSums(weight, bias, dilation)
        return FrameSums(weight, bias, dilation, dtype)
    from voicepipe.model.kernels.frames import PlainConvolution  # noqa: PLC0415

    return PlainConvolution(weight, bias, dilation, dtype)


def frame_upsampling(up: nn.ConvTranspose1d) -> UpsampleSums | None:
    """Lay out a transposed convolution of float32 on a CPU; None where torch computes it."""
    width, n_outputs, _ = up.weight.shape
    if not attention_kernel().is_machine_code or width % _CHANNELS or n_outputs % _CHANNELS:
        return None
    from voicepipe.model.kernels.frame_conv import UpsampleSums  # noqa: PLC0415

    bias = up.weight.new_zeros(n_outputs) if up.bias is None else up.bias
    return UpsampleSums(up.weight, bias, up.stride[0], int(up.padding[0]))


def forced_kernels() -> str:
    """Give the kernels that the variable names, or nothing.

    Raises:
        UsageError: It has a value that is none.
    """
    value = os.environ.get(KERNELS_VARIABLE, "")
    known = [kernel.value for kernel in ProductKernel]
    if value and value not in known:
        raise UsageError(
            f'{KERNELS_VARIABLE} is "{value}", which names no kernels',
            remedy=f"set it to one of {', '.join(known)}, or leave it unset",
        )
    return value


@lru_cache
def _attention_kernel(is_forced: bool) -> Kernel:
    if is_forced:
        return Kernel(is_machine_code=False, reason=f"{KERNELS_VARIABLE}={PLAIN}")
    machine = platform.machine().lower()
    if machine not in _X86 | _ARM:
        return Kernel(is_machine_code=False, reason=f"machine code was never tried on {machine}")
    try:
        from voicepipe.model.kernels import machine_code  # noqa: PLC0415
    except (ImportError, OSError) as error:
        return Kernel(is_machine_code=False, reason=f"llvmlite cannot be loaded: {error}")
    needs = _X86_NEEDS if machine in _X86 else ()
    missing = [name for name in needs if not machine_code.has_feature(name)]
    if missing:
        return Kernel(is_machine_code=False, reason=f"this CPU has no {' and no '.join(missing)}")
    fault = machine_code.trial_fault()
    if fault:
        return Kernel(is_machine_code=False, reason=f"LLVM compiles nothing right here: {fault}")
    return Kernel(is_machine_code=True, reason=", ".join((machine, *needs)))


@lru_cache
def _int8_kernel(is_forced: bool) -> Kernel:
    basis = _attention_kernel(is_forced)
    if not basis.is_machine_code:
        return basis
    from voicepipe.model.kernels import machine_code  # noqa: PLC0415

    if not machine_code.has_feature(_INT8_NEEDS):
        return Kernel(is_machine_code=False, reason=f"this CPU has no {_INT8_NEEDS}")
    return Kernel(is_machine_code=True, reason=_INT8_NEEDS)


@lru_cache
def _bfloat16_kernel(is_forced: bool) -> Kernel:
    basis = _attention_kernel(is_forced)
    if not basis.is_machine_code:
        return basis
    from voicepipe.model.kernels import machine_code  # noqa: PLC0415

    if not machine_code.has_feature(_BFLOAT16_NEEDS):
        return Kernel(is_machine_code=False, reason=f"this CPU has no {_BFLOAT16_NEEDS}")
    from voicepipe.model.kernels.tile_code import has_tiles  # noqa: PLC0415

    reason = "amx-bf16" if has_tiles() else _BFLOAT16_NEEDS
    return Kernel(is_machine_code=True, reason=reason)
