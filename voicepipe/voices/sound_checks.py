"""Can a clip stand in a line as a laugh or a sigh? Decodes sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.audio.loudness import measure_loudness
from voicepipe.documents.findings import Findings
from voicepipe.voices.reference_checks import judge_recording, measure_file
from voicepipe.voices.sound_codes import BAD_SOUND

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.voices.reference_checks import ClipFigures
    from voicepipe.voices.voice import SoundClip

SHORTEST_S, LONGEST_S = 0.1, 10.0
FAINTEST_LUFS = -50.0


def check_sound(root: Path, sound: SoundClip) -> tuple[ClipFigures | None, tuple[Diagnostic, ...]]:
    """Measure one sound of a voice and judge it.

    Args:
        root: The project root.
        sound: From the catalog.

    Returns:
        The figures, None when the file cannot be decoded; and what is wrong with it.
    """
    findings = Findings()
    measured = measure_file(root, sound, findings)
    if measured is None:
        return None, findings.diagnostics()
    figures, decoded = measured
    silence_s = figures.leading_silence_s + figures.trailing_silence_s
    heard_s = 0.0 if figures.is_silent else figures.duration_s - silence_s
    loudness = measure_loudness(decoded)
    if not SHORTEST_S <= heard_s <= LONGEST_S:
        message = f'"{sound.path}" is heard for {heard_s:.2f} s; a sound lasts '
        remedy = "cut it, or name the right file"
        findings.add(BAD_SOUND, sound.span, f"{message}{SHORTEST_S:g} to {LONGEST_S:g} s", remedy)
    elif loudness is None or loudness.lufs < FAINTEST_LUFS:
        level = "-70" if loudness is None else f"{loudness.lufs:.0f}"
        message = f'"{sound.path}" has {level} LUFS; a sound has {FAINTEST_LUFS:g} or more'
        findings.add(BAD_SOUND, sound.span, message, "use a louder take")
    judge_recording(figures, sound, findings)
    return figures, findings.diagnostics()
