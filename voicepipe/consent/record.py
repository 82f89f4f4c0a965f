"""The consent record of a voice.

It lies below the voices room so that a voice can carry it; the gate that
applies it lies above, where it can see which lines are cast.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime

    from voicepipe.diagnostics import SourceSpan


class ConsentKind(Enum):
    """Whose voice it is."""

    ACTOR = "actor"
    """A real person, who signed something: evidence is required."""
    SYNTHETIC = "synthetic"
    """Nobody's voice: a generated or formant voice. A statement of origin stands for evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """What the person behind a voice has allowed."""

    id: str
    """Stable; stands in every manifest entry and WAV made under it."""
    kind: ConsentKind
    who: str
    """The person, or the origin of a synthetic voice."""
    scope: tuple[str, ...]
    """Project or bank names this covers; `*` covers any."""
    languages: tuple[str, ...]
    """`*` covers any."""
    valid_from: datetime.date
    valid_until: datetime.date | None
    """Last day, included; None: open-ended."""
    evidence: str
    """Path of the signed paper, relative to the project root; empty for synthetic voices."""
    evidence_sha256: str
    revoked: datetime.date | None = None
    """Day of revocation; once one is written, whatever the date, nothing renders."""
    is_noted: bool = False
    """A note outside the voice's file says that it was revoked, whatever the file says."""
    span: SourceSpan
