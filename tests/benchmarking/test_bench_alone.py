"""The command by itself: outside a project, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_quick_bench_answers_with_one_document(tmp_path: Path) -> None:
    words = ("bench", "--size", "tiny", "--seconds", "1", "--slots", "2", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "-C", str(tmp_path), *words],
        cwd=ROOT,
        env=os.environ | {"VOICEPIPE_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    assert set(document["stages"]) == {"prefill", "semantic", "decoder", "total"}
    # Libraries are loaded in this process, as in a worker's.
    assert document["startup_s"] > document["import_s"] > 0
    assert list(tmp_path.iterdir()) == []
