"""Formula weights beside the project, and one thread for everything numeric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from semantic_fixtures import GoldenVectors

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def golden() -> GoldenVectors:
    return GoldenVectors()


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    # Bit-equality in any batch holds for one thread a process, which is how workers run.
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
