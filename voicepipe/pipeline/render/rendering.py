"""The render itself: decide, plan, make what is missing, publish."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.lock import bank_lock
from voicepipe.bank.plan import Action
from voicepipe.bank.publish import point_latest
from voicepipe.engines.registry import ENGINES
from voicepipe.errors import UsageError
from voicepipe.pipeline.leftovers import sweep_leftovers
from voicepipe.pipeline.listeners import examiner_for
from voicepipe.pipeline.render.clip_jobs import heard_jobs
from voicepipe.pipeline.render.concluding import conclude
from voicepipe.pipeline.render.consent_checks import require_makeable, require_permitted
from voicepipe.pipeline.render.deciding import decide, settle_retakes
from voicepipe.pipeline.render.looking_later import count_lost, finding_out
from voicepipe.pipeline.render.permitted_plan import plan_permitted
from voicepipe.pipeline.render.planning import WORK, plan_project, up_to_date_version
from voicepipe.pipeline.render.release_verdicts import unfit_for_release
from voicepipe.pipeline.render.review_checks import (
    rejected_clips,
    rejection_sentence,
    require_accepted,
)
from voicepipe.pipeline.render.sharing import sharing_of
from voicepipe.pipeline.render.up_to_date import save_stamp
from voicepipe.pipeline.selection import EVERYTHING, Selection
from voicepipe.pipeline.stored_verdicts import count_verdicts
from voicepipe.pipeline.tally import Tally
from voicepipe.qc.judge import DEFAULT_JUDGE
from voicepipe.workers.addresses import check_cluster_address
from voicepipe.workers.events import LineFailed, ProjectNote, RenderStarted
from voicepipe.workers.places import places_for

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from voicepipe.bank.plan import PlanStep
    from voicepipe.bank.publish import Published
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.concluding import Concluded
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.pipeline.render.review_checks import RejectedClips
    from voicepipe.pipeline.render.sharing import Sharing
    from voicepipe.pipeline.render.up_to_date import InputSnapshot
    from voicepipe.pipeline.tally import Misheard
    from voicepipe.settings_qc import Extent
    from voicepipe.workers.events import RenderEvent
    from voicepipe.workers.spawning import ProcessStarter


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """What a person asks of one render."""

    selection: Selection = EVERYTHING
    """Only these are made now; the others stay as they are."""
    jobs: int = 0
    """Processes on the processor; 0: as the settings say, and one a core when they say 0."""
    device: str = ""
    """One, or several with commas between them; empty: as the settings say."""
    slots: int = 0
    """Lines under way at once in a process; 0: as the settings say."""
    retake: bool = False
    """Give every selected line its next take."""
    seed: int | None = None
    """With `retake`: the seed to use."""
    release: bool = False
    """Publish nothing unless every line has its clip."""
    strict: bool = False
    """A line that fails has no clip in the version; False: it keeps its last good one."""
    store: str = ""
    """Address of the shared store, or `off`; empty: as the environment and the settings say."""
    push: bool = True
    """Share what is made; False: only use what others have shared."""
    cluster: str = ""
    """Address of a Ray cluster that renders: `auto` or `ray://host:port`; empty: this machine."""
    engines: Mapping[str, str] | None = None
    """Name → `module:class`; None: the built-in ones."""
    judge: str = DEFAULT_JUDGE
    """`module:class` of what decides which sounds become takes (`voicepipe.qc.judge`)."""
    qc: Extent | None = None
    """Who listens to finished clips: `full`, `signal` or `off`; None: whoever is installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderReport:
    """What a render did."""

    published: Published | None
    """None: nothing was to be done and nothing published before, a release had failures, or every
    line failed."""
    bank: str
    rendered: int
    post_processed: int
    kept: int
    dropped: int
    audio_s: float
    """Of the clips made now."""
    failed: tuple[LineFailed, ...]
    outdated: int
    """Lines outside the selection whose present clip is not what the script now asks for."""
    missing: int
    """Lines outside the selection that have no clip yet."""
    pulled: int = 0
    """Clips and takes that came from the shared store."""
    kept_outdated: int = 0
    """Lines that failed and keep their last good clip."""
    retakes: int = 0
    """Made because a clip failed."""
    misheard: Misheard | None = None
    """What retakes were worth, over the lines rendered now; None: nobody heard what was said."""

    def verdicts(self) -> dict[str, int]:
        """Count how the clips of the version stand."""
        return count_verdicts(self.published.manifest.entries if self.published else ())

    @property
    def is_whole(self) -> bool:
        """Whether every line now has the clip the script asks for."""
        return not (self.failed or self.outdated or self.missing)


def render_project(
    project: Project,
    options: RenderOptions,
    *,
    on_event: Callable[[RenderEvent], None],
    stop: threading.Event | None = None,
    snapshot: InputSnapshot | None = None,
    starter: ProcessStarter | None = None,
) -> RenderReport:
    """Make every missing clip of a project and publish the bank.

    Args:
        project: Read; refuses one with errors.
        options: What was asked for.
        on_event: Called in this process for everything that happens.
        stop: Once set, nothing new begins and what is in hand is finished.
        snapshot: Taken before the project was read, so that the next render can be spared; None:
            nothing is noted for it.
        starter: Of workers, where one was begun ahead; the caller closes it.

    Raises:
        InputError: The project has errors, or would publish what may not be published today.
        BankLocked: Another process writes to the output folder.
        EnvironmentFault: Disk, engine or store; what was finished is kept. When only sharing fails,
            the version is published all the same.
        KeyboardInterrupt: Passed on; what was finished is kept.
    """
    project.require_valid()
    with bank_lock(project.out, "voicepipe render") as held:
        sweep_leftovers(project.root, project.settings)
        tally = Tally(on_event, held)
        project = decide(
            project, options.selection, tally, retake=options.retake, seed=options.seed
        )
        sharing = sharing_of(project, options.store, on_event=on_event, pushes=options.push)
        _check_cluster(options, sharing)
        planned = plan_permitted(
            project, sharing, tally, options.selection, release=options.release
        )
        rejected = rejected_clips(planned)
        if options.release:
            require_accepted(planned, rejected)
        if rejected:
            tally.note(_rejection_note(rejected))
        unchanged = up_to_date_version(planned)
        if unchanged is not None and not (options.release and _is_unfit(planned)):
            point_latest(project.out, unchanged.path)
            report = nothing_done(unchanged)
        else:
            with contextlib.closing(planned):
                report = _render(planned, options, tally, sharing, stop, starter)
            if report.published is not None:
                planned.settled.carry_over(report.published.manifest)
        settle_retakes(project.out, report.published, report.failed)
        if sharing is not None and report.published is not None:
            sharing.catch_up(planned, report.published.manifest)
        held.require()
        may_be_spared = report.is_whole and not rejected  # the next render warns again
        if snapshot is not None and report.published is not None and may_be_spared:
            save_stamp(snapshot, planned.project, report.published)
        return report


def _rejection_note(rejected: RejectedClips) -> ProjectNote:
    return ProjectNote(message=f"the bank holds {rejection_sentence(rejected)}", is_warning=True)


def _is_unfit(planned: Planned) -> bool:
    entries = planned.previous.entries if planned.previous else ()
    project = planned.project
    return bool(unfit_for_release(project.settings, project.decisions, entries))


def _check_cluster(options: RenderOptions, sharing: Sharing | None) -> None:
    if not options.cluster:
        return
    check_cluster_address(options.cluster)
    if sharing is None or not options.push:
        raise UsageError(
            "a cluster needs a shared store: its nodes hand over their takes there",
            remedy="add --store URL, or `store:` to voicepipe.yaml, and no --no-push",
        )


def _is_for_cluster(step: PlanStep, options: RenderOptions) -> bool:
    """Only what needs an engine: what is stored or recorded here is finished here."""
    return bool(options.cluster) and step.action is Action.RENDER


def _render(
    planned: Planned,
    options: RenderOptions,
    tally: Tally,
    sharing: Sharing | None,
    stop: threading.Event | None,
    starter: ProcessStarter | None,
) -> RenderReport:
    planned = _make(planned, options, tally, sharing, stop, starter)
    n_kept = planned.plan.counts()[Action.KEEP] - tally.pulled_clips
    n_gone = count_lost(planned)
    if n_gone or _awaiting(planned, options.selection):
        # Now the clips are there that lines have to fit, and it is known which were damaged.
        n_kept -= n_gone
        lookup = None if sharing is None else sharing.lookup
        planned = plan_project(planned.project, lookup=lookup, sets_aside=True, is_told=True)
        if n_gone:
            permissions, release = planned.project.permissions, options.release
            require_permitted(planned, permissions, selection=options.selection, release=release)
        planned = _make(planned, options, tally, sharing, stop, starter)
        is_stopped = stop is not None and stop.is_set()
        for step in () if is_stopped else _awaiting(planned, options.selection):
            tally.note(_without_source(planned, step))
    ended = conclude(planned, tally, sharing, release=options.release, strict=options.strict)
    return _report(planned, ended, tally, n_kept=n_kept)


def _make(
    planned: Planned,
    options: RenderOptions,
    tally: Tally,
    sharing: Sharing | None,
    stop: threading.Event | None,
    starter: ProcessStarter | None,
) -> Planned:
    """Fetch or make every selected clip whose slot is known, if it has one."""
    selection, permissions = options.selection, planned.project.permissions
    if sharing is None:
        require_makeable(planned, permissions, selection=selection)
        steps = _selected(planned, selection, *WORK)
        for event in _work(planned, steps, options, stop, None, starter):
            tally.note(event)
        return planned
    planned, fetched = sharing.pulled(planned, _selected(planned, selection, *WORK, Action.LOST))
    tally.note_pulled(len(fetched.clips), len(fetched.takes))
    require_makeable(planned, permissions, selection=selection)
    steps = _selected(planned, selection, *WORK)
    # What a cluster renders is shared by its nodes.
    ours = [step for step in steps if not _is_for_cluster(step, options)]
    with sharing.pushing(planned, ours) as push:
        for event in _work(planned, steps, options, stop, sharing, starter):
            tally.note(event)
            push(event)
    return planned


def _selected(planned: Planned, selection: Selection, *actions: Action) -> list[PlanStep]:
    return [
        step
        for step in planned.plan.of(*actions)
        if _is_selected(planned, step, selection) and not planned.awaits_source(step)
    ]


def _awaiting(planned: Planned, selection: Selection) -> list[PlanStep]:
    return [
        step
        for step in planned.plan.of(Action.RENDER)
        if planned.awaits_source(step) and _is_selected(planned, step, selection)
    ]


def _without_source(planned: Planned, step: PlanStep) -> LineFailed:
    source = planned.project.settings.source_language
    return LineFailed(
        line_id=step.line,
        language=step.language,
        script=planned.clip_request_of(step).clip.script,
        reason=f"it has to fit its {source} clip, which is not there; render {source} as well, or "
        "give the line a slot",
    )


def _is_selected(planned: Planned, step: PlanStep, selection: Selection) -> bool:
    return selection.has(planned.cast_of(step).line, step.language)


def _work(
    planned: Planned,
    steps: Sequence[PlanStep],
    options: RenderOptions,
    stop: threading.Event | None,
    sharing: Sharing | None,
    starter: ProcessStarter | None,
) -> Iterator[RenderEvent]:
    if not steps:
        return
    # Joblib and NumPy load only when there is work: a render with nothing to do stays quick.
    from voicepipe.workers.pool import run_jobs  # noqa: PLC0415

    project, render = planned.project, planned.project.settings.render
    there = [step for step in steps if _is_for_cluster(step, options)]
    here = [step for step in steps if not _is_for_cluster(step, options)]
    places = places_for(
        options.device or render.device, jobs=options.jobs or render.jobs, most=len(here)
    )
    with contextlib.ExitStack() as closed:
        backend = None
        examiner = examiner_for(project.root, project.settings.qc, options.qc)
        jobs = heard_jobs(planned, there, examiner)
        if there:
            assert sharing is not None, "refused before"
            backend = closed.enter_context(
                sharing.backend(options.cluster, jobs, examiner, most=options.jobs)
            )
        n_workers = len(places) if backend is None else len(backend.places)
        yield RenderStarted(lines=len(steps), workers=n_workers)
        ours = heard_jobs(planned, here, examiner)
        closed.enter_context(finding_out(planned))
        for part, used in ((jobs, backend), (ours, None)):
            if not part:
                continue
            yield from run_jobs(
                part,
                out=project.out,
                places=places,
                attempts=render.attempts,
                stop=stop,
                engines=ENGINES if options.engines is None else options.engines,
                judge=options.judge,
                examiner=examiner,
                root=project.root,
                lines_at_once=options.slots or render.slots,
                recycle_lines=render.recycle_lines,
                recycle_growth_mb=render.recycle_growth_mb,
                backend=used,
                starter=starter,
            )


def _report(planned: Planned, ended: Concluded, tally: Tally, *, n_kept: int) -> RenderReport:
    return RenderReport(
        published=ended.published,
        bank=planned.project.settings.bank,
        rendered=tally.rendered,
        post_processed=tally.post_processed,
        kept=n_kept,
        dropped=planned.plan.counts()[Action.DROP],
        audio_s=tally.audio_s,
        failed=ended.failed,
        outdated=ended.outdated,
        missing=ended.missing,
        pulled=tally.pulled,
        kept_outdated=ended.kept_outdated,
        retakes=tally.retakes,
        misheard=tally.misheard(),
    )


def nothing_done(published: Published) -> RenderReport:
    """Report that a version stands as it is."""
    return RenderReport(
        published=published,
        bank=published.manifest.bank,
        rendered=0,
        post_processed=0,
        kept=len(published.manifest.entries),
        dropped=0,
        audio_s=0.0,
        failed=(),
        outdated=0,
        missing=0,
    )
