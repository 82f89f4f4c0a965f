"""After a training: lines to hear, the report, and where a training stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.bank.files import write_atomic
from voicepipe.errors import RenderError, UsageError
from voicepipe.pipeline.render.saying import SayRequest, say_text
from voicepipe.synthesis.voice_models import GPT, LISTENERS, SOVITS
from voicepipe.training.report.page import training_report
from voicepipe.training.report.records import PREVIEWS_NAME, Preview, RunFolder, RunRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicepipe.pipeline.train.checks import TrainingVoice
    from voicepipe.pipeline.train.plan import Plan

REPORT_NAME = "report.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStatus:
    """How far a stage is."""

    stage: str
    step: int
    n_steps: int
    losses: dict[str, float]
    """Of the last step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStatus:
    """How far a training is."""

    run: RunFolder
    record: RunRecord
    stages: tuple[StageStatus, ...]


def model_table(plan: Plan, record: RunRecord) -> dict[str, str]:
    """Say what belongs into the voice's file: the new models, and what they were trained beside."""
    table = {role: plan.bases.files[role].name for role in (GPT, SOVITS)} | dict(record.models)
    own = plan.subject.voice.model
    return table | {role: own[role] for role in LISTENERS if role in own}


def make_previews(
    plan: Plan, run: RunFolder, record: RunRecord, texts: Sequence[str], note: Callable[[str], None]
) -> RunRecord:
    """Let the trained voice say some lines, and write them beside the training.

    A line that fails is named and left out: the training itself stands.

    Returns:
        The record, with the previews in it.
    """
    subject = plan.subject
    if not subject.voice.clips:
        note("no preview: the voice's file names no reference clip to take the delivery from")
        return record
    made = list(record.previews)
    language = plan.languages[0]
    for number, text in enumerate(texts, start=1):
        request = SayRequest(
            text=text,
            voice=subject.voice.id,
            language=language,
            device=plan.device,
            model=model_table(plan, record),
        )
        try:
            said = say_text(subject.root, request)
        except (RenderError, UsageError) as error:
            note(f'no preview of "{text}": {error.message}')
            continue
        file = f"{PREVIEWS_NAME}/{len(record.previews) + number:03d}.wav"
        write_atomic(subject.out, run.path / file, said.clip.wav_bytes)
        made.append(Preview(text=text, language=language, file=file))
    record = replace(record, previews=tuple(made))
    run.write(record)
    return record


def write_report(out: Path, run: RunFolder, record: RunRecord) -> Path:
    """Write the report of a run into its folder.

    Args:
        out: The output folder.
        run: The run.
        record: What it wrote down.

    Returns:
        The page.

    Raises:
        EnvironmentFault: It cannot be written.
    """
    place = run.path / REPORT_NAME
    write_atomic(out, place, training_page(run, record))
    return place


def training_page(run: RunFolder, record: RunRecord) -> bytes:
    """Make the page that reports a run."""
    return training_report(run, record).encode("utf-8")


def trainings_of(subject: TrainingVoice) -> tuple[TrainingStatus, ...]:
    """Look at every training of a voice, the newest last; no model is loaded.

    Raises:
        CorruptObject: A run's record is damaged.
    """
    folder = subject.folder / "runs"
    runs = [RunFolder(subject.out, path) for path in sorted(folder.glob("*")) if path.is_dir()]
    read = [(run, run.read()) for run in runs]
    found = [_status(run, record) for run, record in read if record is not None]
    return tuple(sorted(found, key=lambda status: status.record.begun))


def latest_training(subject: TrainingVoice) -> TrainingStatus:
    """Give the newest training of a voice.

    Raises:
        UsageError: There is none.
    """
    found = trainings_of(subject)
    if not found:
        raise UsageError(
            f'the voice "{subject.voice.id}" has not been trained here',
            remedy=f"voicepipe train {subject.voice.id} --data FOLDER",
        )
    return found[-1]


def _status(run: RunFolder, record: RunRecord) -> TrainingStatus:
    stages = []
    for stage in record.stages:
        steps = [row for row in run.losses(stage) if row.kind == "step"]
        last = steps[-1] if steps else None
        stages.append(
            StageStatus(
                stage=stage,
                step=0 if last is None else last.step,
                n_steps=record.steps[stage],
                losses={} if last is None else dict(last.losses),
            )
        )
    return TrainingStatus(run=run, record=record, stages=tuple(stages))
