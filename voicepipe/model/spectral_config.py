"""The sizes of spectrograms (torch-free)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrogramConfig:
    """How a waveform becomes magnitude frames."""

    sample_rate: int
    n_fft: int
    hop_length: int
    win_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MelConfig:
    """A log-mel spectrogram with Slaney's scale and normalisation."""

    spectrogram: SpectrogramConfig
    n_mels: int
    f_min: float = 0.0
    f_max: float | None = None
    """`None` is half the sample rate."""
