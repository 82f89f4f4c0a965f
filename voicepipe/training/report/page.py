"""The report of a training: one page that holds everything, sound and pictures included.

Made from what the run wrote down, so it can be made while the training runs, and years later.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final

from voicepipe.audio.wav import AudioFileError, decode_clip, read_bytes
from voicepipe.reports import counted
from voicepipe.training.report.pictures import as_data_url, line_chart, spectrogram_png

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from voicepipe.training.report.records import LossRow, RunFolder, RunRecord

STAGE_TITLES: Final = {
    "semantic": "Semantic stage: melody and pace",
    "acoustic": "Acoustic stage: timbre",
}
_STYLE: Final = """
body{font:15px/1.5 "Noto Sans","Helvetica Neue",Arial,sans-serif;color:#222;background:#f7f5f1;
max-width:60rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.5rem}h2{margin-top:2rem;
font-size:1.15rem;border-bottom:1px solid #ccc}table{border-collapse:collapse}td,th{text-align:left;
padding:.15rem 1.2rem .15rem 0;vertical-align:top}th{font-weight:600;color:#555}.chart{width:100%;
background:#fff;font-size:11px}.picture{width:100%;height:150px;image-rendering:auto}
audio{width:100%}.poor{color:#93401f}figure{margin:1rem 0}figcaption{font-style:italic}
code{background:#ece8e0;padding:0 .25em}
"""


_DEEPEST = 8
"""Levels of a nested value that are shown."""


def training_report(folder: RunFolder, record: RunRecord) -> str:
    """Write the page.

    Args:
        folder: Of the run; its stages' events and sounds are read.
        record: What the run wrote down.

    Returns:
        HTML that refers to nothing outside of itself.
    """
    voice = html.escape(record.voice)
    state = "finished" if record.is_finished else "not finished"
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Training of {voice}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Training of the voice “{voice}”</h1>",
        f"<p>Begun {html.escape(record.begun)}, {state}.</p>",
        *_results(folder, record),
        *_curves(folder, record),
        "<h2>Consent</h2>" + _table(record.consent.items()),
        "<h2>Recordings</h2>" + _table(_data_rows(record.dataset)),
        *_remarks(record.remarks),
        "<h2>Settings</h2>" + _table([*_bases(record.bases), *record.settings.items()]),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _results(folder: RunFolder, record: RunRecord) -> list[str]:
    parts = ["<h2>How it sounds</h2>"]
    if record.models:
        named = ", ".join(f"{role}: {name}" for role, name in sorted(record.models.items()))
        parts.append(
            f"<p>In the voice’s file: <code>model: {{{html.escape(named)}}}</code>. To hear it: "
            f"<code>voicepipe say TEXT --voice {html.escape(record.voice)} --out hear.wav</code>"
            "</p>"
        )
    heard = [
        _sound(folder.sound(folder.path / preview.file), f"{preview.text} ({preview.language})")
        for preview in record.previews
    ]
    for stage in record.stages:
        judged = [row for row in folder.losses(stage) if row.previews]
        for row in judged[-1:]:
            heard += [
                _sound(
                    folder.sound(folder.stage(stage) / file),
                    f"{stage} stage after {counted(row.step, 'step')}",
                )
                for file in row.previews
            ]
    return parts + (heard or ["<p>No previews were made.</p>"])


def _sound(path: Path, caption: str) -> str:
    said = html.escape(caption)
    try:
        content = read_bytes(path)
        clip, _ = decode_clip(content, path.name)
    except AudioFileError as error:
        return f'<p class="poor">{said}: {html.escape(error.message)}</p>'
    sound = as_data_url(content, "audio/wav")
    picture = as_data_url(spectrogram_png(clip), "image/png")
    return (
        f"<figure><figcaption>{said}</figcaption>"
        f'<img class="picture" alt="spectrogram" src="{picture}">'
        f'<audio controls preload="none" src="{sound}"></audio></figure>'
    )


def _curves(folder: RunFolder, record: RunRecord) -> list[str]:
    parts = []
    for stage in record.stages:
        n_steps = record.steps[stage]
        rows = folder.losses(stage)
        title = STAGE_TITLES.get(stage, stage)
        taken = max((row.step for row in rows), default=0)
        spent = sum(row.seconds for row in rows)
        parts.append(
            f"<h2>{html.escape(title)}</h2><p>{taken} of {counted(n_steps, 'step')}, "
            f"{spent / 60:.1f} minutes.</p>"
        )
        parts += [line_chart(f"{title}: {name}", curves) for name, curves in _charts(rows).items()]
    return parts


def _charts(rows: Sequence[LossRow]) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """One chart a loss: its course in training, and on recordings held out where there are any."""
    charts: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for row in rows:
        for name, value in row.losses.items():
            label = name if row.kind == "step" else f"{name}, held out"
            charts.setdefault(name, {}).setdefault(label, []).append((row.step, value))
    return charts


def _remarks(remarks: Sequence[str]) -> list[str]:
    if not remarks:
        return ["<p>Nothing was wrong with the recordings.</p>"]
    items = "".join(f'<li class="poor">{html.escape(remark)}</li>' for remark in remarks)
    return [f"<ul>{items}</ul>"]


def _data_rows(figures: Mapping[str, Any]) -> list[tuple[str, Any]]:
    rows = [(name, value) for name, value in figures.items() if name not in ("sounds", "coverage")]
    rows += list(dict(figures.get("coverage", {})).items())
    for covered in figures.get("sounds", ()):
        missing = ", ".join(covered["missing"]) or "none"
        rows.append((f"sounds missing in {covered['language']}", missing))
    return rows


def _bases(bases: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(f"base {role}", described) for role, described in sorted(bases.items())]


def _table(rows: Iterable[tuple[str, Any]]) -> str:
    cells = "".join(
        f"<tr><th>{html.escape(name.replace('_', ' '))}</th>"
        f"<td>{html.escape(_shown(value))}</td></tr>"
        for name, value in rows
    )
    return f"<table>{cells}</table>"


def _shown(value: object, room: int = _DEEPEST) -> str:
    if value is None:
        return "—"
    if not room:
        return "…"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(inner, room - 1)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(inner, room - 1) for inner in value) or "—"
    return str(value)
