"""Renders on a real cluster of two nodes, both on this machine: two raylets, one core each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_project import ENGINES, Bench, write_small_project

from voicepipe.bank.manifest import ManifestEntry
from voicepipe.errors import UsageError
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.rendering import RenderOptions, RenderReport, render_project
from voicepipe.workers.addresses import check_cluster_address
from voicepipe.workers.events import ClipDone, LineFailed, RenderEvent, RenderStarted, WorkerDied

HERE = Path(__file__).parent
N_LINES = 24
WALKING = {"tone": "cluster_engine:WalkingEngine"}
MEMORY = 80 << 20


def _write_project(root: Path, n_lines: int = N_LINES, deadly: int = -1) -> None:
    write_small_project(root)
    lines = [
        f'    - {{line: hall_{i:04d}, who: ann, text: {{en: "{"deadly " if i == deadly else ""}'
        f'line {i}", de: "Zeile {i}"}}}}'
        for i in range(n_lines // 2)
    ]
    script = "scene: hall\nnodes:\n  door:\n" + "\n".join([*lines, "    - goto: END", ""])
    (root / "scripts_in" / "hall.yaml").write_text(script, "utf-8")
    (root / "voices" / "bob.yaml").unlink()


class Nodes:
    """A cluster on this machine."""

    def __init__(self, folder: Path) -> None:
        from ray.cluster_utils import Cluster

        self.temporary = [folder / "first", folder / "second"]
        for path in self.temporary:
            path.mkdir()

        self.cluster = Cluster(
            initialize_head=True,
            head_node_args={
                "num_cpus": 1,
                "object_store_memory": MEMORY,
                "include_dashboard": False,
                "env_vars": {"TMPDIR": str(self.temporary[0])},
            },
        )
        self.second: Any = None

    def add(self) -> None:
        self.second = self.cluster.add_node(
            num_cpus=1,
            object_store_memory=MEMORY,
            env_vars={"TMPDIR": str(self.temporary[1])},
        )
        self.cluster.wait_for_nodes()

    def kill_second(self) -> None:
        self.cluster.remove_node(self.second, allow_graceful=False)
        self.second = None


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with pytest.MonkeyPatch.context() as patched:
        path = os.pathsep.join([str(HERE.parents[1]), str(HERE)])
        patched.setenv("PYTHONPATH", path)
        patched.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patched.setenv("RAY_DISABLE_MEMORY_MONITOR", "1")
        patched.delenv("RAY_ADDRESS", raising=False)
        there = Nodes(tmp_path_factory.mktemp("nodes"))
        try:
            there.add()
            yield there
        finally:
            there.cluster.shutdown()  # type: ignore[no-untyped-call]


class Run:
    """A project, a shared folder, and what happened."""

    def __init__(self, tmp_path: Path, **project: int) -> None:
        self.root = tmp_path / "project"
        self.shared = tmp_path / "shared"
        self.shared.mkdir()
        _write_project(self.root, **project)
        self.events: list[RenderEvent] = []

    def render(self, on_event: Any = None) -> RenderReport:
        project = load_project(self.root, engines=ENGINES)
        options = RenderOptions(store=self.shared.as_uri(), cluster="auto", engines=WALKING, jobs=2)

        def note(event: RenderEvent) -> None:
            self.events.append(event)
            if on_event is not None:
                on_event(event)

        return render_project(project, options, on_event=note)

    def done(self) -> list[tuple[str, str]]:
        return [(e.line_id, e.language) for e in self.events if isinstance(e, ClipDone)]


def _sounds(root: Path) -> dict[object, tuple[str, str]]:
    found: dict[object, tuple[str, str]] = {}
    for key, entry in Bench(root).entries().items():
        assert isinstance(entry, ManifestEntry)
        found[key] = (entry.sha256, entry.clip_key)
    return found


def _files(out: Path) -> dict[str, bytes]:
    folder = out / "banks/small/v0001"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.wav"))
    }


@pytest.mark.slow
class TestCluster:
    def test_a_cluster_makes_the_bank_that_one_machine_makes(
        self, nodes: Nodes, tmp_path: Path
    ) -> None:
        run = Run(tmp_path)
        report = run.render()
        assert (report.rendered, report.failed) == (N_LINES, ())
        assert [e.workers for e in run.events if isinstance(e, RenderStarted)] == [2]
        _write_project(tmp_path / "local")
        Bench(tmp_path / "local").render()
        assert _sounds(run.root) == _sounds(tmp_path / "local")
        assert _files(run.root / "out") == _files(tmp_path / "local/out")
        assert len(list((run.shared / "takes").rglob("*.json"))) == N_LINES
        assert not run.render().rendered, "the second render does nothing"
        for temporary in nodes.temporary:
            assert not list(temporary.glob("voicepipe-node-*")), "nothing stays on a node"

    def test_a_line_that_kills_its_actor_twice_fails_by_name(
        self, nodes: Nodes, tmp_path: Path
    ) -> None:
        run = Run(tmp_path, n_lines=8, deadly=2)
        report = run.render()
        assert [(e.line_id, e.language) for e in report.failed] == [("hall_0002", "en")]
        assert "twice" in report.failed[0].reason
        assert len(run.done()) == 7
        assert any(isinstance(event, WorkerDied) for event in run.events)

    def test_a_node_that_is_lost_loses_nothing(
        self, nodes: Nodes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        run = Run(tmp_path, n_lines=32)

        def kill(event: RenderEvent) -> None:
            if isinstance(event, ClipDone) and len(run.done()) == 8:
                nodes.kill_second()

        report = run.render(kill)
        assert (report.rendered, report.failed) == (32, ())
        assert not any(isinstance(event, LineFailed) for event in run.events)
        assert capfd.readouterr().out == "", "stdout is for answers"
        assert sorted(run.done()) == sorted(set(run.done()))
        assert len(_sounds(run.root)) == 32


def test_a_cluster_needs_a_store(tmp_path: Path) -> None:
    _write_project(tmp_path)
    project = load_project(tmp_path, engines=ENGINES)
    for options in (
        RenderOptions(cluster="auto"),
        RenderOptions(cluster="auto", store="memory://x", push=False),
    ):
        with pytest.raises(UsageError, match="shared store"):
            render_project(project, options, on_event=print)
    with pytest.raises(UsageError, match="not the address"):
        render_project(project, RenderOptions(cluster="spark://x"), on_event=print)


@pytest.mark.parametrize("text", ["", "auto:1", "ray://", "ray://host", "ray://host:x", "host:1"])
def test_other_words_name_no_cluster(text: str) -> None:
    with pytest.raises(UsageError, match="not the address"):
        check_cluster_address(text)
    assert check_cluster_address("ray://head:10001") == "ray://head:10001"
