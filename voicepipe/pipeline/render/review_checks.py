"""What people said of the sounds that a version would hold: a release refuses some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.bank.plan import RECORDED, Action
from voicepipe.bank.reviews import Assessment, Review, ReviewKind
from voicepipe.documents.findings import finding
from voicepipe.pipeline.codes import NEEDS_RECORDING, REJECTED_CLIP
from voicepipe.pipeline.project import input_error
from voicepipe.reports import counted

if TYPE_CHECKING:
    from voicepipe.bank.plan import PlanStep
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.pipeline.render.planning import Planned

RejectedClips = dict[tuple[str, str], Review]
"""(line, language) → the rejection, or the wish for a recording, that holds for its sound."""


def rejected_clips(planned: Planned) -> RejectedClips:
    """Find the lines whose sound, as a render would publish it now, a person turned down.

    A rejection holds for the take that was heard; a wish for a recording until there is one, or
    the line sounds otherwise.
    """
    reviews = planned.project.decisions.reviews
    found: RejectedClips = {}
    for step in planned.plan.steps if reviews else ():
        key = (step.line, step.language)
        review = reviews.get((*key, ReviewKind.ASSESSMENT))
        if review is not None and step.action is not Action.DROP and _holds(review, step):
            found[key] = review
    return found


def _holds(review: Review, step: PlanStep) -> bool:
    if review.value == Assessment.REJECTED.value:
        return review.heard_take == step.take_key
    if review.value != Assessment.RERECORD.value:
        return False
    if not review.heard_take:
        return step.wanted is None or step.wanted.source != RECORDED
    return review.heard_take == step.take_key


def require_accepted(planned: Planned, rejected: RejectedClips) -> None:
    """Refuse a release that would hold sounds which people turned down.

    Raises:
        InputError: With a diagnostic for each, at its text in the script.
    """
    if rejected:
        raise input_error(planned.project.root, review_findings(planned, rejected))


def review_findings(planned: Planned, rejected: RejectedClips) -> list[Diagnostic]:
    """Say at each line's text what a person said against its sound."""
    found = []
    for (line, language), review in rejected.items():
        is_rejected = review.value == Assessment.REJECTED.value
        code = REJECTED_CLIP if is_rejected else NEEDS_RECORDING
        what = "its sound was rejected" if is_rejected else "it needs to be recorded (again)"
        remedy = f"take it again: voicepipe decide retake {line} --lang {language}"
        if not is_rejected:
            remedy = f"record it, or say otherwise: voicepipe decide approve {line}"
        found.append(
            finding(
                code,
                planned.clip_requests.cast_of(line, language).text.span,
                f"{line} ({language}): {what}" + (review.words and f": {review.words}"),
                remedy,
            )
        )
    return found


def rejection_sentence(rejected: RejectedClips) -> str:
    """Say in one sentence which lines hold sounds that people turned down."""
    shown = ", ".join(f"{line} ({language})" for line, language in list(rejected)[:5])
    rest = f" and {len(rejected) - 5} more" if len(rejected) > 5 else ""
    return (
        f"{counted(len(rejected), 'sound')} that people turned down: {shown}{rest};"
        " `voicepipe decide list` says why"
    )
