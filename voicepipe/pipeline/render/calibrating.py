"""Limits that the clips people approved would pass, by language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.reviews import Assessment, ReviewKind, validity
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import load_latest
from voicepipe.documents.asked_names import matching
from voicepipe.errors import UsageError
from voicepipe.pipeline.project import input_error
from voicepipe.qc.calibration import propose_limits
from voicepipe.qc.standards import standard_for
from voicepipe.qc.stored_findings import StoredFindings, keys_by_subject
from voicepipe.settings import load_settings
from voicepipe.settings_qc import ANALYSERS

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from voicepipe.bank.decisions import Decisions
    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.qc.calibration import Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What is proposed for one language."""

    language: str
    n_approved: int
    """Clips that a person approved, and that somebody judged."""
    proposals: tuple[Proposal, ...]


def calibrate(root: Path, lines: Collection[str] = ()) -> tuple[Calibration, ...]:
    """Propose limits from the clips of the latest version that people approved.

    Args:
        root: The folder `voicepipe.yaml` is in.
        lines: Ids, or patterns such as `bridge_*`, of further lines whose clips are good.

    Returns:
        One a language that has such clips, sorted.

    Raises:
        UsageError: Nothing was published yet, or no clip was approved.
        InputError: The settings or `decisions.csv` cannot be used.
        EnvironmentFault: The store cannot be read.
    """
    settings, problems = load_settings(root)
    if settings is None:
        raise input_error(root, problems)
    out = root / settings.out
    manifest = load_latest(out, settings.bank)
    if manifest is None:
        raise UsageError("nothing was published yet", remedy="run `voicepipe render` first")
    decisions = load_decisions(root, out)
    ids = {name for entry in manifest.entries for name in (entry.line, entry.base_line)}
    named = matching(lines, ids)
    good = [one for one in manifest.entries if _is_approved(decisions, one, named)]
    if not good:
        raise UsageError(
            "no clip of the latest version was approved",
            remedy="approve some with `voicepipe decide approve` or on the review's page, or name "
            "good lines with --line",
        )
    take_store = TakeStore(out)
    keys = keys_by_subject(take_store)
    found = []
    for language in sorted({entry.language for entry in good}):
        heard = [
            tuple(
                one.findings
                for one in StoredFindings(take_store, entry.clip_key).newest(
                    keys.get(entry.clip_key, ()), ANALYSERS
                )
            )
            for entry in good
            if entry.language == language
        ]
        judged = [clip for clip in heard if clip]
        limits = standard_for(settings.qc, language=language, voice="").limits
        proposals = propose_limits(judged, limits)
        found.append(Calibration(language=language, n_approved=len(judged), proposals=proposals))
    return tuple(found)


def _is_approved(decisions: Decisions, entry: ManifestEntry, named: Collection[str]) -> bool:
    if entry.line in named or entry.base_line in named:
        return True
    review = decisions.reviews.get((entry.line, entry.language, ReviewKind.ASSESSMENT))
    if review is None or review.value != Assessment.APPROVED.value:
        return False
    return bool(review.sound) and validity(review, entry).counts
