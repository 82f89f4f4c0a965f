"""Which files of a project's exports carry a voice: the next export takes them out, or a person.

Each export lists its own files; what a file says of its making tells whose voice it is, whichever
engine it was exported for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.exporters.own_files import load_own_files
from voicepipe.hashing import sha256_of_bytes
from voicepipe.pipeline.export_checks import default_folder
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.settings import Settings

_LARGEST = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A file of an export that carries a voice."""

    export: str
    path: Path
    file: str
    """From the export's folder."""
    sha256: str
    line: str
    language: str


def exported_with(root: Path, settings: Settings, voice: str) -> tuple[ExportedFile, ...]:
    """List every file of the exports in `voicepipe.yaml` that carries a voice.

    Exports that went to another folder (`--to`) are not known here.

    Raises:
        CorruptObject: The list of an export is damaged.
        EnvironmentFault: One cannot be read.
    """
    return tuple(_found(root, settings, voice))


def _found(root: Path, settings: Settings, voice: str) -> Iterator[ExportedFile]:
    from voicepipe.audio.encodings import (  # noqa: PLC0415 - libsndfile
        SUFFIXES,
        read_encoded_metadata,
    )

    for target in settings.export:
        folder = default_folder(root, settings, target)
        if not folder.is_dir():
            continue
        for name in sorted(load_own_files(folder, target.title).files):
            if not name.lower().endswith(SUFFIXES):
                continue
            path = folder / name
            try:
                content = read_regular(path, limit=_LARGEST)
            except OSError:
                continue  # what is not there carries nobody
            said = read_encoded_metadata(content)
            if said is not None and said.voice == voice:
                yield ExportedFile(
                    export=target.title,
                    path=path,
                    file=name,
                    sha256=sha256_of_bytes(content),
                    line=said.line,
                    language=said.language,
                )
