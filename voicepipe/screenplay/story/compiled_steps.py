"""Steps compiled to closures over a short list of values, so that walking a story is quick.

Each program sees only the variables that matter there, at positions of its own; a `CompiledSteps`
knows how to carry values over to the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.screenplay.expressions import (
    COMPARE,
    And,
    Assignment,
    AssignmentKind,
    Compare,
    Literal,
    Name,
    Not,
    names_in,
)
from voicepipe.screenplay.story.story_steps import Certainty, StepKind

if TYPE_CHECKING:
    from voicepipe.screenplay.expressions import Condition, Operand
    from voicepipe.screenplay.story.programs import Programs
    from voicepipe.screenplay.story.story_steps import Step

Values = list[int]
Test = Callable[[Values], bool]
Change = Callable[[Values], None]
Range = tuple[int | None, int | None]
Layout = Mapping[str, int]
"""Variable → position in a program's values."""


@dataclass(frozen=True, slots=True)
class CompiledEdge:
    """An exit, ready to be tried."""

    number: int
    target: int
    test: Test | None
    """None: always."""
    is_sure: bool
    """False: may or may not be open, whatever `test` would say."""
    changes: tuple[Change, ...]
    carried: Mapping[int, tuple[int, ...]]
    """For each program it can lead to: where the values that matter there stand here, in its
    order."""
    resume: int
    """For a detour: the program that goes on behind it; -1 otherwise."""


@dataclass(frozen=True, slots=True)
class Action:
    """One compiled step."""

    kind: StepKind
    entry: int
    test: Test | None
    is_sure: bool
    changes: tuple[Change, ...]
    departures: tuple[CompiledEdge, ...]


@dataclass(frozen=True, slots=True)
class CompiledSteps:
    """All a program does."""

    actions: tuple[Action, ...]
    scratch: tuple[int, ...]
    """Room for values that are set here before they are read."""
    layout: Layout
    ended: tuple[int, ...]
    """Where the values that matter to the engine's choice of an entry point stand."""
    weight: int
    """How many steps and exits there are to look at."""


def compile_steps(
    programs: Programs, entry_names: Sequence[tuple[str, ...]], ranges: Mapping[str, Range]
) -> list[CompiledSteps]:
    """Compile what every program does.

    Args:
        programs: What the story does.
        entry_names: For each program, the variables that matter on entering, in the order of
            their values.
        ranges: Bounds of integers, by name.
    """
    return [
        _Compiler(programs, number, entry_names, ranges).compiled()
        for number in range(len(programs.all))
    ]


class _Compiler:
    """Compiles one program."""

    def __init__(
        self,
        programs: Programs,
        number: int,
        entry_names: Sequence[tuple[str, ...]],
        ranges: Mapping[str, Range],
    ) -> None:
        self._programs = programs
        self._number = number
        self._entry_names = entry_names
        self._ranges = ranges
        self._layout = {name: position for position, name in enumerate(entry_names[number])}

    def compiled(self) -> CompiledSteps:
        layout = self._layout
        n_entered_with = len(layout)
        steps = self._programs.all[self._number].steps
        for step in steps:
            for name in _mentioned(step):
                layout.setdefault(name, len(layout))
        actions = tuple(self._action(step) for step in steps)
        return CompiledSteps(
            actions=actions,
            scratch=(0,) * (len(layout) - n_entered_with),
            layout=layout,
            ended=self._ended(),
            weight=1 + sum(1 + len(action.departures) for action in actions),
        )

    def _action(self, step: Step) -> Action:
        layout = self._layout
        departures = tuple(
            CompiledEdge(
                edge.number,
                edge.target,
                _test(edge.guard, layout),
                edge.guard is not Certainty.UNSURE,
                tuple(_change(change, layout, self._ranges) for change in edge.changes),
                self._carried(edge.target),
                edge.resume,
            )
            for edge in step.edges
        )
        changes = tuple(_change(change, layout, self._ranges) for change in step.changes)
        is_sure = step.guard is not Certainty.UNSURE
        test = _test(step.guard, layout)
        return Action(step.kind, step.entry, test, is_sure, changes, departures)

    def _ended(self) -> tuple[int, ...]:
        """Find what the engine needs to know when the run falls off the end, if it can."""
        names = self._entry_names[self._programs.engine] if self._programs.engine >= 0 else ()
        is_known = all(name in self._layout for name in names)
        return tuple(self._layout[name] for name in names) if is_known else ()

    def _carried(self, target: int) -> Mapping[int, tuple[int, ...]]:
        return {
            program: tuple(self._layout[name] for name in self._entry_names[program])
            for program in self._programs.successors(self._number, target)
        }


def _mentioned(step: Step) -> list[str]:
    expressions: list[Condition | Assignment] = list(step.changes)
    if not isinstance(step.guard, Certainty):
        expressions.append(step.guard)
    for edge in step.edges:
        expressions.extend(edge.changes)
        if not isinstance(edge.guard, Certainty):
            expressions.append(edge.guard)
    return [name.name for expression in expressions for name in names_in(expression)]


def _test(guard: Condition | Certainty, layout: Layout) -> Test | None:
    return None if isinstance(guard, Certainty) else compile_condition(guard, layout)


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
    holds = COMPARE[compare.comparison]
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
    is_made = None if change.when is None else compile_condition(change.when, layout)

    def apply(values: Values) -> None:
        if is_made is not None and not is_made(values):
            return
        result = values[position] + sign * given(values) if sign else given(values)
        if low is not None and result < low:
            result = low
        if high is not None and result > high:
            result = high
        values[position] = result

    return apply
