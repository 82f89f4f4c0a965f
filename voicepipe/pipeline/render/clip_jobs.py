"""From steps of a plan to what workers are handed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicepipe.pipeline.render.foretelling import first_pace
from voicepipe.synthesis.request import Source
from voicepipe.workers.jobs import ClipJob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.bank.plan import PlanStep
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.qc.examining import ExaminerSetup


def heard_jobs(
    planned: Planned, steps: Sequence[PlanStep], examiner: ExaminerSetup | None
) -> list[ClipJob]:
    """Describe what is made here, with what analysers are told of it; of placeholders, nothing."""
    jobs = [clip_job(planned, step) for step in steps]
    if examiner is None:
        return jobs
    # Front ends and their dictionaries load only when there is something to listen to.
    from voicepipe.pipeline.render.line_facts import Expectations  # noqa: PLC0415

    project = planned.project
    expectations = Expectations(project.root, project.settings, project.catalog)
    return [
        job
        if job.source == Source.SCRATCH.value
        else replace(job, expected=expectations.of_clip(planned.clip_request_of(step)))
        for job, step in zip(jobs, steps, strict=True)
    ]


def clip_job(planned: Planned, step: PlanStep) -> ClipJob:
    """Describe how one clip is made."""
    clip_request = planned.clip_request_of(step)
    clip, request, recording = clip_request.clip, clip_request.request, clip_request.recording
    slot, cost_s = clip_request.slot, clip_request.cost_s
    return ClipJob(
        line_id=clip.line,
        language=clip.language,
        script=clip.script,
        clip_key=clip.clip_key,
        take_key=step.take_key,
        voice=clip_request.metadata.voice,
        source=clip_request.metadata.source,
        request=request,
        models=clip.models,
        recording="" if recording is None else str(recording.path),
        recording_name="" if recording is None else recording.shown,
        recording_sha256="" if recording is None else recording.sha256,
        post=clip_request.post,
        metadata=clip_request.metadata,
        labels=clip_request.labels,
        cost_s=cost_s,
        slot=slot,
        pace=1.0 if request is None or slot is None else first_pace(request, cost_s, slot),
    )
