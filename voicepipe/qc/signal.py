"""What a clip's samples tell by themselves: NumPy only, always there, for any language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.loudness import measure_loudness
from voicepipe.audio.silence import find_speech
from voicepipe.hashing import short_hash
from voicepipe.qc import signal_rules
from voicepipe.qc.findings import Fault, Findings, Reason
from voicepipe.qc.levels import LEVEL_HOP_S, levels_of
from voicepipe.qc.said_sounds import sound_count
from voicepipe.qc.wave_copies import copied_wave
from voicepipe.qc.words_alone import spoken

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts
    from voicepipe.qc.levels import Levels

_FEW_SOUNDS: Final = (10, 22)
_FEW_SOUNDS_ROOM_S: Final = 0.8
"""A single word may be drawn out this much, less with every further sound, a line not at all."""
_COPIED: Final = ((0.3, 0.5), (0.38, 0.53))
"""Seconds, and of `likely_copies`: under this the same sound was put there twice. Two short noises
may be alike by chance."""
_WAVES: Final = 3
"""So many of the likeliest copies are compared wave by wave."""
_SOUNDS_A_SECOND: Final = 10.0
_SHORTEST_S: Final = 0.05
_ANY_LUFS: Final = (-40.0, -8.0)
"""Where nothing says how loud a clip should be."""


class SignalAnalyser:
    """Finds silence, damage, noise and impossible lengths."""

    name = "signal"
    revision = "5"

    def unavailable(self) -> str:
        """It needs nothing."""
        return ""

    def not_judged(self, line: LineFacts) -> str:  # noqa: ARG002 - of the protocol
        """It judges every line; lengths only where a front end reads the language."""
        return ""

    def reads(self) -> tuple[Path, ...]:
        """It reads nothing of the project."""
        return ()

    def depends_on(self, line: LineFacts) -> str:
        """The number of sounds, the pace, pauses and slot that were asked for, the loudness."""
        n_sounds = sound_count(line.said) if line.said else None
        slot = [] if line.slot is None else [line.slot.facts()]
        return short_hash([n_sounds, line.speed, line.pause_s, line.loudness_lufs, *slot])

    def analyse(self, clip: AudioClip, line: LineFacts) -> Findings:
        """Measure a clip."""
        levels = levels_of(clip) if clip.n_samples else None
        if levels is None:
            whole = Fault(reason=Reason.SILENT.value, value=1.0, end_s=clip.duration_s)
            return Findings(scores={"silent_share": 1.0}, faults=(whole,))
        faults = [
            *_of_the_wave(clip),
            *_of_pauses(levels, line),
            *_of_the_room(clip, levels),
            *_of_length(clip, line),
            *_of_its_slot(clip, line),
            *_of_loudness(clip, line),
        ]
        scores = {fault.reason: fault.value for fault in faults}
        copies = _copies(clip, levels)
        if copies:
            scores["copy_distance"] = copies[0][0]
        repeated = _repeated(clip, copies)
        if repeated is not None:
            n_sounds = max(1.0, (repeated[1] - repeated[0]) * _SOUNDS_A_SECOND)
            faults.append(_at(Reason.REPEATED_WORDS, n_sounds, *repeated))
        faults.sort(key=lambda fault: fault.start_s)
        return Findings(scores=scores, faults=tuple(faults))


def _copies(clip: AudioClip, levels: Levels) -> list[tuple[float, signal_rules.Stretch]]:
    """Find what may be said twice, in seconds of the clip."""
    offset_s = levels.extent.start / clip.sample_rate
    return [
        (unlike, (start_s + offset_s, end_s + offset_s))
        for unlike, (start_s, end_s) in signal_rules.likely_copies(levels)
    ]


def _repeated(
    clip: AudioClip, copies: Sequence[tuple[float, signal_rules.Stretch]]
) -> signal_rules.Stretch | None:
    """Decide which of them is: by how it sounds, or since it is the same wave."""
    if not copies:
        return None
    unlike, (start_s, end_s) = copies[0]
    if unlike < np.interp(end_s - start_s, *_COPIED):
        return start_s, end_s
    return copied_wave(clip, [place for _, place in copies[:_WAVES]])


def _of_the_wave(clip: AudioClip) -> list[Fault]:
    moments = signal_rules.clicks(clip)
    faults = [
        _whole(clip, Reason.CLIPPED, signal_rules.clipped_share(clip.samples)),
        _whole(clip, Reason.OFFSET, abs(float(np.mean(clip.samples)))),
    ]
    if moments:
        faults.append(
            _at(Reason.CLICKS, float(len(moments)), moments[0], moments[-1] + _SHORTEST_S)
        )
    return faults


def _of_pauses(levels: Levels, line: LineFacts) -> list[Fault]:
    gap = signal_rules.longest_gap(levels)
    buzz = signal_rules.steady_start(levels)
    end_s = len(levels.frames_db) * LEVEL_HOP_S
    ending_s = max(0.0, end_s - 0.1)
    return [
        _at(Reason.SILENT, levels.silent_share, 0.0, end_s),
        _at(Reason.GAP, max(0.0, gap[1] - gap[0] - line.pause_s), *gap),
        _at(Reason.START_BUZZ, buzz[1] - buzz[0], *buzz),
        _at(Reason.CUT_OFF, signal_rules.end_level_db(levels), ending_s, end_s),
    ]


def _of_the_room(clip: AudioClip, levels: Levels) -> list[Fault]:
    return [
        _whole(clip, Reason.NOISE, signal_rules.room_db(levels)),
        _whole(clip, Reason.HUM, signal_rules.hum_db(clip, levels)),
    ]


def _of_length(clip: AudioClip, line: LineFacts) -> list[Fault]:
    n_sounds = sound_count(line.said) if line.said else 0
    levels = levels_of(spoken(clip, line)) if n_sounds else None
    if levels is None:
        return []
    spoken_s = signal_rules.speaking_s(levels)
    room_s = float(np.interp(n_sounds, _FEW_SOUNDS, (_FEW_SOUNDS_ROOM_S, 0.0)))
    slow_s = max(_SHORTEST_S, spoken_s - room_s)
    slowest, fastest = (1.0, 1.0) if line.slot is None else (line.slot.slowest, line.slot.fastest)
    pace = n_sounds / max(_SHORTEST_S, spoken_s) / (line.speed * fastest)
    faults = [_whole(clip, Reason.TOO_SHORT, pace)]
    if not line.is_recording:
        faults.append(_whole(clip, Reason.TOO_LONG, n_sounds / slow_s / (line.speed * slowest)))
    return faults


def _of_its_slot(clip: AudioClip, line: LineFacts) -> list[Fault]:
    if line.slot is None:
        return []
    extent = find_speech(clip)
    if extent is None:
        return []
    start_s, end_s = extent.start / clip.sample_rate, extent.end / clip.sample_rate
    return [_at(Reason.OFF_SLOT, line.slot.misfit(end_s - start_s), start_s, end_s)]


def _of_loudness(clip: AudioClip, line: LineFacts) -> list[Fault]:
    loudness = measure_loudness(clip)
    if loudness is None:
        return []
    lowest = highest = line.loudness_lufs
    if lowest is None or highest is None:
        lowest, highest = _ANY_LUFS
    return [
        _whole(clip, Reason.TOO_QUIET, lowest - loudness.lufs),
        _whole(clip, Reason.TOO_LOUD, loudness.lufs - highest),
    ]


def _whole(clip: AudioClip, reason: Reason, value: float) -> Fault:
    return _at(reason, value, 0.0, clip.duration_s)


def _at(reason: Reason, value: float, start_s: float, end_s: float) -> Fault:
    return Fault(reason=reason.value, value=float(value), start_s=start_s, end_s=end_s)
