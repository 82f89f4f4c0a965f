"""The end of a render: what came of it, what of that may be published at this moment, and that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.bank.entries import collect_entries
from voicepipe.bank.manifest import NOT_RENDERED
from voicepipe.bank.plan import Action
from voicepipe.bank.publish import publish
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault
from voicepipe.memory import collection_paused
from voicepipe.pipeline.permissions import load_permissions
from voicepipe.pipeline.render.consent_checks import permitted_entries
from voicepipe.pipeline.render.planning import bank_facts
from voicepipe.pipeline.render.release_verdicts import unfit_for_release
from voicepipe.pipeline.stored_verdicts import StoredVerdicts
from voicepipe.workers.events import LineFailed, StoreNote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.bank.plan import PlanStep
    from voicepipe.bank.publish import Published
    from voicepipe.pipeline.render.consent_checks import Refused
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.pipeline.render.sharing import Sharing
    from voicepipe.pipeline.tally import Tally
    from voicepipe.remote.revocations import Revocations


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """What was published, and what is not in it as the script asks for it."""

    published: Published | None
    failed: tuple[LineFailed, ...]
    kept_outdated: int
    """Failed lines that keep their last good clip."""
    outdated: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unmade:
    """Lines whose present clip was not made, and what there is instead."""

    kept: tuple[ManifestEntry, ...]
    """The last good clips of lines that failed."""
    older: tuple[ManifestEntry, ...]
    """The last good clips of lines that were not to be made now."""
    missing: tuple[PlanStep, ...]
    """Not to be made now, and without a clip."""


@collection_paused()
def conclude(
    planned: Planned,
    tally: Tally,
    sharing: Sharing | None,
    *,
    release: bool,
    strict: bool = False,
) -> Concluded:
    """Publish what a render has left, asking consent for every entry once more.

    Args:
        planned: What was to be done; the voices' files are read again.
        tally: What was done; told of lines that fail now.
        sharing: With the shared store, if there is one.
        release: Nothing is published unless every line has its clip.
        strict: A line that failed has no clip, even where its last good one is stored.

    Raises:
        EnvironmentFault: The store lost clips, or the disk will not take a version.
    """
    project = planned.project
    take_store = TakeStore(project.out)
    tally.held.require()
    collected = collect_entries(planned.plan, take_store)
    tally.require_kept(collected.missing)
    for step in planned.plan.of(Action.LOST):
        tally.note(_lost(planned, step))
    left = _unmade(collected.missing, tally, take_store, strict=strict)
    revocations = _revocations_now(project.permissions.revocations, tally, sharing)
    now = load_permissions(project.root, project.settings, revocations)
    entries, refused = permitted_entries(
        planned, now, collected.entries, (*left.older, *left.kept), release=release
    )
    for one in refused:
        tally.note(_refused(one, tally))
    verdicts = StoredVerdicts(project.settings, take_store, planned.previous)
    entries = [*verdicts.on(entries)]
    for unfit in _unfit(planned, entries) if release else ():
        tally.note(unfit)
    failed = {(event.line_id, event.language): event for event in tally.failed}
    held = {(entry.line, entry.language) for entry in left.kept}
    n_kept = sum((entry.line, entry.language) in held for entry in entries)
    published = None
    is_whole = not (failed or left.older or left.missing)
    # Where nothing at all came off, the last good version stays the latest.
    if is_whole or (len(entries) > n_kept and not release):
        tally.held.require()
        published = _publish(planned, entries, [*failed.values()], left.missing)
    return Concluded(
        published=published,
        failed=tuple(failed.values()),
        kept_outdated=n_kept if published else 0,
        outdated=sum((entry.line, entry.language) not in failed for entry in left.older),
        missing=len(left.missing),
    )


def _unfit(planned: Planned, entries: Sequence[ManifestEntry]) -> list[LineFailed]:
    project = planned.project
    return unfit_for_release(project.settings, project.decisions, entries)


def _unmade(
    steps: Sequence[PlanStep], tally: Tally, take_store: TakeStore, *, strict: bool
) -> _Unmade:
    failed = {(event.line_id, event.language) for event in tally.failed}
    kept: list[ManifestEntry] = []
    older: list[ManifestEntry] = []
    missing: list[PlanStep] = []
    for step in steps:
        has_failed = (step.line, step.language) in failed
        if step.previous is not None and take_store.objects.has(step.previous.sha256):
            if not (has_failed and strict):
                (kept if has_failed else older).append(replace(step.previous, outdated=True))
        elif not has_failed:
            missing.append(step)
    return _Unmade(kept=tuple(kept), older=tuple(older), missing=tuple(missing))


def _revocations_now(known: Revocations, tally: Tally, sharing: Sharing | None) -> Revocations:
    """Ask again what was revoked while the work went on."""
    if sharing is None:
        return known
    try:
        return known | sharing.ask()
    except EnvironmentFault as fault:
        message = f"{fault.message}; revocations noted there since the start are not known"
        tally.note(StoreNote(message=message, is_warning=True))
        return known


def _refused(one: Refused, tally: Tally) -> LineFailed:
    entry, reason = one.entry, one.reason
    for event in tally.failed:
        if (event.line_id, event.language) == (entry.line, entry.language):
            reason = f"{event.reason}; its last clip is not kept: {reason}"
    return LineFailed(
        line_id=entry.line, language=entry.language, script=entry.script, reason=reason
    )


def _lost(planned: Planned, step: PlanStep) -> LineFailed:
    return LineFailed(
        line_id=step.line,
        language=step.language,
        script=planned.clip_request_of(step).clip.script,
        reason=f"it is pinned to take {step.take_key[:12]}, whose sound is no longer in the store",
    )


def _publish(
    planned: Planned,
    entries: Sequence[ManifestEntry],
    failed: Sequence[LineFailed],
    missing: Sequence[PlanStep],
) -> Published:
    rows = [
        {"line": e.line_id, "language": e.language, "reason": e.reason, "script": e.script}
        for e in failed
    ]
    rows += [
        {
            "line": step.line,
            "language": step.language,
            "reason": NOT_RENDERED,
            "script": planned.clip_request_of(step).clip.script,
        }
        for step in missing
    ]
    project = planned.project
    facts = bank_facts(project.settings, project.lines)
    return publish(project.out, facts, entries, rows, known=planned.latest)
