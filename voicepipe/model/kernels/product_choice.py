"""Which kernel multiplies a model's float32 weights on this machine: measured once, then kept.

Only kernels whose rows keep their bits in any company are measured, at the shapes of the model.
`VOICEPIPE_KERNELS` chooses one by name.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import torch

from voicepipe.errors import EnvironmentFault
from voicepipe.model.kernels.choice import KERNELS_VARIABLE, attention_kernel, forced_kernels
from voicepipe.model.kernels.kept_choice import KeptChoice
from voicepipe.model.kernels.library_products import has_mkl, has_onednn
from voicepipe.model.kernels.product_kernels import ProductKernel
from voicepipe.model.kernels.products import float_product
from voicepipe.model.kernels.rows import COUNTS
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voicepipe.model.kernels.products import Product

    Shape = tuple[int, int]

BUDGET_S: Final = 0.4
"""For measuring all kernels; laying weights out comes to less."""
_SMALL: Final = 1 << 20  # weights: what is faster is no matter under these
_MEASURED_ROWS: Final = (16, 32, 64, 224)
"""Of steps, and of what a line begins with: about as much work of a render."""
_TURNS: Final = 12
_NEAR: Final = 1e-4


def choose_kernel(shapes: Iterable[Shape]) -> ProductKernel:
    """Choose how products with weights of some shapes are computed on this machine.

    Args:
        shapes: (N, K) of a model's weights.

    Raises:
        UsageError: The variable has a value that is none.
        EnvironmentFault: It names a kernel that is not to be had here.
    """
    return _chosen(tuple(sorted(set(shapes))), forced_kernels(), str(cache_folder()))


def product_kernels() -> tuple[ProductKernel, ...]:
    """List the kernels that are to be had here, the preferred one first."""
    found = {
        ProductKernel.MACHINE_CODE: attention_kernel().is_machine_code,
        ProductKernel.MKL: has_mkl(),
        ProductKernel.ONEDNN: has_onednn(),
        ProductKernel.PLAIN: True,
    }
    return tuple(kernel for kernel, is_there in found.items() if is_there)


@lru_cache
def _chosen(shapes: tuple[Shape, ...], forced: str, _cache: str) -> ProductKernel:
    kernels = product_kernels()
    if forced:
        asked = ProductKernel(forced)
        if asked not in kernels:
            raise EnvironmentFault(
                f"{KERNELS_VARIABLE} is {forced}, and this machine has only "
                f"{', '.join(kernel.value for kernel in kernels)}",
                remedy="leave it unset",
            )
        return asked
    trials = [Trial(shape) for shape in shapes]
    if sum(n * k for n, k in shapes) < _SMALL:
        return next(kernel for kernel in kernels if _is_sound(kernel, trials))
    kept = KeptChoice(
        "products",
        {"shapes": [list(shape) for shape in shapes]},
        options=[kernel.value for kernel in kernels],
        is_sound=lambda name: _is_sound(ProductKernel(name), trials),
    )
    return ProductKernel(kept.choose(lambda names: _measured(names, trials)))


def _is_sound(kernel: ProductKernel, trials: Sequence[Trial]) -> bool:
    return all(trial.product(kernel) is not None for trial in trials)


def _measured(names: Sequence[str], trials: Sequence[Trial]) -> Mapping[str, float]:
    with torch.inference_mode():
        seconds = measure([ProductKernel(name) for name in names], trials)
    return {kernel.value: cost for kernel, cost in seconds.items()}


class Trial:
    """Products with weights of one shape, by every kernel that does them right.

    Args:
        shape: (N, K) of the weights.
    """

    def __init__(self, shape: Shape) -> None:
        generator = torch.Generator().manual_seed(shape[0])
        self._weight = torch.randn(shape, generator=generator)
        self.rows = torch.randn(max(_MEASURED_ROWS), shape[1], generator=generator)
        self._expected = self.rows @ self._weight.T
        self._products: dict[ProductKernel, Product | None] = {}

    def product(self, kernel: ProductKernel) -> Product | None:
        """Give a kernel's product; None: it gives a row other bits beside others, or wrong ones."""
        if kernel not in self._products:
            product = float_product(self._weight, None, kernel)
            self._products[kernel] = product if self._keeps_rows(product) else None
        return self._products[kernel]

    def _keeps_rows(self, product: Product) -> bool:
        whole = product(self.rows)
        error = float((whole - self._expected).abs().max())
        if not error <= _NEAR * float(self._expected.abs().max()):
            return False
        others = torch.full_like(self.rows, float("nan"))
        for count in (1, *COUNTS):
            place = count * 5 // 7
            others[place] = self.rows[count - 1]
            if not torch.equal(product(others[:count])[place], whole[count - 1]):
                return False
            others[place] = float("nan")
        return True


def measure(
    kernels: Sequence[ProductKernel], trials: Sequence[Trial]
) -> Mapping[ProductKernel, float]:
    """Time kernels in turns, for `BUDGET_S` at most.

    Returns:
        Seconds of a core for one product of each shape and number of rows, the least of all turns.
    """
    best = {kernel: [float("inf")] * len(_MEASURED_ROWS) for kernel in kernels}
    stop = time.perf_counter() + BUDGET_S
    for _ in range(_TURNS):
        for kernel, least in best.items():
            costs = [_seconds(kernel, trials, n_rows) for n_rows in _MEASURED_ROWS]
            best[kernel] = list(map(min, least, costs))
        if time.perf_counter() > stop:
            break
    return {kernel: sum(least) for kernel, least in best.items()}


def _seconds(kernel: ProductKernel, trials: Sequence[Trial], n_rows: int) -> float:
    """Multiply with all weights in turn, so that none is at hand from the time before."""
    products = [(trial.product(kernel), trial.rows[:n_rows]) for trial in trials]
    start = time.thread_time()
    for product, rows in products:
        assert product is not None, "only sound kernels are timed"
        product(rows)
    return time.thread_time() - start
