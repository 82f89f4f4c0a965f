from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voicepipe.engines.scratch.engine import ScratchEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.engines.protocol import Renderer


@pytest.fixture(scope="session")
def scratch() -> ScratchEngine:
    return ScratchEngine()


@pytest.fixture(scope="session")
def renderer(scratch: ScratchEngine) -> Iterator[Renderer]:
    opened = scratch.open("cpu")
    yield opened
    opened.close()
