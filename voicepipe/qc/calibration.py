"""Limits that fit what people approved: what an analyser must let pass, with some room.

A limit is only ever loosened. That a sound was approved says that no limit should fail it; how bad
a sound has to be before nobody would approve it cannot be learnt from approvals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.qc.findings import Reason
from voicepipe.qc.thresholds import LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.qc.findings import Fault, Findings

ROOM: Final = 0.1
"""Of the worst value that was approved: the next good clip may be a little worse."""
_DIGITS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A limit under which every approved clip passes."""

    reason: Reason
    present: float
    """The limit that holds now."""
    proposed: float
    worst: float
    """Of the approved clips."""
    n_failed: int
    """Approved clips that fail under the present limit."""
    n_clips: int
    """Approved clips that were judged for this reason."""


def propose_limits(
    clips: Sequence[Sequence[Findings]], limits: Mapping[Reason, float]
) -> tuple[Proposal, ...]:
    """Propose limits for clips of one language.

    Args:
        clips: What was found out about each approved clip, by every analyser.
        limits: That hold for them now; a reason that is not among them is never a fault.

    Returns:
        One for each limit that fails a clip a person approved, in the order of the reasons.
    """
    found = [_proposal(reason, limits[reason], clips) for reason in Reason if reason in limits]
    return tuple(one for one in found if one is not None)


def _proposal(
    reason: Reason, present: float, clips: Sequence[Sequence[Findings]]
) -> Proposal | None:
    limit = LIMITS[reason]
    # A clip fails by the worst of its faults.
    choose = min if limit.is_floor else max
    worst_each = [choose(values) for clip in clips if (values := _values(reason, clip))]
    n_failed = sum(limit.is_exceeded(value, present) for value in worst_each)
    if not n_failed:
        return None
    worst = choose(worst_each)
    step = -1 if limit.is_floor else 1
    return Proposal(
        reason=reason,
        present=present,
        proposed=_rounded(worst + step * ROOM * abs(worst), step),
        worst=worst,
        n_failed=n_failed,
        n_clips=len(clips),
    )


def _values(reason: Reason, clip: Sequence[Findings]) -> list[float]:
    faults: list[Fault] = [fault for findings in clip for fault in findings.faults]
    return [fault.value for fault in faults if fault.reason == reason.value]


def _rounded(value: float, step: int) -> float:
    """Round away from what was approved, to a few digits."""
    if value == 0:
        return 0.0
    scale = 10.0 ** (_DIGITS - 1 - math.floor(math.log10(abs(value))))
    scaled = value * scale
    return (math.ceil(scaled) if step > 0 else math.floor(scaled)) / scale
