"""What a story does to variables, and where it asks them: its lines left out.

A node is one program, or several where it is left by detours: each goes on behind one. Conditions
and assignments that cannot be relied on (unreadable, undeclared or misused variables) are marked
unsure here, and reported by `check_variables`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.expressions import (
    And,
    Assignment,
    AssignmentKind,
    ExpressionFault,
    Literal,
    Name,
    Not,
    names_in,
    parse_assignment,
    parse_condition,
)
from voicepipe.screenplay.story.detours import find_detours
from voicepipe.screenplay.story.graph import ENDING, MISSING, RETURNING
from voicepipe.screenplay.story.story_steps import (
    Certainty,
    Edge,
    Step,
    StepKind,
    declared_variables,
    has_faulty_range,
    is_well_typed,
)
from voicepipe.screenplay.syntax import Choice, Detour, DialogueLine, Effect, Jump

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from voicepipe.screenplay.expressions import Condition
    from voicepipe.screenplay.story.graph import Exit, Place, StoryGraph
    from voicepipe.screenplay.story.story_steps import Steps
    from voicepipe.screenplay.syntax import Entry, Expression, Variable

NOWHERE: Final = -1
"""The place of the program in which the engine picks an entry point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A run of steps that is entered at its top."""

    place: int
    """Whose entries these are; `NOWHERE` for the engine's own choice."""
    steps: Steps
    returns_to: tuple[int, ...] = ()
    """The programs that go on behind the detours which can be under way here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """A whole story: one program a place, in their order, then the rest."""

    all: tuple[Program, ...]
    engine: int = NOWHERE
    """The program in which the engine picks an entry point; `NOWHERE` where there are none."""
    taken: tuple[str, ...] = ()
    """Variables that hold whether an option was taken, for those that are offered once."""

    def successors(self, program: int, target: int) -> tuple[int, ...]:
        """List the programs an edge can lead to."""
        if target >= 0:
            return (target,)
        if target == RETURNING:
            return self.all[program].returns_to
        return (self.engine,) if target == ENDING and self.engine >= 0 else ()


def read_programs(graph: StoryGraph, variables: Iterable[Variable]) -> Programs:
    """Read what a story does."""
    declared = declared_variables(variables)
    reader = _Reader(declared, _unreliable(graph, declared), len(graph.places))
    found = [reader.program(place) for place in graph.places]
    found += reader.behind_detours
    engine = NOWHERE
    if graph.entries:
        engine = len(found)
        ways = tuple(
            Edge(number=-1, target=entry, guard=Certainty.ALWAYS) for entry in graph.entries
        )
        step = Step(kind=StepKind.CHOICE, entry=-1, edges=ways)
        found.append(Program(place=NOWHERE, steps=(step,)))
    under_way = find_detours(graph).under_way
    back = {
        place: tuple(reader.resumed[exit_.source, exit_.entry] for exit_ in ways)
        for place, ways in under_way.items()
    }
    return Programs(
        all=tuple(
            Program(place=one.place, steps=one.steps, returns_to=back.get(one.place, ()))
            for one in found
        ),
        engine=engine,
        taken=tuple(reader.taken),
    )


def _unreliable(graph: StoryGraph, variables: Mapping[str, Variable]) -> frozenset[str]:
    """Name the variables whose values cannot be told, because some change of them is wrong."""
    doubtful = {name for name, variable in variables.items() if has_faulty_range(variable)}
    copies: list[tuple[str, str]] = []
    for written in graph.assignments():
        change = parse_assignment(written.raw)
        if isinstance(change, ExpressionFault):
            return frozenset(variables)
        if not is_well_typed(change, variables):
            doubtful.add(change.target.name)
        else:
            first, *read = names_in(change)
            copies += [(first.name, other.name) for other in read]
    grown = True
    while grown:
        added = {to for to, source in copies if source in doubtful} - doubtful
        doubtful |= added
        grown = bool(added)
    return frozenset(doubtful)


class _Reader:
    """Reads places one after the other; numbers the programs behind detours from `n_places` on."""

    def __init__(
        self, variables: Mapping[str, Variable], unreliable: frozenset[str], n_places: int
    ) -> None:
        self._variables = variables
        self._unreliable = unreliable
        self._n_places = n_places
        self.behind_detours: list[Program] = []
        self.resumed: dict[tuple[int, int], int] = {}
        """(place, entry) of a detour → the program behind it."""
        self.taken: list[str] = []

    def program(self, place: Place) -> Program:
        """Read a place up to its first detour; the rest is put behind."""
        parts: list[list[Step]] = [[]]
        exits: dict[int, list[tuple[int, Exit]]] = {}
        for number, exit_ in enumerate(place.exits):
            exits.setdefault(exit_.entry, []).append((number, exit_))
        for position in range(place.length):
            entry = place.node.entries[position]
            if isinstance(entry, Detour):
                ((number, exit_),) = exits[position]
                parts[-1] += self._detour(number, exit_, len(parts))
                parts.append([])
            else:
                parts[-1] += self._steps(entry, position, exits.get(position, []))
        first, *rest = (Program(place=place.index, steps=tuple(steps)) for steps in parts)
        self.behind_detours += rest
        return first

    def _detour(self, number: int, exit_: Exit, n_parts: int) -> Iterator[Step]:
        behind = self._n_places + len(self.behind_detours) + n_parts - 1
        self.resumed[exit_.source, exit_.entry] = behind
        if exit_.target != MISSING:
            edge = Edge(
                number=number, target=exit_.target, guard=self._guard(exit_.when), resume=behind
            )
            yield Step(kind=StepKind.JUMP, entry=exit_.entry, edges=(edge,))
            if edge.guard is Certainty.ALWAYS:
                return
        onward = Edge(number=-1, target=behind, guard=Certainty.ALWAYS)
        yield Step(kind=StepKind.JUMP, entry=exit_.entry, edges=(onward,))

    def _steps(self, entry: Entry, position: int, exits: list[tuple[int, Exit]]) -> Iterator[Step]:
        if isinstance(entry, DialogueLine):
            if entry.when is not None:
                yield Step(kind=StepKind.LINE, entry=position, guard=self._guard(entry.when))
        elif isinstance(entry, Effect):
            changes = self._changes(entry.assignments)
            yield Step(kind=StepKind.CHANGE, entry=position, changes=changes)
        elif isinstance(entry, Jump | Choice):
            kind = StepKind.JUMP if isinstance(entry, Jump) else StepKind.CHOICE
            edges = tuple(self._edge(number, edge) for number, edge in exits)
            yield Step(kind=kind, entry=position, edges=edges)

    def _edge(self, number: int, edge: Exit) -> Edge:
        guard, changes = self._guard(edge.when), self._changes(edge.effects)
        if edge.option is not None and edge.option.is_once:
            # A name no declaration can have.
            name = f"{edge.source} option {number}"
            self.taken.append(name)
            taken = Name(name=name, start=0)
            still = Not(condition=taken)
            if guard is Certainty.ALWAYS:
                guard = still
            elif guard is not Certainty.UNSURE:
                guard = And(parts=(still, guard))
            yes = Literal(value=True, start=0, length=0)
            changes += (Assignment(target=taken, kind=AssignmentKind.SET, value=yes),)
        return Edge(number=number, target=edge.target, guard=guard, changes=changes)

    def _guard(self, written: Expression | None) -> Condition | Certainty:
        if written is None:
            return Certainty.ALWAYS
        condition = parse_condition(written.raw)
        if isinstance(condition, ExpressionFault) or not is_well_typed(condition, self._variables):
            return Certainty.UNSURE
        if any(name.name in self._unreliable for name in names_in(condition)):
            return Certainty.UNSURE
        return condition

    def _changes(self, written: Iterable[Expression]) -> tuple[Assignment, ...]:
        """Read assignments; of unreliable variables nothing is followed."""
        read = (parse_assignment(expression.raw) for expression in written)
        return tuple(
            change
            for change in read
            if not isinstance(change, ExpressionFault)
            and change.target.name not in self._unreliable
            and is_well_typed(change, self._variables)
        )
