"""A dataset as the user gave it: recordings in one folder, each with its words.

Decides which file a transcript means and refuses what lies elsewhere; decodes no sound.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import SourceSpan, did_you_mean
from voicepipe.documents.findings import Findings
from voicepipe.documents.source import path_problem
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.training.codes import (
    DUPLICATE,
    NO_TEXT,
    NOTHING_LEFT,
    OTHER_SPEAKERS,
    OUTSIDE_DATASET,
    UNUSABLE_RECORDING,
)
from voicepipe.training.dataset.transcripts import (
    LIST_SUFFIX,
    TABLE_SUFFIX,
    Entry,
    TranscriptReader,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.diagnostics import Diagnostic

SOUND_SUFFIXES: Final = (".wav", ".flac", ".ogg", ".opus", ".oga", ".mp3", ".m4a", ".aac")
MAX_FILES: Final = 200_000
"""Looked at in a folder; somebody who names a whole disk should be told so soon."""
_KEEP_INSIDE: Final = "put the recording into the dataset's folder, and name it from there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A recording of the dataset and what is said in it."""

    path: str
    """From the dataset's folder, with forward slashes."""
    text: str
    language: str
    speaker: str
    span: SourceSpan
    """Where a transcript names it."""
    text_span: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How recordings and transcripts meet."""

    recordings: int
    """Sound files in the folder."""
    texts: int
    """Rows, and text files beside recordings."""
    without_text: int
    without_recording: int
    repeated: int
    matched_by_name: int
    """Rows whose path is from another machine, found by the file's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What is there to be heard."""

    folder: Path
    takes: tuple[Take, ...]
    """Sorted by path."""
    transcripts: tuple[str, ...]
    """CSV and `.list` files that were read, from the folder."""
    coverage: Coverage


def read_dataset(
    data: Path, *, language: str = "", speaker: str = ""
) -> tuple[Dataset, tuple[Diagnostic, ...]]:
    """Find the recordings of a dataset and their texts.

    Args:
        data: A folder, or a CSV or `.list` file in one.
        language: For texts that name none.
        speaker: Whose rows count, where a list has several speakers.

    Returns:
        The dataset, and what is wrong with it; paths in both start from its folder.

    Raises:
        UsageError: There is no such folder or transcript.
        EnvironmentFault: The folder cannot be listed, or holds too many files.
    """
    findings = Findings()
    folder, names = _transcripts(data)
    reader = TranscriptReader(folder, language, findings)
    entries = [entry for name in names for entry in reader.read(name)]
    search = _Search(folder, findings)
    takes = search.takes(entries)
    if data.is_dir():
        takes += search.read_sidecars(reader)
    chosen = _of_one_speaker(takes, speaker, findings)
    if not chosen and not findings.has_errors:
        where = names[0] if names else "."
        message = "no recording with a text was found"
        remedy = "give a folder of recordings with a transcript, or the transcript itself"
        findings.add(NOTHING_LEFT, SourceSpan(path=where), message, remedy)
    dataset = Dataset(
        folder=folder,
        takes=tuple(sorted(chosen, key=lambda take: take.path)),
        transcripts=tuple(names),
        coverage=search.coverage(),
    )
    return dataset, findings.diagnostics()


def _transcripts(data: Path) -> tuple[Path, list[str]]:
    suffixes = (TABLE_SUFFIX, LIST_SUFFIX)
    if data.is_dir():
        try:
            names = sorted(p.name for p in data.iterdir() if p.suffix.lower() in suffixes)
        except OSError as error:
            raise EnvironmentFault(
                f"{data}: {error.strerror or error}", remedy="check its permissions"
            ) from error
        return data, [name for name in names if not name.startswith(".")]
    if not data.is_file():
        raise UsageError(
            f"{data}: there is no such folder or transcript",
            remedy="give --data a folder of recordings, or a CSV or .list file",
        )
    if data.suffix.lower() not in suffixes:
        raise UsageError(
            f"{data}: is neither a folder nor a transcript",
            remedy="a transcript is a .csv or a .list file",
        )
    return data.parent, [data.name]


class _Search:
    """Recordings of a folder, found under the names that transcripts give them."""

    def __init__(self, folder: Path, findings: Findings) -> None:
        self._folder = folder
        self._findings = findings
        self._there = list(_recordings(folder, findings))
        self._by_name: dict[str, list[str]] = {}
        for path in self._there:
            self._by_name.setdefault(PurePosixPath(path).name, []).append(path)
        self._used: dict[str, Take] = {}
        self._n_texts = self._n_missing = self._n_repeated = self._n_by_name = 0
        self._n_silent = 0

    def takes(self, entries: Sequence[Entry]) -> list[Take]:
        """Find the recording of each row."""
        return [take for entry in entries if (take := self._take(entry)) is not None]

    def read_sidecars(self, reader: TranscriptReader) -> list[Take]:
        """Read the text files beside recordings that no row has named; report those without."""
        found: list[Take] = []
        for path in self._there:
            if path in self._used:
                continue
            is_there, entry = reader.beside(path)
            take = None if entry is None else self._take(entry)
            if take is not None:
                found.append(take)
            elif not is_there:
                self._n_silent += 1
                message = f'no transcript says what is said in "{path}"'
                remedy = "add a row, or a .txt file of the same name beside it"
                self._findings.add(NO_TEXT, SourceSpan(path=path), message, remedy)
        return found

    def coverage(self) -> Coverage:
        """Count what met and what did not."""
        return Coverage(
            recordings=len(self._there),
            texts=self._n_texts,
            without_text=self._n_silent,
            without_recording=self._n_missing,
            repeated=self._n_repeated,
            matched_by_name=self._n_by_name,
        )

    def _take(self, entry: Entry) -> Take | None:
        self._n_texts += 1
        path = self._place(entry)
        if path is None:
            self._n_missing += 1
            return None
        if path in self._used:
            self._n_repeated += 1
            first = self._used[path]
            same = "with the same text" if first.text == entry.text else "with another text"
            message = f'"{path}" is named a second time, {same}; first at {first.span}'
            self._findings.add(DUPLICATE, entry.span, message, "keep the row that is right")
            return None
        take = Take(
            path=path,
            text=entry.text,
            language=entry.language,
            speaker=entry.speaker,
            span=entry.span,
            text_span=entry.text_span,
        )
        self._used[path] = take
        return take

    def _place(self, entry: Entry) -> str | None:
        written = entry.file.replace("\\", "/")
        outside = path_problem(self._folder, entry.file, at=entry.span)
        if outside is None:
            for suffix in ("", *SOUND_SUFFIXES):
                path = PurePosixPath(written + suffix).as_posix()
                if (self._folder / path).is_file():
                    return path
        named = self._by_name.get(PurePosixPath(written).name, [])
        if len(named) == 1:
            self._n_by_name += 1
            return named[0]
        if outside is not None:
            hint = f"; {len(named)} recordings in the folder have that name" if named else ""
            self._findings.add(OUTSIDE_DATASET, entry.span, _said(outside) + hint, _KEEP_INSIDE)
            return None
        hint = did_you_mean(PurePosixPath(written).name, list(self._by_name)[:2_000])
        message = f'there is no recording "{entry.file}" in the dataset{hint}'
        remedy = "put it there, or take its row out"
        self._findings.add(UNUSABLE_RECORDING, entry.span, message, remedy)
        return None


def _recordings(folder: Path, findings: Findings) -> Iterator[str]:
    """List sound files in order; linked folders are not entered, linked files must stay inside."""
    n_seen = 0

    def refuse(error: OSError) -> None:
        raise EnvironmentFault(
            f"{error.filename}: {error.strerror or error}", remedy="check its permissions"
        ) from error

    for parent, folders, files in os.walk(folder, onerror=refuse, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        n_seen += len(files)
        if n_seen > MAX_FILES:
            raise EnvironmentFault(
                f"{folder}: holds more than {MAX_FILES} files",
                remedy="give the folder that holds the recordings of one person",
            )
        for name in sorted(files):
            path = Path(parent) / name
            if path.suffix.lower() not in SOUND_SUFFIXES or name.startswith("."):
                continue
            shown = path.relative_to(folder).as_posix()
            problem = path_problem(folder, shown, at=SourceSpan(path=shown))
            if problem is not None:
                findings.add(OUTSIDE_DATASET, problem.span, _said(problem), _KEEP_INSIDE)
            elif path.is_file():
                yield shown


def _said(problem: Diagnostic) -> str:
    return problem.message.replace("out of the project", "out of the dataset")


def _of_one_speaker(takes: Sequence[Take], wanted: str, findings: Findings) -> list[Take]:
    names = sorted({take.speaker for take in takes})
    if wanted:
        chosen = [take for take in takes if take.speaker == wanted]
        if not chosen and takes:
            listed = ", ".join(f'"{name}"' for name in names if name) or "nobody"
            hint = did_you_mean(wanted, names)
            raise UsageError(
                f'no recording is of a speaker "{wanted}"{hint}',
                remedy=f"the transcripts name {listed}",
            )
        return chosen
    if len(names) > 1:
        second = next(take for take in takes if take.speaker != takes[0].speaker)
        listed = ", ".join(f'"{name}"' for name in names[:5])
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        message = f"the transcripts name {len(names)} speakers: {listed}{more}"
        findings.add(OTHER_SPEAKERS, second.span, message, f"choose one: --speaker {names[-1]}")
    return list(takes)
