"""Which copies of clips carry a voice, wherever they went: exports, pages, what was shipped.

The next export takes a revoked voice's files out; what lies elsewhere a person has to remove. An
export lists its own files, with the clip each was made from; a page's folder is searched; and what
was shipped is looked through as `voicepipe labels check` does. A place that is gone is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.revocation import published_as
from voicepipe.errors import EnvironmentFault
from voicepipe.exporters.own_files import load_own_files
from voicepipe.hashing import sha256_of_bytes
from voicepipe.pipeline.export_checks import default_folder
from voicepipe.pipeline.export_ledger import ExportNote, export_notes, named_path
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.pipeline.label_search import SearchedFile
    from voicepipe.settings import Settings

_LARGEST = 1 << 28
_HASH_DIGITS = 64
SHIPPED = "shipped"
"""Stands for the export's name where a person named the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A copy that carries a voice."""

    export: str
    path: Path
    """The file; of an archive's member, the archive."""
    file: str
    """From the export's folder, or inside the archive."""
    sha256: str
    line: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """A place that clips of a voice were copied to, and that cannot be looked into."""

    export: str
    path: str
    """As it was noted."""
    version: str
    date: str
    n_clips: int
    """Of the voice; 0: not known."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """What was found."""

    files: tuple[ExportedFile, ...] = ()
    unreachable: tuple[Unreachable, ...] = ()


NO_COPIES = Copies()


def copies_of(root: Path, settings: Settings, voice: str, shipped: Iterable[Path] = ()) -> Copies:
    """Find every copy of a voice's clips that left the output folder by us, or was shipped.

    Args:
        root: The project root.
        settings: Name its exports; those that went elsewhere are noted in the output folder.
        voice: Whose.
        shipped: Files, folders and zip archives to be looked through besides.

    Raises:
        UsageError: What was shipped is not there.
        EnvironmentFault: A manifest or a note is damaged: the list would have a hole.
    """
    out = root / settings.out
    mine = {entry.sha256: entry for entry in published_as(out, voice)}
    found = [_looked_at(root, note, voice, mine) for note in _places(root, settings, out)]
    files = [file for one in found for file in one.files]
    return Copies(
        files=(*files, *_shipped(out, voice, shipped)),
        unreachable=tuple(gone for one in found for gone in one.unreachable),
    )


def _looked_at(
    root: Path, note: ExportNote, voice: str, mine: Mapping[str, ManifestEntry]
) -> Copies:
    search = _on_page if note.is_page else _exported
    try:
        return Copies(files=tuple(search(root, note, voice, mine)))
    except (EnvironmentFault, OSError) as error:
        if note.is_page or not note.voices or voice in note.voices:
            return Copies(unreachable=(_unreachable(note, voice, error),))
    return NO_COPIES


def _places(root: Path, settings: Settings, out: Path) -> tuple[ExportNote, ...]:
    """Join the exports that settings declare with those that were noted; each place once."""
    declared = [
        ExportNote(
            export=target.title,
            target=target.target,
            path=named_path(root, default_folder(root, settings, target)),
            bank=settings.bank,
            version="",
            date="",
        )
        for target in settings.export
        if default_folder(root, settings, target).is_dir()
    ]
    noted = {(note.export, note.folder(root).resolve()): note for note in export_notes(out)}
    rest = [one for one in declared if (one.export, one.folder(root).resolve()) not in noted]
    return (*rest, *noted.values())


def _unreachable(note: ExportNote, voice: str, error: EnvironmentFault | OSError) -> Unreachable:
    why = error.message if isinstance(error, EnvironmentFault) else error.strerror or str(error)
    return Unreachable(
        export=note.export,
        path=note.path,
        version=note.version,
        date=note.date,
        n_clips=note.voices.get(voice, 0),
        why=why,
    )


def _exported(
    root: Path, note: ExportNote, voice: str, mine: Mapping[str, ManifestEntry]
) -> list[ExportedFile]:
    from voicepipe.audio.encodings import SUFFIXES  # noqa: PLC0415 - libsndfile

    folder = note.folder(root)
    own = load_own_files(folder, note.export)
    if not own.is_there:
        raise EnvironmentFault("the folder, or the export's list of its files, is not there")
    names = {name: file.made_from[:_HASH_DIGITS] for name, file in own.files.items()}
    names |= dict.fromkeys(own.pending - names.keys(), "")
    return [
        found
        for name in sorted(names)
        if name.lower().endswith(SUFFIXES)
        for found in _carried(note.export, folder, folder / name, voice, mine.get(names[name]))
    ]


def _on_page(
    root: Path, note: ExportNote, voice: str, mine: Mapping[str, ManifestEntry]
) -> list[ExportedFile]:
    from voicepipe.audio.encodings import SUFFIXES  # noqa: PLC0415 - libsndfile

    folder = note.folder(root)
    if not folder.is_dir():
        raise EnvironmentFault("the folder is not there")
    sounds = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    by_name = {sha256[:32]: entry for sha256, entry in mine.items()}
    return [
        found
        for path in sounds
        for found in _carried(note.export, folder, path, voice, by_name.get(path.stem))
    ]


def _carried(
    export: str, folder: Path, path: Path, voice: str, entry: ManifestEntry | None
) -> Iterator[ExportedFile]:
    """Tell of a file that carries the voice, by the clip it was made from or by what it says."""
    from voicepipe.audio.encodings import read_encoded_metadata  # noqa: PLC0415 - libsndfile

    try:
        content = read_regular(path, limit=_LARGEST)
    except FileNotFoundError:
        return  # what is not there carries nobody
    said = read_encoded_metadata(content)
    if entry is None and (said is None or said.voice != voice):
        return
    line, language = ("", "") if said is None else (said.line, said.language)
    yield ExportedFile(
        export=export,
        path=path,
        file=path.relative_to(folder).as_posix(),
        sha256=sha256_of_bytes(content),
        line=line or (entry.line if entry else ""),
        language=language or (entry.language if entry else ""),
    )


def _shipped(out: Path, voice: str, shipped: Iterable[Path]) -> Iterator[ExportedFile]:
    """Look through what was shipped: known by hash, credentials, metadata or sound."""
    from voicepipe.pipeline.label_search import (  # noqa: PLC0415 - libsndfile
        PublishedClips,
        search_labels,
    )

    places = list(shipped)
    if not places:
        return
    clips = PublishedClips(out)
    for place in places:
        for found in search_labels([place], clips, listens=False, by_sound=True):
            if found.labels is None or voice not in _voices_in(found):
                continue
            said, ours = found.labels.metadata, found.ours
            yield ExportedFile(
                export=SHIPPED,
                path=place / found.name if place.is_dir() else place,
                file=found.name,
                sha256=found.labels.sha256,
                line=ours.entry.line if ours else said.line if said else "",
                language=ours.entry.language if ours else said.language if said else "",
            )


def _voices_in(found: SearchedFile) -> set[str]:
    """Say whose voice a file is, by what it says and by which clip of ours it is."""
    said = None if found.labels is None else found.labels.metadata
    whose = set() if said is None else {said.voice}
    return whose if found.ours is None else whose | {found.ours.entry.voice}
