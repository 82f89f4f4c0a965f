"""`voicepipe bench`: what a second of speech takes on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.destination import STDOUT, require_free_stdout, write_to
from cli.options import AsJson
from cli.output import answer, emit_json, say, session_of, stdout_console, warn
from cli.streams import writing
from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from cli.output import Session
    from voicepipe.benchmarking.report import BenchReport

_BAR = 40


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("bench")(bench)


def bench(
    ctx: typer.Context,
    voice: Annotated[
        str, typer.Option("--voice", help="Measure this voice's models; empty: a formula's.")
    ] = "",
    family: Annotated[
        str, typer.Option("--family", help="Of the formula's models: v1, v2, v2Pro … v4.")
    ] = "v2",
    size: Annotated[
        str, typer.Option("--size", help="Of the formula's models: full, or tiny for a quick try.")
    ] = "full",
    device: Annotated[str, typer.Option("--device", help="cpu, cuda:0, mps …")] = "cpu",
    precision: Annotated[
        str, typer.Option("--precision", help="float32, int8 (CPU), float16 (GPU), bfloat16.")
    ] = "float32",
    slots: Annotated[
        int, typer.Option("--slots", min=0, max=128, help="Lines at once; 0: by memory.")
    ] = 0,
    seconds: Annotated[
        float,
        typer.Option("--seconds", min=1.0, max=36_000.0, help="Speech to measure each stage over."),
    ] = 30.0,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", help="Write the chart to this file too; `-`: stdout."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure what a second of speech takes on this machine; `plan` uses the figures."""
    from voicepipe.benchmarking.chart import draw_chart
    from voicepipe.pipeline.benching import BenchRequest, bench_machine

    require_free_stdout(svg, as_json=as_json)
    session = session_of(ctx)
    say(session, "measuring one process; anything else that runs now shows in the figures")
    report = bench_machine(
        session.root,
        BenchRequest(
            voice=voice,
            family=family,
            size=size,
            device=device,
            precision=precision,
            slots=slots,
            audio_s=seconds,
        ),
    )
    if svg is not None:
        write_to(svg, draw_chart(report))
    if as_json:
        emit_json(report.document())
    elif svg != STDOUT:
        _show(report)
    _keep(session, report)


def _keep(session: Session, report: BenchReport) -> None:
    from voicepipe.benchmarking.bench_cache import cache_report

    if report.size != "full":
        say(session, "not kept: models of this size foretell nothing")
        return
    try:
        path = cache_report(report)
    except EnvironmentFault as error:
        warn(f"not kept, so `voicepipe plan` will not know it: {error.message}")
        return
    say(session, f"kept for `voicepipe plan`: {path}")


def _show(report: BenchReport) -> None:
    from voicepipe.benchmarking.chart import headline

    answer(headline(report))
    _chart(report)
    memory = f"{report.peak_memory_mb:.0f} MiB"
    if report.peak_device_memory_mb is not None:
        memory += f", {report.peak_device_memory_mb:.0f} MiB on the device"
    answer(
        f"{report.tokens_per_s:.0f} tokens/s · {memory} · ready in {report.startup_s:.1f} s "
        f"(libraries {report.import_s:.1f} s)"
    )
    for what, kernel in report.kernels.items():
        answer(f"{what}: {kernel}")
    if report.load_average is not None and report.load_average > report.cores / 2:
        answer(
            f"the machine was busy (load {report.load_average:.1f} on {report.cores} cores): "
            "trust core-seconds more than real-time factors"
        )


def _chart(report: BenchReport) -> None:
    from rich.table import Table
    from rich.text import Text

    from voicepipe.benchmarking.chart import STAGE_COLOURS, stage_rows

    rows = stage_rows(report)
    longest = max(cost.core_s_per_audio_s for _, cost in rows) or 1.0
    table = Table(box=None)
    for column in ("stage", "core-s a second of speech", "", "real-time factor"):
        table.add_column(Text(column, style="bold"), no_wrap=True)
    for name, cost in rows:
        bar = "█" * max(1, round(_BAR * cost.core_s_per_audio_s / longest))
        table.add_row(
            Text(name),
            Text(bar, style=STAGE_COLOURS[name]),
            Text(f"{cost.core_s_per_audio_s:.3f}"),
            Text(f"{cost.real_time_factor:.3f}"),
        )
    with writing():
        stdout_console().print(table)
