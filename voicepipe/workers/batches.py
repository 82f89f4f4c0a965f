"""In which order and in what company jobs are worked on; pure, and tested without processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.hashing import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.workers.jobs import ClipJob

Numbered = tuple[int, "ClipJob"]

MAX_BATCH = 16
"""Jobs a process is handed at once: enough for an engine to batch, few to lose with a worker."""
_SHARES = 4
"""Batches a worker gets at least, while there are jobs: evens out wrong estimates."""


def batches_of(jobs: Mapping[int, ClipJob], *, workers: int) -> list[tuple[Numbered, ...]]:
    """Cut jobs into batches of one engine and one model, longest first.

    Models come in the order of their work, most first, so that each is loaded once and the last
    batches of a run are short.

    Args:
        jobs: By number.
        workers: How many processes share them.
    """
    size = min(MAX_BATCH, max(1, len(jobs) // (workers * _SHARES)))
    groups: dict[tuple[str, bytes], list[Numbered]] = {}
    for numbered in sorted(jobs.items(), key=lambda item: (-item[1].cost_s, item[0])):
        groups.setdefault(_model_of(numbered[1]), []).append(numbered)
    by_work = sorted(groups.values(), key=lambda group: -sum(job.cost_s for _, job in group))
    return [
        tuple(group[start : start + size])
        for group in by_work
        for start in range(0, len(group), size)
    ]


def _model_of(job: ClipJob) -> tuple[str, bytes]:
    if job.request is None:
        return "", b""
    return job.request.engine, canonical_json(job.request.inputs.get("model"))
