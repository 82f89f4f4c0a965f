"""Which clip is exported for which line, and its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.faults import explained
from voicepipe.errors import CorruptObject
from voicepipe.exporters.names import names_of
from voicepipe.exporters.protocol import ExportClip, MissingClip
from voicepipe.hashing import sha256_of_bytes
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.audio.encodings import Encoding
    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.exporters.protocol import Exporter
    from voicepipe.labels.plan import Signer
    from voicepipe.settings_export import ExportSettings

_LARGEST_CLIP = 1 << 30
_NOWHERE = "the bank has no clip of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenClips:
    """What an export can make heard."""

    languages: tuple[str, ...]
    clips: tuple[ExportClip, ...]
    """By language, then in the order of the script."""
    missing: tuple[MissingClip, ...]
    """Likewise."""
    refused: Mapping[tuple[str, str], str]
    """(line, language) → why the bank's clip may not be exported."""


def choose_clips(
    manifest: BankManifest,
    target: ExportSettings,
    refused: Mapping[tuple[str, str], str],
) -> ChosenClips:
    """Choose a clip for every line in every language that is exported.

    Args:
        manifest: Of the version.
        target: Says which languages, and which may stand in for which.
        refused: (line, language) → why the clip may not be exported.
    """
    there = {
        (entry.line, entry.language): entry
        for entry in manifest.entries
        if (entry.line, entry.language) not in refused
    }
    reasons = {(row["line"], row["language"]): row["reason"] for row in manifest.failed} | {
        **refused
    }
    scripts = {entry.line: entry.script for entry in manifest.entries}
    failed_at = {(row["line"], row["language"]): row["script"] for row in manifest.failed}
    names = names_of([line for line, _ in (*there, *reasons)])
    positions = {entry.line: entry.position for entry in manifest.entries}
    ordered = sorted(names, key=lambda line: (positions.get(line, len(positions)), line))
    languages = tuple(tag for tag in manifest.languages if not target.only or tag in target.only)
    clips: list[ExportClip] = []
    missing: list[MissingClip] = []
    for language in languages:
        for line in ordered:
            entry = there.get((line, language)) or _stand_in(there, line, target, language)
            if entry is not None:
                clips.append(ExportClip(language=language, name=names[line], entry=entry))
                continue
            missing.append(
                MissingClip(
                    line=line,
                    language=language,
                    reason=reasons.get((line, language), _NOWHERE),
                    script=failed_at.get((line, language), "") or scripts.get(line, ""),
                )
            )
    return ChosenClips(
        languages=languages, clips=tuple(clips), missing=tuple(missing), refused=refused
    )


def _stand_in(
    there: Mapping[tuple[str, str], ManifestEntry],
    line: str,
    target: ExportSettings,
    language: str,
) -> ManifestEntry | None:
    other = target.fallback.get(language)
    return None if other is None else there.get((line, other))


class PublishedClips:
    """Gives the bytes of a version's clips, each checked against its hash, in one encoding."""

    def __init__(
        self,
        version: Path,
        out: Path,
        target: ExportSettings,
        exporter: Exporter,
        *,
        signer: Signer | None = None,
    ) -> None:
        """Look at no clip yet.

        Args:
            version: The folder of the version.
            out: The output folder, whose store keeps clips in other encodings.
            target: Says which encoding.
            exporter: Says which, where the target does not.
            signer: Whose signature encoded files carry; a clip's own WAV carries one already.

        Raises:
            UsageError: There is no such encoding.
        """
        self._version = version
        self._out = out
        self._signer = signer
        form = target.encoding or exporter.encodings[0]
        self.suffix = f".{form}"
        self._encoding: Encoding | None = None
        if (form, target.quality, target.sample_rate, target.bit_depth) != (
            "wav",
            None,
            None,
            None,
        ):
            # Loads numpy and libsndfile, which copies do without.
            from voicepipe.audio.encodings import make_encoding  # noqa: PLC0415

            self._encoding = make_encoding(
                form,
                quality=target.quality,
                sample_rate=target.sample_rate,
                bit_depth=target.bit_depth,
            )

    def made_from(self, clip: ExportClip) -> str:
        """Say what the file of a clip follows from."""
        if self._encoding is None:
            return clip.entry.sha256
        return f"{clip.entry.sha256}.{self._encoding.name}"

    def read(self, clip: ExportClip) -> bytes:
        """Give the file of a clip.

        Raises:
            CorruptObject: It is not as it was published.
            EnvironmentFault: It cannot be read or encoded.
        """
        if self._encoding is None:
            return self._published(clip.entry)
        from voicepipe.bank.encoded_clips import encoded_clip  # noqa: PLC0415
        from voicepipe.bank.take_store import TakeStore  # noqa: PLC0415

        found = encoded_clip(TakeStore(self._out), clip.entry, self._encoding, signer=self._signer)
        return TakeStore(self._out).objects.read(found.object_id, found.suffix)

    def _published(self, entry: ManifestEntry) -> bytes:
        path = self._version / entry.file
        with explained(path):
            content = read_regular(path, limit=_LARGEST_CLIP)
        if sha256_of_bytes(content) != entry.sha256:
            raise CorruptObject(
                f"{path}: its bytes are not those that were published",
                remedy="`voicepipe bank repair` puts back what the store still has",
            )
        return content
