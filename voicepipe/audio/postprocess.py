"""From a take or a recording to the finished clip that ships.

Order: offset removed → silence trimmed → resampled → fades → pads → one gain → dither → bytes.
Everything before the gain is linear, so loudness and true peak are measured on the finished shape:
a meter held to the file reads the target. There is no limiter and no compressor: when peaks stand
in the way the whole clip is turned down, and the result says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.loudness import LoudnessMethod, measure_loudness, true_peak_dbtp
from voicepipe.audio.resample import resample
from voicepipe.audio.silence import find_speech, trim
from voicepipe.errors import SynthesisError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicepipe.audio.loudness import Loudness
    from voicepipe.audio.metadata import ClipMetadata
    from voicepipe.audio.post_settings import PostSettings

_OFFSET = 0.001
"""-60 dBFS: a smaller mean is the asymmetry of a voice, not an offset."""
_GAIN_STEP_DB = 0.001
"""Gains are rounded, so that the last bits of a measurement don't decide over the bytes."""
_MISS_LU = 0.5
"""Nobody hears a smaller miss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedClip:
    """The bytes that ship, and what was measured on them."""

    wav_bytes: bytes
    sample_rate: int
    bit_depth: int
    duration_s: float
    loudness_lufs: float | None
    """Integrated; None when the finished file is shorter than a gating block (0.4 s)."""
    peak_dbtp: float
    speech_s: float
    """From the first sound to the last."""
    levelled_by: LoudnessMethod
    """What the gain was computed from: clips too short to gate are levelled by their mean power."""
    gain_db: float
    watermark: str = ""
    """Name of the watermark that was read back from it; `too short` where it cannot hold one;
    empty: none was asked for."""
    note: str = ""
    """Why the loudness target is not met, with the figures; empty when it is."""


def finish_clip(
    clip: AudioClip, settings: PostSettings, metadata: ClipMetadata, *, dither_seed: int
) -> FinishedClip:
    """Turn a clip into the WAV that ships; same arguments, same bytes.

    Args:
        clip: Mono, any sample rate.
        settings: Fitted to the line by `settings_for`.
        metadata: Written into the file.
        dither_seed: At least 0; from the clip key.

    Raises:
        SynthesisError: The clip is empty, silent, or not made of numbers.
    """
    shaped = _shape(_checked(clip), settings)
    loudness = measure_loudness(shaped)
    if loudness is None:
        raise _silent("its loudness is under -70 LUFS")
    peak = true_peak_dbtp(shaped)
    gain, note = choose_gain(loudness, peak, settings)
    samples = (shaped.samples * np.float32(10 ** (gain / 20))).astype(np.float32)
    finished = AudioClip(samples=samples, sample_rate=shaped.sample_rate)
    integrated = loudness.method is LoudnessMethod.INTEGRATED
    return FinishedClip(
        wav_bytes=encode_wav(
            finished, bit_depth=settings.bit_depth, metadata=metadata, dither_seed=dither_seed
        ),
        sample_rate=finished.sample_rate,
        bit_depth=settings.bit_depth,
        duration_s=finished.duration_s,
        loudness_lufs=round(loudness.lufs + gain, 2) if integrated else None,
        peak_dbtp=round(peak + gain, 2),
        speech_s=_speech_s(finished),
        levelled_by=loudness.method,
        gain_db=gain,
        note=note,
    )


def choose_gain(loudness: Loudness, peak_dbtp: float, settings: PostSettings) -> tuple[float, str]:
    """Choose the one gain a clip gets.

    Args:
        loudness: Of the clip as it stands.
        peak_dbtp: Of the clip as it stands.
        settings: Target, largest boost, ceiling.

    Returns:
        The gain in dB, rounded down to 0.001 dB, and why the target is missed by more than
        0.5 LU, if it is.
    """
    target = settings.loudness_lufs
    wanted = target - loudness.lufs
    headroom = settings.ceiling_dbtp - peak_dbtp
    gain = min(wanted, settings.max_boost_db, headroom)
    gain = math.floor(gain / _GAIN_STEP_DB) * _GAIN_STEP_DB
    missed = wanted - gain
    if missed <= _MISS_LU:
        return gain, ""
    reason = (
        f"peaks reach the {settings.ceiling_dbtp:g} dBTP ceiling"
        if headroom <= settings.max_boost_db
        else f"it would need more than the {settings.max_boost_db:g} dB boost allowed"
    )
    return gain, f"{missed:.1f} LU under the {target:g} LUFS target: {reason}"


def _checked(clip: AudioClip) -> AudioClip:
    if not clip.n_samples:
        raise _silent("it holds no samples")
    if not bool(np.all(np.isfinite(clip.samples))):
        raise SynthesisError(
            "the clip holds samples that are not numbers (NaN or infinite)",
            remedy="render the line again; if it stays so, the model files are damaged",
        )
    mean = float(np.mean(clip.samples, dtype=np.float64))
    if abs(mean) > _OFFSET:
        clip = AudioClip(samples=clip.samples - np.float32(mean), sample_rate=clip.sample_rate)
    if find_speech(clip) is None:
        raise _silent("nothing in it reaches -60 dBFS")
    return clip


def _speech_s(clip: AudioClip) -> float:
    """Measure what sounds; a clip in which nothing reaches speech lasts as long as it is."""
    extent = find_speech(clip)
    n_samples = clip.n_samples if extent is None else extent.end - extent.start
    return round(n_samples / clip.sample_rate, 3)


def _shape(clip: AudioClip, settings: PostSettings) -> AudioClip:
    if settings.trim:
        clip = trim(clip, keep_ms=settings.keep_ms)
    clip = resample(clip, settings.sample_rate)
    rate = clip.sample_rate
    head, tail = (round(ms * rate / 1000) for ms in (settings.head_ms, settings.tail_ms))
    samples = np.zeros(head + clip.n_samples + tail, dtype=np.float32)
    body = samples[head : head + clip.n_samples]
    body[:] = clip.samples
    _fade(body, round(settings.fade_in_ms * rate / 1000))
    _fade(body[::-1], round(settings.fade_out_ms * rate / 1000))
    return AudioClip(samples=samples, sample_rate=rate)


def _fade(samples: NDArray[np.float32], length: int) -> None:
    # A raised cosine, in place; never longer than half the clip.
    length = min(length, len(samples) // 2)
    if length:
        phase = (np.arange(length) + 0.5) / length
        samples[:length] *= (0.5 - 0.5 * np.cos(np.pi * phase)).astype(np.float32)


def _silent(why: str) -> SynthesisError:
    return SynthesisError(
        f"the clip is silent: {why}",
        remedy="listen to the take or the recording; silence is never shipped in place of speech",
    )
