"""`voicepipe plan`: what a render would do, and why."""

from __future__ import annotations

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
from cli.projects import load_valid_project, selection_of, tell_warnings
from voicepipe.errors import EnvironmentFault, ExitCode
from voicepipe.reports import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.output import Session
    from voicepipe.bank.plan import PlanStep
    from voicepipe.benchmarking.estimate import Estimate
    from voicepipe.hashing import Json
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.planning import Planned
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
    from voicepipe.bank.plan import Action
    from voicepipe.pipeline.render.consent_checks import require_permitted
    from voicepipe.pipeline.render.planning import plan_project, up_to_date_version
    from voicepipe.pipeline.render.sharing import sharing_of

    session = session_of(ctx)
    is_filtered = bool(languages or scenes or speakers or nodes or lines)
    if not (as_json or is_filtered) and _stands(session, store, release=release):
        return
    project = load_valid_project(session, release=release)
    selection = selection_of(project, languages, scenes, speakers, nodes, lines)
    sharing = sharing_of(project, store, on_event=_tell)
    planned = plan_project(project, look=None if sharing is None else sharing.look)
    permissions = project.permissions
    if sharing is not None:
        permissions = permissions.with_revocations(sharing.revoked)
    require_permitted(project, planned, permissions, selection=selection, release=release)
    steps = [
        step
        for step in planned.plan.steps
        if step.action is Action.DROP
        or selection.has(planned.clip_request_of(step).cast.line, step.language)
    ]
    speech_s = planned.speech_s(project, steps)
    estimate = _estimate(project, planned, steps, jobs=jobs, device=device)
    has_changes = up_to_date_version(project, planned) is None
    changes = [s for s in steps if s.action is not Action.KEEP or s.reasons]
    if as_json:
        emit_json(
            {
                "steps": [_row(step) for step in steps],
                "counts": _counts(steps),
                "speech_s": round(speech_s, 1),
                "estimate": estimate_document(estimate),
                "has_changes": has_changes,
            }
        )
    else:
        _show(changes if session.verbose else changes[:_SHOWN], len(changes))
        _summarize(steps, speech_s, has_changes=has_changes)
        if estimate is not None and estimate.speech_s:
            tell_estimate(session, estimate)
    if exit_code and has_changes:
        raise typer.Exit(ExitCode.CHANGES)


def _stands(session: Session, store: str, *, release: bool) -> bool:
    """Answer at once when nothing changed since the last render."""
    from voicepipe.pipeline.render.sharing import noted_in_folder, store_address
    from voicepipe.pipeline.render.up_to_date import find_up_to_date, take_snapshot

    snapshot = take_snapshot(session.root, release=release)
    if snapshot is None:
        return False
    # An address that is none is refused, whatever there is to do.
    up_to_date = find_up_to_date(
        snapshot, revocations=noted_in_folder(store_address(snapshot.settings, store))
    )
    if up_to_date is None:
        return False
    tell_warnings(session, up_to_date.n_warnings)
    kept = _as_they_should_be(len(up_to_date.published.manifest.entries))
    answer(f"nothing to do: {kept}")
    return True


def _as_they_should_be(n_clips: int) -> str:
    return f"{n_clips} clips are as they should be"


def _estimate(
    project: Project, planned: Planned, steps: Sequence[PlanStep], *, jobs: int, device: str
) -> Estimate | None:
    from voicepipe.pipeline.render.estimating import estimate_render

    try:
        return estimate_render(project, planned, steps, jobs=jobs, device=device)
    except EnvironmentFault as error:
        warn(f"no estimate: {error.message}")
        warn(f"  help: {error.remedy}")
        return None


def _tell(event: RenderEvent) -> None:
    from voicepipe.workers.events import StoreNote

    if isinstance(event, StoreNote):
        warn(event.message)


def _row(step: PlanStep) -> dict[str, Json]:
    return {
        "action": step.action.value,
        "line": step.line,
        "language": step.language,
        "reasons": [reason.value for reason in step.reasons],
        "ignored": [reason.value for reason in step.ignored],
        "script": step.wanted.script if step.wanted else "",
        "pinned": step.pinned,
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


def _summarize(steps: Sequence[PlanStep], speech_s: float, *, has_changes: bool) -> None:
    counts = _counts(steps)
    if set(counts) <= {"keep"}:
        kept = _as_they_should_be(counts.get("keep", 0))
        if has_changes:
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
