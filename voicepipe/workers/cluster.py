"""A backend on a Ray cluster: one actor a place, on whatever nodes there are.

Actors render and push into the shared store; this side pulls their clips into the output folder
and hands out the work. When a node is lost, its lines go to the others, and no line is blamed.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from voicepipe import __version__
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault
from voicepipe.installation import install_remedy
from voicepipe.qc.examining import Examiner
from voicepipe.remote.pull import pull
from voicepipe.workers.addresses import check_cluster_address
from voicepipe.workers.backend import Exited
from voicepipe.workers.cluster_inputs import files_read, put_files
from voicepipe.workers.cluster_node import NodeReady, NodeTask, NodeWorker, sought_of
from voicepipe.workers.jobs import Outcome
from voicepipe.workers.places import CPU

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from voicepipe.qc.examining import ExaminerSetup
    from voicepipe.remote.record_kinds import Tell
    from voicepipe.remote.revocations import Revocations
    from voicepipe.remote.store import SharedStore
    from voicepipe.workers.backend import Report
    from voicepipe.workers.jobs import ClipJob, Numbered, Orders

    Word = Report | Outcome

_CALLS_AT_ONCE = 4
"""Threads an actor answers in: it is asked for reports while it is handed work."""
_POLL_S = 2.0
"""How long an actor keeps a question open while it has nothing to say."""
_NOBODY_S = 600.0
"""How long to wait for a first worker: clusters may start machines for it."""
_FAREWELL_S = 10.0
_FINISHERS = 2
"""Beside a worker with a GPU of its own."""


class ClusterBackend:
    """Actors of a Ray cluster; connected from the start, closed by `close`."""

    def __init__(
        self,
        address: str,
        jobs: Sequence[ClipJob],
        *,
        examiner: ExaminerSetup | None = None,
        root: Path,
        out: Path,
        store: SharedStore,
        revocations: Revocations,
        tell: Tell,
        most: int = 0,
    ) -> None:
        """Connect, and bring what the jobs read into the cluster's memory.

        Args:
            address: `auto` or `ray://host:port`.
            jobs: To be rendered, by number; their files are looked for under `root`.
            examiner: Who listens on the nodes; None: nobody.
            root: The project.
            out: The output folder, inside the project; the caller holds its lock.
            store: Established; the nodes reach it at the same address.
            revocations: Revocations, here and there.
            tell: Told of what is damaged in the store.
            most: No more workers than this; 0: as many as there are GPUs, or cores.

        Raises:
            UsageError: The address is none.
            EnvironmentFault: Ray is not installed, no cluster answers, or a file cannot be read.
        """
        check_cluster_address(address)
        self._open = contextlib.ExitStack()
        # Ray tells of lost nodes on stdout, where our answer goes and nothing else.
        self._open.enter_context(contextlib.redirect_stdout(sys.stderr))
        with self._undone_on_error():
            self._ray = _connected(address)
            self._open.callback(self._ray.shutdown)
        self._jobs = jobs
        self._root = root
        self._out = out
        self._store = store
        self._revocations = revocations
        self._tell = tell
        self._run = secrets.token_hex(8)
        self._take_store = TakeStore(out)
        self._actors: dict[int, _Actor] = {}
        self._last_seen = time.monotonic()
        with self._undone_on_error():
            self._resource, self._places = _places(self._ray, most or len(jobs), len(jobs))
            models = () if examiner is None else Examiner(examiner).reads()
            named = files_read(jobs, root, models)
            self._files = tuple(put_files(named, root, self._ray.put))

    @property
    def places(self) -> tuple[str, ...]:
        """The device at every place."""
        return self._places

    def start_worker(self, place: int, orders: Orders) -> None:
        """Ask for an actor at a vacant place; it may have to wait for a node."""
        assert place not in self._actors, "one worker a place"
        task = NodeTask(
            run=self._run,
            orders=_for_node(orders, self._out, self._root),
            origin=self._root,
            store=self._store.address,
            revocations=self._revocations.as_tuple(),
            files=self._files,
        )
        self._actors[place] = _Actor(self._ray, self._resource, task)

    def submit(self, place: int, jobs: Sequence[Numbered]) -> None:
        """Give a worker a piece of work; a dead one loses it."""
        self._actors[place].send(tuple(jobs))

    def release(self, place: int) -> None:
        """Tell a worker that nothing more comes."""
        self._actors[place].send(None)

    def reports(self, timeout_s: float) -> Sequence[tuple[int, Word]]:
        """Wait for reports; clips that they tell of are in the output folder by then.

        Raises:
            EnvironmentFault: The store cannot be reached, no worker could begin in ten minutes, or
                a node has another voicepipe.
        """
        asked = {actor.question: place for place, actor in self._actors.items()}
        if not asked:
            time.sleep(timeout_s)
            return ()
        ready, _ = self._ray.wait(list(asked), num_returns=len(asked), timeout=timeout_s)
        found: list[tuple[int, Word]] = []
        for question in ready:
            place = asked[question]
            found += [(place, word) for word in self._answer(place)]
        if ready or any(actor.has_arrived for actor in self._actors.values()):
            self._last_seen = time.monotonic()
        elif time.monotonic() - self._last_seen > _NOBODY_S:
            raise EnvironmentFault(
                f"no node of the cluster has taken up work in {_NOBODY_S / 60:.0f} minutes",
                remedy=f"look at `ray status`: each worker needs 1 {self._resource}",
            )
        return self._pulled(found)

    def close(self) -> None:
        """End all actors, remove what they laid out, and leave the cluster."""
        handles = [actor.handle for actor in self._actors.values() if actor.has_arrived]
        with contextlib.suppress(Exception):  # the cluster may be gone, and all it held with it
            if handles:
                farewells = [handle.leave.remote() for handle in handles]
                self._ray.wait(farewells, num_returns=len(farewells), timeout=_FAREWELL_S)
            while self._actors:
                self._ray.kill(self._actors.popitem()[1].handle)
        self._actors.clear()
        self._open.close()

    @contextlib.contextmanager
    def _undone_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._open.close()
            raise

    def _answer(self, place: int) -> Sequence[Word]:
        actor = self._actors[place]
        try:
            answer = self._ray.get(actor.question)
        except self._ray.exceptions.RayError as error:
            del self._actors[place]
            return (_exit_report(self._ray, error, actor.node),)
        if isinstance(answer, NodeReady):
            _refuse_unfit(answer)
            actor.node, actor.has_arrived = answer.node, True
            words: Sequence[Word] = ()
        else:
            words = answer
        if any(isinstance(word, Exited) for word in words):
            self._ray.kill(self._actors.pop(place).handle)
        else:
            actor.ask()
        return words

    def _pulled(self, found: Sequence[tuple[int, Word]]) -> list[tuple[int, Word]]:
        """Fetch the clips of finished lines; a line whose clip does not come has failed."""
        made = [
            word
            for _, word in found
            if isinstance(word, Outcome) and not (word.failure or word.fault)
        ]
        if not made:
            return list(found)
        sought = [sought_of(self._jobs[word.number]) for word in made]
        pull(self._store, self._take_store, sought, self._revocations, self._tell)
        return [(place, self._confirmed(word)) for place, word in found]

    def _confirmed(self, word: Word) -> Word:
        if not isinstance(word, Outcome) or word.failure or word.fault:
            return word
        if self._take_store.find_clip(self._jobs[word.number].clip_key) is not None:
            return word
        reason = "a node rendered it, but its clip did not come back through the shared store"
        return Outcome(number=word.number, failure=reason)


class _Actor:
    def __init__(self, ray: Any, resource: str, task: NodeTask) -> None:  # noqa: ANN401 -- a module
        needs = {"num_cpus": 1, "num_gpus": 1} if resource == "GPU" else {"num_cpus": 1}
        made = ray.remote(max_concurrency=_CALLS_AT_ONCE, max_restarts=0, **needs)(NodeWorker)
        self.handle = made.remote()
        self.node = ""
        self.has_arrived = False
        self.question = self.handle.start.remote(task)
        self._n_sent = 0

    def ask(self) -> None:
        self.question = self.handle.reports.remote(_POLL_S)

    def send(self, jobs: tuple[Numbered, ...] | None) -> None:
        self.handle.submit.remote(self._n_sent, jobs)
        self._n_sent += 1


def _connected(address: str) -> Any:  # noqa: ANN401 -- a module
    try:
        import ray  # noqa: PLC0415 -- only for those who have a cluster
    except ImportError as error:
        raise EnvironmentFault(
            f"clusters need a package that is not installed ({error})",
            remedy=install_remedy("ray"),
        ) from error
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise EnvironmentFault(
            f"no Ray cluster answers at {address} ({said})",
            remedy="start one with `ray start --head`, or correct --cluster",
        ) from error
    return ray


def _places(ray: Any, most: int, n_jobs: int) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401
    there = ray.cluster_resources()
    n_gpus, n_cpus = int(there.get("GPU", 0)), int(there.get("CPU", 0))
    resource, n = ("GPU", n_gpus) if n_gpus else ("CPU", n_cpus)
    if not n:
        raise EnvironmentFault(
            "the cluster has neither GPUs nor cores to give", remedy="look at `ray status`"
        )
    # Ray shows an actor its own GPU only.
    device = "cuda:0" if n_gpus else CPU
    return resource, (device,) * max(1, min(n, most, n_jobs))


def _for_node(orders: Orders, out: Path, root: Path) -> Orders:
    finishers = 0 if orders.device == CPU else _FINISHERS
    here = out.relative_to(root)
    return replace(orders, out=here, root=None, journals=None, finishers=finishers)


def _refuse_unfit(arrived: NodeReady) -> None:
    if arrived.fault:
        raise EnvironmentFault(f"on a node: {arrived.fault}", remedy=arrived.remedy)
    if arrived.version != __version__:
        raise EnvironmentFault(
            f"a node has voicepipe {arrived.version}, this machine {__version__}",
            remedy="install the same on all of them: other versions make other takes",
        )


def _exit_report(ray: Any, error: Exception, node: str) -> Exited:  # noqa: ANN401 -- a module
    """Say how an actor ended. A node that went takes no line's good name with it."""
    text = " ".join(str(error).split())
    alive = {one["NodeID"] for one in ray.nodes() if one["Alive"]}
    if "node has died" in text.lower() or (node and node not in alive):
        return Exited(begun=())
    if type(error).__name__ == "OutOfMemoryError":
        return Exited(cause="SIGKILL: out of memory")
    return Exited(cause=_shortened(text) or type(error).__name__)


def _shortened(text: str) -> str:
    for mark in ("SIGSEGV", "SIGKILL", "SIGABRT", "exit code"):
        if mark in text:
            return mark
    return text[:160]
