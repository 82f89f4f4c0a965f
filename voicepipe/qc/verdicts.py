"""What becomes of findings: passed, failed, or not judged; for each analyser and for a clip.

Findings are stored, verdicts follow from them: other limits need no new listening.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from voicepipe.bank import clip_facts
from voicepipe.hashing import SHORT_DIGITS, sha256_of_json
from voicepipe.qc.thresholds import LIMITS, counting_faults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.qc.findings import Fault, Findings, Reason

NOT_LISTENED: Final = "it has not listened to this clip"
"""Why an analyser without findings has no verdict, where nothing more is known."""


class Verdict(str, Enum):
    """How a clip stands; the values are what manifests and tables say."""

    PASSED = clip_facts.PASSED
    FAILED = clip_facts.FAILED
    NOT_JUDGED = clip_facts.NOT_JUDGED
    """An analyser that is asked for is missing, or does not know the language. Never a pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What a clip is held to."""

    analysers: tuple[str, ...]
    """Who has to pass it, by name; without all of them it is not judged."""
    limits: Mapping[Reason, float]
    """A reason that is not among them is never a fault."""

    def fingerprint(self) -> str:
        """Give 12 hex digits that change with any limit."""
        limits = {
            reason.value: limit
            for reason, limit in self.limits.items()
            if not (LIMITS[reason].is_later and limit == LIMITS[reason].default)
        }
        return sha256_of_json([list(self.analysers), limits])[:SHORT_DIGITS]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyserVerdict:
    """What one analyser says of a clip."""

    analyser: str
    verdict: Verdict
    revision: str = ""
    """Of its annotation; empty: it has not looked at the clip."""
    faults: tuple[Fault, ...] = ()
    """Those that count."""
    noticed: tuple[Fault, ...] = ()
    """Those that the limits allow."""
    scores: Mapping[str, float] = field(default_factory=dict)
    heard: str = ""
    """The text it recognised."""
    why: str = ""
    """Why it did not judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipVerdict:
    """What all analysers together say of a clip."""

    verdict: Verdict
    """Failed when one fails it; passed when every one that is asked for passes it."""
    analysers: tuple[AnalyserVerdict, ...]
    """In the order in which they are asked for."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults that count."""
        return tuple(fault for one in self.analysers for fault in one.faults)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of the faults, each once, the first found first."""
        return tuple(dict.fromkeys(fault.reason for fault in self.faults))

    @property
    def scores(self) -> dict[str, float]:
        """All measurements by name."""
        return {name: value for one in self.analysers for name, value in one.scores.items()}

    @property
    def judged(self) -> dict[str, str]:
        """Analyser → its verdict, of those that judged."""
        judged = [one for one in self.analysers if one.verdict is not Verdict.NOT_JUDGED]
        return {one.analyser: one.verdict.value for one in judged}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What one analyser found out about a clip, and under which revision it is kept."""

    analyser: str
    revision: str
    """Of its annotation."""
    findings: Findings


def judge_findings(
    standard: Standard,
    examined: Sequence[Examined],
    why_not: Mapping[str, str] | None = None,
) -> ClipVerdict:
    """Hold what was found out about a clip to a standard.

    Args:
        standard: The clip's.
        examined: At most one an analyser; one that the standard does not ask for is passed over.
        why_not: Analyser → why it could not listen, where that is known.
    """
    by_name = {one.analyser: one for one in examined}
    single = tuple(
        _judged(name, by_name.get(name), standard, (why_not or {}).get(name, ""))
        for name in standard.analysers
    )
    verdicts = {one.verdict for one in single}
    if Verdict.FAILED in verdicts:
        overall = Verdict.FAILED
    elif verdicts == {Verdict.PASSED}:
        overall = Verdict.PASSED
    else:
        overall = Verdict.NOT_JUDGED
    return ClipVerdict(verdict=overall, analysers=single)


def _judged(name: str, found: Examined | None, standard: Standard, why: str) -> AnalyserVerdict:
    if found is None:
        return AnalyserVerdict(analyser=name, verdict=Verdict.NOT_JUDGED, why=why or NOT_LISTENED)
    findings = found.findings
    faults = counting_faults(findings, standard.limits)
    if findings.not_judged:
        verdict, faults = Verdict.NOT_JUDGED, ()
    else:
        verdict = Verdict.FAILED if faults else Verdict.PASSED
    return AnalyserVerdict(
        analyser=name,
        verdict=verdict,
        revision=found.revision,
        faults=faults,
        noticed=tuple(fault for fault in findings.faults if fault not in faults),
        scores=findings.scores,
        heard=findings.heard,
        why=findings.not_judged,
    )
