"""`voicepipe report`: accounts for performers, shops and authorities."""

from __future__ import annotations

import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from cli.destination import STDOUT, require_free_stdout, write_to
from cli.options import AsJson
from cli.output import answer, emit_json, session_of
from cli.projects import settings_of
from cli.verb_groups import add_group
from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from cli.output import Session
    from cli.verb_groups import Verbs
    from voicepipe.bank.manifest import BankManifest
    from voicepipe.settings import Settings


class Format(str, Enum):
    """How a usage report is written."""

    MARKDOWN = "md"
    CSV = "csv"
    HTML = "html"


Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="The file to write; `-` or left out: stdout.")
]
VersionName = Annotated[
    str, typer.Option("--version", metavar="V", help="Of the bank; otherwise the latest.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    about = "Reports: use of a voice, disclosure of synthetic speech, provenance of a version."
    verbs: Verbs = {"usage": usage, "disclosure": disclosure, "provenance": provenance}
    add_group(app, "report", about, verbs)


def usage(
    ctx: typer.Context,
    voice: Annotated[str, typer.Option("--voice", help="The voice's id; its file may be gone.")],
    first: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day; otherwise the first.")
    ] = "",
    last: Annotated[
        str, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day, included.")
    ] = "",
    written_as: Annotated[
        Format | None,
        typer.Option("--format", help="By default what the file's name says; else Markdown."),
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Report what a voice was used for: versions, lines, words, seconds, consent, file hashes."""
    from voicepipe.pipeline.accounts import writing
    from voicepipe.pipeline.accounts.usage import Period, report_usage

    require_free_stdout(out, as_json=as_json)
    session = session_of(ctx)
    settings = settings_of(session)
    period = Period(first=_day(first), last=_day(last))
    found = report_usage(session.root / settings.out, settings.bank, voice, period)
    if as_json:
        emit_json({**writing.usage_facts(found), "files": [*writing.usage_rows(found)]})
    if out is None and as_json:
        return
    form = written_as or _format_of(out)
    text = {
        Format.MARKDOWN: writing.usage_markdown,
        Format.CSV: writing.usage_csv,
        Format.HTML: writing.usage_html,
    }[form](found)
    write_to(out or STDOUT, text)


def disclosure(
    ctx: typer.Context,
    version: VersionName = "latest",
    as_json: AsJson = False,
) -> None:
    """Write what shops, players and authorities are told, filled with a version's facts."""
    from dataclasses import asdict

    from voicepipe.pipeline.accounts.disclosure import disclose

    session = session_of(ctx)
    settings = settings_of(session)
    producer = "" if settings.labels is None else settings.labels.producer
    told = disclose(_manifest(session, settings, version), producer=producer)
    if as_json:
        emit_json(asdict(told))
        return
    for title, text in (
        ("Steam, content survey", told.steam),
        ("European Union", told.eu),
        ("China", told.china),
        ("Credits", told.credits),
    ):
        answer(f"{title}\n{text}\n")


def provenance(
    ctx: typer.Context,
    version: VersionName = "latest",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Write the bill of materials of a version: every file, model and recording (CycloneDX 1.6).

    With the licence or consent that each is used under, where it is known.
    """
    from voicepipe.model_store.lock import LOCK_NAME, read_lock
    from voicepipe.pipeline.accounts.provenance import bill_of_materials
    from voicepipe.pipeline.permissions import load_voices

    require_free_stdout(out, as_json=as_json)
    session = session_of(ctx)
    settings = settings_of(session)
    locked = read_lock(session.root / LOCK_NAME)
    voices = load_voices(session.root, settings)[0].voices
    bill = bill_of_materials(_manifest(session, settings, version), locked, voices)
    if as_json:
        emit_json(bill)
    if out is not None or not as_json:
        write_to(out or STDOUT, orjson.dumps(bill, option=orjson.OPT_INDENT_2) + b"\n")


def _manifest(session: Session, settings: Settings, version: str) -> BankManifest:
    from voicepipe.bank.versions import load_version, resolve

    return load_version(resolve(session.root / settings.out, settings.bank, version))


def _format_of(out: Path | None) -> Format:
    suffix = "" if out is None else out.suffix.lower().lstrip(".")
    known = {one.value: one for one in Format} | {"htm": Format.HTML, "": Format.MARKDOWN}
    if suffix not in known:
        raise UsageError(
            f'"{suffix}" is no format of a report', remedy="end the name in .md, .csv or .html"
        )
    return known[suffix]


def _day(text: str) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'"{text}" is not a date such as 2026-03-01') from error
