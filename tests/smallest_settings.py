"""The smallest family's configuration, smaller still, as its files have it."""

from __future__ import annotations

from typing import Any

SETTINGS: dict[str, Any] = {
    "model": {
        "inter_channels": 8,
        "hidden_channels": 16,
        "filter_channels": 32,
        "n_heads": 2,
        "n_layers": 2,
        "kernel_size": 3,
        "gin_channels": 12,
        "source_filter": {
            "sample_rate": 24_000,
            "n_fft": 1024,
            "hop_length": 240,
            "win_length": 720,
            "pitch": "relative",
        },
    },
    "data": {
        "sampling_rate": 24_000,
        "filter_length": 1024,
        "hop_length": 240,
        "win_length": 1024,
    },
}
