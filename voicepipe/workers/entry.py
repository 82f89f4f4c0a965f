"""The door into a worker process: cheap to import for whoever only hands out work."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.workers.batches import Numbered
    from voicepipe.workers.jobs import Orders, Outcome


def make_clips(orders: Orders, batch: Sequence[Numbered]) -> tuple[Outcome, ...]:
    """Make a batch of clips; what computes is imported over there."""
    from voicepipe.workers import worker  # noqa: PLC0415 -- seconds of imports, not in the parent

    return worker.make_clips(orders, batch)
