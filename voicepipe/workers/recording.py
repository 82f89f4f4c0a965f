"""Human recordings: read, doubted, and then finished like any take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.audio.silence import find_speech
from voicepipe.audio.wav import AudioFileError, decode_clip, read_bytes
from voicepipe.errors import QcRefused
from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip

MIN_SAMPLE_RATE = 16_000
"""Hz; below, consonants are lost and no processing brings them back."""
MAX_CLIPPED_SHARE = 0.001
"""Of all samples; a take with a single overload passes."""

_FULL_SCALE = 0.999
_CLIPPED_RUN = 3  # samples in a row: a lone one at full scale is a normalized peak


def read_recording(path: str, sha256: str, name: str = "") -> AudioClip:
    """Read a recording that stands in for a take.

    Args:
        path: As the job has it.
        sha256: Of the bytes the clip was planned for.
        name: What to call it in messages, which end up in manifests; the path when empty.

    Raises:
        QcRefused: Unreadable, changed since the plan was made, silent, overloaded, or recorded at
            too low a rate.
    """
    name = name or path
    try:
        content = read_bytes(Path(path), name)
        if sha256_of_bytes(content) != sha256:
            message = f"{name}: the recording changed while the render ran"
            raise QcRefused(message, remedy="render again")
        clip, _ = decode_clip(content, name)
    except AudioFileError as error:  # one file is bad, the machine is not
        raise QcRefused(error.message, remedy=error.remedy) from error
    _refuse_faults(name, clip)
    return clip


def _refuse_faults(name: str, clip: AudioClip) -> None:
    if clip.sample_rate < MIN_SAMPLE_RATE:
        message = f"{name}: recorded at {clip.sample_rate} Hz; at least {MIN_SAMPLE_RATE} Hz"
        raise QcRefused(message, remedy="export it at the rate it was recorded at")
    if find_speech(clip) is None:
        raise QcRefused(f"{name}: the recording is silent", remedy="export it again")
    share = clipped_share(clip.samples)
    if share > MAX_CLIPPED_SHARE:
        message = (
            f"{name}: {share:.1%} of the recording is clipped; "
            f"at most {MAX_CLIPPED_SHARE:.1%} passes"
        )
        raise QcRefused(message, remedy="record it again at a lower level")


def clipped_share(samples: NDArray[np.float32]) -> float:
    """Measure how much of a clip stands at full scale, three samples in a row or more.

    Returns:
        A share of all samples, from 0 to 1.
    """
    full = np.abs(samples) >= _FULL_SCALE
    edges = np.flatnonzero(np.diff(np.concatenate(([0], full.astype(np.int8), [0]))))
    runs = edges[1::2] - edges[::2]
    return float(runs[runs >= _CLIPPED_RUN].sum()) / max(1, samples.size)
