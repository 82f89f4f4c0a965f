"""One thread for everything numeric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator


def one_thread() -> Iterator[None]:
    """Bit-equality in any batch holds for one thread a process, which is how workers run."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
