"""What a release asks of every clip: that analysers have passed it, or a person this very sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.bank.clip_facts import FAILED, NOT_JUDGED, PASSED
from voicepipe.bank.reviews import Assessment, ReviewKind, validity
from voicepipe.qc.standards import standard_for
from voicepipe.settings_qc import SIGNAL_ONLY
from voicepipe.workers.events import LineFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicepipe.bank.decisions import Decisions
    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.settings import Settings


def unfit_for_release(
    settings: Settings, decisions: Decisions, entries: Iterable[ManifestEntry]
) -> list[LineFailed]:
    """Name every clip that may not be released as it stands, and why.

    Args:
        settings: Their `qc.release` says what a clip needs.
        decisions: A person's approval of a clip stands in for the analysers.
        entries: With their present verdicts.
    """
    if settings.qc.release == "off":
        return []
    return [
        LineFailed(
            line_id=entry.line,
            language=entry.language,
            script=entry.script,
            reason=_why(settings, entry),
        )
        for entry in entries
        if _verdict(settings, entry) != PASSED and not _is_approved(decisions, entry)
    ]


def _verdict(settings: Settings, entry: ManifestEntry) -> str:
    if settings.qc.release == "full":
        return entry.verdict
    return entry.judged.get(*SIGNAL_ONLY, NOT_JUDGED)


def _why(settings: Settings, entry: ManifestEntry) -> str:
    if _verdict(settings, entry) == FAILED:
        return f"its clip failed quality control: {', '.join(entry.reasons)}"
    asked = standard_for(settings.qc, language=entry.language, voice=entry.voice).analysers
    needed = asked if settings.qc.release == "full" else SIGNAL_ONLY
    absent = ", ".join(name for name in needed if name not in entry.judged)
    return f"its clip was not judged ({absent}); `voicepipe qc` judges it, or says what is missing"


def _is_approved(decisions: Decisions, entry: ManifestEntry) -> bool:
    review = decisions.reviews.get((entry.line, entry.language, ReviewKind.ASSESSMENT))
    if review is None or review.value != Assessment.APPROVED.value or not review.sound:
        return False
    return validity(review, entry).counts
