"""The story as engines play it: nodes of steps, with every target, condition and variant resolved.

What a text variable leaves open becomes cases, one a value; what a group says becomes a line a
member. Knows nothing of clips: lines are the bank's by their ids.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.errors import UsageError
from voicepipe.screenplay.expressions import (
    And,
    Assignment,
    AssignmentKind,
    ExpressionFault,
    Literal,
    Name,
    Not,
    parse_assignment,
    parse_condition,
)
from voicepipe.screenplay.lines.resolve import resolve_lines
from voicepipe.screenplay.story.graph import ENDING, MISSING, RETURNING, build_graph
from voicepipe.screenplay.story.story_steps import declared_variables
from voicepipe.screenplay.story.walk_text import WalkText
from voicepipe.screenplay.syntax import (
    END,
    RETURN,
    Choice,
    Detour,
    DialogueLine,
    Effect,
    Jump,
    Language,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voicepipe.screenplay.expressions import Condition
    from voicepipe.screenplay.line import Line
    from voicepipe.screenplay.story.graph import Exit, Place, StoryGraph
    from voicepipe.screenplay.syntax import Entry, Expression, Option, Screenplay

_WORDS = {ENDING: END, RETURNING: RETURN}
_REMEDY = "mend what `voicepipe check` says, then export again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One line of the bank."""

    line: str
    speaker: str
    texts: Mapping[str, str]
    """By language, as a subtitle shows it."""
    note: str
    tags: tuple[str, ...]
    is_voiced: bool
    """False: it is shown, and has no clip."""
    placeholders: tuple[str, ...]
    """Variables that the texts show as `{name}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SayCase:
    """What is said while text variables have certain values."""

    values: tuple[tuple[str, str | int], ...]
    """Variable and value, a number for an integer; empty: always."""
    spoken: tuple[Spoken, ...]
    """Several where a group speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A line as it is written: the first case that holds is said."""

    line: str
    cases: tuple[SayCase, ...]
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVariables:
    """Changes of variables, one after the other."""

    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goto:
    """Go on elsewhere."""

    target: str
    """`scene.node`, `END` or `RETURN`."""
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Play a node until it returns, then go on with the next step."""

    target: str
    """`scene.node`."""
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuOption:
    """One answer."""

    texts: Mapping[str, str]
    """By language; a language without one has the source's."""
    target: str
    when: Condition | None
    assignments: tuple[Assignment, ...]
    say: Say | None
    """What is spoken once it is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The player decides."""

    options: tuple[MenuOption, ...]


Step = Say | SetVariables | Goto | Visit | Menu


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeScript:
    """A run of steps that is entered at its top."""

    scene: str
    node: str
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """`scene.node`."""
        return f"{self.scene}.{self.node}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BarkScript:
    """Interchangeable lines that no path leads to."""

    scene: str
    id: str
    says: tuple[Say, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryScript:
    """The whole story."""

    start: str
    """`scene.node`."""
    entries: tuple[str, ...]
    """Nodes the engine enters by itself, besides the start."""
    nodes: tuple[NodeScript, ...]
    """In the order of the scripts."""
    barks: tuple[BarkScript, ...]
    variables: Mapping[str, Variable]
    speakers: Mapping[str, Mapping[str, str]]
    """Speaker → language → name shown."""
    narrators: frozenset[str]
    """The empty one too: a line that is shown may have no speaker."""
    source_language: str

    def name_of(self, speaker: str, language: str) -> str:
        """Give the name a speaker is shown by, or the speaker's id."""
        names = self.speakers.get(speaker, {})
        return names.get(language) or names.get(self.source_language) or speaker

    def says(self) -> Iterable[Say]:
        """Give every line that can be said, choices and barks included."""
        for node in self.nodes:
            for step in node.steps:
                if isinstance(step, Say):
                    yield step
                elif isinstance(step, Menu):
                    yield from (one.say for one in step.options if one.say is not None)
        for barks in self.barks:
            yield from barks.says


def read_story_script(
    screenplay: Screenplay, languages: Sequence[str], source_language: str
) -> StoryScript:
    """Resolve a screenplay.

    Args:
        screenplay: Read without errors.
        languages: Those of the project.
        source_language: The one it is written in.

    Raises:
        UsageError: A target or an expression means nothing.
    """
    return _Reader(screenplay, languages, source_language).read()


class _Reader:
    def __init__(
        self, screenplay: Screenplay, languages: Sequence[str], source_language: str
    ) -> None:
        source = Language(source_language)
        self._screenplay = screenplay
        self._languages = tuple(Language(tag) for tag in languages)
        self._source = source
        self._texts = {
            tag: WalkText(screenplay, language=tag, source_language=source)
            for tag in self._languages
        }
        lines, _ = resolve_lines(screenplay, languages=self._languages, source_language=source)
        self._lines: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            self._lines[line.base_id].append(line)
        self._graph: StoryGraph = build_graph(screenplay)
        self._remembered: dict[str, Variable] = {}

    def read(self) -> StoryScript:
        self._require_single_names()
        speakers = self._screenplay.speakers
        nodes = tuple(self._node(place) for place in self._graph.places)
        return StoryScript(
            start=self._name(self._graph.start, "the story's start"),
            entries=tuple(self._graph.places[index].key for index in self._graph.entries),
            nodes=nodes,
            barks=tuple(
                BarkScript(
                    scene=scene.id,
                    id=barks.id,
                    says=tuple(self._say(line) for line in barks.lines),
                )
                for scene in self._screenplay.scenes
                for barks in scene.barks
            ),
            variables={**declared_variables(self._screenplay.variables), **self._remembered},
            speakers={
                one.id: {str(tag): name for tag, name in one.names.items()} for one in speakers
            },
            narrators=frozenset(("", *(one.id for one in speakers if one.is_narrator))),
            source_language=self._source,
        )

    def _require_single_names(self) -> None:
        """Refuse nodes whose scene and name, written together, are those of another."""
        seen: dict[str, str] = {}
        for place in self._graph.places:
            other = seen.setdefault(place.key.replace(".", "_"), place.key)
            if other != place.key:
                raise UsageError(
                    f"the nodes {other} and {place.key} would have one name in an engine's script",
                    remedy="rename one of them",
                )

    def _name(self, index: int, written: str) -> str:
        if index in _WORDS:
            return _WORDS[index]
        if index == MISSING:
            raise UsageError(f"{written} leads nowhere", remedy=_REMEDY)
        return self._graph.places[index].key

    def _node(self, place: Place) -> NodeScript:
        exits: dict[int, list[Exit]] = defaultdict(list)
        for edge in place.exits:
            exits[edge.entry].append(edge)
        steps = [
            step
            for number, entry in enumerate(place.node.entries[: place.length])
            if (step := self._step(entry, exits[number])) is not None
        ]
        return NodeScript(scene=place.scene, node=place.node.id, steps=tuple(steps))

    def _step(self, entry: Entry, exits: Sequence[Exit]) -> Step | None:
        if isinstance(entry, DialogueLine):
            return self._say(entry)
        if isinstance(entry, Effect):
            return SetVariables(assignments=_assignments(entry.assignments))
        if isinstance(entry, Jump):
            target = self._name(exits[0].target, f'"{entry.target}"')
            return Goto(target=target, when=_condition(entry.when))
        if isinstance(entry, Detour):
            target = self._name(exits[0].target, f'"{entry.target}"')
            return Visit(target=target, when=_condition(entry.when))
        if isinstance(entry, Choice):
            pairs = zip(entry.options, exits, strict=True)
            return Menu(options=tuple(self._option(option, edge) for option, edge in pairs))
        return None

    def _option(self, option: Option, edge: Exit) -> MenuOption:
        texts = option.line.texts if option.line is not None else option.texts
        return MenuOption(
            texts={tag: text.say(texts) for tag, text in self._texts.items() if tag in texts},
            target=self._name(edge.target, f'"{edge.written}"'),
            when=self._still_offered(option, edge),
            assignments=(*_assignments(option.effects), *self._taken(option, edge)),
            say=self._say(option.line) if option.line and option.line.is_voiced else None,
        )

    def _still_offered(self, option: Option, edge: Exit) -> Condition | None:
        when = _condition(option.when)
        if not option.is_once:
            return when
        still = Not(condition=Name(name=self._once(edge), start=0))
        return still if when is None else And(parts=(still, when))

    def _taken(self, option: Option, edge: Exit) -> tuple[Assignment, ...]:
        if not option.is_once:
            return ()
        name, yes = Name(name=self._once(edge), start=0), Literal(value=True, start=0, length=0)
        return (Assignment(target=name, kind=AssignmentKind.SET, value=yes),)

    def _once(self, edge: Exit) -> str:
        """Name the variable that remembers an option which is offered once."""
        place = self._graph.places[edge.source]
        number = place.exits.index(edge)
        name = f"once_{place.key.replace('.', '_').lower()}_{number}"
        while name in declared_variables(self._screenplay.variables):
            name += "_"
        self._remembered.setdefault(name, Variable(name=name, kind="bool", span=edge.span))
        return name

    def _say(self, line: DialogueLine) -> Say:
        cases: dict[tuple[tuple[str, str | int], ...], list[Spoken]] = defaultdict(list)
        for one in self._lines.get(line.id, ()):
            spoken = Spoken(
                line=one.id,
                speaker=one.speaker,
                texts={str(tag): text.plain for tag, text in one.texts.items()},
                note=one.note,
                tags=one.tags,
                is_voiced=one.is_voiced,
                placeholders=tuple(
                    dict.fromkeys(name for text in one.texts.values() for name in text.placeholders)
                ),
            )
            values = ((name, self._value(name, value)) for name, value in one.variant.items())
            cases[tuple(values)].append(spoken)
        return Say(
            line=line.id,
            cases=tuple(
                SayCase(values=values, spoken=tuple(spoken)) for values, spoken in cases.items()
            ),
            when=_condition(line.when),
        )

    def _value(self, name: str, value: str) -> str | int:
        is_number = declared_variables(self._screenplay.variables)[name].kind == "int"
        return int(value) if is_number else value


def _condition(expression: Expression | None) -> Condition | None:
    if expression is None:
        return None
    condition = parse_condition(expression.raw)
    if isinstance(condition, ExpressionFault):
        raise UsageError(f"{expression.span}: {condition.message}", remedy=_REMEDY)
    return condition


def _assignments(expressions: Iterable[Expression]) -> tuple[Assignment, ...]:
    found = []
    for expression in expressions:
        assignment = parse_assignment(expression.raw)
        if isinstance(assignment, ExpressionFault):
            raise UsageError(f"{expression.span}: {assignment.message}", remedy=_REMEDY)
        found.append(assignment)
    return tuple(found)
