"""Which job goes to whom, and when; pure, and tested without processes or clocks.

Jobs of one engine and one checkpoint pair form a group, longest first. A worker stays with its
group until it is used up, so that each model is loaded seldom. Pieces are large while there is
plenty and single jobs near the end, when nobody may hold more than their share of what is left:
the share of a worker is that of the work it has ended so far, so that unequal devices end together.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from voicepipe.hashing import canonical_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from voicepipe.workers.jobs import ClipJob, Numbered

    GroupKey = tuple[str, bytes]

MAX_PIECE = 4
"""Jobs handed over at once: what lies about unbegun in a worker cannot be given to another."""
_SHARES = 4
"""Pieces a worker would get if all were as large as the next one: estimates are never quite right,
and what is handed over cannot be given to another."""
_LEAST_S = 0.1
"""Of speech: what finishing alone weighs, for jobs that render nothing."""
_PRIOR_LINES = 8
"""Every worker is thought to have ended as much as so many average lines before its first, so that
who starts a moment later is not taken for slow."""


class Workload:
    """The jobs of a run: waiting, held by a worker, or ended.

    Args:
        jobs: By number.
        n_workers: How many share them; they are numbered from 0.
    """

    def __init__(self, jobs: Mapping[int, ClipJob], n_workers: int) -> None:
        self._jobs = dict(jobs)
        self._held: list[dict[int, ClipJob]] = [{} for _ in range(n_workers)]
        self._ended_s = [0.0] * n_workers
        self._group_of: list[GroupKey | None] = [None] * n_workers
        self._alone: deque[Numbered] = deque()
        self._suspects: set[int] = set()
        self._groups: dict[GroupKey, deque[Numbered]] = {}
        self._waiting_s = 0.0
        self._n_waiting = 0
        cost_s = sum(map(_cost, self._jobs.values()))
        self._prior_s = _PRIOR_LINES * cost_s / max(1, len(self._jobs))
        self._wait(sorted(jobs.items(), key=lambda item: (-item[1].cost_s, item[0])))

    @property
    def is_done(self) -> bool:
        """Every job has ended."""
        return not self._jobs

    @property
    def n_waiting(self) -> int:
        """Jobs that nobody holds."""
        return self._n_waiting + len(self._alone)

    def job(self, number: int) -> ClipJob:
        """Give a job that has not ended."""
        return self._jobs[number]

    def held(self, worker: int) -> tuple[int, ...]:
        """Numbers of the jobs a worker was handed and has not ended, oldest first."""
        return tuple(self._held[worker])

    def take(self, worker: int) -> tuple[Numbered, ...]:
        """Choose a worker's next piece of work; it holds it from now on.

        Returns:
            Jobs of one engine and pair; empty when there is nothing for this worker now: ask again
            after another outcome.
        """
        mine = self._held[worker]
        if self._suspects.intersection(mine):  # it is being tried alone
            return ()
        if self._alone and not mine:
            number, job = self._alone.popleft()
            mine[number] = job
            return ((number, job),)
        group = self._group(worker)
        if group is None:
            return ()
        piece = self._cut(worker, group)
        mine.update(piece)
        return piece

    def room_s(self, worker: int) -> float:
        """Say how much a worker may still be handed.

        Returns:
            Its fair share of all that is left, less what it holds, in expected seconds of speech.
        """
        held_s = [sum(map(_cost, held.values())) for held in self._held]
        ended_s = sum(self._ended_s) + self._prior_s * len(self._held)
        weight = (self._ended_s[worker] + self._prior_s) / max(ended_s, _LEAST_S)
        return weight * (self._waiting_s + sum(held_s)) - held_s[worker]

    def end(self, worker: int, number: int) -> ClipJob | None:
        """Note that a job has ended.

        Returns:
            The job; None when it had ended before.
        """
        self._held[worker].pop(number, None)
        job = self._jobs.pop(number, None)
        self._suspects.discard(number)
        if job is not None:
            self._ended_s[worker] += _cost(job)
        return job

    def give_back(self, worker: int, suspects: Collection[int] = ()) -> tuple[int, ...]:
        """Take back what a worker held that is gone.

        Args:
            worker: It holds nothing afterwards.
            suspects: What it had begun when it died: each of these is handed out once more, alone.

        Returns:
            Those of them that were alone already. They have killed twice, and stay with nobody
            until they are ended.
        """
        lost, self._held[worker] = self._held[worker], {}
        repeated = tuple(number for number in suspects if number in self._suspects)
        new_suspects = [number for number in lost if number in suspects and number not in repeated]
        self._suspects.update(new_suspects)
        self._alone.extend((number, lost[number]) for number in new_suspects)
        back = [item for item in lost.items() if item[0] not in suspects]
        # A suspect that was handed over and never begun keeps its turn to be alone.
        self._alone.extendleft(item for item in back if item[0] in self._suspects)
        self._wait(reversed([item for item in back if item[0] not in self._suspects]), first=True)
        self._group_of[worker] = None
        return repeated

    def _wait(self, jobs: Iterable[Numbered], *, first: bool = False) -> None:
        for number, job in jobs:
            group = self._groups.setdefault(_group_key(job), deque())
            (group.appendleft if first else group.append)((number, job))
            self._waiting_s += _cost(job)
            self._n_waiting += 1

    def _group(self, worker: int) -> deque[Numbered] | None:
        mine = self._group_of[worker]
        if mine is None or not self._groups.get(mine):
            mine = self._group_of[worker] = self._heaviest(worker)
        return None if mine is None else self._groups[mine]

    def _heaviest(self, worker: int) -> GroupKey | None:
        """The group with most work for each that would share it."""
        self._groups = {key: group for key, group in self._groups.items() if group}
        others = [key for other, key in enumerate(self._group_of) if other != worker]
        best: GroupKey | None = None
        best_s = -1.0
        for key, group in self._groups.items():
            share_s = sum(_cost(job) for _, job in group) / (1 + others.count(key))
            if share_s > best_s:
                best, best_s = key, share_s
        return best

    def _cut(self, worker: int, group: deque[Numbered]) -> tuple[Numbered, ...]:
        room_s = self.room_s(worker)
        size = min(MAX_PIECE, max(1, self._n_waiting // (_SHARES * len(self._held))))
        piece: list[Numbered] = []
        for number, job in islice(group, size):
            if room_s <= 0 and (piece or self._held[worker]):
                break
            room_s -= _cost(job)
            piece.append((number, job))
        for _, job in piece:
            group.popleft()
            self._waiting_s -= _cost(job)
        self._n_waiting -= len(piece)
        return tuple(piece)


def _cost(job: ClipJob) -> float:
    return max(job.cost_s, _LEAST_S)


def _group_key(job: ClipJob) -> GroupKey:
    if job.request is None:
        return "", b""
    return job.request.engine, canonical_json(job.request.inputs.get("model"))
