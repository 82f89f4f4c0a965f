"""Where the time of a render went, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output import answer, answer_table

if TYPE_CHECKING:
    from voicepipe.pipeline.render.profiling import RenderTimes


def show_times(times: RenderTimes | None) -> None:
    """Print a render's times for people; nothing where nobody asked."""
    if times is None:
        return
    if not times.lines:
        answer(f"no line was made; {times.wall_s:.1f} s in all")
        return
    rows = [
        (each.stage, f"{each.worker_s:.2f}", f"{each.share:.1%}", _each(each.worker_s, times))
        for each in times.stages
    ]
    rows.append(("all stages", f"{times.stages_s:.2f}", "100.0%", _each(times.stages_s, times)))
    answer_table(("stage", "worker s", "share", "s a second of speech"), rows)
    answer(
        f"{times.wall_s:.1f} s in all, {times.working_s:.1f} s of them with "
        f"{times.workers} worker{'' if times.workers == 1 else 's'}, which spent "
        f"{times.elsewhere_s:.1f} s on no line (starting, loading, lines that failed)"
    )


def _each(seconds: float, times: RenderTimes) -> str:
    return f"{seconds / times.audio_s:.3f}" if times.audio_s else "-"
