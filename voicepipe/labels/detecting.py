"""Which labels a sound file carries, and whether they hold: for files from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from voicepipe.audio.encodings import read_declaration, read_encoded_metadata
from voicepipe.audio.wav import AudioFileError, decode_clip
from voicepipe.hashing import sha256_of_bytes
from voicepipe.labels.aigc import parse_aigc
from voicepipe.labels.credentials import Credentials, is_tampered, read_credentials
from voicepipe.labels.watermark import can_hold, is_marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.audio.clip import AudioClip
    from voicepipe.audio.metadata import ClipMetadata


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLabels:
    """What one file says of itself."""

    sha256: str
    metadata: ClipMetadata | None
    """Readable, unsigned."""
    declaration: Mapping[str, str] | None
    """The `AIGC` field."""
    credentials: Credentials | None
    """None: the form holds none, or the file has none."""
    watermark: str
    """`found`, `none`, `too short`, or `not looked for`."""
    clip: AudioClip | None
    """Its sound; None: it cannot be decoded."""
    fault: str = ""
    """Why it cannot be decoded."""

    @property
    def is_tampered(self) -> bool:
        """Whether it was changed after it was signed."""
        return self.credentials is not None and is_tampered(self.credentials)

    @property
    def is_labelled(self) -> bool:
        """Whether anything in it says that a machine made it."""
        said = self.metadata is not None and self.metadata.source != "recorded"
        return bool(
            said or self.declaration or self.watermark == "found" or self.credentials is not None
        )


def read_labels(
    content: bytes, name: str, *, anchors: str = "", listens: bool = True
) -> FileLabels:
    """Read every label of a file.

    Args:
        content: The file; may be hostile.
        name: For messages; its suffix tells the form.
        anchors: PEM: certificates that are trusted.
        listens: Look for the watermark, which takes longer than all else.

    Raises:
        EnvironmentFault: A package that is needed is not installed.
    """
    suffix = PurePosixPath(name).suffix.lower()
    clip, fault = _decoded(content, name)
    watermark = "not looked for"
    if listens and clip is not None:
        watermark = _watermark(clip)
    return FileLabels(
        sha256=sha256_of_bytes(content),
        metadata=read_encoded_metadata(content),
        declaration=parse_aigc(read_declaration(content)),
        credentials=read_credentials(content, suffix, anchors=anchors),
        watermark=watermark,
        clip=clip,
        fault=fault,
    )


def _decoded(content: bytes, name: str) -> tuple[AudioClip | None, str]:
    try:
        return decode_clip(content, name)[0], ""
    except AudioFileError as error:
        return None, error.message


def _watermark(clip: AudioClip) -> str:
    if not can_hold(clip):
        return "too short"
    return "found" if is_marked(clip) else "none"
