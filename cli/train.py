"""`voicepipe train`: recordings of a person to a voice of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperGroup

from cli.destination import STDOUT, require_free_stdout, write_to
from cli.options import AsJson
from cli.output import answer, emit_json, session_of
from cli.train_view import TrainingView, show_diagnostics, show_figures, show_remarks
from voicepipe.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.output import Session
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.hashing import Json
    from voicepipe.pipeline.train.checks import TrainingVoice
    from voicepipe.pipeline.train.results import TrainingStatus
    from voicepipe.training.dataset.verdict import DatasetReport


class _Group(TyperGroup):
    """`train noah …` is `train run noah …`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - Typer's own types
        if args and args[0] not in self.commands:
            args = ["run", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_Group,
    help="Train a voice: voicepipe train VOICE --data FOLDER (more: voicepipe train run --help).",
    epilog="`voicepipe train noah --data rec/ --check` looks at recordings and trains nothing; "
    "`voicepipe train noah --base tiny --clips` learns from the clips that the voice has.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="train")


@app.command()
def run(
    ctx: typer.Context,
    voice: Annotated[str, typer.Argument(help="A voice of the project: voices/VOICE.yaml.")],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Folder of recordings, or a .csv or .list file in it."),
    ] = None,
    clips: Annotated[
        bool,
        typer.Option(
            "--clips",
            help="Learn from the voice's reference clips instead; the embedded family only.",
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only look at the recordings; needs no models.")
    ] = False,
    language: Annotated[
        str, typer.Option("--lang", help="Of texts that name none; the voice's if it has one.")
    ] = "",
    speaker: Annotated[
        str, typer.Option("--speaker", help="Of a list with several: whose rows to take.")
    ] = "",
    base: Annotated[
        str,
        typer.Option("--base", help="Published family to begin with; the voice's own otherwise."),
    ] = "",
    stages: Annotated[
        str,
        typer.Option(
            "--stages",
            help="semantic (melody), acoustic (timbre), or both with a comma between; empty: both, "
            "of the embedded family acoustic.",
        ),
    ] = "",
    passes: Annotated[
        int,
        typer.Option("--passes", min=0, max=1000, help="Times through the data; 0: by its size."),
    ] = 0,
    steps: Annotated[
        int,
        typer.Option("--steps", min=0, max=10_000_000, help="Steps a stage, in place of passes."),
    ] = 0,
    batch: Annotated[
        int, typer.Option("--batch", min=0, max=512, help="Recordings a step; 0: by the device.")
    ] = 0,
    device: Annotated[
        str,
        typer.Option(
            "--device",
            "--devices",
            help="cpu, cuda:0 or cuda:0,cuda:1 …, which share each batch; empty: as in the "
            "settings, or else every graphics card.",
        ),
    ] = "",
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=0, max=64, help="Processes on the CPU; 0: one.")
    ] = 0,
    critics: Annotated[
        str,
        typer.Option(
            "--critics",
            metavar="MODEL",
            help="What judges the acoustic stage at first: an imported s2D file; fresh otherwise.",
        ),
    ] = "",
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1)] = 1234,
    preview: Annotated[
        list[str] | None,
        typer.Option("--preview", help="A line to hear when it is done; may be repeated."),
    ] = None,
    name: Annotated[
        str, typer.Option("--name", help="Of the models: NAME-gpt, NAME-sovits; the voice's id.")
    ] = "",
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the new models into the voice's file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a voice. Stop it at any time: the same command goes on where it was."""
    from voicepipe.pipeline.train.checks import (
        consent_to_train,
        load_training_voice,
        require_consent,
        require_fit,
    )

    _require_one_source(data, language or speaker, clips=clips)
    session = session_of(ctx)
    subject = load_training_voice(session.root, voice)
    with TrainingView(quiet=session.quiet or as_json) as view:
        if not check:
            # Before anything is heard: no scope, no listening. Languages are known afterwards.
            require_consent(subject, ())
        heard = _heard(subject, data, language, speaker, view)
    if check:
        problem = consent_to_train(subject, tuple(heard.figures.duration_s_by_language))
        _answer_check(session, subject, heard, problem, as_json=as_json)
        return
    require_fit(heard)
    request = {
        "base": base,
        "stages": tuple(part.strip() for part in stages.split(",") if part.strip()),
        "passes": passes,
        "steps": steps,
        "batch": batch,
        "device": device,
        "jobs": jobs,
        "critics": critics,
        "seed": seed,
        "name": name,
    }
    _train(session, subject, heard, request, tuple(preview or ()), apply=apply, as_json=as_json)


@app.command()
def status(
    ctx: typer.Context,
    voice: Annotated[str, typer.Argument(help="A voice of the project.")],
    as_json: AsJson = False,
) -> None:
    """Say how far the trainings of a voice are, while they run or after."""
    from voicepipe.pipeline.train.checks import load_training_voice
    from voicepipe.pipeline.train.results import trainings_of
    from voicepipe.reports import counted

    session = session_of(ctx)
    found = trainings_of(load_training_voice(session.root, voice))
    if as_json:
        emit_json({"voice": voice, "trainings": [_status_json(s, session) for s in found]})
        return
    if not found:
        answer(f'the voice "{voice}" has not been trained here')
    for status in found:
        record = status.record
        state = "finished" if record.is_finished else "not finished"
        answer(f"{record.begun} {status.run.path.name}: {state}")
        for stage in status.stages:
            losses = ", ".join(f"{name} {value:.3g}" for name, value in stage.losses.items())
            taken = f"{stage.step} of {counted(stage.n_steps, 'step')}"
            answer(f"  {stage.stage}: {taken}; {losses or 'no step'}")
        for role, model in sorted(record.models.items()):
            answer(f"  {role}: {model}")


@app.command()
def report(
    ctx: typer.Context,
    voice: Annotated[str, typer.Argument(help="A voice of the project.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The page; `-`: stdout."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of the newest training: one HTML page with curves, figures and sound."""
    from voicepipe.pipeline.train.checks import load_training_voice
    from voicepipe.pipeline.train.results import latest_training, training_page, write_report

    require_free_stdout(out, as_json=as_json)
    subject = load_training_voice(session_of(ctx).root, voice)
    status = latest_training(subject)
    if out is None:
        page = write_report(subject.out, status.run, status.record)
    else:
        page = out
        write_to(page, training_page(status.run, status.record))
    if as_json:
        emit_json({"voice": voice, "run": status.run.path.name, "report": page.as_posix()})
    elif page != STDOUT:
        answer(page.as_posix())


def _require_one_source(data: Path | None, told_of_texts: str, *, clips: bool) -> None:
    if clips == (data is not None):
        raise UsageError(
            "a training learns from a folder of recordings or from the voice's reference clips",
            remedy="give --data FOLDER or --clips, one of the two",
        )
    if clips and told_of_texts:
        raise UsageError(
            "the voice's file says what its clips say, and in which language",
            remedy="leave out --lang and --speaker",
        )


def _heard(
    subject: TrainingVoice, data: Path | None, language: str, speaker: str, view: TrainingView
) -> DatasetReport:
    from voicepipe.pipeline.train.checks import hear_dataset, hear_reference_clips

    def tell(done: int, total: int) -> None:
        view("reading recordings", done, total)

    if data is None:
        return hear_reference_clips(subject, on_take=tell)
    return hear_dataset(subject, data, language=language, speaker=speaker, on_take=tell)


def _train(
    session: Session,
    subject: TrainingVoice,
    heard: DatasetReport,
    request: dict[str, Any],
    previews: tuple[str, ...],
    *,
    apply: bool,
    as_json: bool,
) -> None:
    from voicepipe.pipeline.train.plan import TrainingRequest, plan_training
    from voicepipe.pipeline.train.results import make_previews, model_table, write_report
    from voicepipe.pipeline.train.run import run_training

    plan = plan_training(subject, heard, TrainingRequest(**request))
    if not as_json:
        show_remarks(session, heard)
    with TrainingView(quiet=session.quiet) as view:
        outcome = run_training(plan, view)
        record = make_previews(plan, outcome.run, outcome.record, previews, view.note)
    page = write_report(subject.out, outcome.run, record)
    table = model_table(plan, record)
    if outcome.remarks:
        show_diagnostics(outcome.remarks, heard.dataset.folder)
    applied = apply and _apply(subject, table)
    if as_json:
        emit_json(
            {
                "voice": subject.voice.id,
                "run": outcome.run.path.relative_to(session.root).as_posix(),
                "models": dict(record.models),
                "model": dict(table),
                "previews": [p.file for p in record.previews],
                "report": page.relative_to(session.root).as_posix(),
                "applied": applied,
                "diagnostics": _as_json([*heard.diagnostics, *outcome.remarks]),
            }
        )
        return
    for role, model in sorted(record.models.items()):
        answer(f"{role}: {model}")
    answer(f"report: {page.relative_to(session.root).as_posix()}")
    _tell_lines(subject, heard, table, applied=applied)


def _apply(subject: TrainingVoice, table: dict[str, str]) -> bool:
    from voicepipe.pipeline.train.voice_edit import set_models

    return set_models(subject.root, subject.voice_path, table)


def _tell_lines(
    subject: TrainingVoice, heard: DatasetReport, table: dict[str, str], *, applied: bool
) -> None:
    written = ", ".join(f"{role}: {name}" for role, name in table.items())
    if applied:
        answer(f"written into {subject.voice_path}: model: {{{written}}}")
    else:
        answer(f"in {subject.voice_path} write:")
        answer("engine: gpt-sovits")
        answer(f"model: {{{written}}}")
    if not subject.voice.clips:
        from voicepipe.training.dataset.verdict import best_reference

        best = best_reference(heard)
        if best is not None:
            answer(f"as a reference clip take {best.path}, which says: {best.text}")


def _answer_check(
    session: Session,
    subject: TrainingVoice,
    heard: DatasetReport,
    problem: Diagnostic | None,
    *,
    as_json: bool,
) -> None:
    from voicepipe.diagnostics import has_errors
    from voicepipe.pipeline.train.checks import dataset_key
    from voicepipe.training.dataset.facts import clip_facts, figures_facts

    consent = [problem] if problem is not None else []
    may_train = heard.is_fit and not has_errors(consent)
    if as_json:
        document: dict[str, Json] = {
            "voice": subject.voice.id,
            "data": heard.dataset.folder.as_posix(),
            "dataset_sha256": dataset_key(heard),
            "may_train": may_train,
            "figures": figures_facts(heard.figures),
            "clips": [clip_facts(clip) for clip in heard.clips],
            "diagnostics": _as_json([*consent, *heard.diagnostics]),
        }
        emit_json(document)
    else:
        show_figures(heard)
        show_remarks(session, heard)
        show_diagnostics(consent, subject.root)
        answer("fit to train with" if may_train else "not to be trained with as it is")
    if not may_train:
        raise typer.Exit(ExitCode.INPUT)


def _status_json(status: TrainingStatus, session: Session) -> dict[str, Json]:
    record = status.record
    return {
        "run": status.run.path.relative_to(session.root).as_posix(),
        "begun": record.begun,
        "finished": record.is_finished,
        "models": dict(record.models),
        "consent": record.consent.get("id"),
        "stages": [
            {"stage": s.stage, "step": s.step, "steps": s.n_steps, "losses": dict(s.losses)}
            for s in status.stages
        ],
    }


def _as_json(problems: Sequence[Diagnostic]) -> list[Json]:
    from voicepipe.reports import diagnostics_to_json

    return cast("list[Json]", diagnostics_to_json(problems))
