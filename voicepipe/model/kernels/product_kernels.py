"""Names of the kernels that multiply rows of float32 with weights on a CPU (torch-free)."""

from __future__ import annotations

from enum import Enum


class ProductKernel(Enum):
    """How products are computed; all give the same within rounding, and keep a row's bits."""

    MACHINE_CODE = "machine-code"
    """Our own; the same bits on every CPU, and weights that processes share."""
    MKL = "mkl"
    ONEDNN = "onednn"
    PLAIN = "plain"
    """Torch's own call, with plain weights."""
