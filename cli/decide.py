"""`voicepipe decide`: what people decide about lines, kept in `decisions.csv`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Languages, Lines, Scenes, Speakers
from cli.output import answer, emit_json, session_of, warn
from cli.projects import filters
from cli.verb_groups import add_group
from voicepipe.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.verb_groups import Verbs
    from voicepipe.hashing import Json
    from voicepipe.pipeline.production import ProducedLine
    from voicepipe.pipeline.reviewing import Decided, Request

LineNames = Annotated[
    list[str], typer.Argument(metavar="LINE...", help="Line ids, or patterns like bridge_*.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a few words.")]


def register(app: typer.Typer) -> None:
    """Add the group of verbs."""
    about = "Approve, reject, retake, pin, note: what people decide, in decisions.csv."
    verbs: Verbs = {
        "approve": approve,
        "reject": reject,
        "rerecord": rerecord,
        "retake": retake,
        "pin": pin,
        "unpin": unpin,
        "status": status,
        "note": note,
        "withdraw": withdraw,
        "list": list_decisions,
    }
    add_group(app, "decide", about, verbs)


def approve(
    ctx: typer.Context,
    lines: LineNames,
    languages: Languages = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Approve how lines sound now. Lapses, and is shown as lapsed, when they sound otherwise."""
    _decide(ctx, "approve", lines, languages, words=reason, as_json=as_json)


def reject(
    ctx: typer.Context,
    lines: LineNames,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words; needed.")],
    languages: Languages = None,
    as_json: AsJson = False,
) -> None:
    """Reject how lines sound now: a release is refused until they sound otherwise."""
    _decide(ctx, "reject", lines, languages, words=reason, as_json=as_json)


def rerecord(
    ctx: typer.Context,
    lines: LineNames,
    languages: Languages = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Say that somebody has to speak lines: a release is refused until they did."""
    _decide(ctx, "rerecord", lines, languages, words=reason, as_json=as_json)


def retake(
    ctx: typer.Context,
    lines: LineNames,
    languages: Languages = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, max=2**31 - 1, help="This seed instead of the next one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask for another take of lines, which the next render makes; pins go."""
    _decide(ctx, "retake", lines, languages, seed=seed, as_json=as_json)


def pin(
    ctx: typer.Context, lines: LineNames, languages: Languages = None, as_json: AsJson = False
) -> None:
    """Keep lines at the takes they have now, whatever changes."""
    _decide(ctx, "pin", lines, languages, as_json=as_json)


def unpin(
    ctx: typer.Context, lines: LineNames, languages: Languages = None, as_json: AsJson = False
) -> None:
    """Let pinned lines follow their script again."""
    _decide(ctx, "unpin", lines, languages, as_json=as_json)


def status(
    ctx: typer.Context,
    value: Annotated[
        str,
        typer.Argument(
            metavar="STATUS",
            help="written, placeholder, synthetic, approved, recorded or final.",
        ),
    ],
    lines: LineNames,
    languages: Languages = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Say how far lines have come, where their clips alone do not show it."""
    from voicepipe.bank.reviews import Status
    from voicepipe.diagnostics import did_you_mean
    from voicepipe.errors import UsageError

    known = [one.value for one in Status]
    if value not in known:
        raise UsageError(
            f'"{value}" is not a status{did_you_mean(value, known)}',
            remedy=f"it is one of {', '.join(known)}",
        )
    _decide(ctx, "status", lines, languages, words=reason, value=value, as_json=as_json)


def note(
    ctx: typer.Context,
    lines: LineNames,
    text: Annotated[str, typer.Option("--text", help="The note; empty: take it away.")],
    languages: Languages = None,
    as_json: AsJson = False,
) -> None:
    """Write a note to lines."""
    _decide(ctx, "note", lines, languages, words=text, as_json=as_json)


def withdraw(
    ctx: typer.Context, lines: LineNames, languages: Languages = None, as_json: AsJson = False
) -> None:
    """Take back what was said of lines: approval, rejection, wish for a recording, status."""
    _decide(ctx, "withdraw", lines, languages, as_json=as_json)


def _decide(
    ctx: typer.Context,
    verb: str,
    lines: Sequence[str],
    languages: Sequence[str] | None,
    *,
    words: str = "",
    value: str = "",
    seed: int | None = None,
    as_json: bool,
) -> None:
    from voicepipe.pipeline.production import read_production
    from voicepipe.pipeline.reviewing import Request, Verb, take_in
    from voicepipe.pipeline.selection import resolve

    production = read_production(session_of(ctx).root)
    meant = resolve(production, filters(languages, None, None, None, lines))
    requests = [
        Request(
            verb=Verb(verb),
            line=one.line.id,
            language=one.language,
            words=" ".join(words.split()),
            status=value,
            seed=seed,
        )
        for one in production.chosen(meant)
        if one.text is not None
    ]
    tell_decided(take_in(production, requests, command=f"voicepipe decide {verb}"), as_json=as_json)


def tell_decided(decided: Decided, *, as_json: bool) -> None:
    """Say what became of requests; refused ones end the command with 3.

    Raises:
        typer.Exit: Something was refused.
    """
    if as_json:
        emit_json(
            {
                "decided": [_request_row(one) for one in decided.applied],
                "unchanged": [_request_row(one) for one in decided.unchanged],
                "refused": [
                    {**_request_row(one.request), "reason": one.reason} for one in decided.refused
                ],
            }
        )
    else:
        for request in decided.applied:
            answer(f"{_named(request)}  {request.words}".rstrip())
        for request in decided.unchanged:
            answer(f"{_named(request)}  as before")
    for one in decided.refused:
        warn(f"refused: {_named(one.request)}: {one.reason}")
    if decided.refused:
        raise typer.Exit(ExitCode.LINES_FAILED)


def _named(request: Request) -> str:
    what = f"{request.verb.value} {request.status}".strip()
    return f"{what:<10} {request.language:<6} {request.line:<32}".rstrip()


def _request_row(request: Request) -> dict[str, Json]:
    return {
        "decision": request.verb.value,
        "line": request.line,
        "language": request.language,
        "words": request.words,
        "status": request.status,
    }


def list_decisions(
    ctx: typer.Context,
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    lines: Lines = None,
    lapsed: Annotated[
        bool, typer.Option("--lapsed", help="Only what was said of another sound than now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what people decided, and whether it still holds."""
    from voicepipe.pipeline.production import read_production
    from voicepipe.pipeline.selection import resolve

    production = read_production(session_of(ctx).root)
    meant = resolve(production, filters(languages, scenes, speakers, None, lines))
    shown = [one for one in production.chosen(meant) if _is_listed(one, lapsed=lapsed)]
    if as_json:
        emit_json({"lines": [state_row(one) for one in shown]})
        return
    for one in shown:
        answer(f"{one.language:<6} {one.line.id:<32} {one.state.status.value:<11} {_said(one)}")
    if not shown:
        answer("nothing is decided" if not lapsed else "nothing has lapsed")


def _is_listed(one: ProducedLine, *, lapsed: bool) -> bool:
    state = one.state
    if lapsed:
        return state.has_lapsed
    asked = state.asked_take > 1 or state.is_pinned
    return bool(asked or state.assessment or state.said_status or state.note)


def _said(one: ProducedLine) -> str:
    state = one.state
    parts = []
    for said in (state.assessment, state.said_status):
        if said is not None:
            validity = "" if said.validity.value == "holds" else f" ({said.validity.value})"
            parts.append(f"{said.value}{validity}" + (said.words and f": {said.words}"))
    if state.is_pinned:
        parts.append("pinned")
    if state.asked_take > 1:
        parts.append(f"take {state.asked_take}" + " is due" * state.retake_is_due(one.entry))
    if state.note:
        parts.append(f"note: {state.note}")
    return "; ".join(parts)


def state_row(one: ProducedLine) -> dict[str, Json]:
    """Give what is known of a line in one language as JSON."""
    state = one.state
    return {
        "line": one.line.id,
        "language": one.language,
        "script": one.script,
        "status": state.status.value,
        "assessment": state.assessment.value if state.assessment else "",
        "assessment_standing": state.assessment.validity.value if state.assessment else "",
        "reason": state.assessment.words if state.assessment else "",
        "said_status": state.said_status.value if state.said_status else "",
        "said_status_standing": state.said_status.validity.value if state.said_status else "",
        "note": state.note,
        "pinned": state.is_pinned,
        "take": state.asked_take,
        "retake_is_due": state.retake_is_due(one.entry),
    }
