"""A bench as a picture: one bar a stage (torch-free)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from voicepipe.benchmarking.report import BenchReport, StageCost

STAGE_COLOURS: Final = {
    "prefill": "#c98b2b",
    "semantic": "#3b6ea5",
    "decoder": "#5b8c5a",
    "total": "#4a4a4a",
}
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 720, 96, 210, 34, 64
_STYLE = 'font-family="Noto Sans,Helvetica Neue,Arial,sans-serif" fill="#222"'


def stage_rows(report: BenchReport) -> list[tuple[str, StageCost]]:
    """Give every stage and the total, in their order."""
    stages = report.stages
    return [(name, getattr(stages, name)) for name in STAGE_COLOURS]


def headline(report: BenchReport) -> str:
    """Say in a line what was measured."""
    lines = f"{report.slots} line{'' if report.slots == 1 else 's'} at once"
    return f"{report.models}, {report.precision}, {lines} on {report.device} ({report.machine})"


def draw_chart(report: BenchReport) -> str:
    """Draw the core-seconds of each stage as SVG."""
    rows = stage_rows(report)
    longest = max(cost.core_s_per_audio_s for _, cost in rows) or 1.0
    scale = (_WIDTH - _LEFT - _RIGHT) / longest
    height = _TOP + _ROW * len(rows) + 16
    body = [
        f'<text x="16" y="26" font-size="16" {_STYLE}>Core-seconds for a second of speech</text>',
        f'<text x="16" y="46" font-size="12" {_STYLE}>{escape(headline(report))}</text>',
    ]
    for index, (name, cost) in enumerate(rows):
        y = _TOP + index * _ROW
        width = cost.core_s_per_audio_s * scale
        said = f"{cost.core_s_per_audio_s:.3f} · real-time factor {cost.real_time_factor:.3f}"
        body += [
            f'<text x="{_LEFT - 10}" y="{y + 16}" text-anchor="end" font-size="13" {_STYLE}>'
            f"{name}</text>",
            f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="22" rx="3" '
            f'fill="{STAGE_COLOURS[name]}"/>',
            f'<text x="{_LEFT + width + 8:.1f}" y="{y + 16}" font-size="12" {_STYLE}>{said}</text>',
        ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}">\n'
        '<rect width="100%" height="100%" fill="#f4f2ee"/>\n' + "\n".join(body) + "\n</svg>\n"
    )
