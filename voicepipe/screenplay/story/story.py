"""All that the checks of a story look at, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from voicepipe.screenplay.story.graph import build_graph, spoken_entries
from voicepipe.screenplay.story.state_space import DEFAULT_STATE_LIMIT, explore
from voicepipe.screenplay.story.story_steps import declared_variables
from voicepipe.screenplay.syntax import Choice, Detour, DialogueLine, Jump

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
    lines: tuple[DialogueLine, ...]
    """Every spoken entry: scene by scene, nodes, then barks."""
    conditions: tuple[Expression, ...]
    """Every condition in the script."""
    assignments: tuple[Expression, ...]
    """Every assignment in the script."""


def entry_conditions(entry: Entry) -> Sequence[Expression]:
    """List the conditions of one entry."""
    if isinstance(entry, DialogueLine | Jump | Detour):
        return () if entry.when is None else (entry.when,)
    if isinstance(entry, Choice):
        return [option.when for option in entry.options if option.when is not None]
    return ()


def screenplay_lines(screenplay: Screenplay) -> Iterator[DialogueLine]:
    """Go through every spoken entry: scene by scene, nodes, then barks."""
    return chain.from_iterable(map(spoken_in_scene, screenplay.scenes))


def spoken_in_scene(scene: Scene) -> list[DialogueLine]:
    """List a scene's spoken entries: nodes, then barks."""
    spoken: list[DialogueLine] = []
    for node in scene.nodes:
        spoken += spoken_entries(node)
    for barks in scene.barks:
        spoken += barks.lines
    return spoken


def _conditions(screenplay: Screenplay) -> Iterator[Expression]:
    for scene in screenplay.scenes:
        for node in scene.nodes:
            for entry in node.entries:
                yield from entry_conditions(entry)
    for scene in screenplay.scenes:
        for barks in scene.barks:
            yield from (line.when for line in barks.lines if line.when is not None)


def read_story(screenplay: Screenplay, *, state_limit: int = DEFAULT_STATE_LIMIT) -> Story:
    """Work out a screenplay's graph and what can happen in it."""
    graph = build_graph(screenplay)
    return Story(
        screenplay=screenplay,
        graph=graph,
        exploration=explore(graph, screenplay.variables, limit=state_limit),
        variables=declared_variables(screenplay.variables),
        lines=tuple(screenplay_lines(screenplay)),
        conditions=tuple(_conditions(screenplay)),
        assignments=tuple(graph.assignments()),
    )
