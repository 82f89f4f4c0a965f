"""`voicepipe explain`: the long form of a diagnostic code."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import AsJson
from cli.output import answer, emit_json
from voicepipe.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("explain")(explain)


def explain(
    code: Annotated[str, typer.Argument(help="Such as VP201.")] = "",
    list_all: Annotated[bool, typer.Option("--list", help="List every code.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a diagnostic code means, why it matters, and how to mend it."""
    from voicepipe.diagnostics import did_you_mean
    from voicepipe.pipeline.codes import all_codes

    codes = all_codes()
    wanted = code.strip().upper()
    if wanted and wanted not in codes:
        hint = did_you_mean(wanted, codes)
        raise UsageError(
            f'there is no code "{code}"{hint}', remedy="`voicepipe explain --list` shows all"
        )
    if not wanted and not list_all:
        raise UsageError("explain needs a code", remedy="`voicepipe explain --list` shows all")
    chosen = [codes[wanted]] if wanted else list(codes.values())
    if as_json:
        emit_json(
            {
                "codes": [
                    {
                        "code": info.code,
                        "severity": info.severity.value,
                        "title": info.title,
                        "explanation": info.explanation,
                    }
                    for info in chosen
                ]
            }
        )
        return
    if not wanted:
        for info in chosen:
            answer(f"{info.code}  {info.severity.value:<7}  {info.title}")
        return
    (info,) = chosen
    answer(f"{info.code} ({info.severity.value}): {info.title}\n\n{info.explanation}")
