"""What is decided before a plan: old decisions taken over, recordings noted, retakes asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicepipe.bank.decisions_csv import text_digest
from voicepipe.bank.decisions_file import (
    DECISIONS_NAME,
    load_decisions,
    save_decisions,
    take_over_old_decisions,
)
from voicepipe.bank.decisions_json import OLD_NAME
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.pending_retakes import load_pending, save_pending
from voicepipe.bank.versions import load_latest
from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import UsageError
from voicepipe.pipeline.reviewing import asked_again
from voicepipe.workers.events import ProjectNote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

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
) -> Project:
    """Settle what this render goes by; the caller holds the lock.

    Decisions are read again: another command may have written some since the project was read.

    Args:
        project: Read and valid.
        selection: The lines that are made now.
        tally: Told of what was written into the project.
        retake: Give every selected line its next take. One that was asked for before, and was
            never heard because the render was interrupted, is asked for again.
        seed: With `retake`: the seed to use.

    Returns:
        The project under the decisions as they are now.

    Raises:
        InputError: `decisions.csv` is not what we write.
        EnvironmentFault: A file cannot be read or written.
    """
    _take_over(project, tally)
    decisions = _with_recordings(project, tally)
    decided = _with_retakes(project, selection, decisions, seed) if retake else decisions
    return replace(project, decisions=decided)


def _with_retakes(
    project: Project, selection: Selection, decisions: Decisions, seed: int | None
) -> Decisions:
    decided = decisions
    pending = load_pending(project.out)
    for cast in project.cast:
        if selection.has(cast.line, cast.language):
            decided = asked_again(decided, pending, (cast.line.id, cast.language), seed)
    if decided != decisions:
        save_pending(project.out, pending)
        save_decisions(project.root, decided)
    return decided


def _take_over(project: Project, tally: Tally) -> None:
    n_lines = take_over_old_decisions(
        project.root, project.out, lambda: load_latest(project.out, project.settings.bank)
    )
    if n_lines:
        what = f"{n_lines} decision{'' if n_lines == 1 else 's'} of {project.settings.out}"
        message = f"{what}/{OLD_NAME} now stand in {DECISIONS_NAME}: commit that file"
        tally.note(ProjectNote(message=message, is_warning=True))


def _with_recordings(project: Project, tally: Tally) -> Decisions:
    """Note of every recording that is seen for the first time which text it speaks."""
    decisions = known = load_decisions(project.root, project.out)
    for (line, language), digest in project.spoken.items():
        recording = project.recordings[line, language].sha256
        if (line, language, recording) not in known.recordings:
            decisions = decisions.with_spoken_text(line, language, recording, digest)
    n = len(decisions.recordings) - len(known.recordings)
    if n:
        save_decisions(project.root, decisions)
        what = f"{n} recording{'' if n == 1 else 's'}"
        message = f"{DECISIONS_NAME} notes which text {what} speak{'s' if n == 1 else ''}"
        tally.note(ProjectNote(message=f"{message}: commit that file"))
    return decisions


def confirm_recordings(
    project: Project, lines: Sequence[str], languages: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Note that recordings speak the present texts of their lines.

    Args:
        project: Read and valid.
        lines: Line ids.
        languages: Only these; empty: every language the line is recorded in.

    Returns:
        (line, language) of what was noted, in the order of the script.

    Raises:
        UsageError: A line has no recording; nothing is noted.
        BankLocked: Another process writes to the output folder.
        EnvironmentFault: `decisions.csv` cannot be written.
    """
    texts = {(one.line.id, one.language): one.text.plain for one in project.cast}
    chosen = [
        key
        for key in texts
        if key in project.recordings and key[0] in lines and (not languages or key[1] in languages)
    ]
    for line in lines:
        if line not in {key[0] for key in chosen}:
            recorded = {key[0] for key in project.recordings}
            raise UsageError(
                f'"{line}" has no recording{did_you_mean(line, recorded)}',
                remedy=f"recordings lie in {project.settings.overrides}/<language>/<line>.wav",
            )
    with bank_lock(project.out, "voicepipe bank confirm"):
        decisions = load_decisions(project.root, project.out)
        for line, language in chosen:
            recording = project.recordings[line, language].sha256
            digest = text_digest(texts[line, language])
            decisions = decisions.with_spoken_text(line, language, recording, digest)
        save_decisions(project.root, decisions)
    return tuple(chosen)


def settle_retakes(out: Path, published: Published | None, failed: Iterable[LineFailed]) -> None:
    """Forget the retakes that came to an end: heard in the version, or failed."""
    pending = load_pending(out)
    if not pending:
        return
    ended = {(event.line_id, event.language) for event in failed}
    for entry in published.manifest.entries if published else ():
        key = (entry.line, entry.language)
        if key in pending and entry.take == pending[key][0] and not entry.outdated:
            ended.add(key)
    save_pending(out, {key: one for key, one in pending.items() if key not in ended})
