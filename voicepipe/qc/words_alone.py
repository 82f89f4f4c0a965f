"""A clip without the laughs and sighs its script puts into it: those are no speech to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.audio.inserted import without_sounds, words_only
from voicepipe.audio.wav import read_clip

if TYPE_CHECKING:
    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import LineFacts


def silenced(clip: AudioClip, line: LineFacts) -> AudioClip:
    """Give a clip with silence where sounds were, so that every moment is where it was.

    Raises:
        AudioFileError: A sound cannot be read.
    """
    if not line.has_sounds:
        return clip
    return without_sounds(clip, [read_clip(one.path) for one in line.voice.sounds])


def spoken(clip: AudioClip, line: LineFacts) -> AudioClip:
    """Give a clip with its sounds cut out; otherwise as `silenced`."""
    if not line.has_sounds:
        return clip
    return words_only(clip, [read_clip(one.path) for one in line.voice.sounds])
