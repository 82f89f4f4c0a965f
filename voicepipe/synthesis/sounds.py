"""Laughs and sighs between the parts of a line: brought to its loudness, faded, no clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.loudness import measure_loudness
from voicepipe.audio.resample import resample
from voicepipe.audio.silence import find_speech
from voicepipe.audio.wav import decode_clip, read_bytes
from voicepipe.errors import EnvironmentFault, SynthesisError
from voicepipe.hashing import sha256_of_bytes
from voicepipe.synthesis.joining import PartSound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from voicepipe.synthesis.chosen_sounds import PlacedSound

_FADE_S: Final = 0.015
_KEPT_S: Final = 0.04
"""Of what is too faint to be measured, at both ends."""
_MOST_OVER_PEAK: Final = 1.5
"""A sound's peak against that of speech: a sharper one would turn the whole line down."""


def read_recording(root: Path, files: Mapping[str, str], digest: str) -> AudioClip:
    """Read a recording of a voice by its hash.

    Args:
        root: The project.
        files: sha256 → where it lies, as a request says.
        digest: Which one.

    Raises:
        EnvironmentFault: It has changed since the render was planned.
        AudioFileError: It cannot be read.
    """
    where = files.get(digest, "")
    content = read_bytes(root / where)
    if sha256_of_bytes(content) != digest:
        raise EnvironmentFault(
            f"{where}: the recording has changed since the render was planned",
            remedy="run the command again",
        )
    return decode_clip(content, where)[0]


def with_sounds(
    parts: Sequence[PartSound],
    sounds: Sequence[PlacedSound],
    read: Callable[[str], AudioClip],
    sample_rate: int,
) -> list[PartSound]:
    """Put sounds between the parts of a line.

    Args:
        parts: What is spoken, at least one.
        sounds: In order.
        read: Gives the clip of a hash.
        sample_rate: Hz, of the parts.

    Raises:
        SynthesisError: Nothing is heard in a sound, or in the parts.
    """
    if not sounds:
        return list(parts)
    speech = np.concatenate([part.samples for part in parts])
    pieces: list[PartSound] = []
    for index in range(len(parts) + 1):
        for sound in sounds:
            if sound.before_part == index:
                samples = matched(read(sound.sha256), speech, sample_rate, sound.gain_db)
                pieces.append(PartSound(samples=samples, pause_after_ms=sound.pause_after_ms))
        pieces += parts[index : index + 1]
    return pieces


def matched(
    sound: AudioClip, speech: NDArray[np.float32], sample_rate: int, gain_db: float
) -> NDArray[np.float32]:
    """Bring a sound to the loudness of speech, cut and faded at its ends.

    Args:
        sound: At any rate.
        speech: (S,), of the line.
        sample_rate: Hz, of the speech and of what comes out.
        gain_db: How much louder than the speech.

    Raises:
        SynthesisError: One of them is silent.
    """
    clip = resample(sound, sample_rate)
    extent = find_speech(clip)
    wanted = measure_loudness(AudioClip(samples=speech, sample_rate=sample_rate))
    if extent is None or wanted is None:
        raise SynthesisError("a sound of the line is silent", remedy="voicepipe voices check")
    kept = round(_KEPT_S * sample_rate)
    start = max(0, extent.start - kept)
    heard: NDArray[np.float32] = clip.samples[start : extent.end + kept].copy()
    loudness = measure_loudness(AudioClip(samples=heard, sample_rate=sample_rate))
    if loudness is None:
        raise SynthesisError("a sound of the line is silent", remedy="voicepipe voices check")
    gain = 10 ** ((wanted.lufs + gain_db - loudness.lufs) / 20)
    peaks = (float(np.abs(one).max()) for one in (speech, heard))
    most = _MOST_OVER_PEAK * next(peaks) / next(peaks)
    heard *= np.float32(min(gain, most))
    n_fade = min(round(_FADE_S * sample_rate), heard.size // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(n_fade) + 0.5) / n_fade)).astype(np.float32)
    heard[:n_fade] *= ramp
    heard[heard.size - n_fade :] *= ramp[::-1]
    return heard
