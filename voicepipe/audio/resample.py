"""Changing the sample rate, through libsoxr."""

from __future__ import annotations

import soxr

from voicepipe.audio.clip import AudioClip

_QUALITY = "VHQ"
"""Pass band to 0.913 of the lower Nyquist frequency, images and aliases below -150 dB."""


def resample(clip: AudioClip, sample_rate: int) -> AudioClip:
    """Give the clip another sample rate; the same clip when it has it already.

    Linear phase: nothing is shifted. The length is `n * sample_rate / clip.sample_rate`, rounded.

    Args:
        clip: Mono.
        sample_rate: Hz.
    """
    if clip.sample_rate == sample_rate:
        return clip
    samples = soxr.resample(clip.samples, clip.sample_rate, sample_rate, quality=_QUALITY)
    return AudioClip(samples=samples, sample_rate=sample_rate)
