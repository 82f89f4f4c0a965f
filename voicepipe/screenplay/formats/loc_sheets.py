"""Translation sheets: what a translator is given, and what comes back, as rows and as CSV.

The columns `line`, `text` and `source_hash` are those of `loc/<lang>.csv`; the rest is for people:
names that begin with `_` are ours and are written anew, all others are the translators' own.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from voicepipe.documents.csv_rows import find_delimiter, iter_rows
from voicepipe.documents.findings import Findings
from voicepipe.screenplay.formats.localisation import LOC_COLUMNS, source_hash
from voicepipe.screenplay.story.story import spoken_in_scene
from voicepipe.screenplay.syntax import DialogueLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.syntax import Language, Screenplay

OUR_COLUMNS: Final = ("_source", "_speaker", "_direction", "_context", "_status", "_line", "_text")
STALE: Final = "stale"
REMOVED: Final = "removed"
IN_SCRIPT: Final = "in the script"
_CONTEXT_LENGTH: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One line to translate."""

    line: str
    text: str = ""
    """Empty: not translated yet."""
    source_hash: str = ""
    """Of the source text that `text` was made from; of the present one where there is no text."""
    source: str = ""
    speaker: str = ""
    direction: str = ""
    context: str = ""
    """Scene and node, and what is said just before."""
    status: str = ""
    """Empty, or `STALE`, `REMOVED` (the script has no such line) or `IN_SCRIPT`."""
    place: tuple[str, int] = ("", 0)
    """File and line of the script."""
    more: Mapping[str, str] = field(default_factory=dict)
    """The translators' own columns."""


def sheet_of(screenplay: Screenplay, language: Language, source: Language) -> list[SheetRow]:
    """List every line that has an id and a source text, with what the script says of it.

    Args:
        screenplay: Without the translations beside it, or with them.
        language: The one to translate into.
        source: The one the script is written in.
    """
    return [
        _row(line, context, language, source)
        for line, context in _lines_in_context(screenplay, source)
        if line.id and source in line.texts
    ]


def _lines_in_context(
    screenplay: Screenplay, source: Language
) -> Iterator[tuple[DialogueLine, str]]:
    for scene in screenplay.scenes:
        nodes = {id(line): node.id for node in scene.nodes for line in _dialogue(node.entries)}
        before = ""
        for line in spoken_in_scene(scene):
            node = nodes.get(id(line))
            where = scene.id if node is None else f"{scene.id}.{node}"
            yield line, f'{where}, after "{before}"' if before else where
            text = line.texts.get(source)
            said = "" if text is None else " ".join(text.raw.split())
            before = said if len(said) <= _CONTEXT_LENGTH else said[:_CONTEXT_LENGTH] + "…"


def _dialogue(entries: Sequence[object]) -> Iterator[DialogueLine]:
    for entry in entries:
        if isinstance(entry, DialogueLine):
            yield entry
        else:
            options = getattr(entry, "options", ())
            yield from (option.line for option in options if option.line is not None)


def _row(line: DialogueLine, context: str, language: Language, source: Language) -> SheetRow:
    text = line.texts.get(language)
    original = line.texts[source].raw
    return SheetRow(
        line=line.id,
        text="" if text is None else text.raw,
        source_hash=source_hash(original),
        source=original,
        speaker=line.who,
        direction=", ".join(word for word in (line.emotion, line.note) if word),
        context=context,
        place=(line.span.path, line.span.line),
    )


def read_sheet(source: SourceFile) -> list[SheetRow]:
    """Read a sheet as it comes back, or `loc/<lang>.csv` as it stands.

    Raises:
        ValueError: It has no column `line` or `text`.
    """
    rows = iter_rows(source, Findings())
    header = next(rows, None)
    names = [] if header is None else [cell.strip() for cell in header.cells]
    lower = [name.lower() for name in names]
    for needed in ("line", "text"):
        if needed not in lower:
            raise ValueError(f'{source.path}: there is no column "{needed}"')
    return [_read_row(dict(zip(names, row.cells, strict=False))) for row in rows]


def _read_row(cells: Mapping[str, str]) -> SheetRow:
    given = {name.lower(): cell.strip() for name, cell in cells.items()}
    line, text = given["line"], given.get("text", "")
    is_removed = not line and bool(given.get("_line"))
    return SheetRow(
        line=given.get("_line", "") if is_removed else line,
        text=given.get("_text", "") if is_removed else text,
        source_hash=given.get("source_hash", "").lower(),
        source=given.get("_source", ""),
        status=REMOVED if is_removed else given.get("_status", ""),
        more={
            name: cell
            for name, cell in cells.items()
            if name and name.lower() not in LOC_COLUMNS and not name.startswith("_")
        },
    )


def print_sheet(rows: Sequence[SheetRow], delimiter: str = ",") -> str:
    """Write a sheet as CSV: our columns, then the translators'."""
    own = dict.fromkeys(name for row in rows for name in row.more)
    has_removed = any(row.status == REMOVED for row in rows)
    ours = OUR_COLUMNS if has_removed else OUR_COLUMNS[:-2]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow([*LOC_COLUMNS, *ours, *own])
    for row in rows:
        is_there = row.status != REMOVED
        cells = [row.line, row.text, row.source_hash] if is_there else ["", "", ""]
        cells += [row.source, row.speaker, row.direction, row.context, row.status]
        if has_removed:
            cells += ["", ""] if is_there else [row.line, row.text]
        writer.writerow([*cells, *(row.more.get(name, "") for name in own)])
    return out.getvalue()


def delimiter_of(source: SourceFile | None) -> str:
    """Keep what separates the cells of a file that is there."""
    return "," if source is None else find_delimiter(source)


def brought_up(wanted: Sequence[SheetRow], there: Sequence[SheetRow]) -> list[SheetRow]:
    """Bring a file of translations up to date with the script, dropping nothing.

    Args:
        wanted: As `sheet_of` gives them; a text among them stands in the script.
        there: As the file says.

    Returns:
        The script's lines in its order, stale ones marked; then rows of lines that are gone.
    """
    known: dict[str, SheetRow] = {}
    for row in there:
        known.setdefault(row.line, row)
    rows = [_brought_up(row, known.pop(row.line, None)) for row in wanted]
    gone = [row for row in known.values() if row.line and (row.text or row.more)]
    return [*rows, *(replace(row, status=REMOVED, source_hash="") for row in gone)]


def _brought_up(row: SheetRow, there: SheetRow | None) -> SheetRow:
    if there is None or not there.text:
        more = {} if there is None else there.more
        return replace(row, text="", status=IN_SCRIPT if row.text else "", more=more)
    is_stale = there.source_hash != row.source_hash
    return replace(
        row,
        text=there.text,
        source_hash=there.source_hash,
        status=STALE if is_stale else "",
        more=there.more,
    )


def taken_in(there: Sequence[SheetRow], returned: Sequence[SheetRow]) -> list[SheetRow]:
    """Take over what translators have written.

    A text that is new, or whose row is no longer marked stale, is made from the source text that
    the sheet showed; any other keeps the hash it had. An empty text takes nothing away.
    """
    rows = {row.line: row for row in there if row.line}
    for row in returned:
        if not row.line or not row.text:
            continue
        earlier = rows.get(row.line, SheetRow(line=row.line))
        made_from = row.source_hash
        if row.source and (row.text != earlier.text or row.status != STALE):
            made_from = source_hash(row.source)
        rows[row.line] = replace(
            earlier,
            text=row.text,
            source_hash=made_from or earlier.source_hash,
            status="",
            more={**earlier.more, **{name: cell for name, cell in row.more.items() if cell}},
        )
    return list(rows.values())
