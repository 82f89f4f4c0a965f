"""What one file says, before the files of a project are put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.diagnostics import SourceSpan  # noqa: TC001 - read by its annotations

if TYPE_CHECKING:
    from voicepipe.screenplay.syntax import EntryPattern, Scene, Speaker, Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDeclaration:
    """A `start:` that names the scene the story begins in."""

    scene: str
    span: SourceSpan


@dataclass(slots=True, kw_only=True)
class ScriptParts:
    """Filled by one reader after the other."""

    scenes: list[Scene] = field(default_factory=list)
    speakers: list[Speaker] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    starts: list[StartDeclaration] = field(default_factory=list)
    entries: list[EntryPattern] = field(default_factory=list)

    def extend(self, other: ScriptParts) -> None:
        """Add what the next file says."""
        self.scenes += other.scenes
        self.speakers += other.speakers
        self.variables += other.variables
        self.starts += other.starts
        self.entries += other.entries
