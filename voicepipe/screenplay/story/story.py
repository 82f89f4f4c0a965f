"""All that the checks of a story look at, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.screenplay.story.graph import build_graph, spoken_entries
from voicepipe.screenplay.story.state_space import DEFAULT_STATE_LIMIT, explore
from voicepipe.screenplay.story.story_steps import declared_variables
from voicepipe.screenplay.syntax import Choice, Detour, DialogueLine, Jump

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicepipe.screenplay.story.graph import StoryGraph
    from voicepipe.screenplay.story.state_space import Exploration
    from voicepipe.screenplay.syntax import Entry, Expression, Scene, Screenplay, Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A screenplay, its graph, and what can happen in it."""

    screenplay: Screenplay
    graph: StoryGraph
    exploration: Exploration
    variables: Mapping[str, Variable]
    """By name; the first of two with one name."""

    def conditions(self) -> Iterator[Expression]:
        """Go through every condition in the script."""
        for place in self.graph.places:
            for entry in place.node.entries:
                yield from entry_conditions(entry)
        for scene in self.screenplay.scenes:
            for barks in scene.barks:
                yield from (line.when for line in barks.lines if line.when is not None)

    def lines(self) -> Iterator[DialogueLine]:
        """Go through every spoken entry: scene by scene, nodes, then barks."""
        return screenplay_lines(self.screenplay)


def entry_conditions(entry: Entry) -> Iterator[Expression]:
    """Go through the conditions of one entry."""
    if isinstance(entry, DialogueLine | Jump | Detour):
        if entry.when is not None:
            yield entry.when
    elif isinstance(entry, Choice):
        yield from (option.when for option in entry.options if option.when is not None)


def screenplay_lines(screenplay: Screenplay) -> Iterator[DialogueLine]:
    """Go through every spoken entry: scene by scene, nodes, then barks."""
    for scene in screenplay.scenes:
        yield from spoken_in_scene(scene)


def spoken_in_scene(scene: Scene) -> Iterator[DialogueLine]:
    """Go through a scene's spoken entries: nodes, then barks."""
    for node in scene.nodes:
        yield from spoken_entries(node)
    for barks in scene.barks:
        yield from barks.lines


def read_story(screenplay: Screenplay, *, state_limit: int = DEFAULT_STATE_LIMIT) -> Story:
    """Work out a screenplay's graph and what can happen in it."""
    graph = build_graph(screenplay)
    return Story(
        screenplay=screenplay,
        graph=graph,
        exploration=explore(graph, screenplay.variables, limit=state_limit),
        variables=declared_variables(screenplay.variables),
    )
