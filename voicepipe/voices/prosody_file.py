"""`prosody.yaml`: the director's table of what emotions do to speech, read and checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pydantic import Field

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.binding import BindingCodes, bind, span_at
from voicepipe.documents.findings import Findings
from voicepipe.documents.section import Section
from voicepipe.documents.source import read_source
from voicepipe.documents.yaml_tree import iter_documents, node_span
from voicepipe.voices.prosody import (
    NO_PROSODY,
    PLAIN,
    QUESTION_SEMITONES,
    STANDARD,
    STANDARD_TABLE,
    WITH_CLIP,
    Prosody,
    ProsodyTable,
)
from voicepipe.voices.prosody_codes import BAD_PROSODY, NO_SUCH_ROW, UNKNOWN_PROSODY_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.documents.source import SourceFile
    from voicepipe.documents.yaml_tree import YamlNode
    from voicepipe.settings import Settings

PROSODY_FILE: Final = "prosody.yaml"
_CODES: Final = BindingCodes(
    unknown_key=UNKNOWN_PROSODY_KEY, missing_key=BAD_PROSODY, bad_value=BAD_PROSODY
)


class ProsodyRow(Section):
    """What one emotion does to speech; what is left out stays as it is."""

    like: str = ""
    """Begin with another row, or with the standard one of this name."""
    strength: float = Field(default=1.0, ge=0.0, le=2.0)
    """Of the whole row: 0.5 is half as much, 2 twice."""
    speed: float | None = Field(default=None, ge=0.5, le=2.0)
    """Factor on the pace: over 1 is faster."""
    pitch_semitones: float | None = Field(default=None, ge=-12.0, le=12.0)
    """How much higher the voice lies."""
    range: float | None = Field(default=None, ge=0.1, le=3.0)
    """Factor on how far the melody moves about its middle."""
    level_db: float | None = Field(default=None, ge=-12.0, le=6.0)
    """Against the loudness every clip is brought to."""
    brightness_db: float | None = Field(default=None, ge=-6.0, le=6.0)
    """Tilt of the spectrum, dB an octave."""
    breathiness_db: float | None = Field(default=None, ge=0.0, le=20.0)
    """How much more breath there is against voice."""
    tremor_hz: float | None = Field(default=None, ge=0.0, le=15.0)
    """How often the pitch trembles a second."""
    tremor_semitones: float | None = Field(default=None, ge=0.0, le=3.0)
    """How far it trembles to either side."""
    pauses: float | None = Field(default=None, ge=0.2, le=3.0)
    """Factor on pauses within a line; those the script writes keep their length."""
    is_voiceless: bool | None = None
    """Whispered: breath in place of voice."""


class ProsodyFile(Section):
    """A whole `prosody.yaml`: its rows come before the standard ones of the same name."""

    emotions: dict[str, ProsodyRow] = Field(default={}, max_length=1_000)
    """By emotion, as the script says it. `sad: {}` leaves sad lines as they are."""
    with_clip: float = Field(default=WITH_CLIP, ge=0.0, le=1.0)
    """How much of a row is left when the reference clip already has the emotion."""
    question_semitones: float = Field(default=QUESTION_SEMITONES, ge=-12.0, le=12.0)
    """How far the end of a question rises, where its emotion has a row."""


def load_prosody(root: Path, settings: Settings) -> tuple[ProsodyTable, tuple[Diagnostic, ...]]:
    """Read a project's prosody table.

    Args:
        root: The project root.
        settings: Say whether there is one.

    Returns:
        The table, without rows when the project has none, and what is wrong with its file.
    """
    if settings.prosody == "off":
        return NO_PROSODY, ()
    if not (root / PROSODY_FILE).exists():
        return (STANDARD_TABLE if settings.prosody == "on" else NO_PROSODY), ()
    source, problems = read_source(root, PROSODY_FILE)
    if source is None:
        return NO_PROSODY, problems
    table, found = parse_prosody(source)
    return table, (*problems, *found)


def parse_prosody(source: SourceFile) -> tuple[ProsodyTable, tuple[Diagnostic, ...]]:
    """Read a table's text; otherwise as `load_prosody`."""
    findings = Findings()
    documents = list(iter_documents(source, findings))
    if len(documents) > 1:
        span = node_span(source, documents[1])
        message = "the prosody table is one document"
        findings.add(BAD_PROSODY, span, message, 'remove the "---" before it')
    if not documents:
        return STANDARD_TABLE, findings.diagnostics()
    file = bind(source, documents[0], ProsodyFile, findings, _CODES)
    if file is None:
        return NO_PROSODY, findings.diagnostics()
    rows = _Rows(file.emotions, source, documents[0], findings)
    table = ProsodyTable(
        rows={**STANDARD, **{name: rows.resolved(name) for name in file.emotions}},
        with_clip=file.with_clip,
        question_semitones=file.question_semitones,
    )
    return table, findings.diagnostics()


class _Rows:
    """Fills rows in from those they are like."""

    def __init__(
        self,
        rows: Mapping[str, ProsodyRow],
        source: SourceFile,
        node: YamlNode,
        findings: Findings,
    ) -> None:
        self._rows = rows
        self._source = source
        self._node = node
        self._findings = findings
        self._refused: set[str] = set()

    def resolved(self, name: str, asked: tuple[str, ...] = ()) -> Prosody:
        row = self._rows[name]
        given = row.model_dump(exclude={"like", "strength"}, exclude_none=True)
        return replace(self._begun(name, row.like, asked), **given).scaled(row.strength)

    def _begun(self, name: str, like: str, asked: tuple[str, ...]) -> Prosody:
        if not like:
            return PLAIN
        if like in self._rows and like != name and like not in asked:
            return self.resolved(like, (*asked, name))
        if like in STANDARD and like not in asked:
            return STANDARD[like]
        if name not in self._refused:
            self._refused.add(name)
            self._refuse(name, like)
        return PLAIN

    def _refuse(self, name: str, like: str) -> None:
        known = sorted({*STANDARD, *self._rows} - {name})
        if like in self._rows:
            why = "which comes back to it" if like != name else "and there is no standard one"
        else:
            why = f"which is no row{did_you_mean(like, known)}"
        message = f'"{name}" is like "{like}", {why}'
        span = span_at(self._source, self._node, ("emotions", name, "like"))
        self._findings.add(NO_SUCH_ROW, span, message, f"rows are {', '.join(known)}")
