"""One tiny project a session, and one thread for everything numeric."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from one_thread import one_thread
from tiny_voice import write_tiny_project

if TYPE_CHECKING:
    from pathlib import Path


_one_thread = pytest.fixture(scope="session", autouse=True)(one_thread)


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
