"""An inaudible mark in the sound itself, which survives compression and resampling.

Embedded and read by the package `resemble-perth`; the mark says that a machine spoke, and nothing
of who. A mark that was embedded is read back from the finished file: what cannot be read is not
claimed.
"""

from __future__ import annotations

import io
import sys
import warnings
from contextlib import contextmanager, redirect_stdout
from functools import cache
from importlib.resources import files
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.errors import EnvironmentFault
from voicepipe.installation import install_remedy

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    # It prints that it loads.
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), _resources_named():
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


@contextmanager
def _resources_named() -> Iterator[None]:
    """Stand in for `pkg_resources`, which setuptools no longer has, while the package loads.

    It asks it for the path of its own weights, and for nothing else.
    """
    stand_in = ModuleType("pkg_resources")
    stand_in.__dict__["resource_filename"] = _path_in_package
    before = sys.modules.get(stand_in.__name__)
    sys.modules[stand_in.__name__] = stand_in
    try:
        yield
    finally:
        if before is None:
            del sys.modules[stand_in.__name__]
        else:
            sys.modules[stand_in.__name__] = before


def _path_in_package(package: str, name: str) -> str:
    return str(files(package).joinpath(name))
