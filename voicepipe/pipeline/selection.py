"""Which lines a command is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from voicepipe.documents.asked_names import matching, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from voicepipe.screenplay.line import Line
    from voicepipe.settings import Settings


class Selectable(Protocol):
    """What names are looked up in: a project, whole or in part."""

    @property
    def settings(self) -> Settings:
        """Name the languages."""

    @property
    def lines(self) -> Sequence[Line]:
        """Every line of the scripts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Filters a person gives; each empty one lets everything through."""

    languages: frozenset[str] = frozenset()
    scenes: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    """`scene.node`."""
    lines: frozenset[str] = frozenset()
    """Ids, with or without variant suffixes."""

    @property
    def is_everything(self) -> bool:
        """Tell whether nothing is filtered."""
        filters = (self.languages, self.scenes, self.speakers, self.nodes, self.lines)
        return not any(filters)

    def has(self, line: Line, language: str) -> bool:
        """Tell whether a line in a language is meant."""
        return (
            (not self.languages or language in self.languages)
            and (not self.scenes or line.scene in self.scenes)
            and (not self.speakers or line.speaker in self.speakers)
            and (not self.nodes or f"{line.scene}.{line.node}" in self.nodes)
            and (not self.lines or line.id in self.lines or line.base_id in self.lines)
        )


EVERYTHING = Selection()


def select(
    project: Selectable,
    *,
    languages: Iterable[str] = (),
    scenes: Iterable[str] = (),
    speakers: Iterable[str] = (),
    nodes: Iterable[str] = (),
    lines: Iterable[str] = (),
) -> Selection:
    """Check a person's filters against the project; otherwise as `resolve`."""
    wanted = Selection(
        languages=frozenset(languages),
        scenes=frozenset(scenes),
        speakers=frozenset(speakers),
        nodes=frozenset(nodes),
        lines=frozenset(lines),
    )
    return resolve(project, wanted)


def resolve(project: Selectable, wanted: Selection) -> Selection:
    """Put the project's own names in place of what a person wrote.

    Args:
        project: What there is to choose from.
        wanted: Nodes may stand without their scene, which means every scene's; lines may be
            patterns such as `bridge_*`, with the wildcards of a shell.

    Raises:
        UsageError: A name the project does not have, with the closest one it has.
    """
    if wanted.is_everything:
        return wanted
    ids = {str(i) for line in project.lines for i in (line.id, line.base_id)}
    places = {f"{line.scene}.{line.node}" for line in project.lines if line.node}
    meant = replace(wanted, nodes=_named(wanted.nodes, places), lines=matching(wanted.lines, ids))
    known = {
        "language": (meant.languages, set(project.settings.languages)),
        "scene": (meant.scenes, {line.scene for line in project.lines}),
        "speaker": (meant.speakers, {str(line.speaker) for line in project.lines}),
        "node": (meant.nodes, places),
        "line": (meant.lines, ids),
    }
    for what, (asked, there) in known.items():
        refuse_unknown("the project", what, asked, there)
    return meant


def _named(nodes: Iterable[str], places: Collection[str]) -> frozenset[str]:
    """Put the scenes before nodes that were named without one."""
    found: set[str] = set()
    for name in nodes:
        found |= {place for place in places if place.partition(".")[2] == name} or {name}
    return frozenset(found)
