"""How close two computations of the same thing come in float32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

ROUNDING = 64 * torch.finfo(torch.float32).eps
"""Of the largest value, 7.6e-6. Processors differ in vector width and fused products, so they add
up the same terms in another order; a sum of n terms then moves by about sqrt(n) units in the last
place of its largest part, and the networks of these tests add up a few hundred to a few thousand.
A mistake in a mask or an index moves values by 1e-3 of the largest and more."""


def assert_equal_but_rounding(found: Tensor, expected: Tensor) -> None:
    """Compare two orders of the same float32 sums, by the largest value expected."""
    scale = float(expected.abs().max())
    torch.testing.assert_close(found, expected, rtol=0, atol=ROUNDING * scale)
