"""Where copies of clips went: a note of each export and each page, so that a revocation finds them.

A note lies in the output folder, under the hash of the name and the place; a later export to the
same place takes it over. It is written before the first file is, and again after the last.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import orjson

from voicepipe.bank.faults import explained
from voicepipe.bank.files import write_atomic
from voicepipe.bank.schemas import Schema
from voicepipe.clock import utc_now
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_bytes
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicepipe.pipeline.production import Production

FOLDER: Final = "exported"
PAGES: Final = ("review", "play")
"""Kinds of page: their folders hold nothing but what is ours."""
_NOTE: Final = Schema(what="the note of an export")
_LARGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportNote:
    """One place to which clips were copied."""

    export: str
    """Name of the export, or the kind of page."""
    target: str
    """The exporter, or the kind of page."""
    path: str
    """Of the folder, as it was named: relative to the project, or absolute."""
    bank: str
    version: str
    """Which version of the bank was copied last."""
    date: str
    """When, UTC."""
    list_sha256: str = ""
    """Of the export's own list of files; empty: it has none, or never came to its end."""
    voices: Mapping[str, int] = field(default_factory=dict)
    """How many clips of each voice went there."""

    def folder(self, root: Path) -> Path:
        """Say where the folder lies or lay."""
        return root / self.path  # an absolute path stays what it is

    @property
    def is_page(self) -> bool:
        """Whether it is a page, whose folder is searched, and no export with a list."""
        return self.target in PAGES


def named_path(root: Path, folder: Path) -> str:
    """Write a folder as the notes do: as it was named, seen from the project if it is relative."""
    if folder.is_absolute() and not folder.is_relative_to(root):
        return folder.as_posix()
    return Path(os.path.relpath(folder.absolute(), root)).as_posix()


def note_export(out: Path, note: ExportNote) -> None:
    """Keep a note, in place of an earlier one of the same name and place.

    Raises:
        EnvironmentFault: It cannot be written.
    """
    name = sha256_of_bytes(f"{note.export}\n{note.path}".encode())
    facts = {"schema": _NOTE.number, **asdict(note)}
    content = orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    write_atomic(out, out / FOLDER / f"{name}.json", content)


def note_page(production: Production, folder: Path, kind: str, voices: Iterable[str]) -> None:
    """Note a page before it is written.

    Args:
        production: What it is made of.
        folder: Its own.
        kind: One of `PAGES`.
        voices: Of every clip that goes there.

    Raises:
        EnvironmentFault: The note cannot be written.
    """
    counts = Counter(voices)
    if not counts or production.manifest is None:
        return
    note = ExportNote(
        export=kind,
        target=kind,
        path=named_path(production.root, folder),
        bank=production.settings.bank,
        version=production.manifest.version,
        date=utc_now(),
        voices=dict(counts),
    )
    note_export(production.out, note)


def export_notes(out: Path) -> tuple[ExportNote, ...]:
    """Read all notes, by name and place.

    Raises:
        MadeByNewer: A newer release wrote one.
        EnvironmentFault: One is damaged: where clips went is not known then.
    """
    folder = out / FOLDER
    with explained(folder):
        paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
        notes = [_parsed(read_regular(path, limit=_LARGEST), path) for path in paths]
    return tuple(sorted(notes, key=lambda note: (note.export, note.path)))


def _parsed(content: bytes, path: Path) -> ExportNote:
    try:
        facts, fault = _NOTE.bring_up(orjson.loads(content), str(path))
        if not fault:
            return msgspec.convert(facts, ExportNote)
    except (orjson.JSONDecodeError, msgspec.ValidationError) as error:
        fault = str(error)
    raise EnvironmentFault(
        f"{path}: where clips were exported to is not known: {fault}",
        remedy="look through what was exported with `voicepipe labels check`, then remove the note",
    )
