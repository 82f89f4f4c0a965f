"""A picture of a clip's mouth: wave, words, phonemes, shapes and opening over time (torch-free)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

import numpy as np

from voicepipe.lipsync.cues import mouth_cues
from voicepipe.lipsync.curves import mouth_curves
from voicepipe.lipsync.mouth_drawing import mouth_drawing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.audio.clip import AudioClip
    from voicepipe.lipsync.timing import ClipTiming

_PER_SECOND: Final = 260.0
_ROW_S: Final = 4.5
"""A longer clip is drawn in several rows of one length."""
_MARGIN, _TITLE = 24.0, 56.0
_WORDS, _PHONEMES, _WAVE, _MOUTHS, _TICKS = 26.0, 24.0, 96.0, 62.0, 28.0
_ROW: Final = _WORDS + _PHONEMES + _WAVE + _MOUTHS + _TICKS
_MOUTH_WIDTH: Final = 44.0
_RATE: Final = 60.0
_LEAST_WIDTH: Final = 480.0
_LEAST_GAP: Final = 3.0
_LETTER: Final = 6.6
_STYLE: Final = (
    "text{font-family:'DejaVu Sans','Noto Sans CJK SC',sans-serif;fill:#1d2733}"
    ".title{font-size:17px;font-weight:bold}.sub{font-size:12px;fill:#5b6878}"
    ".word{font-size:14px}.sound{font-size:10.5px;fill:#39485a}.tick{font-size:10px;fill:#7a8696}"
    ".cue{font-size:11px;font-weight:bold;fill:#8a2f3b}"
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A stretch of the clip and where it is drawn."""

    start_s: float
    end_s: float
    top: float

    def x(self, moment_s: float) -> float:
        return _MARGIN + (moment_s - self.start_s) * _PER_SECOND

    def holds(self, start_s: float, end_s: float) -> bool:
        return start_s < self.end_s and end_s > self.start_s


def draw_preview(timing: ClipTiming, clip: AudioClip, title: str) -> str:
    """Draw a clip as SVG.

    Args:
        timing: Of the clip.
        clip: Its sound.
        title: Line, language and speaker.
    """
    n_rows = max(1, int(np.ceil(timing.duration_s / _ROW_S)))
    row_s = timing.duration_s / n_rows
    width = max(2 * _MARGIN + row_s * _PER_SECOND, _LEAST_WIDTH)
    height = _TITLE + n_rows * _ROW + _MARGIN / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fbfbf9"/>',
        f'<text class="title" x="{_MARGIN}" y="28">{escape(title)}</text>',
        f'<text class="sub" x="{_MARGIN}" y="46">{escape(_said_of(timing))}</text>',
    ]
    for number in range(n_rows):
        start_s = number * row_s
        end_s = min(start_s + row_s, timing.duration_s)
        row = _Row(start_s, end_s, _TITLE + number * _ROW)
        parts += _drawn_row(row, timing, clip)
    return "\n".join([*parts, "</svg>", ""])


def _said_of(timing: ClipTiming) -> str:
    how = f"times {timing.method}"
    if timing.why:
        how += f": {timing.why}"
    return f"{timing.duration_s:.2f} s, {len(timing.words)} words, {how}"


def _drawn_row(row: _Row, timing: ClipTiming, clip: AudioClip) -> Iterator[str]:
    yield from _words(row, timing)
    yield from _phonemes(row, timing)
    yield _wave(row, clip)
    yield from _mouths(row, timing)
    yield from _ticks(row)


def _words(row: _Row, timing: ClipTiming) -> Iterator[str]:
    for number, word in enumerate(timing.words):
        if not row.holds(word.start_s, word.end_s):
            continue
        x, right = row.x(max(word.start_s, row.start_s)), row.x(min(word.end_s, row.end_s))
        shade = ("#dfe8f3", "#cfdcec")[number % 2]
        yield (
            f'<rect x="{x:.1f}" y="{row.top + 3:.1f}" width="{max(right - x - 1, 1):.1f}" '
            f'height="{_WORDS - 5}" rx="3" fill="{shade}"/>'
        )
        if word.start_s >= row.start_s:
            yield (
                f'<text class="word" x="{x + 3:.1f}" y="{row.top + 18:.1f}"'
                f"{_squeezed(word.text, right - x - 5, 8.2)}>{escape(word.text)}</text>"
            )


def _squeezed(text: str, room: float, letter: float) -> str:
    """Write narrower what would run into its neighbour."""
    wide = sum(2 if ord(character) > 0x2E80 else 1 for character in text) * letter
    if wide <= room or room < 4:
        return ""
    return f' textLength="{room:.1f}" lengthAdjust="spacingAndGlyphs"'


def _phonemes(row: _Row, timing: ClipTiming) -> Iterator[str]:
    y = row.top + _WORDS
    for phoneme in timing.phonemes:
        if not row.holds(phoneme.start_s, phoneme.end_s):
            continue
        x, right = row.x(max(phoneme.start_s, row.start_s)), row.x(min(phoneme.end_s, row.end_s))
        yield (
            f'<path d="M{x:.1f} {y + 2:.1f}v{_PHONEMES + _WAVE:.1f}" stroke="#c9d1da" '
            'stroke-width="0.6"/>'
        )
        shown = phoneme.phoneme.rstrip("0123456789")
        yield (
            f'<text class="sound" x="{(x + right) / 2:.1f}" y="{y + 15:.1f}" text-anchor="middle"'
            f"{_squeezed(shown, right - x - 2, _LETTER)}>{escape(shown)}</text>"
        )


def _wave(row: _Row, clip: AudioClip) -> str:
    """The loudest sample of each pixel, either way."""
    middle = row.top + _WORDS + _PHONEMES + _WAVE / 2
    n_columns = max(1, int((row.end_s - row.start_s) * _PER_SECOND))
    edges = np.linspace(row.start_s, row.end_s, n_columns + 1) * clip.sample_rate
    places = np.clip(edges.astype(int), 0, max(0, clip.n_samples - 1))
    loudest = max(float(np.abs(clip.samples).max()), 1e-6)
    half = _WAVE / 2 - 4
    heard = clip.samples[: places[-1] + 1]
    tops = np.maximum.reduceat(heard, places[:-1]) / loudest * half
    bottoms = np.minimum.reduceat(heard, places[:-1]) / loudest * half
    xs = _MARGIN + np.arange(n_columns)
    path = "".join(
        f"M{x:.0f} {middle - top:.1f}V{middle - bottom + 0.3:.1f}"
        for x, top, bottom in zip(xs, tops, bottoms, strict=True)
    )
    return f'<path d="{path}" stroke="#7d9cc0" stroke-width="1" fill="none"/>'


def _mouths(row: _Row, timing: ClipTiming) -> Iterator[str]:
    """How far the jaw is open, over the wave; a drawn mouth under it wherever there is room."""
    curves = mouth_curves(timing, "arkit", rate=_RATE)
    jaw = curves.weights[:, curves.channels.index("JawOpen")]
    low = row.top + _WORDS + _PHONEMES + _WAVE
    first, last = int(row.start_s * _RATE), int(row.end_s * _RATE) + 1
    points = " ".join(
        f"{row.x(frame / _RATE):.1f},{low - jaw[frame] * _WAVE:.1f}"
        for frame in range(first, min(last, len(jaw)))
    )
    yield f'<polyline points="{points}" fill="none" stroke="#c2454f" stroke-width="1.8"/>'
    free_from = _MARGIN
    for cue in mouth_cues(timing):
        if not row.holds(cue.start_s, cue.end_s):
            continue
        x = row.x(max(cue.start_s, row.start_s))
        right = row.x(min(cue.end_s, row.end_s))
        yield (
            f'<path d="M{x:.1f} {low:.1f}v10" stroke="#8a2f3b" stroke-width="0.8"/>'
            f'<text class="cue" x="{(x + right) / 2:.1f}" y="{low + 11:.1f}" '
            f'text-anchor="middle">{cue.shape}</text>'
        )
        left = (x + right - _MOUTH_WIDTH) / 2
        if left >= free_from:
            yield mouth_drawing(cue.shape, (x + right) / 2, low + 37, _MOUTH_WIDTH)
            free_from = left + _MOUTH_WIDTH + _LEAST_GAP


def _ticks(row: _Row) -> Iterator[str]:
    y = row.top + _ROW - _TICKS
    yield (
        f'<path d="M{_MARGIN} {y:.1f}H{row.x(row.end_s):.1f}" stroke="#aab4bf" stroke-width="0.8"/>'
    )
    for tenth in range(int(np.ceil(row.start_s * 10)), int(row.end_s * 10) + 1):
        x = row.x(tenth / 10)
        is_long = tenth % 5 == 0
        yield (
            f'<path d="M{x:.1f} {y:.1f}v{6 if is_long else 3}" stroke="#aab4bf" '
            'stroke-width="0.8"/>'
        )
        if is_long:
            yield (
                f'<text class="tick" x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle">'
                f"{tenth / 10:g} s</text>"
            )
