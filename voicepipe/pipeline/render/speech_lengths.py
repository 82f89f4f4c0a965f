"""How long stored clips speak, for lines that have to fit them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.take_store import TakeStore


class SpeechLengths:
    """How long clips of one output folder speak, as far as they are there. Changes nothing.

    Args:
        take_store: Of the folder.
        previous: The latest version.
    """

    def __init__(self, take_store: TakeStore, previous: BankManifest | None) -> None:
        self._take_store = take_store
        self._previous = previous

    @cached_property
    def _published(self) -> dict[str, ManifestEntry]:
        # Only lines that fit another clip ask for it.
        return {one.clip_key: one for one in self._previous.entries} if self._previous else {}

    def of(self, clip_key: str) -> float | None:
        """Give the seconds from a clip's first sound to its last; None: it is not there.

        Raises:
            EnvironmentFault: The store cannot be read.
        """
        entry = self._published.get(clip_key)
        if entry is not None:
            known_s, object_id = entry.speech_s, entry.sha256
        else:
            record = self._take_store.find_clip(clip_key)
            if record is None:
                return None
            known_s, object_id = record.speech_s, record.object_id
        return known_s or self._measured(object_id)

    def _measured(self, object_id: str) -> float | None:
        """Listen to a clip of an earlier release, which did not measure this."""
        objects = self._take_store.objects
        if not objects.is_whole(object_id):
            return None
        # NumPy loads only when there is something to measure.
        from voicepipe.audio.silence import find_speech  # noqa: PLC0415
        from voicepipe.audio.wav import decode_clip  # noqa: PLC0415

        clip, _ = decode_clip(objects.read(object_id), object_id)
        extent = find_speech(clip)
        return None if extent is None else (extent.end - extent.start) / clip.sample_rate
