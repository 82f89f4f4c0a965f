"""Identifiers of say statements: those of the game's own script, or the lines' names."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from voicepipe.errors import UsageError
from voicepipe.exporters.tables import read_csv

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.exporters.protocol import Export, ExportClip

_TAGS: Final = re.compile(r"\{[^{}]*\}")


def _rows(export: Export) -> list[dict[str, str]]:
    if not export.options.dialogue:
        return []
    try:
        return read_csv(export.read_file(export.options.dialogue), delimiter="\t")
    except ValueError as error:
        raise UsageError(f"{export.options.dialogue}: {error}") from error


def _plain(text: str) -> str:
    return " ".join(_TAGS.sub("", text.replace("\\n", " ").replace('\\"', '"')).split())


def identifiers_of(export: Export, base: str) -> Mapping[str, tuple[str, ...]]:
    """Give line → identifiers; more than one where the game says a line in several places."""
    rows = _rows(export)
    names = {clip.line: clip.name for clip in export.clips}
    own = set(names.values())
    by_text: dict[str, list[ExportClip]] = defaultdict(list)
    for clip in export.by_language()[base]:
        by_text[_plain(clip.entry.text)].append(clip)
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        identifier, who = row.get("Identifier", ""), row.get("Character", "")
        alike = by_text.get(_plain(row.get("Dialogue", "")), [])
        if not identifier or identifier in own or not alike:
            continue
        same = [clip for clip in alike if clip.entry.speaker == who] or alike
        free = [clip for clip in same if clip.line not in found] or same
        found[free[0].line].append(identifier)
    return {line: tuple(found.get(line, (name,))) for line, name in names.items()}


def unspoken(export: Export, ids: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Give the identifiers of the game's own script that no line of the bank is."""
    known = {one for several in ids.values() for one in several}
    rows = (row.get("Identifier", "") for row in _rows(export))
    return sorted({identifier for identifier in rows if identifier and identifier not in known})
