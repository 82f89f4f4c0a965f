"""PyTorch's libraries come while other things are done, and only where they are needed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from voicepipe.model_store.lock import LOCK_NAME
from voicepipe.pipeline.loading_ahead import worker_starter

if TYPE_CHECKING:
    from pathlib import Path

RUN = """
import sys, threading
from pathlib import Path
from voicepipe.pipeline.loading_ahead import link_libraries

link_libraries(Path(sys.argv[1]))
for thread in threading.enumerate()[1:]:
    thread.join()
print("torch" in sys.modules, "libtorch_cpu" in Path("/proc/self/maps").read_text())
if len(sys.argv) > 2:
    import torch
    print(torch.arange(4).sum().item())
"""


def told(*words: str) -> list[str]:
    running = [sys.executable, "-c", RUN, *words]
    return subprocess.run(running, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere they are named differently")
def test_libraries_are_there_before_torch_is_imported(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).touch()
    assert told(str(tmp_path), "compute") == ["False", "True", "6"]


def test_workers_are_begun_where_models_speak_on_the_processor(tmp_path: Path) -> None:
    assert worker_starter(tmp_path, "cpu") is None
    (tmp_path / LOCK_NAME).touch()
    assert worker_starter(tmp_path, "cuda:0,cpu") is None
    starter = worker_starter(tmp_path, "cpu")
    assert starter is not None
    assert starter.pid is not None
    starter.close()
    assert starter.pid is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere they are named differently")
def test_a_project_without_models_loads_none(tmp_path: Path) -> None:
    assert told(str(tmp_path)) == ["False", "False"]
