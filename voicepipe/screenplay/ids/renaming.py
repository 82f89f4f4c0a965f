"""Putting another id in place of a line's, in scripts and translations: on text in memory.

Nothing else in a file changes; a script is read again to make sure of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicepipe.documents.csv_rows import iter_rows
from voicepipe.documents.findings import Findings
from voicepipe.screenplay.formats.loader import parse_scripts
from voicepipe.screenplay.ids.insertion import meaning, offset_of
from voicepipe.screenplay.story.story import screenplay_lines

if TYPE_CHECKING:
    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.formats.values import ScriptLanguages


def rename_in_script(
    source: SourceFile, span: SourceSpan, old: str, new: str, languages: ScriptLanguages
) -> str | None:
    """Rename the line at a place.

    Args:
        source: The script it stands in.
        span: Of its id.
        old: Its id.
        new: The id to write.
        languages: Which languages the scripts may hold.

    Returns:
        The whole new text; None where the id cannot be replaced without changing something else.
    """
    text = _with_other_id(source.text, offset_of(source, span), old, new)
    if text is None:
        return None
    before, known = parse_scripts([source], languages)
    after, problems = parse_scripts([replace(source, text=text)], languages)
    wanted = [new if line.id == old else line.id for line in screenplay_lines(before)]
    is_only_that = [line.id for line in screenplay_lines(after)] == wanted
    if not is_only_that or len(problems) > len(known) or meaning(before) != meaning(after):
        return None
    return text


def rename_in_translations(source: SourceFile, old: str, new: str) -> str | None:
    """Rename a line in a file of translations.

    Returns:
        The whole new text; None where the file does not speak of the line.

    Raises:
        ValueError: It speaks of a line with the new id already.
    """
    rows = iter_rows(source, Findings())
    header = next(rows, None)
    names = [] if header is None else [cell.strip().lower() for cell in header.cells]
    if "line" not in names:
        return None
    column, found, text = names.index("line"), False, source.text
    for row in rows:
        cell = row.cells[column] if column < len(row.cells) else ""
        if cell.strip() == new:
            raise ValueError(f'{row.span(column)}: there is a row for "{new}" already')
        if cell.strip() != old or found:
            continue
        start = offset_of(source, row.span(column)) + len(cell) - len(cell.lstrip())
        text = _with_other_id(source.text, start, old, new) or text
        found = text != source.text
    return text if found else None


def _with_other_id(text: str, at: int, old: str, new: str) -> str | None:
    at += text[at : at + 1] in ("'", '"')
    if text[at : at + len(old)] != old:
        return None
    return text[:at] + new + text[at + len(old) :]
