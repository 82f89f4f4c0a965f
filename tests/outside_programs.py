"""Programs that some tests need and no Python package brings: `make engines` installs them.

Where one is missing its tests are named at the end as not run; where `CI` is set they fail.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

MISSING_PROGRAM: Final = "needs a program that is not installed: "
NODE_MODULES: Final = Path(__file__).parent / "node_engines/node_modules"
RENPY: Final = "/usr/share/games/renpy/renpy.py"
RENPY_PYTHON: Final = "/usr/bin/python3"
"""Debian's own: Ren'Py is compiled for it."""


def require(program: str, *places: str) -> None:
    """Go on only with a program: a command, or files that have to be there."""
    if all(shutil.which(place) or Path(place).exists() for place in places or (program,)):
        return
    if os.environ.get("CI"):
        pytest.fail(f"{MISSING_PROGRAM}{program}: run `make engines` as root")
    pytest.skip(f"{MISSING_PROGRAM}{program}")
