"""A test without its browser is named as not run, and is a failure where tests are a gate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPENS = "tests/pages/test_story_engine.py"


@pytest.mark.parametrize(
    ("ci", "code", "said"), [("", 0, "not run: 1 tests"), ("true", 1, "error")]
)
def test_a_missing_browser_is_never_passed_over(
    tmp_path: Path, ci: str, code: int, said: str
) -> None:
    words = ["-q", "-p", "no:cacheprovider", OPENS, "-k", "conditions_come"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert said in done.stdout
    assert "make browser" in done.stdout
    assert OPENS in done.stdout
