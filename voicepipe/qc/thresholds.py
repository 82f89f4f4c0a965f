"""Which values of a fault count: limits by reason, with defaults by language.

The only place that decides whether something measured is a fault; settings may replace any limit
for a language or a voice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.qc.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.qc.findings import Fault, Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much of a fault is tolerated."""

    default: float
    unit: str
    """For messages and documents."""
    is_floor: bool = False
    """True: values under the limit are faults; False: values over it."""
    is_later: bool = False
    """It came after the first release: where it is the default, standards are what they were."""

    def is_exceeded(self, value: float, limit: float) -> bool:
        """Whether a value is a fault under a limit of this kind."""
        return value < limit if self.is_floor else value > limit


LIMITS: Final[Mapping[Reason, Limit]] = {
    Reason.SILENT: Limit(default=0.95, unit="share of the clip without sound"),
    Reason.CLIPPED: Limit(default=0.0005, unit="share of samples in flattened peaks"),
    Reason.CLICKS: Limit(default=0, unit="clicks"),
    Reason.OFFSET: Limit(default=0.01, unit="of full scale"),
    Reason.GAP: Limit(default=1.2, unit="s of silence inside"),
    Reason.CUT_OFF: Limit(default=-12, unit="dB of the end under the loudest speech"),
    Reason.START_BUZZ: Limit(default=0.2, unit="s of steady tone"),
    Reason.TOO_SHORT: Limit(default=22, unit="phonemes a second"),
    Reason.TOO_LONG: Limit(default=5, unit="phonemes a second", is_floor=True),
    Reason.TOO_QUIET: Limit(default=3, unit="LU under what it was levelled to"),
    Reason.TOO_LOUD: Limit(default=3, unit="LU over what it was levelled to"),
    Reason.OFF_SLOT: Limit(
        default=0, unit="of its slot, missed beyond the tolerance", is_later=True
    ),
    Reason.NOISE: Limit(default=-31.2, unit="dB of the room under speech"),
    Reason.HUM: Limit(default=-40, unit="dB of the hum under speech"),
    Reason.MISSING_WORDS: Limit(default=2.5, unit="sounds that the line lacks"),
    Reason.ADDED_WORDS: Limit(default=3.5, unit="sounds too many"),
    Reason.REPEATED_WORDS: Limit(default=2.5, unit="sounds said again"),
    Reason.WRONG_WORDS: Limit(default=0.25, unit="of a sound, how wrong each is on average"),
    Reason.REFERENCE_LEAK: Limit(default=3.5, unit="sounds of a reference clip's transcript"),
    Reason.WRONG_LANGUAGE: Limit(default=0.5, unit="probability of another language"),
    Reason.UNLIKE_VOICE: Limit(
        default=0.79, unit="likeness to the voice's own clips", is_floor=True
    ),
    Reason.OTHER_VOICE: Limit(default=0, unit="likeness more to another voice than to its own"),
    Reason.UNNATURAL: Limit(default=2.0, unit="mean opinion score, 1 to 5", is_floor=True),
}

_BY_LANGUAGE: Final[Mapping[str, Mapping[Reason, float]]] = {
    "en": {Reason.TOO_LONG: 9.0},
    "zh": {Reason.TOO_LONG: 7.2, Reason.MISSING_WORDS: 1.5},
    "ja": {Reason.TOO_LONG: 8.7, Reason.WRONG_WORDS: 0.2},
}
"""Base tag (`zh` of `zh-Hant`) → what differs from the defaults."""


def default_limits(language: str) -> dict[Reason, float]:
    """Give every limit for a language.

    Args:
        language: BCP-47 tag of the line.
    """
    changed = _BY_LANGUAGE.get(language.lower().partition("-")[0], {})
    return {reason: changed.get(reason, limit.default) for reason, limit in LIMITS.items()}


def counting_faults(findings: Findings, limits: Mapping[Reason, float]) -> tuple[Fault, ...]:
    """Pick what counts among all that was found.

    Args:
        findings: Of one analyser; a reason that this release does not know counts.
        limits: By reason, such as `default_limits` with the settings' own; a reason that is not
            among them is never a fault.
    """
    return tuple(fault for fault in findings.faults if _counts(fault, limits))


def _counts(fault: Fault, limits: Mapping[Reason, float]) -> bool:
    try:
        reason = Reason(fault.reason)
    except ValueError:
        return True
    return reason in limits and LIMITS[reason].is_exceeded(fault.value, limits[reason])
