"""The end of a render: what came of it, what of that may be published at this moment, and that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.entries import collect_entries
from voicepipe.bank.plan import Action
from voicepipe.bank.publish import publish
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault
from voicepipe.pipeline.consent_checks import permitted_entries
from voicepipe.pipeline.permissions import load_permissions
from voicepipe.pipeline.render.planning import bank_facts
from voicepipe.workers.events import LineFailed, StoreNote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.bank.plan import PlanStep
    from voicepipe.bank.publish import Published
    from voicepipe.pipeline.consent_checks import Refused
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.pipeline.render.sharing import Sharing
    from voicepipe.pipeline.tally import Tally
    from voicepipe.remote.revocations import Revocations


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """What was published, and what is not in it as the script asks for it."""

    published: Published | None
    failed: tuple[LineFailed, ...]
    outdated: int
    missing: int


def conclude(
    project: Project, planned: Planned, tally: Tally, sharing: Sharing | None, *, release: bool
) -> Concluded:
    """Publish what a render has left, asking consent for every entry once more.

    Args:
        project: As it was read before the render; the voices' files are read again.
        planned: What was to be done.
        tally: What was done; told of lines that fail now.
        sharing: With the shared store, if there is one.
        release: Nothing is published unless every line has its clip.

    Raises:
        EnvironmentFault: The store lost clips, or the disk will not take a version.
    """
    take_store = TakeStore(project.out)
    tally.held.require()
    collected = collect_entries(planned.plan, take_store)
    tally.require_kept(collected.missing)
    for step in planned.plan.of(Action.LOST):
        tally.note(_lost(planned, step))
    without = {(event.line_id, event.language) for event in tally.failed}
    older: list[ManifestEntry] = []
    missing: list[PlanStep] = []
    for step in collected.missing:
        if (step.line, step.language) in without:
            continue
        if step.previous is not None and take_store.objects.has(step.previous.sha256):
            older.append(step.previous)
        else:
            missing.append(step)
    now = load_permissions(
        project.root, project.settings, _revocations_now(project, tally, sharing)
    )
    entries, refused = permitted_entries(
        project, planned, now, collected.entries, older, release=release
    )
    for one in refused:
        tally.note(_refused(one))
    failed = {(event.line_id, event.language): event for event in tally.failed}
    outdated = sum((entry.line, entry.language) not in failed for entry in older)
    published = None
    is_whole = not (failed or older or missing)
    # Where nothing at all came off, the last good version stays the latest.
    if is_whole or (entries and not release):
        tally.held.require()
        published = _publish(project, planned, entries, [*failed.values()], missing)
    return Concluded(
        published=published,
        failed=tuple(failed.values()),
        outdated=outdated,
        missing=len(missing),
    )


def _revocations_now(project: Project, tally: Tally, sharing: Sharing | None) -> Revocations:
    """Ask again what was revoked while the work went on."""
    known = project.permissions.revocations
    if sharing is None:
        return known
    try:
        return known | sharing.ask()
    except EnvironmentFault as fault:
        message = f"{fault.message}; revocations noted there since the start are not known"
        tally.note(StoreNote(message=message, is_warning=True))
        return known


def _refused(one: Refused) -> LineFailed:
    entry = one.entry
    return LineFailed(
        line_id=entry.line, language=entry.language, script=entry.script, reason=one.reason
    )


def _lost(planned: Planned, step: PlanStep) -> LineFailed:
    return LineFailed(
        line_id=step.line,
        language=step.language,
        script=planned.clip_request_of(step).clip.script,
        reason=f"it is pinned to take {step.take_key[:12]}, whose sound is no longer in the store",
    )


def _publish(
    project: Project,
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
            "reason": "not rendered yet",
            "script": planned.clip_request_of(step).clip.script,
        }
        for step in missing
    ]
    return publish(project.out, bank_facts(project.settings), entries, rows)
