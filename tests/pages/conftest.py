"""A browser, and a small bank with texts that nobody should take for markup."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from browser_tool import BrowserTool, browsers
from hostile_story import render_story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def browser() -> Iterator[BrowserTool]:
    """The system's Chromium."""
    yield from browsers("tests/pages")


@pytest.fixture(scope="session")
def rendered_story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose bank was rendered twice, once with another take; never written to."""
    return render_story(tmp_path_factory.mktemp("story") / "quay")


@pytest.fixture
def story(rendered_story: Path, tmp_path: Path) -> Path:
    """A copy of it, to decide in."""
    return shutil.copytree(rendered_story, tmp_path / "quay")
