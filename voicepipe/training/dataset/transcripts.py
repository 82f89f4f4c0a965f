"""Transcripts of a dataset: which recording says what, and where that is written.

Four forms, told apart by the file's name: CSV with a header, LJSpeech's `metadata.csv` without one,
the GPT-SoVITS community's `.list`, and a text file beside each recording. Opens no sound.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.csv_rows import iter_rows
from voicepipe.documents.source import read_source
from voicepipe.errors import UsageError
from voicepipe.text.languages import language_of
from voicepipe.training.codes import MALFORMED_TRANSCRIPT, NO_TEXT, UNKNOWN_LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.csv_rows import CsvRow
    from voicepipe.documents.findings import Findings
    from voicepipe.documents.source import SourceFile

TABLE_SUFFIX: Final = ".csv"
LIST_SUFFIX: Final = ".list"
LJSPEECH_NAME: Final = "metadata.csv"
"""`id|text` or `id|text|text as it is read`, without a header."""
_LJSPEECH_FOLDER: Final = "wavs/"
SIDECAR_SUFFIXES: Final = (".txt", ".lab")

MAX_ROWS: Final = 100_000
"""A hundred hours of short takes; more is another kind of training."""
MAX_TEXT: Final = 5_000
"""Characters: ten minutes of the quickest speech, and a take may last ten."""
_MAX_SIDECAR_BYTES: Final = 64 * 1024

_COLUMNS: Final = {
    "file": "file",
    "path": "file",
    "audio": "file",
    "wav": "file",
    "text": "text",
    "transcript": "text",
    "language": "language",
    "lang": "language",
    "speaker": "speaker",
}
_SPOKEN_LIKE: Final = {
    **{"jp": "ja", "kr": "ko", "cn": "zh"},
    **{f"all_{tag}": tag for tag in ("zh", "ja", "ko", "yue")},
}
"""How lists of the community spell languages."""
_LINE_BREAK: Final = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One recording and its words, as a transcript has them."""

    file: str
    """As written: nothing has been looked for yet."""
    text: str
    """Line breaks are kept where the user wrote one sentence a line."""
    language: str
    """`zh`, `en`, `ja`, `ko` or `yue`."""
    speaker: str = ""
    span: SourceSpan
    """Of the file's name in the transcript; of the whole file for one beside its recording."""
    text_span: SourceSpan


class TranscriptReader:
    """Reads transcripts of one dataset.

    Args:
        folder: The dataset's.
        language: For rows that name none; empty when the user gave none.
        findings: Told of everything that is wrong.
    """

    def __init__(self, folder: Path, language: str, findings: Findings) -> None:
        self._folder = folder
        self._language = language
        self._findings = findings

    def read(self, path: str) -> tuple[Entry, ...]:
        """Read a CSV or `.list` file.

        Args:
            path: From the dataset's folder.
        """
        source, problems = read_source(self._folder, path)
        self._findings.extend(problems)
        if source is None:
            return ()
        if path.lower().endswith(LIST_SUFFIX):
            return self._collected(self._list(source))
        read = self._ljspeech if _is_ljspeech(path, source) else self._table
        return self._collected(read(source))

    def beside(self, recording: str) -> tuple[bool, Entry | None]:
        """Read the text file beside a recording.

        Args:
            recording: From the dataset's folder.

        Returns:
            Whether there is one; and what it says, if that can be used.
        """
        stem = recording.rpartition(".")[0]
        names = [stem + suffix for suffix in SIDECAR_SUFFIXES]
        name = next((name for name in names if (self._folder / name).is_file()), None)
        if name is None:
            return False, None
        source, problems = read_source(self._folder, name, max_bytes=_MAX_SIDECAR_BYTES)
        self._findings.extend(problems)
        if source is None:
            return True, None
        span = source.span()
        text = source.text.strip()
        return True, self._entry(recording, text, "", "", span=span, text_span=span)

    def _collected(self, rows: Iterable[tuple[Entry | None, SourceSpan]]) -> tuple[Entry, ...]:
        """Take up the rows that can be used, as many as are allowed."""
        found: list[Entry] = []
        for entry, span in rows:
            if entry is not None:
                found.append(entry)
            if len(found) >= MAX_ROWS:
                message, remedy = f"more than {MAX_ROWS} recordings", "train with the best of them"
                self._findings.add(MALFORMED_TRANSCRIPT, span, message, remedy)
                break
        return tuple(found)

    def _list(self, source: SourceFile) -> Iterator[tuple[Entry | None, SourceSpan]]:
        for number, line in enumerate(source.lines(), start=1):
            if not line.strip():
                continue
            parts = line.split("|", 3)
            if len(parts) != 4:
                message = f"a line of {len(parts)} parts; it has four, with | between them"
                remedy = "write it as path|speaker|language|text"
                span = source.span(number, 1, len(line))
                self._findings.add(MALFORMED_TRANSCRIPT, span, message, remedy)
                continue
            places = [sum(len(part) + 1 for part in parts[:at]) + 1 for at in range(4)]
            spans = [
                source.span(number, place, len(part))
                for place, part in zip(places, parts, strict=True)
            ]
            entry = self._entry(
                parts[0].strip(),
                parts[3].strip(),
                parts[2].strip(),
                parts[1].strip(),
                span=spans[0],
                text_span=spans[3],
                language_span=spans[2],
            )
            yield entry, source.span(number)

    def _ljspeech(self, source: SourceFile) -> Iterator[tuple[Entry | None, SourceSpan]]:
        for number, line in enumerate(source.lines(), start=1):
            if not line.strip():
                continue
            parts = line.split("|")
            if not 2 <= len(parts) <= 3:
                message = f"a line of {len(parts)} parts; it has two or three, with | between them"
                remedy = "write it as id|text|text as it is read"
                span = source.span(number, 1, len(line))
                self._findings.add(MALFORMED_TRANSCRIPT, span, message, remedy)
                continue
            at = len(parts) - 1 if parts[-1].strip() else 1
            place = sum(len(part) + 1 for part in parts[:at]) + 1
            entry = self._entry(
                parts[0].strip() and _LJSPEECH_FOLDER + parts[0].strip(),
                parts[at].strip(),
                "",
                "",
                span=source.span(number, 1, len(parts[0])),
                text_span=source.span(number, place, len(parts[at])),
            )
            yield entry, source.span(number)

    def _table(self, source: SourceFile) -> Iterator[tuple[Entry | None, SourceSpan]]:
        rows = iter_rows(source, self._findings)
        header = next(rows, None)
        columns = {} if header is None else self._columns(source, header)
        if not {"file", "text"} <= columns.keys():
            return
        for row in rows:
            yield self._row(row, columns), row.span(0)

    def _columns(self, source: SourceFile, header: CsvRow) -> dict[str, int]:
        columns: dict[str, int] = {}
        names = [cell.strip().lower() for cell in header.cells]
        for index, name in enumerate(names):
            meaning = _COLUMNS.get(name)
            if meaning is None:
                continue
            if meaning in columns:
                message = f'the column "{name}" means "{meaning}", which is there already'
                self._findings.add(
                    MALFORMED_TRANSCRIPT, header.span(index), message, "remove one of the two"
                )
            columns.setdefault(meaning, index)
        for wanted in ("file", "text"):
            if wanted not in columns:
                message = f'the header has no column "{wanted}"{did_you_mean(wanted, names)}'
                remedy = "write a first row such as: file,text,language"
                self._findings.add(MALFORMED_TRANSCRIPT, source.span(header.line), message, remedy)
        return columns

    def _row(self, row: CsvRow, columns: Mapping[str, int]) -> Entry | None:
        def cell(name: str) -> str:
            index = columns.get(name, len(row.cells))
            return row.cells[index].strip() if index < len(row.cells) else ""

        spans = {name: row.span(index) for name, index in columns.items()}
        return self._entry(
            cell("file"),
            cell("text"),
            cell("language"),
            cell("speaker"),
            span=spans["file"],
            text_span=spans["text"],
            language_span=spans.get("language"),
        )

    def _entry(
        self,
        file: str,
        text: str,
        language: str,
        speaker: str,
        *,
        span: SourceSpan,
        text_span: SourceSpan,
        language_span: SourceSpan | None = None,
    ) -> Entry | None:
        if not file:
            self._findings.add(
                MALFORMED_TRANSCRIPT, span, "this row names no recording", "name it, or remove it"
            )
            return None
        if not text:
            self._findings.add(
                NO_TEXT, text_span, f'"{file}" has an empty text', "write what is said in it"
            )
            return None
        if len(text) > MAX_TEXT:
            message = f'the text of "{file}" has {len(text)} characters; the limit is {MAX_TEXT}'
            self._findings.add(
                MALFORMED_TRANSCRIPT, text_span, message, "check where the text ends; cut the take"
            )
            return None
        spoken = self._spoken(language, language_span or span)
        if spoken is None:
            return None
        return Entry(
            file=file,
            text=text,
            language=spoken,
            speaker=speaker,
            span=span,
            text_span=text_span,
        )

    def _spoken(self, tag: str, span: SourceSpan) -> str | None:
        wanted = tag or self._language
        if not wanted:
            message = "nothing says which language this is in"
            remedy = "give --lang, or a column `language`"
            self._findings.add(UNKNOWN_LANGUAGE, span, message, remedy)
            return None
        try:
            return language_of(_SPOKEN_LIKE.get(wanted.lower(), wanted)).value
        except UsageError as error:
            self._findings.add(UNKNOWN_LANGUAGE, span, error.message, error.remedy)
            return None


def _is_ljspeech(path: str, source: SourceFile) -> bool:
    """Tell LJSpeech's list from a table of the same name, which has a header."""
    first = next((line for line in source.lines() if line.strip()), "")
    return path.lower().rpartition("/")[2] == LJSPEECH_NAME and 1 <= first.count("|") <= 2


def sentences_by_line(text: str) -> tuple[str, ...]:
    """Give the lines of a text that is written one sentence a line."""
    return tuple(line.strip() for line in _LINE_BREAK.split(text) if line.strip())
