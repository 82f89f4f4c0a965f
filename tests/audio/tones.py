"""Sounds with known properties."""

from __future__ import annotations

import numpy as np

from voicepipe.audio.clip import AudioClip


def clip_of(samples: object, rate: int = 48_000) -> AudioClip:
    return AudioClip(samples=np.asarray(samples, dtype=np.float32), sample_rate=rate)


def sine(
    *, hz: float, dbfs: float, seconds: float, rate: int = 48_000, phase: float = 0.0
) -> AudioClip:
    """A sine whose peak lies at `dbfs`."""
    t = np.arange(round(seconds * rate)) / rate
    return clip_of(10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * t + phase), rate)


def silence(seconds: float, rate: int = 48_000) -> AudioClip:
    return clip_of(np.zeros(round(seconds * rate)), rate)


def joined(*clips: AudioClip) -> AudioClip:
    return clip_of(np.concatenate([clip.samples for clip in clips]), clips[0].sample_rate)


def noise(*, dbfs: float, seconds: float, rate: int = 48_000, seed: int = 1) -> AudioClip:
    """White noise with an RMS of `dbfs`."""
    draw = np.random.default_rng(seed).standard_normal(round(seconds * rate))
    return clip_of(10 ** (dbfs / 20) * draw, rate)


def speech_like(*, seconds: float = 1.0, rate: int = 32_000, dbfs: float = -20.0) -> AudioClip:
    """Syllables of a buzzing vowel: four a second, with soft onsets and releases."""
    t = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 20))
    envelope = 0.02 + np.abs(np.sin(2 * np.pi * 2 * t)) ** 1.5
    wave = buzz * envelope
    return clip_of(wave / np.sqrt(np.mean(wave**2)) * 10 ** (dbfs / 20), rate)
