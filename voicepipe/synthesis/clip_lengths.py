"""How long reference clips are, from the heads of their files (torch-free)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from voicepipe.audio.riff import plain_duration_s
from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.voices.voice import ReferenceClip


class ClipLengths:
    """The lengths of a project's clips, each looked at once.

    Args:
        root: The project.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, float] = {}

    def of(self, clip: ReferenceClip) -> float:
        """Seconds of a clip; 0 of one that cannot be read, which is refused when it is heard."""
        if clip.sha256 not in self._known:
            self._known[clip.sha256] = _length_s(self._root / clip.path)
        return self._known[clip.sha256]


def _length_s(path: Path) -> float:
    with contextlib.suppress(OSError), path.open("rb") as stream:
        seconds = plain_duration_s(stream)
        if seconds is not None:
            return seconds
    from voicepipe.audio.wav import read_duration_s  # noqa: PLC0415 - NumPy

    try:
        return read_duration_s(path)
    except EnvironmentFault:
        return 0.0
