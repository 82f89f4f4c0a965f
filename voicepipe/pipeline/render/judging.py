"""Judging what is there: the clips of a bank, or a folder of recordings against the script."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from voicepipe.bank.clip_facts import ClipRetakes, fields_of
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.plan import Action
from voicepipe.bank.publish import BankFacts, publish
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import UsageError
from voicepipe.pipeline.judged import Judged, JudgedLine
from voicepipe.pipeline.listeners import asked_setup, examiner_for
from voicepipe.pipeline.opening import open_valid
from voicepipe.pipeline.permissions import load_permissions
from voicepipe.pipeline.render.clip_jobs import clip_job
from voicepipe.pipeline.render.consent_checks import are_permitted
from voicepipe.pipeline.render.line_facts import Expectations
from voicepipe.pipeline.render.planning import plan_project
from voicepipe.pipeline.render.sharing import sharing_of
from voicepipe.pipeline.stored_verdicts import StoredVerdicts
from voicepipe.qc.examining import Examiner
from voicepipe.qc.stored_findings import StoredFindings
from voicepipe.settings_qc import ANALYSERS
from voicepipe.synthesis.request import Source
from voicepipe.workers.events import LineFailed, ProjectNote, RenderStarted

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.plan import PlanStep
    from voicepipe.pipeline.judged import JudgeOptions
    from voicepipe.pipeline.opening import Listener
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.pipeline.selection import Selection
    from voicepipe.qc.examining import ExaminerSetup, Expectation
    from voicepipe.workers.events import RenderEvent
    from voicepipe.workers.jobs import ClipJob


PLACEHOLDER: Final = "a placeholder is not listened to"
OUT_OF_DATE: Final = "its clip is not what the script asks for now; `voicepipe render` makes it"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clip:
    """A published clip that is what the script asks for, and what it is held to."""

    entry: ManifestEntry
    step: PlanStep
    expected: Expectation


def judge_bank(
    root: Path,
    options: JudgeOptions,
    *,
    on_event: Listener,
    stop: threading.Event | None = None,
) -> Judged:
    """Judge the clips of the latest version; what was found out before is not listened for again.

    Where verdicts are others than the version's, a new version says so, with the same sounds.

    Args:
        root: The folder `voicepipe.yaml` is in.
        options: What was asked for.
        on_event: Called in this process for everything that happens, `ProjectRead` first.
        stop: Once set, nothing new begins and what is in hand is finished.

    Raises:
        UsageError: Nothing was published yet, or a name the project does not have.
        InputError: The project has errors.
        BankLocked: Another process writes to the output folder.
        EnvironmentFault: A model, the disk or the store; what was found out is kept.
    """
    project, selection = open_valid(
        root, options.selection, engines=options.engines, on_event=on_event
    )
    with bank_lock(project.out, "voicepipe qc") as held:
        planned = plan_project(project)
        previous = planned.previous
        if previous is None:
            raise UsageError("nothing was published yet", remedy="run `voicepipe render` first")
        setup = examiner_for(project.root, project.settings.qc, options.qc)
        clips = _clips(planned, previous, selection)
        examiner = Examiner(asked_setup(project.root, project.settings.qc, options.qc))
        sharing = sharing_of(project, options.store, on_event=on_event)
        jobs = _unheard(planned, examiner, clips)
        failed: list[LineFailed] = []
        with contextlib.ExitStack() as shared:
            steps = [clip.step for clip in clips]
            push = shared.enter_context(sharing.pushing(planned, steps)) if sharing else None
            for event in _listened(project, jobs, setup, options, stop):
                held.require()
                on_event(event)
                if isinstance(event, LineFailed):
                    failed.append(event)
                elif push is not None:
                    push(event)
        verdicts = StoredVerdicts(project.settings, TakeStore(project.out), previous)
        version = _published(project, previous, verdicts, on_event)
    known = {clip.entry.clip_key: clip.expected for clip in clips}
    wanted = [entry for entry in previous.entries if _is_selected(planned, entry, selection)]
    lines = [_judged(verdicts, examiner, entry, known.get(entry.clip_key)) for entry in wanted]
    return Judged(
        lines=tuple(sorted(lines, key=lambda one: one.rank)),
        listened=len(jobs) - len(failed),
        version=version,
        failed=tuple(failed),
    )


def _is_stand_in(entry: ManifestEntry) -> bool:
    return entry.source == Source.SCRATCH.value


def _is_selected(planned: Planned, entry: ManifestEntry, selection: Selection) -> bool:
    key = (entry.line, entry.language)
    return key in planned.clip_requests and selection.has(
        planned.clip_requests.cast_of(*key).line, entry.language
    )


def _clips(planned: Planned, previous: BankManifest, selection: Selection) -> list[_Clip]:
    """List what is published as the script asks for it; of the rest nobody knows what to expect."""
    project = planned.project
    expectations = Expectations(project.root, project.settings, project.catalog)
    steps = {(step.line, step.language): step for step in planned.plan.of(Action.KEEP)}
    found = []
    for entry in previous.entries:
        step = steps.get((entry.line, entry.language))
        if step is None or not _is_selected(planned, entry, selection):
            continue
        wanted = planned.clip_request_of(step)
        if wanted.clip.clip_key == entry.clip_key and not (entry.outdated or _is_stand_in(entry)):
            expected = expectations.of_clip(wanted)
            found.append(_Clip(entry=entry, step=step, expected=expected))
    return found


def _unheard(planned: Planned, examiner: Examiner, clips: Sequence[_Clip]) -> list[ClipJob]:
    """Describe the clips that someone has still to listen to."""
    take_store = TakeStore(planned.project.out)
    jobs = []
    for clip in clips:
        kept = StoredFindings(take_store, clip.entry.clip_key)
        wanted = examiner.wanted(clip.expected.line, clip.expected.standard)
        if any(kept.find(analyser.name, revision) is None for analyser, revision in wanted):
            job = clip_job(planned, clip.step)
            # Nothing is rendered here, whatever the store has lost meanwhile.
            jobs.append(replace(job, request=None, expected=clip.expected))
    return jobs


def _listened(
    project: Project,
    jobs: Sequence[ClipJob],
    setup: ExaminerSetup | None,
    options: JudgeOptions,
    stop: threading.Event | None,
) -> Iterator[RenderEvent]:
    if not jobs:
        return
    from voicepipe.workers.places import CPU, places_for  # noqa: PLC0415 - NumPy and joblib
    from voicepipe.workers.pool import run_jobs  # noqa: PLC0415

    n_asked = options.jobs or project.settings.render.jobs
    places = places_for(CPU, jobs=n_asked, most=len(jobs))
    yield RenderStarted(lines=len(jobs), workers=len(places))
    yield from run_jobs(
        jobs, out=project.out, places=places, stop=stop, examiner=setup, root=project.root
    )


def _published(
    project: Project, previous: BankManifest, verdicts: StoredVerdicts, on_event: Listener
) -> str:
    """Publish the version again where its verdicts are others now, with the same sounds."""
    if not verdicts.have_changed():
        return previous.version
    permissions = load_permissions(project.root, project.settings, project.permissions.revocations)
    if not are_permitted(previous, permissions):
        message = "no version says so: the latest holds clips that may no longer be published"
        on_event(ProjectNote(message=f"{message}; `voicepipe render` makes one", is_warning=True))
        return previous.version
    facts = BankFacts(
        bank=previous.bank,
        source_language=previous.source_language,
        languages=previous.languages,
        sample_rate=previous.sample_rate,
        bit_depth=previous.bit_depth,
    )
    entries = verdicts.on(previous.entries)
    return publish(project.out, facts, entries, previous.failed).version


def _judged(
    verdicts: StoredVerdicts,
    examiner: Examiner,
    entry: ManifestEntry,
    expected: Expectation | None,
) -> JudgedLine:
    if expected is None:
        why = PLACEHOLDER if _is_stand_in(entry) else OUT_OF_DATE
        why_not = dict.fromkeys(ANALYSERS, why)
    else:
        why_not = examiner.why_not(expected.line, expected.standard)
    return JudgedLine(
        line=entry.line,
        language=entry.language,
        speaker=entry.speaker,
        voice=entry.voice,
        scene=entry.scene,
        text=entry.text,
        script=entry.script,
        file=entry.file,
        verdict=verdicts.of(entry, why_not),
        **fields_of(entry, ClipRetakes),
    )
