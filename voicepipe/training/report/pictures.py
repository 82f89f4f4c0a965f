"""Pictures of a training: loss curves as SVG, spectrograms as PNG, both inside a page.

A line chart and a picture of numbers: too little to bring in a plotting library for.
"""

from __future__ import annotations

import base64
import html
import math
import struct
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.mel import hz_of, mel_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip

_WIDTH, _HEIGHT, _MARGIN = 640.0, 220.0, 44.0
_COLOURS: Final = ("#2f5d8a", "#b3502d", "#4d7c3a", "#7a4b8c", "#8a6d1f", "#3a7f83")
_MOST_POINTS: Final = 600
"""A screen shows no more; the figures are thinned by means."""
_SPECTROGRAM_ROWS: Final = 128
_MOST_COLUMNS: Final = 900
_RANGE_DB: Final = 80.0
_N_FFT: Final = 1024
# Dark to light through blue and orange, as loudness is usually painted; six stops, 256 steps.
_STOPS: Final = (
    (8, 8, 30),
    (50, 25, 110),
    (130, 35, 120),
    (215, 70, 85),
    (250, 150, 60),
    (252, 250, 190),
)


def line_chart(title: str, curves: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """Draw curves over steps, as one SVG element.

    Args:
        title: Above the chart.
        curves: By name: step and value; values that are no numbers leave gaps.

    Returns:
        An `<svg>` that needs nothing else; one with a note when there is nothing to draw.
    """
    kept = {name: _thinned(points) for name, points in curves.items()}
    every = [point for points in kept.values() for point in points]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_WIDTH:.0f} '
        f'{_HEIGHT:.0f}" class="chart"><title>{html.escape(title)}</title>'
    )
    if not every:
        note = '<text x="320" y="110" text-anchor="middle">nothing yet</text>'
        return f"{head}{note}</svg>"
    frame = _Frame([step for step, _ in every], [value for _, value in every])
    parts = [head, frame.axes()]
    for number, (name, points) in enumerate(kept.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{frame.x(step):.1f},{frame.y(value):.1f}" for step, value in points)
        parts.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="1.6" points="{path}"/>'
            f'<text x="{_MARGIN + 8 + 110 * number:.0f}" y="14" fill="{colour}">'
            f"{html.escape(name)}</text>"
        )
    return "".join([*parts, "</svg>"])


def spectrogram_png(clip: AudioClip) -> bytes:
    """Paint a clip: time to the right, pitch upwards on a scale as the ear hears it, as PNG."""
    levels = _mel_levels(clip)
    top = float(levels.max(initial=-200.0))
    scaled = np.clip((levels - top + _RANGE_DB) / _RANGE_DB, 0.0, 1.0)
    return png(np.flipud((255 * scaled).astype(np.uint8)))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Write a picture of palette indices.

    Args:
        pixels: (rows, columns), the top row first.

    Source: W3C Portable Network Graphics, colour type 3.
    """
    rows, columns = pixels.shape
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    lines = np.zeros((rows, columns + 1), dtype=np.uint8)  # a zero before each row: no filter
    lines[:, 1:] = pixels
    chunks = (
        (b"IHDR", header),
        (b"PLTE", _palette()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(payload))
        + kind
        + payload
        + struct.pack(">I", zlib.crc32(kind + payload))
        for kind, payload in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def as_data_url(content: bytes, kind: str) -> str:
    """Put a file into a page, so that the page is whole by itself."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


class _Frame:
    """Where steps and values lie on the chart."""

    def __init__(self, steps: Sequence[int], values: Sequence[float]) -> None:
        self._first, self._last = min(steps), max(steps)
        low, high = min(values), max(values)
        room = 0.05 * (high - low) or 0.5
        self._low, self._high = low - room, high + room

    def x(self, step: int) -> float:
        span = max(1, self._last - self._first)
        return _MARGIN + (step - self._first) / span * (_WIDTH - _MARGIN - 12)

    def y(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return _HEIGHT - 24 - share * (_HEIGHT - 24 - 22)

    def axes(self) -> str:
        lines = []
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            value = self._low + share * (self._high - self._low)
            y = self.y(value)
            lines.append(
                f'<line x1="{_MARGIN}" x2="{_WIDTH - 12}" y1="{y:.1f}" y2="{y:.1f}" '
                f'stroke="#ddd"/><text x="{_MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">'
                f"{value:.3g}</text>"
            )
        marks = dict.fromkeys((self._first, (self._first + self._last) // 2, self._last))
        lines += [
            f'<text x="{self.x(step):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{step}</text>'
            for step in marks
        ]
        return "".join(lines)


def _thinned(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Keep what a screen can show: means of neighbours."""
    finite = [(step, value) for step, value in points if math.isfinite(value)]
    group = -(-len(finite) // _MOST_POINTS) or 1
    return [
        (
            finite[at][0],
            sum(value for _, value in finite[at : at + group]) / len(finite[at : at + group]),
        )
        for at in range(0, len(finite), group)
    ]


def _mel_levels(clip: AudioClip) -> NDArray[np.float64]:
    """Measure (rows, columns) levels in dB, low frequencies first."""
    samples = np.asarray(clip.samples, dtype=np.float64)
    if len(samples) < _N_FFT:
        samples = np.pad(samples, (0, _N_FFT - len(samples)))
    hop = max(256, (len(samples) - _N_FFT) // _MOST_COLUMNS + 1)
    starts = np.arange(0, len(samples) - _N_FFT + 1, hop)
    frames = samples[starts[:, None] + np.arange(_N_FFT)] * np.hanning(_N_FFT)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1)))  # (columns, bins)
    edges = hz_of(np.linspace(0, mel_of(clip.sample_rate / 2), _SPECTROGRAM_ROWS + 1))
    bins = np.clip((edges / clip.sample_rate * _N_FFT).astype(int), 0, power.shape[1] - 1)
    rows = [power[:, low : max(low + 1, high)].mean(axis=1) for low, high in pairwise(bins)]
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(np.stack(rows), 1e-12))
    return levels


def _palette() -> bytes:
    stops = np.asarray(_STOPS, dtype=np.float64)
    places = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(places, np.arange(len(stops)), stops[:, c]) for c in range(3)]
    return np.stack(channels, axis=1).astype(np.uint8).tobytes()
