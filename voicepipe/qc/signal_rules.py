"""One measurement a function: what a clip's samples alone can tell. NumPy only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.qc.levels import HOP_S, LEVEL_HOP_S, LOWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.levels import Levels

Stretch = tuple[float, float]
"""Seconds from and to."""

_FLAT: Final = 0.998
"""Of the highest sample: as high is flattened, three in a row are no chance."""
_FLAT_RUN: Final = 3
_LOUD_ENOUGH: Final = 0.1
_CLICK_RATIO: Final = 18.0
_CLICK_LEVEL: Final = 0.02
_CLICK_REACH_S: Final = 0.015
_ALONE: Final = 3.0
"""A click is so much higher than anything near it."""
_PAUSE_DB: Final = -40.0
"""Under speech: quieter is a pause."""
_FLOOR: Final = 10
"""Percentile of a band's power over time: what it seldom falls under."""
_SHORT_S: Final = (0.7, 2.0)
_SHORT_DB: Final = 5.0
"""A single word leaves no band at rest for long: so much of what its floor seems is speech."""
_SHORTEST_PAUSE_S: Final = 0.15
_MAINS_HZ: Final = (50.0, 60.0)
_N_HARMONICS: Final = 6
_PROMINENT_DB: Final = 14.0
_LINE_HZ: Final = 1.5
_BESIDE_HZ: Final = 9.0
_SHORTEST_FOR_HUM_S: Final = 0.7
_SHORTEST_COPY_S: Final = 0.3
_LONGEST_COPY_S: Final = 4.0
_COPY_RANGE: Final = 9.0
"""Nats under the loudest moment: about 40 dB."""
_COPY_FLOOR_DB: Final = -30.0
"""Of speech: what is quieter is a pause, and pauses are all alike."""
_COPY_SOUNDING: Final = 0.6
"""A stretch says something for so much of its time."""
_STEADY_S: Final = 0.05
_ONSET_S: Final = 0.03
_ALIKE: Final = 0.985
"""Cosine of two spectra of 50 ms side by side: more alike is a tone or noise, not speech."""
_LEVEL_STEP_DB: Final = 3.0


def clipped_share(samples: NDArray[np.float32]) -> float:
    """Measure the share of samples that lie in flattened peaks, at whatever level."""
    heights = np.abs(samples)
    highest = float(heights.max(initial=0.0))
    if highest < _LOUD_ENOUGH:
        return 0.0
    runs = [run for run in _runs(heights >= _FLAT * highest) if run[1] - run[0] >= _FLAT_RUN]
    # One broad peak is the wave's own; flattening makes many of one height.
    return sum(end - start for start, end in runs) / len(samples) if len(runs) > 1 else 0.0


def clicks(clip: AudioClip) -> list[float]:
    """Find single samples that leap out of what surrounds them; seconds."""
    bend = np.abs(np.diff(clip.samples.astype(np.float64), n=2))
    reach = max(8, round(0.002 * clip.sample_rate))
    if len(bend) < 4 * reach:
        return []
    running = np.concatenate(([0.0], np.cumsum(bend)))
    places = np.flatnonzero(bend > _CLICK_LEVEL)
    starts, ends = np.maximum(0, places - reach), np.minimum(len(bend), places + reach)
    near = running[np.minimum(ends, places + 3)] - running[np.maximum(starts, places - 2)]
    around = (running[ends] - running[starts] - near) / (ends - starts)
    leaps = places[bend[places] > _CLICK_RATIO * np.maximum(around, 1e-5)]
    found: list[float] = []
    for place in leaps.tolist():
        moment = place / clip.sample_rate
        is_new = not found or moment - found[-1] > HOP_S
        if is_new and bend[place] > _ALONE * _next_highest(bend, place, clip.sample_rate):
            found.append(moment)
    return found


def _next_highest(bend: NDArray[np.float64], place: int, rate: int) -> float:
    """The highest bend near a place and not at it: pulses of a low voice come in rows."""
    reach, own = round(_CLICK_REACH_S * rate), max(2, round(0.0005 * rate))
    before = bend[max(0, place - reach) : max(0, place - own)]
    after = bend[place + own : place + reach]
    return max(1e-5, float(before.max(initial=0.0)), float(after.max(initial=0.0)))


def longest_gap(levels: Levels) -> Stretch:
    """Find the longest pause between two sounds; both ends equal: there is none."""
    quiet = levels.frames_db < levels.speech_db + _PAUSE_DB
    sounding = np.flatnonzero(~quiet)
    if not len(sounding):
        return 0.0, 0.0
    first, last = int(sounding[0]), int(sounding[-1])
    gaps = [(first + a, first + b) for a, b in _runs(quiet[first : last + 1])]
    start, end = max(gaps, key=lambda gap: gap[1] - gap[0], default=(0, 0))
    return start * LEVEL_HOP_S, end * LEVEL_HOP_S


def speaking_s(levels: Levels) -> float:
    """Measure how long is spoken, pauses left out; seconds."""
    quiet = levels.frames_db < levels.speech_db + _PAUSE_DB
    sounding = np.flatnonzero(~quiet)
    if not len(sounding):
        return 0.0
    first, last = int(sounding[0]), int(sounding[-1])
    pauses = [end - start for start, end in _runs(quiet[first : last + 1])]
    long = sum(pause for pause in pauses if pause * LEVEL_HOP_S >= _SHORTEST_PAUSE_S)
    return (last + 1 - first - long) * LEVEL_HOP_S


def end_level_db(levels: Levels) -> float:
    """Measure how loud the clip is where it ends, against its speech.

    Looks at the last 10 ms and at the 20 ms before them, which a short fade leaves standing. What
    ends by itself has died away by then.
    """
    last, before = levels.frames_db[-2:], levels.frames_db[-6:-2]
    ends = [float(part.max()) for part in (last, before) if len(part)]
    return max(ends) - levels.speech_db


def steady_start(levels: Levels) -> Stretch:
    """Find a steady sound from the beginning on, such as the buzz of a model that starts badly.

    Speech never keeps one spectrum and one loudness for long.
    """
    n_smooth = round(_STEADY_S / HOP_S)
    if len(levels.bands) < 3 * n_smooth:
        return 0.0, 0.0
    running = np.concatenate((np.zeros((1, levels.bands.shape[1])), np.cumsum(levels.bands, 0)))
    shapes = np.sqrt(np.maximum(running[n_smooth:] - running[:-n_smooth], LOWEST))
    norms = np.linalg.norm(shapes, axis=1)
    now, later = shapes[:-n_smooth], shapes[n_smooth:]
    alike = np.sum(now * later, axis=1) / (norms[:-n_smooth] * norms[n_smooth:])
    steps_db = np.abs(20 * np.log10(norms[n_smooth:] / norms[:-n_smooth]))
    steady = (alike > _ALIKE) & (steps_db < _LEVEL_STEP_DB)
    first = round(_ONSET_S / HOP_S)
    broken = np.flatnonzero(~steady[first:])
    n_steady = int(broken[0]) if len(broken) else len(steady) - first
    is_there = n_steady > 0 and bool(steady[first])
    return 0.0, (first + n_steady + n_smooth) * HOP_S if is_there else 0.0


def likely_copies(levels: Levels) -> list[tuple[float, Stretch]]:
    """Find the stretches that are like the one right before them: said twice, in the same breath.

    Returns:
        How unlike both are, in nats a band, and when the second one sounds, from the first sound
        of the clip; of every length the likeliest, the best first. People who say a word twice
        stay over 0.6; the same sound again stays under.
    """
    logs = np.log(levels.bands)
    logs = np.maximum(logs, logs.max() - _COPY_RANGE)
    loud = 10 * np.log10(levels.bands.sum(axis=1)) > levels.speech_db + _COPY_FLOOR_DB
    sounding = np.cumsum(np.concatenate(([0], loud)))
    shortest, longest = round(_SHORTEST_COPY_S / HOP_S), round(_LONGEST_COPY_S / HOP_S)
    found = []
    for lag in range(shortest, min(longest, len(logs) // 2 + 1)):
        width = max(shortest, lag - 4)
        unlike = np.cumsum(np.concatenate(([0], np.abs(logs[lag:] - logs[:-lag]).mean(axis=1))))
        means = (unlike[width:] - unlike[:-width]) / width
        n = len(means)
        if not n:
            break
        heard = np.minimum(
            sounding[width : width + n] - sounding[:n],
            sounding[lag + width : lag + width + n] - sounding[lag : lag + n],
        )
        means = np.where(heard > _COPY_SOUNDING * width, means, np.inf)
        start = int(means.argmin())
        if np.isfinite(means[start]):
            place = ((start + lag) * HOP_S, (start + 2 * lag) * HOP_S)
            found.append((float(means[start]), place))
    return sorted(found)


def room_db(levels: Levels) -> float:
    """Measure the noise between words against speech, by what no band ever falls under.

    Noise lies under all of the spectrum; a voice that never rests holds up a few bands only. So
    the bands' floors are averaged in dB.
    """
    floors_db = 10 * np.log10(np.percentile(levels.bands, _FLOOR, axis=0))
    n_bands = levels.bands.shape[1]
    spoken_db = float(np.interp(len(levels.bands) * HOP_S, _SHORT_S, (_SHORT_DB, 0.0)))
    floor_db = float(np.mean(floors_db)) + 10 * float(np.log10(n_bands))
    return floor_db - levels.speech_db - spoken_db


def hum_db(clip: AudioClip, levels: Levels) -> float:
    """Measure the hum of the mains (50 or 60 Hz and harmonics) against speech.

    Hum is a line in the spectrum of the whole clip; no voice holds a pitch so still.

    Returns:
        dB under speech; -120 when no line stands out.
    """
    if clip.duration_s < _SHORTEST_FOR_HUM_S:
        return -120.0
    step = max(1, clip.sample_rate // 2000)
    n = len(clip.samples) // step
    slow = clip.samples[: n * step].reshape(n, step).mean(axis=1)
    window = np.hanning(n)
    powers = np.abs(np.fft.rfft(slow * window)) ** 2 * 2 / (n * float(np.sum(window**2)))
    hertz = np.fft.rfftfreq(n, step / clip.sample_rate).astype(np.float64)
    powers_by_mains = [_line_powers(powers, hertz, mains) for mains in _MAINS_HZ]
    lines = max((sum(lines) for lines in powers_by_mains if _is_hum(lines)), default=0.0)
    return max(-120.0, 10 * float(np.log10(max(lines, LOWEST))) - levels.speech_db)


def _line_powers(
    powers: NDArray[np.float64], hertz: NDArray[np.float64], mains: float
) -> list[float]:
    found = []
    for number in range(1, _N_HARMONICS + 1):
        away = np.abs(hertz - number * mains)
        line = powers[away <= _LINE_HZ]
        beside = powers[(away > _LINE_HZ + 1.0) & (away <= _BESIDE_HZ)]
        stands_out = (
            len(line)
            and len(beside)
            and float(line.max()) > float(np.percentile(beside, 75)) * 10 ** (_PROMINENT_DB / 10)
        )
        found.append(float(line.sum()) if stands_out else 0.0)
    return found


def _is_hum(lines: Sequence[float]) -> bool:
    """Whether the fundamental stands out, or more harmonics than chance gives."""
    return lines[0] > 0 or sum(line > 0 for line in lines) >= 3


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
