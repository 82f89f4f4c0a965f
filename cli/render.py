"""`voicepipe render`: make what is missing and publish the bank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

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
from cli.output import answer, emit_json, say, session_of, warn
from cli.projects import filters
from cli.qc_options import Listening, extent_of
from cli.sound import clip_row, tell_clip
from cli.times import show_times
from voicepipe.errors import ExitCode
from voicepipe.reports import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.output import Session
    from voicepipe.hashing import Json
    from voicepipe.pipeline.render.profiling import RenderProfile, RenderTimes
    from voicepipe.pipeline.render.rendering import RenderOptions, RenderReport
    from voicepipe.pipeline.tally import Misheard
    from voicepipe.workers.events import LineFailed, RenderEvent

_SEEDS = 2**31


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("render")(render)


def render(
    ctx: typer.Context,
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    nodes: Nodes = None,
    lines: Lines = None,
    jobs: Jobs = 0,
    device: Devices = "",
    slots: Annotated[
        int,
        typer.Option("--slots", min=0, max=128, help="Lines at once in a process; 0: by memory."),
    ] = 0,
    retake: Annotated[
        bool,
        typer.Option("--retake", help="Another take (the next seed) of selected lines; pins go."),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, max=_SEEDS - 1, help="With --retake: use this very seed."),
    ] = None,
    n_takes: Annotated[
        int,
        typer.Option(
            "--takes",
            min=0,
            max=20,
            metavar="N",
            help="Make the next N takes of selected lines, to listen to and choose from; "
            "the bank stays as it is.",
        ),
    ] = 0,
    release: Release = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Leave failed lines out; else they keep their last clip."),
    ] = False,
    store: Store = "",
    push: Annotated[
        bool,
        typer.Option("--push/--no-push", help="Share what is made; or only use what others made."),
    ] = True,
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster",
            metavar="auto|ray://HOST:PORT",
            help="Render on a Ray cluster; needs a shared store.",
        ),
    ] = "",
    listening: Listening = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Say where the time went, stage by stage.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Render every missing clip, then publish a new version. Twice in a row renders nothing."""
    from cli.progress import RenderView
    from voicepipe.pipeline.render.profiling import RenderProfile
    from voicepipe.pipeline.render.render_folder import render_folder
    from voicepipe.pipeline.render.rendering import RenderOptions

    watch = RenderProfile()
    session = session_of(ctx)
    options = RenderOptions(
        selection=filters(languages, scenes, speakers, nodes, lines),
        jobs=jobs,
        device=device,
        slots=slots,
        retake=retake,
        seed=seed,
        release=release,
        strict=strict,
        store=store,
        push=push,
        cluster=cluster,
        qc=extent_of(listening),
    )
    if n_takes:
        _compare(session, options, n_takes, as_json=as_json)
        return
    with RenderView(quiet=session.quiet, verbose=session.verbose) as view:

        def note(event: RenderEvent) -> None:
            watch.note(event)
            view(event)

        report = render_folder(session.root, options, on_event=note)
    _tell(session, report, watch if profile else None, as_json)


def _compare(session: Session, options: RenderOptions, n_takes: int, *, as_json: bool) -> None:
    from cli.progress import RenderView
    from voicepipe.pipeline.render.comparing import render_takes

    with RenderView(quiet=session.quiet, verbose=session.verbose) as view:
        report = render_takes(session.root, options, n_takes, on_event=view)
    if as_json:
        takes: list[Json] = [clip_row(clip, session.root) for clip in report.takes]
        failed = _failed_rows(report.failed)
        emit_json({"takes": takes, "rendered": report.rendered, "failed": failed})
    else:
        for clip in report.takes:
            tell_clip(clip)
        if report.takes:
            name = report.takes[0].line
            say(session, f"hear them: voicepipe listen {name} --take N")
            say(session, f"choose one: voicepipe bank choose {name} --take N; then render")
    if report.failed:
        warn(f"{counted(len(report.failed), 'take')} failed; the others are done")
        raise typer.Exit(ExitCode.LINES_FAILED)


def _tell(
    session: Session,
    report: RenderReport,
    watch: RenderProfile | None,
    as_json: bool,
) -> None:
    times = None if watch is None else watch.times()
    shown = _shown(session, report)
    if as_json:
        emit_json(_document(report, shown, times))
    else:
        _answer(report, shown)
        show_times(times)
    if report.published is not None:
        told = ", ".join(f"{n} {verdict}" for verdict, n in report.verdicts().items())
        say(session, f"quality control: {told}")
    if report.outdated or report.missing:
        say(
            session,
            f"outside this run: {report.outdated} clips are out of date, "
            f"{report.missing} not rendered yet",
        )
    if report.failed:
        n = len(report.failed)
        kept = f", {report.kept_outdated} with the last good clip" if report.kept_outdated else ""
        warn(f"{n} line{'' if n == 1 else 's'} failed{kept}; the others are done")
        raise typer.Exit(ExitCode.LINES_FAILED)


def _document(
    report: RenderReport, shown: str | None, times: RenderTimes | None
) -> dict[str, Json]:
    published = report.published
    profile: dict[str, Json] = {} if times is None else {"profile": times.document()}
    return {
        "bank": report.bank,
        "version": published.version if published else None,
        "is_new": bool(published and published.is_new),
        "path": shown,
        "clips": len(published.manifest.entries) if published else 0,
        "rendered": report.rendered,
        "post_processed": report.post_processed,
        "pulled": report.pulled,
        "kept": report.kept,
        "dropped": report.dropped,
        "audio_s": round(report.audio_s, 3),
        "outdated": report.outdated,
        "missing": report.missing,
        "kept_outdated": report.kept_outdated,
        "retakes": report.retakes,
        "misheard": None if report.misheard is None else _misheard_row(report.misheard),
        "verdicts": report.verdicts(),
        "failed": _failed_rows(report.failed),
        **profile,
    }


def _misheard_row(misheard: Misheard) -> dict[str, Json]:
    return {
        "lines": misheard.lines,
        "retaken": misheard.retaken,
        "first": round(misheard.first, 4),
        "kept": round(misheard.kept, 4),
    }


def _failed_rows(failed: Sequence[LineFailed]) -> list[Json]:
    return [
        {"line": e.line_id, "language": e.language, "script": e.script, "reason": e.reason}
        for e in sorted(failed, key=lambda event: (event.language, event.line_id))
    ]


def _shown(session: Session, report: RenderReport) -> str | None:
    if report.published is None:
        return None
    return report.published.path.relative_to(session.root).as_posix()


def _retakes_told(report: RenderReport) -> str:
    made = counted(report.retakes, "retake")
    misheard = report.misheard
    if misheard is None:
        return made
    return f"{made} ({misheard.first:.1%} of words misheard before, {misheard.kept:.1%} after)"


def _answer(report: RenderReport, shown: str | None) -> None:
    published = report.published
    if published is None:
        answer(f"bank {report.bank}: nothing was published")
        return
    done = []
    if report.rendered:
        done.append(f"{report.rendered} rendered")
    if report.pulled:
        done.append(f"{report.pulled} from the shared store")
    if report.post_processed:
        done.append(f"{report.post_processed} finished again")
    if report.retakes:
        done.append(_retakes_told(report))
    if report.dropped:
        done.append(f"{report.dropped} dropped")
    if report.failed:
        done.append(f"{len(report.failed)} failed")
    # A version may be new although no sound is: lines moved in the script, or a file was lost.
    nothing = "nothing to render" if published.is_new else "nothing to do"
    what = ", ".join(done) or nothing
    state = "" if published.is_new else ", unchanged"
    answer(
        f"bank {report.bank} {published.version}{state}: {what}; "
        f"{len(published.manifest.entries)} clips in {shown}"
    )
