"""Levels of a clip over time and over frequency, once for all that is asked of its sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.silence import SILENT_DBFS, find_speech, frame_levels_db

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.audio.silence import Extent

FRAME_S: Final = 0.020
HOP_S: Final = 0.010
LEVEL_HOP_S: Final = 0.005
"""Between two of `frame_levels_db`."""
BANDS_HZ: Final = np.geomspace(100.0, 8000.0, 25)
"""Borders of 24 bands, about a quarter of an octave each: narrow enough that in speech each falls
silent now and then, wide enough that the level of steady noise in one hardly wavers."""
LOWEST: Final = 1e-20
_SPOKEN_DB: Final = -35.0
_SPOKEN_REACH_S: Final = 0.03


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """What is measured of a clip that sounds."""

    extent: Extent
    """Where it sounds."""
    frames_db: NDArray[np.float64]
    """RMS in 10 ms frames every 5 ms, over the whole clip; dBFS."""
    speech_db: float
    """RMS of the louder half of its frames: how loud its speech is; dBFS."""
    silent_share: float
    """Of the clip: frames that are as quiet as an empty track."""
    bands: NDArray[np.float64]
    """Power by frame of 20 ms every 10 ms and band, where it sounds: shape (frames, 24)."""


def levels_of(clip: AudioClip) -> Levels | None:
    """Measure a clip; None when it is silent."""
    extent = find_speech(clip)
    if extent is None:
        return None
    frames_db = frame_levels_db(clip)
    hop = LEVEL_HOP_S * clip.sample_rate
    sounding = frames_db[int(extent.start / hop) : int(extent.end / hop) + 1]
    louder = np.sort(sounding)[len(sounding) // 2 :]
    speech_db = 10 * float(np.log10(np.mean(10 ** (louder / 10))))
    samples = clip.samples[extent.start : extent.end]
    return Levels(
        extent=extent,
        frames_db=frames_db,
        speech_db=speech_db,
        silent_share=float(np.mean(frames_db < SILENT_DBFS)),
        bands=_band_powers(samples, clip.sample_rate),
    )


def _band_powers(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    frame, hop = round(FRAME_S * rate), round(HOP_S * rate)
    if len(samples) < frame:
        samples = np.pad(samples, (0, frame - len(samples)))
    window = np.hanning(frame).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, frame)[::hop] * window
    spectrum = np.fft.rfft(frames, axis=1)
    powers = spectrum.real**2 + spectrum.imag**2
    # So scaled that the sum over all frequencies is the mean square of the frame.
    powers *= 2 / (frame * float(np.sum(window**2)))
    borders = np.searchsorted(np.fft.rfftfreq(frame, 1 / rate), BANDS_HZ)
    borders = np.minimum(borders, powers.shape[1] - 1)
    sums: NDArray[np.float64] = np.add.reduceat(powers, borders[:-1], axis=1)
    sums[:, -1] = powers[:, borders[-2] : borders[-1]].sum(axis=1)
    return np.maximum(sums, LOWEST)


def spoken_parts(clip: AudioClip) -> NDArray[np.float32]:
    """Cut out what is quieter than speech, so that the rest is speech alone; shape (S,)."""
    frames_db = frame_levels_db(clip)
    if not len(frames_db) or float(frames_db.max()) < SILENT_DBFS:
        return clip.samples[:0]
    loud = frames_db > float(frames_db.max()) + _SPOKEN_DB
    reach = round(_SPOKEN_REACH_S / LEVEL_HOP_S)
    near = np.convolve(loud, np.ones(2 * reach + 1), mode="same") > 0
    hop = max(1, round(LEVEL_HOP_S * clip.sample_rate))
    kept = np.repeat(near, hop)[: clip.n_samples]
    return clip.samples[: len(kept)][kept]
