"""How long reference clips are, from the heads of their files (torch-free)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.audio.wav import AudioFileError, read_duration_s

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
            try:
                self._known[clip.sha256] = read_duration_s(self._root / clip.path)
            except AudioFileError:
                self._known[clip.sha256] = 0.0
        return self._known[clip.sha256]
