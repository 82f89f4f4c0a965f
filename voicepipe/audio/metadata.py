"""What a WAV says about its own making.

Only facts that belong to the line: no date, no machine, no program version, so that the same
inputs give the same bytes for ever. How the facts are laid out in chunks is `tags`' business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicepipe.hashing import Json

METADATA_REVISION = 1
"""Raised whenever the same facts would be written as other bytes."""

STATEMENTS = {
    "synthetic": "Synthetic speech (AI-generated). No person spoke these words.",
    "scratch": "Synthetic speech (scratch placeholder from a formant synthesizer). "
    "No person spoke these words. Not for release.",
    "recorded": "Recorded speech. A person spoke these words.",
}
"""By source: the sentence every file carries, for people and for whoever must disclose it."""

# Unicode's C0 and C1 controls, lone surrogates and the two non-characters XML 1.0 cannot hold.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_LONGEST_VALUE = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipMetadata:
    """The facts written into one finished clip."""

    line: str
    text: str
    """As a subtitle shows it."""
    speaker: str
    """Name in the script."""
    voice: str
    """Who renders it."""
    language: str
    source: str
    """`synthetic`, `scratch` or `recorded`."""
    engine: str = ""
    """Empty for recordings."""
    consent: str = ""
    """Id of the consent record it was made under."""

    def __post_init__(self) -> None:
        """Refuse a source without a statement.

        Raises:
            ValueError: Our own mistake; sources are a closed set.
        """
        if self.source not in STATEMENTS:
            raise ValueError(f"no statement is written for source {self.source!r}")

    @property
    def statement(self) -> str:
        """What the file says of its origin, in plain words."""
        return STATEMENTS[self.source]

    def writable(self) -> ClipMetadata:
        """Make every field fit for any chunk: control characters become spaces, length is bounded.

        Reading a file back gives exactly this.
        """
        given = {name: getattr(self, name) for name in _FIELDS}
        clean = {name: _writable(value) for name, value in given.items()}
        return self if clean == given else replace(self, **clean)


_FIELDS = tuple(field.name for field in fields(ClipMetadata))
_in_order = attrgetter(*_FIELDS)


def _writable(value: str) -> str:
    if value.isprintable() and len(value) <= _LONGEST_VALUE:
        return value.strip()
    return _UNWRITABLE.sub(" ", value)[:_LONGEST_VALUE].strip()


def metadata_fingerprint(metadata: ClipMetadata) -> Json:
    """Give everything about the tags that can change a clip's bytes, for its key.

    The facts as they come: cleaning them would cost more than the rare clip it saves.
    """
    return [METADATA_REVISION, *_in_order(metadata)]
