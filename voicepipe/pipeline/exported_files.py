"""The bytes of an export's files: clips, what is timed by them, and the tables beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.exporters.protocol import ClipFile, TextFile
from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from voicepipe.exporters.protocol import ExportFile
    from voicepipe.pipeline.exported_clips import PublishedClips
    from voicepipe.pipeline.exported_times import TimedContents


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSource:
    """Knows what every file of an export follows from, and makes it."""

    clips: PublishedClips
    timed: TimedContents

    def made_from(self, file: ExportFile) -> str:
        """Say what a file follows from, without making it."""
        if isinstance(file, TextFile):
            return sha256_of_bytes(file.content)
        if isinstance(file, ClipFile):
            return self.clips.made_from(file.clip)
        return self.timed.made_from(file)

    def read(self, file: ExportFile) -> bytes:
        """Give the content of a file.

        Raises:
            CorruptObject: A clip is not as it was published.
            EnvironmentFault: It cannot be read, encoded or timed.
        """
        if isinstance(file, TextFile):
            return file.content
        if isinstance(file, ClipFile):
            return self.clips.read(file.clip)
        return self.timed.read(file)
