"""One tiny project a session, and one thread for everything numeric."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import torch
from tiny_voice import write_tiny_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    # Bit-equality in any batch holds for one thread a process, which is how workers run.
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that nobody changes."""
    root = tmp_path_factory.mktemp("tiny") / "project"
    root.mkdir()
    write_tiny_project(root)
    return root


@pytest.fixture
def tiny(tiny_models: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    root = tmp_path / "project"
    shutil.copytree(tiny_models, root, ignore=shutil.ignore_patterns("out"))
    return root
