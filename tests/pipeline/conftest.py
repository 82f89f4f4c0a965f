"""Small projects, fresh and rendered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_project import Bench, write_small_project


@pytest.fixture(scope="session")
def rendered_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project, rendered once; never written to."""
    root = tmp_path_factory.mktemp("rendered") / "small"
    write_small_project(root)
    report = Bench(root).render()
    assert report.rendered == 6
    return root


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A small project, not rendered yet."""
    write_small_project(tmp_path / "small")
    return Bench(tmp_path / "small")


@pytest.fixture
def rendered(rendered_root: Path, tmp_path: Path) -> Bench:
    """A copy of the rendered project, to change as a test likes."""
    shutil.copytree(rendered_root, tmp_path / "small")
    return Bench(tmp_path / "small")
