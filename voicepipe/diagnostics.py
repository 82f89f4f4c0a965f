"""What is wrong in the user's files, where, and how to mend it.

A diagnostic is data: rooms that read user text collect them and go on. How
they are shown (text, JSON, SARIF) is `voicepipe.reports`' business.

Codes are forever. VP1xx syntax, VP2xx structure of the story, VP3xx voices and
casting, VP4xx consent, VP5xx settings, VP6xx rendering and checks of sound.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(Enum):
    """How much a diagnostic matters: only errors stop a render."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpan:
    """A place in a file the user wrote."""

    path: str
    """Relative to the project root, with forward slashes."""
    line: int = 1
    """From 1; for CSV the physical line the record's cell starts on."""
    column: int = 1
    """Code points, from 1."""
    length: int = 1
    """Code points to underline on that line, at least 1."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing wrong, at one place."""

    code: str
    """`VPnnn`, described for good in its room's `codes.py`."""
    severity: Severity
    span: SourceSpan
    message: str
    """What is wrong: quotes the user's word, gives the limit and the value."""
    help: str = ""
    """How to mend it: one remedy, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeInfo:
    """The long form of a diagnostic code, as `voicepipe explain` prints it."""

    code: str
    title: str
    severity: Severity
    explanation: str
    """Plain words: why it matters, and an example of wrong and right."""


LONGEST_WORD = 100
"""Characters; comparing longer ones costs time, and nobody meant a name by them."""


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Tell whether anything here stops the work."""
    return any(d.severity is Severity.ERROR for d in diagnostics)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the closest known word.

    Returns:
        ` — did you mean "x"?`, or an empty string when nothing is close.
    """
    if len(word) > LONGEST_WORD:
        return ""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' — did you mean "{close[0]}"?' if close else ""
