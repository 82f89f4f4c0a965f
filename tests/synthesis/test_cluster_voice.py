"""A cloned voice on a node that has nothing but what the render brought there."""

from __future__ import annotations

import shutil
import sys
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from voicepipe.bank.versions import load_latest
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.workers.worker import close_engines


class Threads(ModuleType):
    """Ray's part, played by threads of this process: one node with one core."""

    def __init__(self) -> None:
        super().__init__("ray")
        self._pool = ThreadPoolExecutor(8)
        self.exceptions = SimpleNamespace(RayError=RuntimeError)

    def init(self, **_: object) -> None: ...

    def kill(self, _: object) -> None: ...

    def shutdown(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 1.0}

    def get_runtime_context(self) -> Any:
        return SimpleNamespace(get_node_id=lambda: "n1")

    def put(self, piece: bytes) -> bytes:
        return piece

    def get(self, asked: Any) -> Any:
        return asked.result() if isinstance(asked, Future) else asked

    def wait(
        self, asked: list[Future[Any]], *, timeout: float, **_: object
    ) -> tuple[list[Future[Any]], list[Future[Any]]]:
        done, others = wait(asked, timeout=timeout, return_when="FIRST_COMPLETED")
        return list(done), list(others)

    def remote(self, **_: object) -> Any:
        return lambda kind: SimpleNamespace(remote=lambda: Handle(kind(), self._pool))


class Handle:
    def __init__(self, worker: object, pool: ThreadPoolExecutor) -> None:
        self._worker = worker
        self._pool = pool

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._worker, name)
        return SimpleNamespace(remote=lambda *words: self._pool.submit(method, *words))


def _sounds(root: Path) -> dict[str, str]:
    project = load_project(root)
    manifest = load_latest(project.out, project.settings.bank)
    assert manifest is not None
    return {entry.file: entry.sha256 for entry in manifest.entries}


@pytest.mark.slow
def test_a_node_renders_from_what_was_brought_there(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny, tmp_path / "local")
    (tmp_path / "shared").mkdir()
    (tmp_path / "node").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "node"))
    monkeypatch.setitem(sys.modules, "ray", Threads())
    options = RenderOptions(cluster="auto", store=(tmp_path / "shared").as_uri())
    report = render_project(load_project(tiny), options, on_event=lambda _: None)
    close_engines()
    assert report.failed == ()
    assert report.rendered > 0
    assert not list((tmp_path / "node").iterdir()), "nothing of a voice stays there"
    shared = {path.suffix for path in (tmp_path / "shared").rglob("*") if path.is_file()}
    assert shared == {".json", ".wav"}, "nor in the store"
    render_project(load_project(tmp_path / "local"), RenderOptions(jobs=1), on_event=lambda _: None)
    assert _sounds(tiny) == _sounds(tmp_path / "local")
