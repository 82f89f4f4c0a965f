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
    MINOR = "minor"
    """A person under age: a guardian agreed, for a time that ends."""
    DECEASED = "deceased"
    """A person who has died: whoever holds the rights agreed."""
    PUBLIC_FIGURE = "public_figure"
    """A person everybody knows: the agreement says what the likeness is for, bank by bank."""


class Use(Enum):
    """What a voice is used for; each is agreed to by name."""

    PRERENDER = "prerender"
    """Lines are rendered ahead, and published."""
    REALTIME = "realtime"
    """Speech is made while somebody plays or asks."""
    TRAINING = "training"
    """A model is made of the recordings."""


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
    uses: tuple[Use, ...] = ()
    """What was agreed to; empty: a record of the time before uses were named (see `allows`)."""
    territories: tuple[str, ...] = ("*",)
    """Where banks may go: two-letter country codes; `*` is anywhere."""
    terms: str = ""
    """Version of the terms that were agreed to."""
    notes: str = ""
    """Anything a person should know; decides nothing."""
    guardian: str = ""
    """Who agreed for a minor."""
    estate: str = ""
    """Who agreed for a person who has died."""
    purpose: str = ""
    """What a public figure's likeness is used for."""
    suspended: datetime.date | None = None
    """Day of suspension: while one is written no new take is made; what was made before stays."""
    is_suspension_noted: bool = False
    """A note outside the voice's file says that it is suspended, whatever the file says."""
    revoked: datetime.date | None = None
    """Day of revocation; once one is written, whatever the date, nothing renders."""
    is_noted: bool = False
    """A note outside the voice's file says that it was revoked, whatever the file says."""
    span: SourceSpan

    @property
    def is_suspended(self) -> bool:
        """Whether no new take may be made, by the voice's file or by a note."""
        return self.suspended is not None or self.is_suspension_noted

    def allows(self, use: Use) -> bool:
        """Tell whether a use was agreed to.

        A record that names no uses is read as it was written: for banks; and for training when
        `scope` holds the word. Nobody has agreed to real-time use without naming it.
        """
        if self.uses:
            return use in self.uses
        return use is Use.PRERENDER or (use is Use.TRAINING and Use.TRAINING.value in self.scope)
