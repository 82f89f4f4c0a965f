"""Formula weights beside the project, and one thread for everything numeric."""

from __future__ import annotations

import pytest
from one_thread import one_thread
from semantic_fixtures import GoldenVectors


@pytest.fixture(scope="session")
def golden() -> GoldenVectors:
    return GoldenVectors()


_one_thread = pytest.fixture(scope="session", autouse=True)(one_thread)
