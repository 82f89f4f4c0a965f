"""What people say of a line in one language: an assessment, a status, a note; and whether it holds.

Whoever judges a sound judges that one: the record names it by hash. When the line sounds otherwise
the record stays, and is shown as lapsed.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from voicepipe.bank.manifest import ManifestEntry

LONGEST_WORDS: Final = 500
"""Characters of a reason or a note: it is one row of a table."""


class ReviewKind(Enum):
    """What a row of `decisions.csv` is about; its value is the row's `kind`."""

    ASSESSMENT = "review"
    STATUS = "status"
    NOTE = "note"


class Assessment(Enum):
    """How a person finds the sound of a line."""

    APPROVED = "approved"
    REJECTED = "rejected"
    RERECORD = "rerecord"
    """A person has to speak it (again)."""


class Status(Enum):
    """How far a line has come in one language; lowest first."""

    WRITTEN = "written"
    PLACEHOLDER = "placeholder"
    SYNTHETIC = "synthetic"
    APPROVED = "approved"
    RECORDED = "recorded"
    FINAL = "final"


VALUES: Final[Mapping[ReviewKind, frozenset[str]]] = {
    ReviewKind.ASSESSMENT: frozenset(one.value for one in Assessment),
    ReviewKind.STATUS: frozenset(one.value for one in Status),
    ReviewKind.NOTE: frozenset(),
}
"""What the `value` of each kind may be; empty always: what was said is withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One thing a person said of a line in one language."""

    value: str = ""
    """One of `VALUES`; empty: withdrawn, or a note."""
    words: str = ""
    """Why, or the note itself; one line."""
    sound: str = ""
    """sha256 of the clip that was heard; empty: it is about the line, however it sounds."""
    heard_take: str = ""
    """Take key of that clip: the same take may be finished otherwise later."""
    change: int = field(default=0, compare=False)
    more: Mapping[str, str] = field(default_factory=dict)
    """Columns of a newer release: kept, and written again."""

    @property
    def says_something(self) -> bool:
        """Whether it has not been withdrawn."""
        return bool(self.value or self.words)


class ReviewValidity(Enum):
    """Whether what was said of a sound is true of what the line sounds like now."""

    HOLDS = "holds"
    FINISHED_ANEW = "finished anew"
    """The same take, but trimmed, levelled or labelled otherwise: it holds, and is shown so."""
    LAPSED = "lapsed"
    """The line sounds otherwise, or has no clip any more."""

    @property
    def counts(self) -> bool:
        """Whether it is acted upon."""
        return self is not ReviewValidity.LAPSED


def validity(review: Review, entry: ManifestEntry | None) -> ReviewValidity:
    """Compare what was heard with what is published now; None: nothing is."""
    if not review.sound or (entry is not None and review.sound == entry.sha256):
        return ReviewValidity.HOLDS
    if entry is not None and review.heard_take == entry.take_key:
        return ReviewValidity.FINISHED_ANEW
    return ReviewValidity.LAPSED
