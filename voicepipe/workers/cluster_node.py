"""A worker on a node of a cluster: works like any other, and shares what it makes.

Nodes have no disk in common. A worker has a folder of its node, pushes every clip and its take
to the shared store, and only then says that the line is done.
"""

from __future__ import annotations

import os
import queue
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicepipe import __version__
from voicepipe.bank.take_store import TakeStore
from voicepipe.child_processes import ENVIRONMENT
from voicepipe.errors import EnvironmentFault, VoicepipeError
from voicepipe.qc.examining import Examiner
from voicepipe.remote.pull import SoughtClip
from voicepipe.remote.push import push
from voicepipe.remote.revocations import Revocations
from voicepipe.remote.store import open_store
from voicepipe.workers.backend import Exited
from voicepipe.workers.cluster_inputs import forget_run, lay_out, node_folder
from voicepipe.workers.jobs import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicepipe.remote.address import StoreAddress
    from voicepipe.remote.revocations import Revocation
    from voicepipe.workers.backend import Report
    from voicepipe.workers.cluster_inputs import InputFile
    from voicepipe.workers.jobs import ClipJob, Numbered, Orders

    Word = Report | Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeTask:
    """All a worker on another machine has to know."""

    run: str
    """Names the folder on the node."""
    orders: Orders
    """With `out` relative to the project."""
    origin: Path
    """The project, on the machine that hands out the work: what paths of clips begin with."""
    store: StoreAddress
    revocations: tuple[Revocation, ...]
    files: tuple[InputFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReady:
    """What a worker says of itself when it is there."""

    version: str
    """Of voicepipe."""
    node: str
    """Ray's id of the node."""
    fault: str = ""
    """Why it cannot work; empty when it can."""
    remedy: str = ""


def sought_of(job: ClipJob) -> SoughtClip:
    """Say what of a job is shared."""
    return SoughtClip(
        clip_key=job.clip_key,
        take_key=job.take_key if job.request is not None else "",
        voice=job.voice,
        consent=job.metadata.consent,
    )


class NodeWorker:
    """An actor. Its methods are called from several threads at once."""

    def __init__(self) -> None:
        """Begin nothing yet."""
        os.environ.update(ENVIRONMENT)  # before anything that computes is imported
        self._task: NodeTask | None = None
        self._root = Path()
        self._inbox: queue.SimpleQueue[tuple[Numbered, ...] | None] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[Word] = queue.SimpleQueue()
        self._shared: queue.SimpleQueue[Word] = queue.SimpleQueue()
        self._jobs: dict[int, ClipJob] = {}
        self._early: dict[int, tuple[Numbered, ...] | None] = {}
        self._next = 0
        self._lock = threading.Lock()

    def start(self, task: NodeTask, get: Callable[[Any], bytes] | None = None) -> NodeReady:
        """Lay out what the work needs and begin to ask for it.

        Args:
            task: What to do.
            get: Fetches pieces of files; None: `ray.get`.
        """
        node = ""
        if get is None:
            import ray  # noqa: PLC0415 -- only where there is a cluster

            get, node = ray.get, ray.get_runtime_context().get_node_id()
        try:
            root = node_folder(task.run)
            lay_out(task.files, root, get)
            orders = _orders_in(root, task.orders)
            uploader = _Uploader(self._said, self._shared, orders, task, self._jobs)
        except VoicepipeError as error:
            return NodeReady(
                version=__version__, node=node, fault=error.message, remedy=error.remedy
            )
        self._task, self._root = task, root
        threading.Thread(target=uploader.carry, daemon=True).start()
        threading.Thread(target=self._serve, args=(orders,), daemon=True).start()
        return NodeReady(version=__version__, node=node)

    def submit(self, number: int, jobs: tuple[Numbered, ...] | None) -> None:
        """Take a piece of work; None: nothing more comes.

        Args:
            number: Of this call, from 0: calls may overtake each other.
            jobs: The piece.
        """
        with self._lock:
            self._early[number] = jobs
            while self._next in self._early:
                piece = self._early.pop(self._next)
                self._next += 1
                here = None if piece is None else tuple(self._moved(one) for one in piece)
                self._jobs.update(here or ())
                self._inbox.put(here)

    def _moved(self, numbered: Numbered) -> Numbered:
        """Say where the voices' clips lie here."""
        number, job = numbered
        if job.expected is None or self._task is None:
            return numbered
        line = job.expected.line.moved(self._task.origin, self._root)
        return number, replace(job, expected=replace(job.expected, line=line))

    def reports(self, timeout_s: float) -> Sequence[Word]:
        """Wait for reports; see `WorkerBackend.reports`."""
        found: list[Word] = []
        try:
            found.append(self._shared.get(timeout=timeout_s))
            while not self._shared.empty():
                found.append(self._shared.get_nowait())
        except queue.Empty:
            pass
        return found

    def leave(self) -> None:
        """Remove what this run laid out on the node."""
        if self._task is not None:
            forget_run(self._task.run)

    def _serve(self, orders: Orders) -> None:
        left = Exited()
        try:
            from voicepipe.workers.worker import serve  # noqa: PLC0415 -- seconds

            serve(orders, self._inbox, self._said.put)
        except BaseException as error:  # noqa: BLE001 -- whatever it was, the worker is gone
            left = Exited(cause=f"{type(error).__name__}: {error}")
        self._said.put(left)


def _orders_in(root: Path, orders: Orders) -> Orders:
    """Fit orders to this node; whoever lacks something here does not listen.

    Raises:
        EnvironmentFault: All were asked to listen.
    """
    examiner = orders.examiner
    if examiner is not None:
        examiner = replace(examiner, root=root)
        lacking = Examiner(examiner).unavailable
        if lacking and examiner.needs_all:
            name, why = next(iter(lacking.items()))
            raise EnvironmentFault(
                f"{name} cannot judge here: {why}",
                remedy="install it there too, or leave out `--qc full`",
            )
    return replace(orders, root=root, out=root / orders.out, journals=None, examiner=examiner)


class _Uploader:
    """Carries what a worker says out, clips and takes first."""

    def __init__(
        self,
        said: queue.SimpleQueue[Word],
        shared: queue.SimpleQueue[Word],
        orders: Orders,
        task: NodeTask,
        jobs: dict[int, ClipJob],
    ) -> None:
        self._said = said
        self._shared = shared
        self._jobs = jobs
        self._take_store = TakeStore(orders.out)
        self._revocations = Revocations(task.revocations)
        self._store = open_store(task.store)
        self._store.establish()

    def carry(self) -> None:
        is_open = True
        while is_open:
            words = [self._said.get()]
            while not self._said.empty():
                words.append(self._said.get_nowait())
            is_open = not any(isinstance(word, Exited) for word in words)
            try:
                sent = self._sent(words)
            except Exception as error:  # noqa: BLE001 -- without a courier nothing is ever heard
                sent, is_open = [Exited(cause=f"{type(error).__name__}: {error}")], False
            for word in sent:
                self._shared.put(word)

    def _sent(self, words: Sequence[Word]) -> list[Word]:
        made = [word for word in words if isinstance(word, Outcome) and not word.failure]
        sought = [sought_of(self._jobs[one.number]) for one in made if not one.fault]
        told: list[str] = []
        try:
            keys = {key for one in sought for key in (one.clip_key, one.take_key)}
            push(
                self._store,
                self._take_store,
                sought,
                self._revocations,
                told.append,
                known_absent=keys,
            )
        except VoicepipeError as error:
            fault = Outcome(
                number=made[0].number if made else 0, fault=error.message, remedy=error.remedy
            )
            return [word for word in words if word not in made] + [fault]
        return list(words)
