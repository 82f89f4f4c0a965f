"""Which lines a command is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from voicepipe.pipeline.project import Project
    from voicepipe.screenplay.line import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Filters a person gives; each empty one lets everything through."""

    languages: frozenset[str] = frozenset()
    scenes: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    """Ids, with or without variant suffixes."""

    @property
    def is_everything(self) -> bool:
        """Tell whether nothing is filtered."""
        return not (self.languages or self.scenes or self.speakers or self.lines)

    def has(self, line: Line, language: str) -> bool:
        """Tell whether a line in a language is meant."""
        return (
            (not self.languages or language in self.languages)
            and (not self.scenes or line.scene in self.scenes)
            and (not self.speakers or line.speaker in self.speakers)
            and (not self.lines or line.id in self.lines or line.base_id in self.lines)
        )


def select(
    project: Project,
    *,
    languages: Iterable[str] = (),
    scenes: Iterable[str] = (),
    speakers: Iterable[str] = (),
    lines: Iterable[str] = (),
) -> Selection:
    """Check a person's filters against the project.

    Raises:
        UsageError: A name the project does not have, with the closest one it has.
    """
    wanted = Selection(
        languages=frozenset(languages),
        scenes=frozenset(scenes),
        speakers=frozenset(speakers),
        lines=frozenset(lines),
    )
    if wanted.is_everything:
        return wanted
    known = {
        "language": (wanted.languages, set(project.settings.languages)),
        "scene": (wanted.scenes, {line.scene for line in project.lines}),
        "speaker": (wanted.speakers, {str(line.speaker) for line in project.lines}),
        "line": (wanted.lines, {str(i) for line in project.lines for i in (line.id, line.base_id)}),
    }
    for what, (asked, there) in known.items():
        _refuse_unknown(what, asked, there)
    return wanted


def _refuse_unknown(what: str, asked: Collection[str], there: Collection[str]) -> None:
    for name in sorted(set(asked) - set(there)):
        shown = ", ".join(sorted(there)[:8]) + (" …" if len(there) > 8 else "")
        raise UsageError(
            f'the project has no {what} "{name}"' + did_you_mean(name, there),
            remedy=f"it has: {shown}" if there else "",
        )
