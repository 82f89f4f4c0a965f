"""An empty library of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voicepipe.model_store.library import ModelLibrary

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def library(tmp_path: Path) -> ModelLibrary:
    root = tmp_path / "project"
    root.mkdir()
    return ModelLibrary(root)
