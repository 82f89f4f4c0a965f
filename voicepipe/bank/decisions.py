"""What people decided about single lines: takes, seeds, pins, recordings' texts, reviews.

Kept with the project under version control (`decisions_file`). Knows nothing of scripts: a
decision about a line that is gone stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voicepipe.bank.layout import is_hash
from voicepipe.bank.reviews import Review

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.bank.reviews import ReviewKind

MOST_TAKES = 1_000_000
SEEDS = 2**31
"""Seeds lie in [0, 2**31)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about one line in one language."""

    take: int = 1
    """From 1; each retake is the next number."""
    seed: int | None = None
    """Instead of the one that follows from line, language and take number."""
    pin: str = ""
    """The take key this line keeps whatever changes; empty: not pinned."""
    pinned_take: int = 0
    """The number the pinned take was published with; 0: not known."""
    change: int = field(default=0, compare=False)
    """How often this was decided: of two rows of one line the later one holds."""
    more: Mapping[str, str] = field(default_factory=dict)
    """Columns of a newer release: kept, and written again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenText:
    """Which text a recording speaks."""

    text: str
    """`text_digest` of it."""
    change: int = field(default=0, compare=False)
    more: Mapping[str, str] = field(default_factory=dict)


NOTHING_DECIDED = Decision()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """All decisions of a project."""

    lines: Mapping[tuple[str, str], Decision] = field(default_factory=dict)
    """(line, language) → what was decided."""
    recordings: Mapping[tuple[str, str, str], SpokenText] = field(default_factory=dict)
    """(line, language, sha256 of the recording) → the text it speaks."""
    reviews: Mapping[tuple[str, str, ReviewKind], Review] = field(default_factory=dict)
    """(line, language, kind) → what a person said of it."""
    others: tuple[Mapping[str, str], ...] = ()
    """Rows of kinds that a newer release knows: kept, and written again."""

    def of(self, line: str, language: str) -> Decision:
        """Look a line up; the first take, unpinned, when nothing was decided."""
        return self.lines.get((line, language), NOTHING_DECIDED)

    def pins(self) -> frozenset[str]:
        """List the pinned take keys."""
        return frozenset(decision.pin for decision in self.lines.values() if decision.pin)

    def with_decision(self, line: str, language: str, decision: Decision) -> Decisions:
        """Decide about one line.

        The default decision keeps its row too: a merge must not bring an older one back.
        """
        lines = dict(self.lines)
        lines[line, language] = replace(decision, change=self.of(line, language).change + 1)
        return replace(self, lines=lines)

    def with_retake(self, line: str, language: str, seed: int | None = None) -> Decisions:
        """Ask for the next take of a line; an explicit seed wins, a pin is let go.

        Raises:
            ValueError: The seed is outside [0, 2**31).
        """
        if seed is not None and not 0 <= seed < SEEDS:
            raise ValueError(f"seed {seed} is outside [0, {SEEDS})")
        earlier = self.of(line, language)
        later = replace(earlier, take=earlier.take + 1, seed=seed, pin="", pinned_take=0)
        return self.with_decision(line, language, later)

    def with_pin(self, line: str, language: str, take_key: str, number: int = 0) -> Decisions:
        """Pin a line to a take, or let it go with an empty key.

        Args:
            line: Its id.
            language: Of the take.
            take_key: The take, or empty.
            number: The one the take was published with; 0: not known.

        Raises:
            ValueError: The key is not a hash.
        """
        if take_key and not is_hash(take_key):
            raise ValueError(f'"{take_key}" is not a take key')
        later = replace(self.of(line, language), pin=take_key, pinned_take=number)
        return self.with_decision(line, language, later)

    def with_spoken_text(self, line: str, language: str, recording: str, text: str) -> Decisions:
        """Say which text a recording speaks.

        Args:
            line: Its id.
            language: Of the recording.
            recording: sha256 of its bytes.
            text: `text_digest` of what it speaks.
        """
        key = (line, language, recording)
        earlier = self.recordings.get(key, SpokenText(text=""))
        spoken = replace(earlier, text=text, change=earlier.change + 1)
        return replace(self, recordings={**self.recordings, key: spoken})

    def with_review(self, line: str, language: str, kind: ReviewKind, review: Review) -> Decisions:
        """Keep what a person said of a line, in place of what was said before.

        One that says nothing keeps its row too: a merge must not bring the earlier one back.
        """
        key = (line, language, kind)
        earlier = self.reviews.get(key, Review())
        later = replace(review, change=earlier.change + 1, more=earlier.more)
        return replace(self, reviews={**self.reviews, key: later})
