"""How far a line has come in one language, from its clip and from what people said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.plan import RECORDED
from voicepipe.bank.reviews import Assessment, ReviewKind, ReviewValidity, Status, validity

if TYPE_CHECKING:
    from voicepipe.bank.decisions import Decisions
    from voicepipe.bank.manifest import ManifestEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewState:
    """A value a person gave, and whether it still counts."""

    value: str
    words: str
    validity: ReviewValidity


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """How far a line has come in one language, and what people said of it."""

    status: Status
    """The one a person gave where that holds; else what its clip shows."""
    said_status: ReviewState | None
    assessment: ReviewState | None
    note: str
    is_pinned: bool
    asked_take: int
    """Number of the take the decisions ask for; higher than the clip's: a retake is due."""

    @property
    def rejected(self) -> bool:
        """Whether a person turned down the sound it has now."""
        return self._counts_as(Assessment.REJECTED)

    @property
    def needs_recording(self) -> bool:
        """Whether a person asked for it to be recorded, and it still sounds as then."""
        return self._counts_as(Assessment.RERECORD)

    @property
    def has_lapsed(self) -> bool:
        """Whether something was said of another sound than it has now."""
        said = (self.said_status, self.assessment)
        return any(one is not None and not one.validity.counts for one in said)

    def retake_is_due(self, entry: ManifestEntry | None) -> bool:
        """Whether a take was asked for that its clip is not."""
        if self.is_pinned or (entry is not None and entry.source == RECORDED):
            return False
        return self.asked_take > (0 if entry is None else entry.take)

    def _counts_as(self, wanted: Assessment) -> bool:
        one = self.assessment
        return one is not None and one.validity.counts and one.value == wanted.value


def line_state(
    decisions: Decisions, line: str, language: str, entry: ManifestEntry | None
) -> LineState:
    """Work out how far a line has come.

    Args:
        decisions: Of the project.
        line: Its id, with suffixes.
        language: Of the clip.
        entry: Its clip in the version that is looked at; None: it has none.
    """
    assessment = _said(decisions, line, language, ReviewKind.ASSESSMENT, entry)
    status = _said(decisions, line, language, ReviewKind.STATUS, entry)
    note = decisions.reviews.get((line, language, ReviewKind.NOTE))
    taken = decisions.of(line, language)
    approved = (
        assessment is not None
        and assessment.validity.counts
        and assessment.value == Assessment.APPROVED.value
    )
    given = status is not None and status.validity.counts
    return LineState(
        status=Status(status.value) if status and given else _shown_status(entry, approved),
        said_status=status,
        assessment=assessment,
        note="" if note is None else note.words,
        is_pinned=bool(taken.pin),
        asked_take=taken.take,
    )


def _said(
    decisions: Decisions, line: str, language: str, kind: ReviewKind, entry: ManifestEntry | None
) -> ReviewState | None:
    review = decisions.reviews.get((line, language, kind))
    if review is None or not review.value:
        return None
    return ReviewState(value=review.value, words=review.words, validity=validity(review, entry))


def _shown_status(entry: ManifestEntry | None, approved: bool) -> Status:
    if entry is None:
        return Status.WRITTEN
    if entry.source == RECORDED:
        return Status.RECORDED
    if approved:
        return Status.APPROVED
    return Status.PLACEHOLDER if entry.source == "scratch" else Status.SYNTHETIC
