"""`voicepipe plan`: what a render would do, and why."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.estimates import estimate_document, tell_estimate
from cli.options import (
    AsJson,
    Devices,
    Jobs,
    Languages,
    Lines,
    Nodes,
    Release,
    Scenes,
    Speakers,
    Store,
)
from cli.output import answer, emit_json, session_of, warn
from cli.projects import filters, tell_warnings
from voicepipe.errors import ExitCode
from voicepipe.reports import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.output import Session
    from voicepipe.bank.plan import PlanStep
    from voicepipe.hashing import Json
    from voicepipe.pipeline.render.plan_folder import PlanReport
    from voicepipe.workers.events import RenderEvent

_SHOWN = 40
"""Steps listed for a person; `--verbose` lists all."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("plan")(plan)


def plan(
    ctx: typer.Context,
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    nodes: Nodes = None,
    lines: Lines = None,
    release: Release = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 10 when a render would change the bank.")
    ] = False,
    store: Store = "",
    jobs: Jobs = 0,
    device: Devices = "",
    as_json: AsJson = False,
) -> None:
    """Say what a render would do with every line, why, and how long. Changes nothing."""
    from voicepipe.pipeline.render.plan_folder import PlanOptions, plan_folder
    from voicepipe.pipeline.render.review_checks import rejection_sentence

    session = session_of(ctx)
    options = PlanOptions(
        selection=filters(languages, scenes, speakers, nodes, lines),
        release=release,
        store=store,
        jobs=jobs,
        device=device,
        lists_steps=as_json,
    )
    report = plan_folder(session.root, options, on_event=partial(_note, session))
    if report.estimate_fault is not None:
        warn(f"no estimate: {report.estimate_fault.message}")
        warn(f"  help: {report.estimate_fault.remedy}")
    if as_json:
        emit_json(_document(report))
    else:
        changes = report.changes
        _show(changes if session.verbose else changes[:_SHOWN], len(changes))
        _summarize(report)
        n_misfits = sum(not one.fits for one in report.foretold.values())
        if n_misfits:
            warn(f"{counted(n_misfits, 'line')} will hardly fit; `voicepipe check` names them")
        if report.rejected_clips:
            warn(f"the bank would hold {rejection_sentence(dict(report.rejected_clips))}")
        if report.estimate is not None and report.estimate.speech_s:
            tell_estimate(session, report.estimate)
    if exit_code and report.has_changes:
        raise typer.Exit(ExitCode.CHANGES)


def _note(session: Session, event: RenderEvent) -> None:
    from voicepipe.workers.events import ProjectRead, StoreNote

    if isinstance(event, ProjectRead):
        tell_warnings(session, event.n_warnings)
    elif isinstance(event, StoreNote):
        warn(event.message)


def _document(report: PlanReport) -> dict[str, Json]:
    return {
        "steps": [_row(step, report) for step in report.steps],
        "counts": _counts(report.steps),
        "speech_s": round(report.speech_s, 1),
        "estimate": estimate_document(report.estimate),
        "has_changes": report.has_changes,
    }


def _row(step: PlanStep, report: PlanReport) -> dict[str, Json]:
    review = report.rejected_clips.get((step.line, step.language))
    foretold = report.foretold.get((step.line, step.language))
    return {
        "action": step.action.value,
        "line": step.line,
        "language": step.language,
        "reasons": [reason.value for reason in step.reasons],
        "ignored": [reason.value for reason in step.ignored],
        "script": step.wanted.script if step.wanted else "",
        "pinned": step.pinned,
        "turned_down": review.value if review else "",
        "slot_s": foretold.slot.slot_s if foretold else None,
        "foretold_speech_s": round(foretold.nearest_s, 2) if foretold else None,
        "fits": foretold.fits if foretold else None,
    }


def _counts(steps: Sequence[PlanStep]) -> dict[str, int]:
    found: dict[str, int] = {}
    for step in steps:
        found[step.action.value] = found.get(step.action.value, 0) + 1
    return found


def _show(changes: Sequence[PlanStep], n_all: int) -> None:
    for step in changes:
        why = ", ".join(reason.value for reason in step.reasons)
        held = ", ".join(reason.value for reason in step.ignored)
        answer(
            f"{step.action.value:<7} {step.language:<6} {step.line:<32} {why}"
            + (f" (held back: {held})" if held else "")
        )
    if len(changes) < n_all:
        answer(f"… and {n_all - len(changes)} more; --verbose lists them all")


def _summarize(report: PlanReport) -> None:
    counts, speech_s = _counts(report.steps), report.speech_s
    if set(counts) <= {"keep"}:
        kept = f"{report.n_clips} clips are as they should be"
        if report.has_changes:
            answer(f"nothing to render: {kept}; a render would publish a version all the same")
        else:
            answer(f"nothing to do: {kept}")
        return
    words = {
        "render": "to render",
        "pull": "in the shared store",
        "post": "to finish again",
        "keep": "kept",
        "drop": "dropped",
        "lost": "lost",
    }
    parts = [f"{counts[name]} {word}" for name, word in words.items() if counts.get(name)]
    seconds = counted(round(speech_s), "second")
    length = f"{speech_s / 60:.1f} minutes" if speech_s >= 60 else seconds
    answer(f"{', '.join(parts)}; about {length} of new speech")
