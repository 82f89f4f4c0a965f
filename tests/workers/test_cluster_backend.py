"""The side of a cluster that hands out the work, with a cluster that answers as told."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from job_builders import job

from voicepipe import __version__
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault
from voicepipe.installation import install_remedy
from voicepipe.remote.address import parse_address
from voicepipe.remote.revocations import Revocations
from voicepipe.remote.store import open_store
from voicepipe.workers import cluster
from voicepipe.workers.backend import Exited
from voicepipe.workers.cluster import ClusterBackend
from voicepipe.workers.cluster_node import NodeReady
from voicepipe.workers.jobs import ClipJob, Orders, Outcome

ENGINES = {"trouble": "trouble_engine:Engine"}


class RayError(Exception):
    """As Ray's."""


class OutOfMemoryError(RayError):
    """As Ray's."""


class Question:
    """An answer to come."""

    def __init__(self, answer: object) -> None:
        self.answer = answer


class FakeRay(ModuleType):
    """A cluster of one actor, which answers as told."""

    def __init__(self, answers: list[object], **resources: float) -> None:
        super().__init__("ray")
        self.answers = answers
        self.resources = resources
        self.exceptions = SimpleNamespace(RayError=RayError)
        self.alive = True
        self.is_up = False
        self.killed = 0
        self.sent: list[object] = []
        self.needs: dict[str, object] = {}

    def init(self, **_: object) -> None:
        self.is_up = True

    def shutdown(self) -> None:
        self.is_up = False

    def cluster_resources(self) -> dict[str, float]:
        return self.resources

    def put(self, piece: bytes) -> bytes:
        return piece

    def remote(self, **needs: object) -> Any:
        self.needs = needs
        asked = SimpleNamespace(remote=lambda *_: Question(self.answers.pop(0)))
        submit = SimpleNamespace(remote=lambda number, jobs: self.sent.append((number, jobs)))
        leave = SimpleNamespace(remote=lambda: Question(None))
        handle = SimpleNamespace(start=asked, reports=asked, submit=submit, leave=leave)
        return lambda _: SimpleNamespace(remote=lambda: handle)

    def wait(self, asked: list[Question], **_: object) -> tuple[list[Question], list[Question]]:
        return [question for question in asked if question.answer is not None], []

    def get(self, question: Question) -> object:
        if isinstance(question.answer, Exception):
            raise question.answer
        return question.answer

    def nodes(self) -> list[dict[str, object]]:
        return [{"NodeID": "n1", "Alive": self.alive}]

    def kill(self, _: object) -> None:
        self.killed += 1


def _backend(
    ray: FakeRay | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *jobs: ClipJob
) -> ClusterBackend:
    monkeypatch.setitem(sys.modules, "ray", ray)
    (tmp_path / "shared").mkdir(exist_ok=True)
    store = open_store(parse_address((tmp_path / "shared").as_uri()))
    store.establish()
    return ClusterBackend(
        "auto",
        jobs or (job("tone", 1),),
        root=tmp_path,
        out=tmp_path / "out",
        store=store,
        revocations=Revocations(),
        tell=print,
    )


HERE = NodeReady(version=__version__, node="n1")
ORDERS = Orders(out=Path("out"), engines=ENGINES, device="cpu", finishers=7)


@pytest.mark.parametrize(
    ("resources", "places"),
    [
        ({"CPU": 4.0}, ("cpu", "cpu")),
        ({"CPU": 8.0, "GPU": 1.0}, ("cuda:0",)),
        ({"GPU": 4.0}, ("cuda:0", "cuda:0")),
    ],
)
def test_a_worker_a_gpu_or_else_a_core(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    resources: dict[str, float],
    places: tuple[str, ...],
) -> None:
    ray = FakeRay([HERE], **resources)
    backend = _backend(ray, tmp_path, monkeypatch, job("tone", 1), job("tone", 2))
    assert backend.places == places
    backend.start_worker(0, ORDERS)
    assert ray.needs["num_cpus"] == 1
    assert ("num_gpus" in ray.needs) == ("GPU" in resources)
    assert ray.is_up
    backend.close()
    assert not ray.is_up


def test_an_empty_cluster_is_left_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = FakeRay([])
    stdout = sys.stdout
    with pytest.raises(EnvironmentFault, match="neither GPUs nor cores"):
        _backend(ray, tmp_path, monkeypatch)
    assert not ray.is_up
    assert sys.stdout is stdout


@pytest.mark.parametrize(
    ("arrived", "says"),
    [
        (NodeReady(version="0.0.1", node="n1"), "a node has voicepipe 0.0.1"),
        (NodeReady(version=__version__, node="n1", fault="no disk"), "on a node: no disk"),
    ],
)
def test_a_node_that_is_not_fit_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrived: NodeReady, says: str
) -> None:
    with contextlib.closing(_backend(FakeRay([arrived], CPU=1), tmp_path, monkeypatch)) as backend:
        backend.start_worker(0, ORDERS)
        with pytest.raises(EnvironmentFault, match=says):
            backend.reports(0)


@pytest.mark.parametrize(
    ("error", "is_alive", "left"),
    [
        (RayError("The actor died: its node has died."), True, Exited(begun=())),
        (RayError("connection lost"), False, Exited(begun=())),
        (RayError("worker died: SIGSEGV received"), True, Exited(cause="SIGSEGV")),
        (RayError("odd  words"), True, Exited(cause="odd words")),
        (OutOfMemoryError("x"), True, Exited(cause="SIGKILL: out of memory")),
    ],
)
def test_a_lost_node_is_nobodys_fault_and_a_lost_worker_its_lines(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: RayError,
    is_alive: bool,
    left: Exited,
) -> None:
    ray = FakeRay([HERE, error], CPU=1)
    with contextlib.closing(_backend(ray, tmp_path, monkeypatch)) as backend:
        backend.start_worker(0, ORDERS)
        assert backend.reports(0) == []
        ray.alive = is_alive
        assert backend.reports(0) == [(0, left)]
        assert backend.reports(0) == ()


def test_a_clip_that_does_not_come_back_is_a_failed_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [Outcome(number=0, was_rendered=True), Outcome(number=1, failure="odd"), Exited()]
    ray = FakeRay([HERE, words], CPU=1)
    backend = _backend(ray, tmp_path, monkeypatch, job("tone", 1), job("tone", 2))
    with contextlib.closing(backend):
        backend.start_worker(0, ORDERS)
        backend.submit(0, ((0, job("tone", 1)),))
        backend.release(0)
        assert ray.sent == [(0, ((0, job("tone", 1)),)), (1, None)]
        backend.reports(0)
        found = [word for _, word in backend.reports(0)]
        assert isinstance(found[0], Outcome)
        assert "did not come back" in found[0].failure
        assert found[1:] == words[1:]
        assert ray.killed == 1, "whoever has left is let go"
    assert not TakeStore(tmp_path / "out").clips.keys()


def test_a_cluster_that_gives_nothing_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = FakeRay([None], CPU=1)
    with contextlib.closing(_backend(ray, tmp_path, monkeypatch)) as backend:
        backend.start_worker(0, ORDERS)
        assert backend.reports(0) == []
        monkeypatch.setattr(cluster, "_NOBODY_S", -1.0)
        with pytest.raises(EnvironmentFault, match="no node of the cluster"):
            backend.reports(0)


def test_no_cluster_is_the_machines_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = FakeRay([], CPU=1)

    def refuse(**_: object) -> None:
        raise ConnectionError("Could not find any running Ray instance.\nmore")

    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(EnvironmentFault, match="Could not find any") as refused:
        _backend(ray, tmp_path, monkeypatch)
    assert "ray start --head" in refused.value.remedy


def test_without_ray_installed_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EnvironmentFault, match="not installed") as refused:
        _backend(None, tmp_path, monkeypatch)
    assert refused.value.remedy == install_remedy("ray")
