"""An inaudible mark in the sound itself, which survives compression and resampling.

Embedded and read by the package `resemble-perth`; the mark says that a machine spoke, and nothing
of who. A mark that was embedded is read back from the finished file: what cannot be read is not
claimed.
"""

from __future__ import annotations

import io
import warnings
from contextlib import redirect_stdout
from functools import cache
from typing import Any, Final

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.errors import EnvironmentFault
from voicepipe.installation import install_remedy

SHORTEST_S: Final = 1.0
"""Seconds: shorter clips cannot be relied on to hold a mark; they are listed, not marked."""
_READ: Final = 0.5
"""Above it a mark was read."""


def can_hold(clip: AudioClip) -> bool:
    """Tell whether a clip is long enough for a mark."""
    return clip.duration_s >= SHORTEST_S


def embed(clip: AudioClip) -> AudioClip:
    """Put the mark into a clip; same clip, same samples.

    Raises:
        EnvironmentFault: The package is not installed, or does not work here.
    """
    marked = np.asarray(
        _network().apply_watermark(clip.samples, sample_rate=clip.sample_rate), dtype=np.float32
    )
    # The network works on whole frames: what it leaves off the end stays as it was.
    samples = clip.samples.copy()
    samples[: len(marked)] = marked[: len(samples)]
    return AudioClip(samples=samples, sample_rate=clip.sample_rate)


def is_marked(clip: AudioClip) -> bool:
    """Look for the mark.

    Raises:
        EnvironmentFault: The package is not installed, or does not work here.
    """
    found = _network().get_watermark(clip.samples, sample_rate=clip.sample_rate)
    return float(np.mean(np.asarray(found, dtype=np.float64))) > _READ


@cache
def _network() -> Any:  # noqa: ANN401 - the package has no types
    why = ""
    # It uses what setuptools calls deprecated, and says so; and it prints that it loads.
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            import perth  # noqa: PLC0415 - only where marks are made or read

            if perth.PerthImplicitWatermarker is not None:
                return perth.PerthImplicitWatermarker()
        except ImportError as error:
            why = f": {error}"
    raise EnvironmentFault(
        f"the watermark's package, or one it needs, is not installed{why}",
        remedy=f"{install_remedy('labels')}, or set `labels: {{watermark: false}}`",
    )
