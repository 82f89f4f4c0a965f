"""How many rows a product with weights has on a CPU (torch-free)."""

from __future__ import annotations

from typing import Final

ROWS: Final = 32
"""Always so many: over this the weights are no longer what costs, and a number that never changes
is what makes a row's rounding its own."""
