"""Looking through shipped files: which labels they carry, and which of them are ours.

A file is ours by its hash, by its signed credentials, by what its metadata says, or, when all of
that was stripped, by its sound.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from voicepipe.audio.encodings import SUFFIXES
from voicepipe.audio.wav import AudioFileError, decode_clip
from voicepipe.bank.versions import banks, load_version, versions
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.labels.detecting import read_labels
from voicepipe.labels.likeness import SAME, likeness, print_of_nothing, sound_print
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.labels.detecting import FileLabels

LARGEST_FILE: Final = 1 << 28
"""Bytes; a larger one is named and passed over."""
MOST_FILES: Final = 1_000_000
_LENGTH_S: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class OurClip:
    """A published clip of ours."""

    bank: str
    version: str
    entry: ManifestEntry
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedFile:
    """One file that was looked at."""

    name: str
    """From the folder or archive that was named."""
    labels: FileLabels | None
    """None: it could not be read."""
    ours: OurClip | None = None
    """Which clip of ours it is."""
    how: str = ""
    """`hash`, `credentials`, `metadata` or `sound`; empty: it is none of ours."""
    fault: str = ""


class PublishedClips:
    """Every clip of every published version below an output folder."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._prints: dict[str, NDArray[np.float32]] = {}

    @cached_property
    def _clips(self) -> tuple[OurClip, ...]:
        """The newest version's first."""
        found: list[OurClip] = []
        for bank in banks(self._out):
            for version in reversed(versions(self._out, bank)):
                found += [
                    OurClip(
                        bank=bank,
                        version=version.name,
                        entry=entry,
                        path=version.path / entry.file,
                    )
                    for entry in load_version(version).entries
                ]
        return tuple(found)

    @cached_property
    def _by_hash(self) -> dict[str, OurClip]:
        return {clip.entry.sha256: clip for clip in reversed(self._clips)}

    @cached_property
    def _by_line(self) -> dict[tuple[str, str, str], OurClip]:
        return {
            (clip.entry.line, clip.entry.language, clip.entry.voice): clip
            for clip in reversed(self._clips)
        }

    def identify(self, labels: FileLabels, *, by_sound: bool = True) -> tuple[OurClip | None, str]:
        """Say which clip of ours a file is, and how it is known.

        Args:
            labels: What the file says of itself.
            by_sound: Compare its sound with every clip of its length, when nothing else tells.
        """
        if labels.sha256 in self._by_hash:
            return self._by_hash[labels.sha256], "hash"
        signed = labels.credentials
        if signed is not None and signed.is_valid:
            said = signed.clip
            key = (said.get("line", ""), said.get("language", ""), said.get("voice", ""))
            if key in self._by_line:
                return self._by_line[key], "credentials"
        if labels.metadata is not None:
            said_too = labels.metadata
            key = (said_too.line, said_too.language, said_too.voice)
            if key in self._by_line:
                return self._by_line[key], "metadata"
        ours = self._by_sound(labels) if by_sound else None
        return ours, "sound" if ours is not None else ""

    def _by_sound(self, labels: FileLabels) -> OurClip | None:
        if labels.clip is None:
            return None
        print_of_file = sound_print(labels.clip)
        best, nearest = SAME, None
        for clip in self._by_hash.values():
            if abs(clip.entry.duration_s - labels.clip.duration_s) > _LENGTH_S:
                continue
            score = likeness(print_of_file, self._print(clip))
            if score > best:
                best, nearest = score, clip
        return nearest

    def _print(self, clip: OurClip) -> NDArray[np.float32]:
        key = clip.entry.sha256
        if key not in self._prints:
            try:
                content = read_regular(clip.path, limit=LARGEST_FILE)
                self._prints[key] = sound_print(decode_clip(content, clip.entry.file)[0])
            except (OSError, AudioFileError):
                self._prints[key] = print_of_nothing()
        return self._prints[key]


def search_labels(
    paths: Iterable[Path],
    clips: PublishedClips,
    *,
    anchors: str = "",
    listens: bool = True,
    by_sound: bool | None = None,
) -> Iterator[SearchedFile]:
    """Look through files, folders and zip archives.

    Args:
        paths: What to look through; nothing is unpacked or executed.
        clips: Ours.
        anchors: PEM: certificates that are trusted.
        listens: Look for watermarks.
        by_sound: Know clips by their sound; None: where watermarks are looked for.

    Raises:
        UsageError: A path is not there.
        EnvironmentFault: A package that is needed is not installed.
    """
    compares = listens if by_sound is None else by_sound
    for path in paths:
        for name, content, fault in _files(path):
            if content is None:
                yield SearchedFile(name=name, labels=None, fault=fault)
                continue
            labels = read_labels(content, name, anchors=anchors, listens=listens)
            ours, how = clips.identify(labels, by_sound=compares)
            yield SearchedFile(name=name, labels=labels, ours=ours, how=how, fault=labels.fault)


def _files(path: Path) -> Iterator[tuple[str, bytes | None, str]]:
    if path.is_dir():
        yield from _files_below(path)
    elif path.suffix.lower() == ".zip" and path.is_file():
        yield from _zipped(path)
    elif path.is_file():
        yield (path.name, *_read(path))
    else:
        raise UsageError(f"{path} is not there", remedy="name a file, a folder or a zip archive")


def _files_below(folder: Path) -> Iterator[tuple[str, bytes | None, str]]:
    for number, one in enumerate(sorted(folder.rglob("*"))):
        if number >= MOST_FILES:
            raise UsageError(f"{folder} holds more than {MOST_FILES} files")
        if one.is_symlink() or not one.is_file():
            continue
        name = one.relative_to(folder).as_posix()
        if one.suffix.lower() in SUFFIXES:
            yield (name, *_read(one))
        elif one.suffix.lower() == ".zip":
            yield from _zipped_inside(one, name)


def _read(path: Path) -> tuple[bytes | None, str]:
    try:
        content = read_regular(path, limit=LARGEST_FILE)
    except OSError as error:
        return None, str(error.strerror or error)
    if len(content) > LARGEST_FILE:
        return None, f"it is larger than {LARGEST_FILE} bytes"
    return content, ""


def _zipped_inside(path: Path, name: str) -> Iterator[tuple[str, bytes | None, str]]:
    """Look through an archive that lies in a folder; one that cannot be read is named."""
    try:
        for inner, content, fault in _zipped(path):
            yield f"{name}/{inner}", content, fault
    except EnvironmentFault as error:
        yield name, None, error.message


def _zipped(path: Path) -> Iterator[tuple[str, bytes | None, str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist()[:MOST_FILES]:
                if PurePosixPath(info.filename).suffix.lower() not in SUFFIXES:
                    continue
                if info.file_size > LARGEST_FILE:
                    yield info.filename, None, f"it is larger than {LARGEST_FILE} bytes"
                    continue
                with archive.open(info) as stream:
                    # What it says of its size is not relied on.
                    content = stream.read(LARGEST_FILE + 1)
                yield info.filename, content, ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise EnvironmentFault(
            f"{path.name} cannot be read as a zip archive: {error}",
            remedy="unpack it with another program and name the folder",
        ) from error
