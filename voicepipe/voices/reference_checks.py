"""Is a reference clip good enough to clone a voice from?

Figures first, verdict second. Decodes sound, so only `voices check` and engines that are about to
use a clip come here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.audio.silence import find_speech, frame_levels_db
from voicepipe.audio.wav import AudioFileError, decode_clip, read_bytes
from voicepipe.documents.findings import Findings
from voicepipe.screenplay.speech_length import estimate_seconds
from voicepipe.voices.clip_codes import (
    CLIP_CHANNELS,
    CLIP_CLIPPED,
    CLIP_LENGTH,
    CLIP_NOISY,
    CLIP_OFFSET,
    CLIP_PACE,
    CLIP_RATE,
    CLIP_SILENCE,
    CLIP_SILENT,
    CLIP_UNREADABLE,
)
from voicepipe.voices.voice import ReferenceClip

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.audio.clip import AudioClip
    from voicepipe.audio.wav import SoundFacts
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.voices.voice import AuxiliaryClip, SoundClip

MIN_DURATION_S, MAX_DURATION_S = 3.0, 10.0
"""What the model takes; it was trained on no other lengths."""
MIN_RATE = 24_000
MIN_SNR_DB = 22.0
"""Booths give 40 and more, quick speech in a quiet room 25, speech 15 dB over noise 20."""
MAX_SILENCE_S = 0.5
MAX_OFFSET = 0.01
"""-40 dBFS."""
QUICKEST, SLOWEST = 2.0, 0.1
"""Times the pace of unhurried acting: what no speaker reaches, and what is no longer speech."""
_CLIPPED_RUN = 3
"""Samples in a row at one extreme level: two may happen by chance, three don't."""
_NEAR_FULL_SCALE = 0.98
_LOUD_PERCENTILE, _QUIET_PERCENTILE = 90, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFigures:
    """What was measured on one reference clip."""

    path: str
    encoding: str
    channels: int
    sample_rate: int
    duration_s: float
    leading_silence_s: float
    trailing_silence_s: float
    snr_db: float
    """Loud frames over quiet frames; `inf` when the quiet ones are digital silence."""
    clipped_runs: int
    """Stretches of three or more samples at the same extreme level."""
    offset: float
    """The mean; full scale is 1."""
    is_silent: bool


def check_reference(
    root: Path, clip: ReferenceClip | AuxiliaryClip
) -> tuple[ClipFigures | None, tuple[Diagnostic, ...]]:
    """Measure one reference clip and judge it.

    Args:
        root: The project root.
        clip: From the catalog; an auxiliary clip is held to the same limits.

    Returns:
        The figures, None when the file cannot be decoded; and what is wrong with it.
    """
    findings = Findings()
    measured = measure_file(root, clip, findings)
    if measured is None:
        return None, findings.diagnostics()
    figures, _ = measured
    _judge(figures, clip, findings)
    return figures, findings.diagnostics()


def measure_file(
    root: Path, clip: ReferenceClip | AuxiliaryClip | SoundClip, findings: Findings
) -> tuple[ClipFigures, AudioClip] | None:
    """Decode and measure a clip of a voice; None, and a finding, where that is impossible."""
    try:
        decoded, facts = decode_clip(read_bytes(root / clip.path), clip.path)
    except AudioFileError as error:
        findings.add(CLIP_UNREADABLE, clip.span, error.message, error.remedy)
        return None
    return measure_reference(clip.path, decoded, facts), decoded


def check_pace(root: Path, clip: ReferenceClip) -> tuple[Diagnostic, ...]:
    """Hold a transcript against its clip, and leave everything else about the clip alone.

    Args:
        root: The project root.
        clip: From the catalog. One that cannot be decoded is for others to report.
    """
    findings = Findings()
    figures, _ = check_reference(root, clip)
    if figures and not figures.is_silent:
        _judge_pace(figures, clip, findings)
    return findings.diagnostics()


def measure_reference(path: str, clip: AudioClip, facts: SoundFacts) -> ClipFigures:
    """Measure a decoded clip."""
    extent = find_speech(clip)
    start, end = (0, clip.n_samples) if extent is None else (extent.start, extent.end)
    return ClipFigures(
        path=path,
        encoding=f"{facts.container} {facts.encoding}",
        channels=facts.channels,
        sample_rate=clip.sample_rate,
        duration_s=clip.duration_s,
        leading_silence_s=start / clip.sample_rate,
        trailing_silence_s=(clip.n_samples - end) / clip.sample_rate,
        snr_db=_signal_to_noise_db(clip),
        clipped_runs=_clipped_runs(clip),
        offset=float(np.mean(clip.samples, dtype=np.float64)),
        is_silent=extent is None,
    )


def _signal_to_noise_db(clip: AudioClip) -> float:
    """Compare loud frames with quiet ones.

    Speech pauses for breath at least a twentieth of the time, so the quietest frames that are not
    digital silence (an editor's, not the room's) show the room.
    """
    offset = clip.samples.mean(dtype=np.float64)
    if abs(offset) > MAX_OFFSET:  # it is told of by itself, and is no noise
        clip = replace(clip, samples=(clip.samples - offset).astype(np.float32))
    levels = frame_levels_db(clip)
    room = levels[levels > -120]
    if not len(room):
        return 0.0
    loud = float(np.percentile(room, _LOUD_PERCENTILE))
    quiet = float(np.percentile(levels, _QUIET_PERCENTILE))
    if quiet <= -120:
        n_digital = len(levels) - len(room)
        quiet = float(room.min()) if n_digital < len(levels) * 0.5 else -math.inf
    return loud - quiet


def _clipped_runs(clip: AudioClip) -> int:
    magnitude = np.abs(clip.samples)
    peak = float(magnitude.max(initial=0.0))
    if peak < _NEAR_FULL_SCALE:
        return 0
    at_top = (magnitude >= peak - 1e-4).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], at_top, [0]))))
    return int(np.count_nonzero(edges[1::2] - edges[::2] >= _CLIPPED_RUN))


def _judge(figures: ClipFigures, clip: ReferenceClip | AuxiliaryClip, findings: Findings) -> None:
    duration = figures.duration_s
    if not MIN_DURATION_S <= duration <= MAX_DURATION_S:
        limits = f"{MIN_DURATION_S:g} to {MAX_DURATION_S:g} s"
        message = f'"{clip.path}" lasts {duration:.2f} s; a reference clip lasts {limits}'
        remedy = "choose a longer passage" if duration < MIN_DURATION_S else "cut it at a pause"
        findings.add(CLIP_LENGTH, clip.span, message, remedy)
    if figures.is_silent:
        message = f'"{clip.path}" holds no speech: nothing in it reaches -60 dBFS'
        findings.add(CLIP_SILENT, clip.span, message, "listen to it, and name the right file")
        return
    _judge_sound(figures, clip, findings)
    if isinstance(clip, ReferenceClip):
        _judge_pace(figures, clip, findings)


def _judge_pace(figures: ClipFigures, clip: ReferenceClip, findings: Findings) -> None:
    """Compare the transcript's length with the time between the clip's first and last sound."""
    spoken_s = figures.duration_s - figures.leading_silence_s - figures.trailing_silence_s
    needed_s = estimate_seconds(clip.transcript, clip.language)
    if not spoken_s or SLOWEST <= needed_s / spoken_s <= QUICKEST:
        return
    message = (
        f'"{clip.path}" holds {spoken_s:.1f} s of speech; its transcript takes about '
        f"{needed_s:.1f} s to say"
    )
    findings.add(CLIP_PACE, clip.span, message, "write exactly what is said in the clip")


def _judge_sound(
    figures: ClipFigures, clip: ReferenceClip | AuxiliaryClip, findings: Findings
) -> None:
    if figures.snr_db < MIN_SNR_DB:
        message = f'"{clip.path}" has a signal-to-noise ratio of about {figures.snr_db:.0f} dB; '
        remedy = "use a cleaner take, or a denoised copy"
        findings.add(CLIP_NOISY, clip.span, f"{message}{MIN_SNR_DB:g} dB or more is good", remedy)
    silence_s = max(figures.leading_silence_s, figures.trailing_silence_s)
    if silence_s > MAX_SILENCE_S:
        end = "starts" if silence_s == figures.leading_silence_s else "ends"
        message = f'"{clip.path}" {end} with {silence_s:.2f} s of silence'
        findings.add(CLIP_SILENCE, clip.span, message, f"leave at most {MAX_SILENCE_S:g} s")
    judge_recording(figures, clip, findings)


def judge_recording(
    figures: ClipFigures, clip: ReferenceClip | AuxiliaryClip | SoundClip, findings: Findings
) -> None:
    """Report what no recording of a voice should have, words in it or not."""
    if figures.sample_rate < MIN_RATE:
        message = f'"{clip.path}" has {figures.sample_rate} Hz; it should have {MIN_RATE} or more'
        findings.add(CLIP_RATE, clip.span, message, "export it again from the original recording")
    if figures.clipped_runs:
        message = f'"{clip.path}" is overloaded in {figures.clipped_runs} places'
        findings.add(CLIP_CLIPPED, clip.span, message, "use another take")
    if abs(figures.offset) > MAX_OFFSET:
        message = f'"{clip.path}" swings around {figures.offset:+.3f} instead of 0'
        findings.add(CLIP_OFFSET, clip.span, message, "remove the offset in an audio editor")
    if figures.channels > 1:
        message = f'"{clip.path}" has {figures.channels} channels; their average is used'
        findings.add(CLIP_CHANNELS, clip.span, message, "export it as mono")
