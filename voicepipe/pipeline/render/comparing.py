"""Several takes of a line at once, to choose from: stored and listed, known to no version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from voicepipe.bank.candidates import Candidate, save_candidates
from voicepipe.bank.decisions import Decision
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.take_store import TakeStore
from voicepipe.diagnostics import has_errors
from voicepipe.engines.registry import ENGINES
from voicepipe.errors import UsageError
from voicepipe.pipeline.leftovers import sweep_leftovers
from voicepipe.pipeline.listening import takes_to_choose
from voicepipe.pipeline.opening import open_valid
from voicepipe.pipeline.project import input_error, voice_findings_of
from voicepipe.pipeline.render.clip_jobs import clip_job
from voicepipe.pipeline.render.consent_checks import require_makeable
from voicepipe.pipeline.render.planning import WORK, plan_project
from voicepipe.pipeline.render.sharing import sharing_of
from voicepipe.pipeline.selection import EVERYTHING
from voicepipe.pipeline.slots import has_slots
from voicepipe.pipeline.tally import Tally
from voicepipe.workers.events import RenderStarted
from voicepipe.workers.places import places_for

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.decisions import Decisions
    from voicepipe.pipeline.listening import Heard
    from voicepipe.pipeline.opening import Listener
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.pipeline.render.rendering import RenderOptions
    from voicepipe.pipeline.slots import Slots
    from voicepipe.voices.voice import CastLine
    from voicepipe.workers.events import LineFailed
    from voicepipe.workers.jobs import ClipJob

MOST_AT_ONCE: Final = 20
"""Takes of one line: more of them nobody compares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonReport:
    """What a render of several takes did."""

    takes: tuple[Heard, ...]
    """By line, language and number; without those that failed."""
    rendered: int
    """The others were in the store."""
    failed: tuple[LineFailed, ...]


def render_takes(
    root: Path,
    options: RenderOptions,
    n_takes: int,
    *,
    on_event: Listener,
    stop: threading.Event | None = None,
) -> ComparisonReport:
    """Make the next takes of selected lines; nothing is published, and no decision is changed.

    Numbers go on from the take a line has now, so the same command gives the same takes. What was
    listed for a line before is replaced.

    Args:
        root: The folder `voicepipe.yaml` is in.
        options: Which lines, and how; retakes, seeds and clusters are for other renders.
        n_takes: How many of each line.
        on_event: Called in this process for everything that happens.
        stop: Once set, nothing new begins and what is in hand is finished.

    Raises:
        UsageError: Options that do not go together, or a line that is a recording.
        InputError: The project has errors, or a voice may not be heard today.
        BankLocked: Another process writes to the output folder.
        EnvironmentFault: Disk, engine or store; what was finished is kept.
    """
    _check(options, n_takes)
    engines = ENGINES if options.engines is None else options.engines
    project, selection = open_valid(root, options.selection, engines=engines, on_event=on_event)
    cast = tuple(one for one in project.cast if selection.has(one.line, one.language))
    _refuse_recordings(project, cast)
    slots = _slots(project, cast)
    with bank_lock(project.out, "voicepipe render") as held:
        sweep_leftovers(project.root, project.settings)
        project = _permitted(replace(project, cast=cast), options)
        tally = Tally(on_event, held)
        plans = _plans(project, n_takes, slots)
        for planned in plans.values():
            require_makeable(planned, project.permissions, selection=EVERYTHING)
        _work(project, plans, options, tally, stop)
        made = _made(project, plans)
        tally.held.require()
        save_candidates(project.out, made)
    keys = {(one.line, one.language) for one in made}
    listed = takes_to_choose(project.root, project.settings)
    return ComparisonReport(
        takes=tuple(one for one in listed if (one.line, one.language) in keys),
        rendered=tally.rendered,
        failed=tuple(tally.failed),
    )


def _check(options: RenderOptions, n_takes: int) -> None:
    if options.retake or options.seed is not None or options.release or options.cluster:
        raise UsageError(
            "--takes makes takes to choose from; --retake, --seed, --release and --cluster are "
            "for what is published",
            remedy="choose one of them afterwards with `voicepipe bank choose`",
        )
    if not 1 <= n_takes <= MOST_AT_ONCE:
        raise UsageError(f"--takes {n_takes}: 1 to {MOST_AT_ONCE} can be compared at once")
    if options.selection.is_everything:
        raise UsageError(
            "--takes of every line is not done", remedy="name lines with --line, --scene, …"
        )


def _refuse_recordings(project: Project, cast: Sequence[CastLine]) -> None:
    for one in cast:
        recording = project.recordings.get((one.line.id, one.language))
        if recording is not None:
            raise UsageError(
                f"{one.line.id} ({one.language}) is a recording: {recording.shown}",
                remedy="leave it out, with --line or --lang",
            )


def _permitted(project: Project, options: RenderOptions) -> Project:
    """Ask consent under what the shared store says of revocations, too."""
    sharing = sharing_of(project, options.store)
    if sharing is None:
        return project
    revocations = sharing.ask()
    sharing.keep_notes()
    permissions = project.permissions.with_revocations(revocations)
    refused = voice_findings_of(project.cast, permissions)
    if has_errors(refused):
        raise input_error(project.root, refused)
    return replace(project, permissions=permissions)


def _slots(project: Project, cast: Sequence[CastLine]) -> Slots:
    """Find out what lines have to fit now: no other take of theirs changes that."""
    if not has_slots(project):
        return {}
    wanted = plan_project(project, is_told=True).clip_requests  # `_plans` warns
    for one in cast:
        if wanted[one.line.id, one.language].awaits_source:
            source = project.settings.source_language
            raise UsageError(
                f"{one.line.id} ({one.language}) has to fit its {source} clip, which is not "
                "rendered yet",
                remedy=f"run `voicepipe render --lang {source} --line {one.line.base_id}` first",
            )
    return {key: one.slot for key, one in wanted.items() if one.slot is not None}


def _plans(project: Project, n_takes: int, slots: Slots) -> Mapping[int, Planned]:
    """Plan every take as if it had been decided for; by how far its number lies ahead."""
    decided = {ahead: _decided(project, ahead) for ahead in range(1, n_takes + 1)}
    return {
        ahead: plan_project(
            replace(project, decisions=decisions),
            sets_aside=True,
            is_told=ahead > 1,
            slots=slots,
        )
        for ahead, decisions in decided.items()
    }


def _decided(project: Project, ahead: int) -> Decisions:
    decisions = project.decisions
    for one in project.cast:
        key = (one.line.id, one.language)
        number = decisions.of(*key).take + ahead
        decisions = decisions.with_decision(*key, Decision(take=number))
    return decisions


def _work(
    project: Project,
    plans: Mapping[int, Planned],
    options: RenderOptions,
    tally: Tally,
    stop: threading.Event | None,
) -> None:
    jobs = [
        _told_apart(clip_job(planned, step), ahead)
        for ahead, planned in plans.items()
        for step in planned.plan.of(*WORK)
    ]
    if not jobs:
        return
    # Joblib and NumPy load only when there is work.
    from voicepipe.workers.pool import run_jobs  # noqa: PLC0415

    render = project.settings.render
    places = places_for(
        options.device or render.device, jobs=options.jobs or render.jobs, most=len(jobs)
    )
    tally.note(RenderStarted(lines=len(jobs), workers=len(places)))
    for event in run_jobs(
        jobs,
        out=project.out,
        places=places,
        attempts=render.attempts,
        stop=stop,
        engines=ENGINES if options.engines is None else options.engines,
        judge=options.judge,
        root=project.root,
        lines_at_once=options.slots or render.slots,
    ):
        tally.note(event)


def _told_apart(job: ClipJob, ahead: int) -> ClipJob:
    """Give the takes of one line names of their own: a worker knows what is in flight by name."""
    assert job.request is not None, "recordings were refused"
    return replace(job, request=replace(job.request, line_id=f"{job.line_id} +{ahead}"))


def _made(project: Project, plans: Mapping[int, Planned]) -> list[Candidate]:
    """Name the takes that are there now, finished."""
    store = TakeStore(project.out)
    clips = [one.clip for planned in plans.values() for one in planned.clip_requests.values()]
    return [
        Candidate(
            line=clip.line,
            language=clip.language,
            take=clip.take,
            take_key=clip.take_key,
            clip_key=clip.clip_key,
        )
        for clip in clips
        if store.find_clip(clip.clip_key) is not None
    ]
