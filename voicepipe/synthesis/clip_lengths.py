"""How long reference clips are, from the heads of their files (torch-free).

Of compressed clips, which take libraries to read, it is kept in the user's cache folder by the
clip's hash.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from voicepipe.audio.riff import plain_duration_s
from voicepipe.errors import EnvironmentFault
from voicepipe.installation import program_revision
from voicepipe.kept_documents import DocumentStore, KeptForms, KindOfDocument, document_key
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.voices.voice import ReferenceClip

KEPT_LENGTHS: Final = KindOfDocument(name="clip_length", revision=1, most_bytes=4 << 20)


class ClipLength(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a clip."""

    seconds: Annotated[float, msgspec.Meta(gt=0)]


class ClipLengths:
    """The lengths of a project's clips, each looked at once.

    Args:
        root: The project.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kept = KeptForms(DocumentStore(cache_folder(), KEPT_LENGTHS), ClipLength)
        self._known: dict[str, float] = {}

    def of(self, clip: ReferenceClip) -> float:
        """Seconds of a clip; 0 of one that cannot be read, which is refused when it is heard."""
        if clip.sha256 not in self._known:
            self._known[clip.sha256] = self._found(clip)
        return self._known[clip.sha256]

    def _found(self, clip: ReferenceClip) -> float:
        path = self._root / clip.path
        with contextlib.suppress(OSError), path.open("rb") as stream:
            seconds = plain_duration_s(stream)
            if seconds is not None:
                return seconds
        key = document_key(f"{program_revision()} {clip.sha256}".encode())
        kept = self._kept.get(key)
        if kept is not None:
            return kept.seconds
        length_s = _read_length_s(path)
        if length_s > 0:
            self._kept.note(key, ClipLength(seconds=length_s))
            self._kept.keep()
        return length_s


def _read_length_s(path: Path) -> float:
    from voicepipe.audio.wav import read_duration_s  # noqa: PLC0415 - NumPy

    try:
        return read_duration_s(path)
    except EnvironmentFault:
        return 0.0
