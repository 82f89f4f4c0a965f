"""What a render decides before it plans: old decisions taken over, retakes asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.bank.decisions_file import (
    DECISIONS_NAME,
    load_decisions,
    save_decisions,
    take_over_old_decisions,
)
from voicepipe.bank.decisions_json import OLD_NAME
from voicepipe.bank.pending_retakes import load_pending, save_pending
from voicepipe.bank.versions import load_latest
from voicepipe.workers.events import ProjectNote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicepipe.bank.decisions import Decisions
    from voicepipe.bank.publish import Published
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.selection import Selection
    from voicepipe.pipeline.tally import Tally
    from voicepipe.workers.events import LineFailed


def decide(
    project: Project,
    selection: Selection,
    tally: Tally,
    *,
    retake: bool = False,
    seed: int | None = None,
) -> Decisions:
    """Settle what this render goes by; the caller holds the lock.

    Args:
        project: Read and valid.
        selection: The lines that are made now.
        tally: Told of what was written into the project.
        retake: Give every selected line its next take. One that was asked for before, and was
            never heard because the render was interrupted, is asked for again.
        seed: With `retake`: the seed to use.

    Raises:
        InputError: `decisions.csv` is not what we write.
        EnvironmentFault: A file cannot be read or written.
    """
    _take_over(project, tally)
    decisions = load_decisions(project.root, project.out)
    if not retake:
        return decisions
    decided = decisions
    pending = load_pending(project.out)
    for cast in project.cast:
        key = (cast.line.id, cast.language)
        if not selection.has(cast.line, cast.language):
            continue
        now = decided.of(*key)
        if now.pin or now.seed != seed or pending.get(key) != (now.take, now.seed):
            decided = decided.with_retake(*key, seed)
            pending[key] = (decided.of(*key).take, seed)
    if decided != decisions:
        save_pending(project.out, pending)
        save_decisions(project.root, decided)
    return decided


def _take_over(project: Project, tally: Tally) -> None:
    previous = load_latest(project.out, project.settings.bank)
    n_lines = take_over_old_decisions(project.root, project.out, previous)
    if n_lines:
        what = f"{n_lines} decision{'' if n_lines == 1 else 's'} of {project.settings.out}"
        message = f"{what}/{OLD_NAME} now stand in {DECISIONS_NAME}: commit that file"
        tally.note(ProjectNote(message=message, is_warning=True))


def settle_retakes(
    project: Project, published: Published | None, failed: Iterable[LineFailed]
) -> None:
    """Forget the retakes that came to an end: heard in the version, or failed."""
    pending = load_pending(project.out)
    if not pending:
        return
    ended = {(event.line_id, event.language) for event in failed}
    for entry in published.manifest.entries if published else ():
        key = (entry.line, entry.language)
        if key in pending and entry.take == pending[key][0] and not entry.outdated:
            ended.add(key)
    save_pending(project.out, {key: one for key, one in pending.items() if key not in ended})
