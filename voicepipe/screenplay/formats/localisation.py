"""Translations beside the script: `scripts_in/loc/<lang>.csv`.

A translation remembers which source text it was made from, so that a change of
the source shows.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.csv_rows import CsvRow, iter_rows
from voicepipe.screenplay.codes.syntax import BAD_COLUMNS, BAD_SOURCE_HASH, BAD_TRANSLATION
from voicepipe.screenplay.syntax import (
    Choice,
    DialogueLine,
    Entry,
    Language,
    Option,
    Scene,
    SourceText,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.findings import Findings
    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.formats.values import ValueReader

HASH_DIGITS: Final = 12
"""Hexadecimal digits of a source text's SHA-256: enough for no two texts of a script to agree."""
LOC_COLUMNS: Final = ("line", "text", "source_hash")
"""The columns that every sheet of translations has."""
SLOT_COLUMN: Final = "slot"
"""How long the translation may speak, where that differs; any other column is the translators'."""

_HASH: Final = re.compile(r"[0-9a-f]{12}")


def source_hash(text: str) -> str:
    """The hash a translation records of the source text it was made from.

    Args:
        text: The source text as the script's reader gives it (`SourceText.raw`).
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:HASH_DIGITS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """One row of a translation file."""

    text: SourceText
    source_hash: str
    """Empty when the file does not say."""
    slot_s: float | None = None
    """Seconds of speech; None: as the script says."""


@dataclass(slots=True, kw_only=True)
class Translations:
    """Every translation that is kept beside the script."""

    by_line: dict[str, dict[Language, Translation]] = field(default_factory=dict)
    _places: dict[str, dict[Language, SourceSpan]] = field(default_factory=dict)

    def read(self, source: SourceFile, language: Language, values: ValueReader) -> None:
        """Read one `<lang>.csv`; problems go to the findings of `values`.

        Args:
            source: The file.
            language: The language it is in, from its name.
            values: Reads the texts.
        """
        rows = iter_rows(source, values.findings)
        header = next(rows, None)
        if header is None:
            return
        columns = _columns(header, values.findings)
        if columns is None:
            return
        for row in rows:
            self._row(row, columns, language, values)

    def apply(
        self, scenes: Iterable[Scene], source_language: Language, findings: Findings
    ) -> list[Scene]:
        """Put the translations into the script.

        Returns:
            The scenes, translated. A translation wins over a text in the script. It is stale when
            its source text has another hash than the file says, or when the file says none.
        """
        scenes = list(scenes)
        if not self._places:
            return scenes
        translator = _Translator(self.by_line, source_language)
        translated = [translator.scene(scene) for scene in scenes]
        strangers = [line for line in self._places if line not in translator.seen]
        # Looking for close words among very many costs more than it tells.
        known = translator.seen if len(translator.seen) * len(strangers) <= 200_000 else ()
        for line in strangers:
            message = f'no line of the script has the id "{line}"{did_you_mean(line, known)}'
            for span in self._places[line].values():
                findings.add(BAD_TRANSLATION, span, message, "correct the id, or delete the row")
        return translated

    def _row(
        self, row: CsvRow, columns: Mapping[str, int], language: Language, values: ValueReader
    ) -> None:
        cells = {name: _cell(row, index) for name, index in columns.items()}
        span = row.span(columns["line"])
        line = cells["line"].strip()
        if not line:
            if any(cell.strip() for cell in cells.values()):
                message = "a translation without the id of its line"
                values.findings.add(BAD_TRANSLATION, span, message, "fill in line")
            return
        first = self._places.setdefault(line, {}).setdefault(language, span)
        if first is not span:
            message = f'line "{line}" is translated already, at {first}'
            values.findings.add(BAD_TRANSLATION, span, message, "remove one")
            return
        text = values.text(cells["text"], row.span(columns["text"]))
        if text is not None:
            made_from = self._hash(row, columns, values.findings)
            slot = cells.get(SLOT_COLUMN, "").strip()
            slot_s = values.slot(slot, row.span(columns[SLOT_COLUMN])) if slot else None
            self.by_line.setdefault(line, {})[language] = Translation(
                text=text, source_hash=made_from, slot_s=slot_s
            )

    @staticmethod
    def _hash(row: CsvRow, columns: Mapping[str, int], findings: Findings) -> str:
        index = columns.get("source_hash")
        written = "" if index is None else _cell(row, index).strip().lower()
        if _HASH.fullmatch(written):
            return written
        span = row.span(columns["line"] if index is None else index)
        message = f'"{written}" is not the hash of a source text' if written else "no source hash"
        remedy = f"write the first {HASH_DIGITS} digits of the source text's SHA-256"
        findings.add(BAD_SOURCE_HASH, span, message, remedy)
        return ""


class _Translator:
    """Walks the scenes, replacing only what has a translation."""

    def __init__(
        self,
        by_line: Mapping[str, Mapping[Language, Translation]],
        source_language: Language,
    ) -> None:
        self._by_line = by_line
        self._source_language = source_language
        self.seen: set[str] = set()

    def scene(self, scene: Scene) -> Scene:
        return replace(
            scene,
            nodes=tuple(
                replace(node, entries=tuple(self._entry(entry) for entry in node.entries))
                for node in scene.nodes
            ),
            barks=tuple(
                replace(barks, lines=tuple(self._line(line) for line in barks.lines))
                for barks in scene.barks
            ),
        )

    def _entry(self, entry: Entry) -> Entry:
        if isinstance(entry, DialogueLine):
            return self._line(entry)
        if isinstance(entry, Choice):
            return replace(entry, options=tuple(self._option(o) for o in entry.options))
        return entry

    def _option(self, option: Option) -> Option:
        if option.line is None:
            return option
        line = self._line(option.line)
        # A voiced option is shown and spoken with the same words.
        return option if line is option.line else replace(option, line=line, texts=line.texts)

    def _line(self, line: DialogueLine) -> DialogueLine:
        self.seen.add(line.id)
        translations = self._by_line.get(line.id)
        if not translations:
            return line
        texts = dict(line.texts)
        source = texts.get(self._source_language)
        now = "" if source is None else source_hash(source.raw)
        for language, translation in translations.items():
            is_stale = translation.source_hash != now
            texts[language] = replace(translation.text, is_stale=is_stale)
        slots: dict[str, float] = {
            language: translation.slot_s
            for language, translation in translations.items()
            if translation.slot_s is not None
        }
        return replace(line, texts=texts, slots={**line.slots, **slots})


def _columns(header: CsvRow, findings: Findings) -> dict[str, int] | None:
    columns: dict[str, int] = {}
    for index, cell in enumerate(header.cells):
        name = cell.strip().lower()
        if name in columns:
            message = f'there are two columns "{name}"'
            findings.add(BAD_COLUMNS, header.span(index), message, "remove one")
        elif name in (*LOC_COLUMNS, SLOT_COLUMN):
            columns[name] = index
    for name in ("line", "text"):
        if name not in columns:
            message = f'there is no column "{name}"'
            findings.add(BAD_COLUMNS, header.span(0), message, "columns are line,text,source_hash")
            return None
    return columns


def _cell(row: CsvRow, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""
