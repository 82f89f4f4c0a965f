"""What of a script matters to other scripts: how its story goes, and what it declares.

Words and places are left out: another text in a line leaves the outline as it is.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from voicepipe.diagnostics import SourceSpan
from voicepipe.kept_documents import DocumentKey, document_key
from voicepipe.screenplay.formats.script_parts import (
    StartDeclaration,  # noqa: TC001 - read by its annotations
)
from voicepipe.screenplay.placeholders import variables_in
from voicepipe.screenplay.syntax import EntryPattern, SourceText, Speaker, Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicepipe.screenplay.formats.script_parts import ScriptParts


class ScriptOutline(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All of a script but its scenes, and what these are to other scripts."""

    story: DocumentKey
    """Hash of all that it says, but for words and places."""
    declared: DocumentKey
    """Hash of its speakers and variables, but for places."""
    n_scenes: int
    speakers: tuple[Speaker, ...]
    variables: tuple[Variable, ...]
    starts: tuple[StartDeclaration, ...]
    entries: tuple[EntryPattern, ...]


def outline_of(parts: ScriptParts) -> ScriptOutline:
    """Give the outline of a script."""
    declared = [parts.speakers, parts.variables]
    return ScriptOutline(
        story=_digest([declared, parts.scenes, parts.starts, parts.entries]),
        declared=_digest(declared),
        n_scenes=len(parts.scenes),
        speakers=tuple(parts.speakers),
        variables=tuple(parts.variables),
        starts=tuple(parts.starts),
        entries=tuple(parts.entries),
    )


def _digest(facts: object) -> bytes:
    written = orjson.dumps(facts, default=_fact, option=orjson.OPT_PASSTHROUGH_DATACLASS)
    return document_key(written)


def _fact(record: object) -> object:
    if isinstance(record, SourceSpan):
        return None
    if isinstance(record, SourceText):
        shown = [use.name for use in variables_in(record.raw)]
        return [shown, bool(record.raw.strip()), record.is_stale]
    kind: Any = type(record)
    return [kind.__name__, *_values_of(kind)(record)]


@cache
def _values_of(kind: Any) -> Callable[[object], Any]:  # noqa: ANN401 - a dataclass
    return attrgetter(*(field.name for field in fields(kind)))
