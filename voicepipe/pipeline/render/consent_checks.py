"""Asking consent for lines: before they are rendered, and for entries about to be published.

Every entry is asked for by the voice and the consent record of the sound it really holds: a pinned
take by its own record, a clip of an earlier version by what its WAV says of itself, a recording by
whom it was published as.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from voicepipe.audio.tags import read_metadata_of
from voicepipe.bank.plan import RECORDED, Action
from voicepipe.bank.take_store import TakeStore
from voicepipe.consent.codes import NO_RECORD
from voicepipe.diagnostics import Severity
from voicepipe.pipeline.codes import SCRATCH_IN_RELEASE
from voicepipe.pipeline.pins import Label, line_finding, pinned_finding
from voicepipe.pipeline.project import input_error, voice_findings_of
from voicepipe.pipeline.render.planning import WORK
from voicepipe.reports import in_source_order
from voicepipe.synthesis.request import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicepipe.audio.metadata import ClipMetadata
    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.plan import PlanStep
    from voicepipe.bank.store import ObjectStore
    from voicepipe.consent.gate import Finding
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.pipeline.permissions import Permissions
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.pipeline.selection import Selection
    from voicepipe.voices.voice import CastLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An entry that may not be published."""

    entry: ManifestEntry
    reason: str


def require_permitted(
    planned: Planned,
    permissions: Permissions,
    *,
    selection: Selection,
    release: bool = False,
) -> None:
    """Go on only when everything a render would publish may be published today.

    Args:
        planned: What a render would do.
        permissions: The project's, and what the shared store knows besides.
        selection: Only these lines are made now; the others would be published as they are.
        release: Placeholders are refused.

    Raises:
        InputError: Names every line, at its place in the script.
        EnvironmentFault: A clip of the latest version cannot be read.
    """
    project = planned.project
    found = voice_findings_of(project.cast, permissions)
    found = [problem for problem in found if problem not in project.diagnostics]
    for step in planned.plan.steps:
        if step.wanted is not None and step.wanted.source == RECORDED:
            found += _recording_findings(planned, step, permissions)
        elif step.pinned:
            found += _pinned_findings(planned, step, permissions, release=release)
    if not selection.is_everything:
        found += _older_findings(planned, permissions, selection)
    found = [problem for problem in found if problem.severity is Severity.ERROR]
    if found:
        raise input_error(project.root, in_source_order(dict.fromkeys(found)))


def _pinned_findings(
    planned: Planned, step: PlanStep, permissions: Permissions, *, release: bool
) -> Iterator[Diagnostic]:
    """Ask for a pinned take that is not the one the voice would make now."""
    assert step.wanted is not None
    if step.action is Action.LOST or step.take_key == step.wanted.take_key:
        return
    clip_request = planned.clip_request_of(step)
    said: list[ClipMetadata | ManifestEntry] = [clip_request.metadata]
    if not clip_request.metadata.voice:
        said.clear()  # nobody knows yet what a take says that is still to come
    before = step.previous
    if before is not None and before.take_key == step.take_key:
        said.append(before)
    for one in said:
        label = Label(voice=one.voice, source=one.source, engine=one.engine, consent=one.consent)
        problem = pinned_finding(clip_request.cast, label, permissions, release=release)
        if problem is not None:
            yield problem
            return


def _recording_findings(
    planned: Planned, step: PlanStep, permissions: Permissions
) -> Iterator[Diagnostic]:
    """Ask for the voice a recording was published as before, when the line was cast differently."""
    cast, before = planned.cast_of(step), step.previous
    found = permissions.refusal_of_recording(step.take_key)
    is_known = before is not None and (before.source, before.take_key) == (RECORDED, step.take_key)
    if found is None and is_known and before is not None and before.voice != cast.voice.id:
        found = permissions.refusal_of(before.voice, "", step.language)
    if found is not None:
        yield _step_finding(
            step,
            cast,
            found,
            what="its recording is of another voice",
            remedy="remove it from the overrides folder, or record the line anew",
        )


def _step_finding(
    step: PlanStep, cast: CastLine, found: Finding, *, what: str, remedy: str
) -> Diagnostic:
    """Say at a step's text in the script what consent refuses."""
    return line_finding(step.line, step.language, cast.text.span, found, what=what, remedy=remedy)


def require_makeable(planned: Planned, permissions: Permissions, *, selection: Selection) -> None:
    """Go on only when no new take is to be made in a suspended voice.

    Args:
        planned: What a render would do, with what the shared store has.
        permissions: As for `require_permitted`, which has asked everything else.
        selection: Only these lines are made now.

    Raises:
        InputError: Names every line, at its place in the script.
    """
    found: list[Diagnostic] = []
    for step in planned.plan.of(Action.RENDER):
        clip_request = planned.clip_request_of(step)
        cast = clip_request.cast
        said = clip_request.metadata
        if not (said.voice and selection.has(cast.line, step.language)):
            continue  # nobody knows yet what a pinned take says that is still to come
        refusal = permissions.refusal_of(said.voice, said.consent, step.language, is_new=True)
        if refusal is not None:
            why = ", ".join(reason.value for reason in step.reasons)
            found.append(
                _step_finding(
                    step,
                    cast,
                    refusal,
                    what=f"it needs a new take ({why})",
                    remedy="undo the change, or cast the speaker with another voice",
                )
            )
    if found:
        raise input_error(planned.project.root, in_source_order(found))


def _older_findings(
    planned: Planned, permissions: Permissions, selection: Selection
) -> Iterator[Diagnostic]:
    """Ask for the clips of lines that are not made now and would be published as they are."""
    objects = TakeStore(planned.project.out).objects
    for step in planned.plan.of(*WORK, Action.PULL):
        cast = planned.cast_of(step)
        if step.previous is None or selection.has(cast.line, step.language):
            continue
        found = refusal_of_older(step.previous, permissions, objects)
        if found is not None:
            yield _step_finding(
                step,
                cast,
                found,
                what=f'its present clip is out of date and of the voice "{step.previous.voice}"',
                remedy="make it as well: leave the filter out, or name this line too",
            )


def refusal_of_older(
    entry: ManifestEntry, permissions: Permissions, objects: ObjectStore
) -> Finding | None:
    """Say why the clip of an earlier version may not be published again.

    It is asked for by what the manifest says and by what the WAV itself says: the bytes of a WAV
    are held by their hash, where a manifest is only a text.
    """
    found = permissions.refusal_of(entry.voice, entry.consent, entry.language)
    if found is None and entry.source == RECORDED:
        found = permissions.refusal_of_recording(entry.take_key)
    if found is not None:
        return found
    try:
        said = read_metadata_of(objects.path(entry.sha256))
    except FileNotFoundError:
        return None  # what is not there is not published
    if said is None:
        return NO_RECORD, "its file does not say whose voice it is", "render the line again"
    return permissions.refusal_of(said.voice, said.consent, entry.language)


def permitted_entries(
    planned: Planned,
    permissions: Permissions,
    entries: Iterable[ManifestEntry],
    older: Iterable[ManifestEntry],
    *,
    release: bool,
) -> tuple[list[ManifestEntry], list[Refused]]:
    """Part what may be published at this moment from what may not.

    Args:
        planned: What the render did.
        permissions: As files and notes say now.
        entries: Of clips that are what the project asks for.
        older: Of clips that are published as they were.
        release: Placeholders are refused.
    """
    allowed: list[ManifestEntry] = []
    refused: list[Refused] = []
    made = {(step.line, step.language) for step in planned.plan.of(Action.RENDER)}
    for entry in entries:
        is_new = (entry.line, entry.language) in made
        found = permissions.refusal_of(entry.voice, entry.consent, entry.language, is_new=is_new)
        if found is None and (entry.pinned or entry.source == RECORDED):
            found = _refusal_of_special(planned, entry, permissions)
        if found is None and release and entry.source == Source.SCRATCH.value:
            found = (SCRATCH_IN_RELEASE, "it is spoken by a scratch placeholder", "")
        if found is None:
            allowed.append(entry)
        else:
            refused.append(Refused(entry=entry, reason=_reason(entry, found)))
    objects = TakeStore(planned.project.out).objects
    for entry in older:
        found = refusal_of_older(entry, permissions, objects)
        if found is None:
            allowed.append(entry)
        else:
            refused.append(Refused(entry=entry, reason=_reason(entry, found)))
    return allowed, refused


def _refusal_of_special(
    planned: Planned, entry: ManifestEntry, permissions: Permissions
) -> Finding | None:
    if entry.source == RECORDED:
        return permissions.refusal_of_recording(entry.take_key)
    said = planned.clip_requests[entry.line, entry.language].metadata
    return permissions.refusal_of(said.voice, said.consent, entry.language)


def _reason(entry: ManifestEntry, found: Finding) -> str:
    code, message, _ = found
    return f'voice "{entry.voice}": {message} [{code.code}]'


def are_permitted(manifest: BankManifest, permissions: Permissions) -> bool:
    """Tell whether every entry of a version may be published at this moment."""
    asked = set(map(attrgetter("voice", "consent", "language"), manifest.entries))
    recorded = {entry.take_key for entry in manifest.entries if entry.source == RECORDED}
    return not (
        any(permissions.refusal_of(*one) for one in asked)
        or any(map(permissions.refusal_of_recording, recorded))
    )
