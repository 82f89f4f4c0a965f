"""`voicepipe qc`: judge the clips of the bank, or a folder of recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bank_place import answer_rest, n_shown
from cli.options import AsJson, Jobs, Languages, Lines, Scenes, Speakers, Store
from cli.output import answer, answer_table, emit_json, say, session_of, warn
from cli.projects import filters
from cli.qc_calibrate import calibrate
from cli.qc_options import Listening, extent_of
from cli.verb_groups import add_group
from voicepipe.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.hashing import Json
    from voicepipe.pipeline.judged import Judged, JudgedLine
    from voicepipe.qc.findings import Fault
    from voicepipe.qc.verdicts import AnalyserVerdict

_SCORES = ("word_error", "similarity", "mos")
"""Those that stand in the table, by name."""


def register(app: typer.Typer) -> None:
    """Add the verb, and the one below it."""
    about = "Judge the clips of the bank, or recordings, and propose limits."
    add_group(app, "qc", about, {"calibrate": calibrate}, alone=qc)


def qc(
    ctx: typer.Context,
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    lines: Lines = None,
    recordings: Annotated[
        Path | None,
        typer.Option(
            "--recordings",
            metavar="FOLDER",
            help="Judge recordings (LANGUAGE/LINE.wav) against the script; nothing is stored.",
        ),
    ] = None,
    listening: Listening = None,
    jobs: Jobs = 0,
    store: Store = "",
    as_json: AsJson = False,
) -> None:
    """Judge the latest version's clips: worst first. Exit code 3 when a line failed.

    What was found out before is not listened for again. Where an analyser is missing or does not
    know the language, a clip is not judged, which is no pass. Limits are in voicepipe.yaml (`qc:`).
    """
    if ctx.invoked_subcommand is not None:
        return
    from cli.progress import RenderView
    from voicepipe.pipeline.judged import JudgeOptions
    from voicepipe.pipeline.render.judging import judge_bank
    from voicepipe.pipeline.render.judging_recordings import judge_recordings

    session = session_of(ctx)
    options = JudgeOptions(
        selection=filters(languages, scenes, speakers, None, lines),
        qc=extent_of(listening),
        jobs=jobs,
        store=store,
    )
    unfit: Sequence[Diagnostic] = ()
    with RenderView(quiet=session.quiet, verbose=session.verbose, what="judging") as view:
        if recordings is None:
            judged = judge_bank(session.root, options, on_event=view)
        else:
            judged, unfit = judge_recordings(session.root, recordings, options, on_event=view)
    for problem in unfit:
        warn(f"warning: {problem.message}")
    if as_json:
        emit_json(_document(judged, unfit))
    else:
        _show(ctx, judged)
    say(session, _summary(judged))
    if judged.counts()["failed"] or judged.failed:
        raise typer.Exit(ExitCode.LINES_FAILED)


def _show(ctx: typer.Context, judged: Judged) -> None:
    shown = [one for one in judged.lines if one.verdict.verdict.value != "passed"]
    rows = judged.lines if session_of(ctx).verbose else shown
    if rows:
        known = [name for name in _SCORES if any(name in one.verdict.scores for one in rows)]
        answer_table(
            ("verdict", "lang", "line", "script", *known, "what"),
            [_cells(one, known) for one in rows[: n_shown(ctx)]],
        )
    answer_rest(ctx, len(rows))
    counts = judged.counts()
    told = ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
    where = f" in {judged.version}" if judged.version else ""
    answer(f"{len(judged.lines)} clips{where}: {told}")


def _cells(one: JudgedLine, known: Sequence[str]) -> tuple[str, ...]:
    scores = one.verdict.scores
    return (
        one.verdict.verdict.value,
        one.language,
        one.line,
        one.script,
        *(f"{scores[name]:.2f}" if name in scores else "" for name in known),
        what_is_wrong(one),
    )


def what_is_wrong(one: JudgedLine) -> str:
    """Say in a few words why a clip failed, or why it was not judged."""
    faults = "; ".join(_fault_words(fault) for fault in one.verdict.faults)
    names: dict[str, list[str]] = {}
    for each in one.verdict.analysers:
        if each.why:
            names.setdefault(each.why, []).append(each.analyser)
    return faults or "; ".join(f"{', '.join(who)}: {why}" for why, who in names.items())


def _fault_words(fault: Fault) -> str:
    words = f"{fault.reason} {fault.value:.3g}"
    if fault.end_s > fault.start_s:
        words += f" at {fault.start_s:.1f} s"
    if fault.expected or fault.heard:
        words += f' ("{fault.expected}" → "{fault.heard}")'
    return words


def _summary(judged: Judged) -> str:
    known = len(judged.lines) - judged.listened - len(judged.failed)
    return f"listened to {judged.listened} clips; {max(0, known)} were known"


def _document(judged: Judged, unfit: Sequence[Diagnostic]) -> dict[str, Json]:
    return {
        "version": judged.version or None,
        "listened": judged.listened,
        "counts": dict(judged.counts()),
        "lines": [_row(one) for one in judged.lines],
        "failed": [
            {"line": e.line_id, "language": e.language, "script": e.script, "reason": e.reason}
            for e in judged.failed
        ],
        "unused": [problem.message for problem in unfit],
    }


def _row(one: JudgedLine) -> dict[str, Json]:
    return {
        "line": one.line,
        "language": one.language,
        "speaker": one.speaker,
        "voice": one.voice,
        "scene": one.scene,
        "text": one.text,
        "script": one.script,
        "file": one.file,
        "verdict": one.verdict.verdict.value,
        "reasons": list(one.verdict.reasons),
        "scores": dict(one.verdict.scores),
        "retakes": one.retakes,
        "first_error": one.first_error,
        "analysers": [_analyser_row(each) for each in one.verdict.analysers],
    }


def _analyser_row(one: AnalyserVerdict) -> dict[str, Json]:
    return {
        "analyser": one.analyser,
        "verdict": one.verdict.value,
        "revision": one.revision,
        "why": one.why,
        "heard": one.heard,
        "faults": [
            {
                "reason": fault.reason,
                "value": fault.value,
                "start_s": fault.start_s,
                "end_s": fault.end_s,
                "expected": fault.expected,
                "heard": fault.heard,
            }
            for fault in one.faults
        ],
    }
