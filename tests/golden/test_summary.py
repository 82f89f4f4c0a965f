"""A run without the large vectors says so at its end, and skips nothing in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = (
    "tests/model/test_spectral.py",
    "tests/model/test_training_acoustic.py::test_a_recorded_training_step_of_full_size_is_repeated",
)


def test_a_run_on_the_committed_part_counts_what_ran_and_what_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS],
        cwd=ROOT,
        env={**os.environ, "VOICEPIPE_GOLDEN": "subset"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    last = done.stdout.splitlines()[-4:]
    assert "compared with the reference implementation" in last[0]
    assert last[1] == "3 tests passed on the committed part of them"
    assert last[2] == "not run: 1, for want of large vectors (1: train_sovits)"
