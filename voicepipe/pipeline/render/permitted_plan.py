"""Planning a render under every revocation that is known, the shared store's included."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicepipe.bank.take_store import TakeStore
from voicepipe.pipeline.render.consent_checks import require_permitted
from voicepipe.pipeline.render.planning import plan_project, up_to_date_version

if TYPE_CHECKING:
    from voicepipe.bank.decisions import Decisions
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.pipeline.render.sharing import Sharing
    from voicepipe.pipeline.selection import Selection
    from voicepipe.pipeline.tally import Tally
    from voicepipe.remote.revocations import Revocations


def plan_permitted(
    project: Project,
    decisions: Decisions,
    sharing: Sharing | None,
    tally: Tally,
    selection: Selection,
    *,
    release: bool,
) -> tuple[Project, Planned]:
    """Plan what may be published today; the caller holds the lock.

    Args:
        project: Read and valid.
        decisions: Retakes and pins.
        sharing: With the shared store, if there is one; it is asked when there is work.
        tally: Told how many pinned takes came from there.
        selection: Only these lines are made now.
        release: Placeholders are refused.

    Returns:
        The project under every revocation there is, and the plan.

    Raises:
        InputError: Something a render would publish may not be published.
        EnvironmentFault: The output folder or the store cannot be read or written.
    """
    if sharing is None:
        planned = plan_project(project, decisions, sets_aside=True)
    else:
        pins = _pins_elsewhere(project, decisions, selection)
        tally.pulled_takes = sharing.fetch_takes(pins)
        project, planned = _planned_sharing(project, decisions, sharing)
    require_permitted(project, planned, project.permissions, selection=selection, release=release)
    _remove_withheld(project, planned)
    return project, planned


def _planned_sharing(
    project: Project, decisions: Decisions, sharing: Sharing
) -> tuple[Project, Planned]:
    project = _under(project, sharing.revoked)
    planned = plan_project(project, decisions, sets_aside=True)
    if up_to_date_version(project, planned) is None:
        known = project.permissions.revocations.as_tuple()
        project = _under(project, sharing.ask())
        if project.permissions.revocations.as_tuple() != known:
            planned = plan_project(project, decisions, sets_aside=True)
    sharing.keep_notes()
    return project, planned


def _under(project: Project, revocations: Revocations) -> Project:
    return replace(project, permissions=project.permissions.with_revocations(revocations))


def _pins_elsewhere(project: Project, decisions: Decisions, selection: Selection) -> set[str]:
    """Name the pinned takes of selected lines that are not stored here."""
    pins = {
        decisions.of(cast.line.id, cast.language).pin
        for cast in (project.cast if decisions.pins() else ())
        if (cast.line.id, cast.language) not in project.recordings
        and selection.has(cast.line, cast.language)
    }
    return pins - TakeStore(project.out).known_takes(among=pins) - {""}


def _remove_withheld(project: Project, planned: Planned) -> None:
    """Forget takes and clips that came back although their consent was revoked."""
    take_store = TakeStore(project.out)
    for clip_key, take_key in planned.withheld.items():
        take_store.clips.remove(clip_key)
        take_store.takes.remove(take_key)
