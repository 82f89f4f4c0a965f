"""Planning a render under every revocation that is known, the shared store's included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.bank.take_store import TakeStore
from voicepipe.pipeline.render.consent_checks import require_permitted
from voicepipe.pipeline.render.planning import plan_project, up_to_date_version

if TYPE_CHECKING:
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.pipeline.render.sharing import Sharing
    from voicepipe.pipeline.selection import Selection
    from voicepipe.pipeline.tally import Tally


def plan_permitted(
    project: Project,
    sharing: Sharing | None,
    tally: Tally,
    selection: Selection,
    *,
    release: bool,
) -> Planned:
    """Plan what may be published today; the caller holds the lock.

    Args:
        project: Read and valid, under the decisions of this render.
        sharing: With the shared store, if there is one; it is asked when there is work.
        tally: Told how many pinned takes came from there.
        selection: Only these lines are made now.
        release: Placeholders are refused.

    Returns:
        The plan, of the project under every revocation there is; with `looks_later`.

    Raises:
        InputError: Something a render would publish may not be published.
        EnvironmentFault: The output folder or the store cannot be read or written.
    """
    if sharing is None:
        planned = plan_project(project, sets_aside=True, looks_later=True)
    else:
        tally.note_pulled(0, sharing.fetch_takes(_pins_elsewhere(project, selection)))
        planned = _planned_sharing(project, sharing)
    permissions = planned.project.permissions
    require_permitted(planned, permissions, selection=selection, release=release)
    _remove_withheld(planned)
    return planned


def _planned_sharing(project: Project, sharing: Sharing) -> Planned:
    planned = plan_project(project.under(sharing.revoked), sets_aside=True, looks_later=True)
    if up_to_date_version(planned) is None:
        known = planned.project.permissions.revocations
        now = planned.project.under(sharing.ask())
        if now.permissions.revocations.as_tuple() != known.as_tuple():
            is_told = not planned.looks_later
            planned = plan_project(now, sets_aside=True, looks_later=True, is_told=is_told)
    sharing.keep_notes()
    return planned


def _pins_elsewhere(project: Project, selection: Selection) -> set[str]:
    """Name the pinned takes of selected lines that are not stored here."""
    decisions = project.decisions
    pins = {
        decisions.of(cast.line.id, cast.language).pin
        for cast in (project.cast if decisions.pins() else ())
        if (cast.line.id, cast.language) not in project.recordings
        and selection.has(cast.line, cast.language)
    }
    return pins - TakeStore(project.out).known_takes(among=pins) - {""}


def _remove_withheld(planned: Planned) -> None:
    """Forget takes and clips that came back although their consent was revoked."""
    take_store = TakeStore(planned.project.out)
    for clip_key, take_key in planned.withheld.items():
        take_store.clips.remove(clip_key)
        take_store.takes.remove(take_key)
