"""What a node does to variables, and where it asks them: its lines left out.

Conditions and assignments that cannot be relied on (unreadable, undeclared or misused variables)
are marked unsure here, and reported by `check_variables`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from voicepipe.screenplay.expressions import (
    Assignment,
    AssignmentKind,
    Compare,
    Comparison,
    ExpressionFault,
    Literal,
    Name,
    Not,
    names_in,
    parse_assignment,
    parse_condition,
)
from voicepipe.screenplay.syntax import VARIABLE_TYPES, Choice, DialogueLine, Effect, Jump

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from voicepipe.screenplay.expressions import Condition, Operand
    from voicepipe.screenplay.story.graph import Exit, Place, StoryGraph
    from voicepipe.screenplay.syntax import Entry, Expression, Variable

_ORDERINGS = frozenset(
    {Comparison.LESS, Comparison.AT_MOST, Comparison.GREATER, Comparison.AT_LEAST}
)


class Certainty(Enum):
    """A guard that is no condition."""

    ALWAYS = "always"
    UNSURE = "unsure"
    """It may hold or not: what is written cannot be worked out."""


class StepKind(Enum):
    """What a step does."""

    LINE = "line"
    """Speaks a line that has a condition."""
    CHANGE = "change"
    JUMP = "jump"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An exit whose condition has been read."""

    number: int
    """Position in the place's exits."""
    target: int
    guard: Condition | Certainty
    changes: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of a node that looks at variables, changes them, or leaves."""

    kind: StepKind
    entry: int
    guard: Condition | Certainty = Certainty.ALWAYS
    changes: tuple[Assignment, ...] = ()
    edges: tuple[Edge, ...] = ()


Steps = tuple[Step, ...]


def misuse(
    expression: Condition | Assignment, variables: Mapping[str, Variable]
) -> tuple[str, str] | None:
    """Tell whether declared variables are used as something they are not.

    Args:
        expression: All its variables are declared, each of a kind there is; or it sets a text
            variable.
        variables: By name.

    Returns:
        What is wrong and how to mend it, or None.
    """
    for name in names_in(expression):
        known = variables.get(name.name)
        if known is not None and known.kind == "text":
            return (
                f'"{name.name}" is a text variable and steers nothing',
                "declare an int or a bool for branching",
            )
    if isinstance(expression, Assignment):
        return _misused_assignment(expression, variables)
    return next(_misused_parts(expression, variables), None)


def _misused_assignment(
    assignment: Assignment, variables: Mapping[str, Variable]
) -> tuple[str, str] | None:
    name = assignment.target.name
    kind, given = variables[name].kind, _kind_of(assignment.value, variables)
    if kind == "bool" and assignment.kind is not AssignmentKind.SET:
        return f'"{name}" is true or false; nothing can be added to it', f"write {name} = true"
    if kind != given:
        fitting = "true or false" if kind == "bool" else "a number"
        return f'"{name}" is {_A[kind]} and is given {_A[given]}', f"give it {fitting}"
    return None


def _misused_parts(
    condition: Condition, variables: Mapping[str, Variable]
) -> Iterator[tuple[str, str]]:
    if isinstance(condition, Name | Literal):
        if _kind_of(condition, variables) == "int":
            shown = condition.name if isinstance(condition, Name) else str(condition.value)
            yield f'"{shown}" is a number, not a condition', f"compare it: {shown} > 0"
    elif isinstance(condition, Compare):
        yield from _misused_comparison(condition, variables)
    elif isinstance(condition, Not):
        yield from _misused_parts(condition.condition, variables)
    else:
        for part in condition.parts:
            yield from _misused_parts(part, variables)


def _misused_comparison(
    compare: Compare, variables: Mapping[str, Variable]
) -> Iterator[tuple[str, str]]:
    left, right = _kind_of(compare.left, variables), _kind_of(compare.right, variables)
    if left != right:
        yield f"{_A[left]} is compared with {_A[right]}", "compare like with like"
    elif left == "bool" and compare.comparison in _ORDERINGS:
        yield (
            f'"{compare.comparison.value}" asks which is greater of true and false',
            'use "==", "!=", or the variable alone',
        )


_A = {"int": "a number", "bool": "true or false"}


def _kind_of(operand: Operand, variables: Mapping[str, Variable]) -> str:
    if isinstance(operand, Name):
        return variables[operand.name].kind
    return "bool" if isinstance(operand.value, bool) else "int"


def declared_variables(variables: Iterable[Variable]) -> dict[str, Variable]:
    """Map names to variables, in the order of declaration; of two with one name the first."""
    declared: dict[str, Variable] = {}
    for variable in variables:
        declared.setdefault(variable.name, variable)
    return declared


def read_steps(graph: StoryGraph, variables: Iterable[Variable]) -> list[Steps]:
    """Read what each place does, in the order of `graph.places`."""
    declared = declared_variables(variables)
    reader = _Reader(declared, _unreliable(graph, declared))
    return [tuple(reader.steps(place)) for place in graph.places]


def _unreliable(graph: StoryGraph, variables: Mapping[str, Variable]) -> frozenset[str]:
    """Name the variables whose values cannot be told, because some change of them is wrong."""
    doubtful = {name for name, variable in variables.items() if has_faulty_range(variable)}
    copies: list[tuple[str, str]] = []
    for written in _all_changes(graph):
        change = parse_assignment(written.raw)
        if isinstance(change, ExpressionFault):
            return frozenset(variables)
        if not _is_well_typed(change, variables):
            doubtful.add(change.target.name)
        elif isinstance(change.value, Name):
            copies.append((change.target.name, change.value.name))
    grown = True
    while grown:
        fresh = {to for to, source in copies if source in doubtful} - doubtful
        doubtful |= fresh
        grown = bool(fresh)
    return frozenset(doubtful)


def has_faulty_range(variable: Variable) -> bool:
    """Tell whether an integer's bounds or start contradict each other."""
    if variable.kind != "int":
        return False
    low, high, start = variable.minimum, variable.maximum, start_value(variable)
    if start is None or (low is not None and high is not None and low > high):
        return True
    return (low is not None and start < low) or (high is not None and start > high)


def start_value(variable: Variable) -> int | None:
    """Read what an integer or boolean starts as; booleans are 0 and 1.

    Returns:
        None when what is written is not such a value. Where nothing is written, an integer
        starts at 0, or at the bound nearest to it.
    """
    written = variable.start.strip()
    if variable.kind == "bool":
        return {"": 0, "false": 0, "true": 1}.get(written)
    if not written:
        low, high = variable.minimum, variable.maximum
        start = 0 if low is None else max(0, low)
        return start if high is None else min(start, high)
    return int(written) if re.fullmatch(r"-?[0-9]{1,9}", written, re.ASCII) else None


def _all_changes(graph: StoryGraph) -> Iterator[Expression]:
    for place in graph.places:
        for entry in place.node.entries:
            if isinstance(entry, Effect):
                yield from entry.assignments
            elif isinstance(entry, Choice):
                for option in entry.options:
                    yield from option.effects


def has_known_variables(
    expression: Condition | Assignment, variables: Mapping[str, Variable]
) -> bool:
    """Tell whether all variables of an expression are declared, each of a kind there is."""
    return all(
        name.name in variables and variables[name.name].kind in VARIABLE_TYPES
        for name in names_in(expression)
    )


def _is_well_typed(expression: Condition | Assignment, variables: Mapping[str, Variable]) -> bool:
    return has_known_variables(expression, variables) and misuse(expression, variables) is None


class _Reader:
    def __init__(self, variables: Mapping[str, Variable], unreliable: frozenset[str]) -> None:
        self._variables = variables
        self._unreliable = unreliable

    def steps(self, place: Place) -> Iterator[Step]:
        exits: dict[int, list[tuple[int, Exit]]] = {}
        for number, edge in enumerate(place.exits):
            exits.setdefault(edge.entry, []).append((number, edge))
        for position in range(place.length):
            entry = place.node.entries[position]
            step = self._step(entry, position, exits.get(position, []))
            if step is not None:
                yield step

    def _step(self, entry: Entry, position: int, exits: list[tuple[int, Exit]]) -> Step | None:
        if isinstance(entry, DialogueLine):
            if entry.when is None:
                return None
            return Step(kind=StepKind.LINE, entry=position, guard=self._guard(entry.when))
        if isinstance(entry, Effect):
            changes = self._changes(entry.assignments)
            return Step(kind=StepKind.CHANGE, entry=position, changes=changes)
        if isinstance(entry, Jump | Choice):
            kind = StepKind.JUMP if isinstance(entry, Jump) else StepKind.CHOICE
            edges = tuple(self._edge(number, edge) for number, edge in exits)
            return Step(kind=kind, entry=position, edges=edges)
        return None

    def _edge(self, number: int, edge: Exit) -> Edge:
        return Edge(
            number=number,
            target=edge.target,
            guard=self._guard(edge.when),
            changes=self._changes(edge.effects),
        )

    def _guard(self, written: Expression | None) -> Condition | Certainty:
        if written is None:
            return Certainty.ALWAYS
        condition = parse_condition(written.raw)
        if isinstance(condition, ExpressionFault) or not _is_well_typed(condition, self._variables):
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
            and _is_well_typed(change, self._variables)
        )
