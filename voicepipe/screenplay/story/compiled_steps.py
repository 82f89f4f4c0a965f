"""Steps compiled to closures over a short list of values, so that walking a story is quick.

Each place sees only the variables that matter there, at positions of its own; a `CompiledSteps`
knows how to carry values over to the next place.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.screenplay.expressions import (
    And,
    Assignment,
    AssignmentKind,
    Compare,
    Comparison,
    Literal,
    Name,
    Not,
    names_in,
)
from voicepipe.screenplay.story.story_steps import Certainty, StepKind

if TYPE_CHECKING:
    from voicepipe.screenplay.expressions import Condition, Operand
    from voicepipe.screenplay.story.story_steps import Step, Steps

Values = list[int]
Test = Callable[[Values], bool]
Change = Callable[[Values], None]
Range = tuple[int | None, int | None]
Layout = Mapping[str, int]
"""Variable → position in a place's values."""


@dataclass(frozen=True, slots=True)
class Departure:
    """An exit, ready to be tried."""

    number: int
    target: int
    test: Test | None
    """None: always."""
    is_sure: bool
    """False: may or may not be open, whatever `test` would say."""
    changes: tuple[Change, ...]
    carried: tuple[int, ...]
    """Where the values that matter at the target stand here, in the target's order."""


@dataclass(frozen=True, slots=True)
class Action:
    """One compiled step."""

    kind: StepKind
    entry: int
    test: Test | None
    is_sure: bool
    changes: tuple[Change, ...]
    departures: tuple[Departure, ...]


@dataclass(frozen=True, slots=True)
class CompiledSteps:
    """All a place does."""

    actions: tuple[Action, ...]
    scratch: tuple[int, ...]
    """Room for values that are set here before they are read."""
    layout: Layout
    weight: int
    """How many steps and exits there are to look at."""


def compile_steps(
    programs: Sequence[Steps], entry_names: Sequence[tuple[str, ...]], ranges: Mapping[str, Range]
) -> list[CompiledSteps]:
    """Compile what every place does.

    Args:
        programs: The steps of each place.
        entry_names: For each place, the variables that matter on entering, in the order of values.
        ranges: Bounds of integers, by name.
    """
    return [
        _routine(steps, names, entry_names, ranges)
        for steps, names in zip(programs, entry_names, strict=True)
    ]


def _routine(
    steps: Steps,
    names: tuple[str, ...],
    entry_names: Sequence[tuple[str, ...]],
    ranges: Mapping[str, Range],
) -> CompiledSteps:
    layout = {name: position for position, name in enumerate(names)}
    for step in steps:
        for name in _mentioned(step):
            layout.setdefault(name, len(layout))
    actions = tuple(_action(step, layout, entry_names, ranges) for step in steps)
    scratch = (0,) * (len(layout) - len(names))
    weight = 1 + sum(1 + len(action.departures) for action in actions)
    return CompiledSteps(actions=actions, scratch=scratch, layout=layout, weight=weight)


def _mentioned(step: Step) -> list[str]:
    expressions: list[Condition | Assignment] = list(step.changes)
    if not isinstance(step.guard, Certainty):
        expressions.append(step.guard)
    for edge in step.edges:
        expressions.extend(edge.changes)
        if not isinstance(edge.guard, Certainty):
            expressions.append(edge.guard)
    return [name.name for expression in expressions for name in names_in(expression)]


def _action(
    step: Step,
    layout: Layout,
    entry_names: Sequence[tuple[str, ...]],
    ranges: Mapping[str, Range],
) -> Action:
    departures = tuple(
        Departure(
            edge.number,
            edge.target,
            _test(edge.guard, layout),
            edge.guard is not Certainty.UNSURE,
            tuple(_change(change, layout, ranges) for change in edge.changes),
            tuple(layout[name] for name in entry_names[edge.target]) if edge.target >= 0 else (),
        )
        for edge in step.edges
    )
    changes = tuple(_change(change, layout, ranges) for change in step.changes)
    is_sure = step.guard is not Certainty.UNSURE
    return Action(step.kind, step.entry, _test(step.guard, layout), is_sure, changes, departures)


def _test(guard: Condition | Certainty, layout: Layout) -> Test | None:
    return None if isinstance(guard, Certainty) else compile_condition(guard, layout)


_COMPARE: dict[Comparison, Callable[[int, int], bool]] = {
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.GREATER: operator.gt,
    Comparison.AT_LEAST: operator.ge,
    Comparison.EQUAL: operator.eq,
    Comparison.UNEQUAL: operator.ne,
}


def compile_condition(condition: Condition, layout: Layout) -> Test:
    """Make a function that tells whether a condition holds for given values."""
    if isinstance(condition, Name):
        position = layout[condition.name]
        return lambda values: bool(values[position])
    if isinstance(condition, Literal):
        constant = bool(condition.value)
        return lambda _values: constant
    if isinstance(condition, Compare):
        return _comparison(condition, layout)
    if isinstance(condition, Not):
        inner = compile_condition(condition.condition, layout)
        return lambda values: not inner(values)
    parts = tuple(compile_condition(part, layout) for part in condition.parts)
    if isinstance(condition, And):
        return lambda values: all(part(values) for part in parts)
    return lambda values: any(part(values) for part in parts)


def _comparison(compare: Compare, layout: Layout) -> Test:
    holds = _COMPARE[compare.comparison]
    if isinstance(compare.left, Name) and isinstance(compare.right, Literal):
        position, constant = layout[compare.left.name], int(compare.right.value)
        return lambda values: holds(values[position], constant)
    left, right = _operand(compare.left, layout), _operand(compare.right, layout)
    return lambda values: holds(left(values), right(values))


def _operand(operand: Operand, layout: Layout) -> Callable[[Values], int]:
    if isinstance(operand, Name):
        position = layout[operand.name]
        return lambda values: values[position]
    constant = int(operand.value)
    return lambda _values: constant


def _change(change: Assignment, layout: Layout, ranges: Mapping[str, Range]) -> Change:
    position = layout[change.target.name]
    given = _operand(change.value, layout)
    sign = {AssignmentKind.SET: 0, AssignmentKind.ADD: 1, AssignmentKind.SUBTRACT: -1}[change.kind]
    low, high = ranges.get(change.target.name, (None, None))

    def apply(values: Values) -> None:
        result = values[position] + sign * given(values) if sign else given(values)
        if low is not None and result < low:
            result = low
        if high is not None and result > high:
            result = high
        values[position] = result

    return apply
