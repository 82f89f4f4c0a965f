"""Whether conditions and assignments fit the declarations: one function a code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.positions import inner_span
from voicepipe.screenplay.codes.stories import diagnose
from voicepipe.screenplay.expressions import (
    And,
    Assignment,
    AssignmentKind,
    Compare,
    Comparison,
    ExpressionFault,
    Literal,
    Name,
    Not,
    Or,
    names_in,
    parse_assignment,
    parse_condition,
)
from voicepipe.screenplay.hints import Hints
from voicepipe.screenplay.placeholders import variables_in
from voicepipe.screenplay.story.story_steps import (
    has_faulty_range,
    has_known_variables,
    misuse,
    start_value,
)
from voicepipe.screenplay.syntax import VARIABLE_TYPES, Choice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.expressions import Condition, Operand
    from voicepipe.screenplay.story.story import Story
    from voicepipe.screenplay.syntax import Expression, SourceText, Variable

Bounds = tuple[float, float]
"""The least and greatest value; infinite where the declaration says nothing."""


def check_known_variables(story: Story) -> Iterator[Diagnostic]:
    """VP212: conditions and assignments use declared variables."""
    hints = Hints()
    for written, parsed in _expressions(story):
        # A text variable cannot be set at all, whatever its value names.
        names = () if _sets_text(parsed, story.variables) else names_in(parsed)
        for name in names:
            if name.name not in story.variables:
                span = inner_span(written.span, written.raw, name.start, name.length)
                message = f'variable "{name.name}" is not declared'
                message += hints(name.name, story.variables)
                yield diagnose("VP212", span, message, "declare it under variables:")


def check_kinds(story: Story) -> Iterator[Diagnostic]:
    """VP216: variables are used as what they are."""
    for written, parsed in _expressions(story):
        wrong = None
        if _sets_text(parsed, story.variables) or has_known_variables(parsed, story.variables):
            wrong = misuse(parsed, story.variables)
        if wrong is not None:
            yield diagnose("VP216", written.span, *wrong)


def check_assigned_range(story: Story) -> Iterator[Diagnostic]:
    """VP214: assignments stay within the variable's range."""
    for written, parsed in _well_used(story):
        if not isinstance(parsed, Assignment) or isinstance(parsed.value, Name):
            continue
        variable, value = story.variables[parsed.target.name], parsed.value.value
        low, high = _bounds(parsed.target, story.variables)
        if variable.kind == "int" and not _fits(parsed.kind, value, low, high):
            span = inner_span(written.span, written.raw, parsed.value.start, parsed.value.length)
            message = f'"{variable.name}" goes from {_shown(low)} to {_shown(high)}: '
            if parsed.kind is AssignmentKind.SET:
                message += f"{value} is outside and becomes the nearest bound"
            else:
                message += f"a step of {value} is wider than that"
            yield diagnose("VP214", span, message, "change the number, or the range")


def _fits(kind: AssignmentKind, value: int, low: float, high: float) -> bool:
    if kind is AssignmentKind.SET:
        return low <= value <= high
    return abs(value) <= high - low


def check_settled_conditions(story: Story) -> Iterator[Diagnostic]:
    """VP215: no comparison is settled by the declarations alone."""
    for written, parsed in _well_used(story):
        condition = parsed.when if isinstance(parsed, Assignment) else parsed
        for compare in _comparisons(condition) if condition is not None else ():
            settled = _settled(compare, story.variables)
            if settled is not None:
                span = inner_span(written.span, written.raw, compare.start, compare.length)
                part = written.raw[compare.start : compare.start + compare.length]
                message = f'"{part}" is always {str(settled).lower()}: '
                message += ", ".join(_declared(compare, story.variables))
                yield diagnose("VP215", span, message, "change the number, or the range")


def _comparisons(condition: Condition) -> Iterator[Compare]:
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Not):
        yield from _comparisons(condition.condition)
    elif isinstance(condition, And | Or):
        for part in condition.parts:
            yield from _comparisons(part)


def _declared(compare: Compare, variables: Mapping[str, Variable]) -> Iterator[str]:
    for side in (compare.left, compare.right):
        if isinstance(side, Name):
            low, high = _bounds(side, variables)
            yield f"{side.name} goes from {_shown(low)} to {_shown(high)}"
    if isinstance(compare.left, Literal) and isinstance(compare.right, Literal):
        yield "no variable is asked"


def _shown(bound: float) -> str:
    return "anything" if abs(bound) == float("inf") else f"{bound:.0f}"


def _settled(compare: Compare, variables: Mapping[str, Variable]) -> bool | None:
    """Work out a comparison from ranges alone; None when it depends on the values."""
    (a, b), (c, d) = _bounds(compare.left, variables), _bounds(compare.right, variables)
    always = {
        Comparison.LESS: b < c,
        Comparison.AT_MOST: b <= c,
        Comparison.GREATER: a > d,
        Comparison.AT_LEAST: a >= d,
        Comparison.EQUAL: a == b == c == d,
        Comparison.UNEQUAL: b < c or a > d,
    }
    never = {
        Comparison.LESS: a >= d,
        Comparison.AT_MOST: a > d,
        Comparison.GREATER: b <= c,
        Comparison.AT_LEAST: b < c,
        Comparison.EQUAL: b < c or a > d,
        Comparison.UNEQUAL: a == b == c == d,
    }
    if always[compare.comparison]:
        return True
    return False if never[compare.comparison] else None


def _bounds(operand: Operand, variables: Mapping[str, Variable]) -> Bounds:
    if isinstance(operand, Literal):
        return float(operand.value), float(operand.value)
    variable = variables[operand.name]
    if variable.kind == "bool":
        return 0.0, 1.0
    low, high = variable.minimum, variable.maximum
    return (
        float("-inf") if low is None else float(low),
        float("inf") if high is None else float(high),
    )


def check_unused_variables(story: Story) -> Iterator[Diagnostic]:
    """VP213: every variable steers something or is shown."""
    used = {use.name for text in _texts(story) for use in variables_in(text.raw)}
    for _, parsed in _expressions(story):
        names = [name.name for name in names_in(parsed)]
        used.update(names[1:] if isinstance(parsed, Assignment) else names)
    for variable in story.screenplay.variables:
        if variable.name not in used:
            shown = "no text shows it" if variable.kind == "text" else "no condition reads it"
            message = f'variable "{variable.name}" is declared, but {shown}'
            yield diagnose("VP213", variable.span, message, "use it, or delete it")


def _texts(story: Story) -> Iterator[SourceText]:
    for line in story.lines:
        yield from line.texts.values()
    for place in story.graph.places:
        for entry in place.node.entries:
            if isinstance(entry, Choice):
                for option in entry.options:
                    yield from option.texts.values()


def check_declared_values(story: Story) -> Iterator[Diagnostic]:
    """VP217: what a variable starts as, and its bounds, make sense."""
    for variable in story.screenplay.variables:
        wrong = _wrong_number(variable) if variable.kind == "int" else ""
        if wrong:
            message = f'"{variable.name}" has words for "{wrong}", which is not one of its numbers'
            yield diagnose("VP217", variable.span, message, "name a number from min to max")
        elif variable.kind == "text":
            if variable.values and variable.start and variable.start not in variable.values:
                message = f'"{variable.name}" starts as "{variable.start}", not one of its values'
                message += did_you_mean(variable.start, variable.values)
                yield diagnose(
                    "VP217", variable.span, message, f"start: {next(iter(variable.values))}"
                )
        elif variable.kind in VARIABLE_TYPES and start_value(variable) is None:
            kind = "true or false" if variable.kind == "bool" else "a whole number"
            message = f'"{variable.name}" starts as "{variable.start}", which is not {kind}'
            yield diagnose("VP217", variable.span, message, f"start with {kind}")
        elif has_faulty_range(variable):
            message = f'"{variable.name}" {_faulty_range(variable)}'
            yield diagnose("VP217", variable.span, message, "make min ≤ start ≤ max")


def _wrong_number(variable: Variable) -> str:
    """Find a value that an integer never has."""
    low, high = variable.minimum, variable.maximum
    for value in variable.values:
        if not re.fullmatch(r"0|-?[1-9][0-9]{0,8}", value):
            return value
        number = int(value)
        if (low is not None and number < low) or (high is not None and number > high):
            return value
    return ""


def _faulty_range(variable: Variable) -> str:
    low, high = variable.minimum, variable.maximum
    if low is not None and high is not None and low > high:
        return f"has a min of {low}, above its max of {high}"
    return f"starts as {start_value(variable)}, outside {_range(variable)}"


def _range(variable: Variable) -> str:
    low, high = variable.minimum, variable.maximum
    return f"{'anything' if low is None else low} to {'anything' if high is None else high}"


def _expressions(story: Story) -> Iterator[tuple[Expression, Condition | Assignment]]:
    """Go through everything that can be read; what cannot has its diagnostic already."""
    for written in story.conditions:
        condition = parse_condition(written.raw)
        if not isinstance(condition, ExpressionFault):
            yield written, condition
    for written in story.assignments:
        assignment = parse_assignment(written.raw)
        if not isinstance(assignment, ExpressionFault):
            yield written, assignment


def _sets_text(parsed: Condition | Assignment, variables: Mapping[str, Variable]) -> bool:
    if not isinstance(parsed, Assignment):
        return False
    target = variables.get(parsed.target.name)
    return target is not None and target.kind == "text"


def _sound_names(story: Story) -> Iterator[tuple[Expression, Condition | Assignment]]:
    for written, parsed in _expressions(story):
        if has_known_variables(parsed, story.variables):
            yield written, parsed


def _well_used(story: Story) -> Iterator[tuple[Expression, Condition | Assignment]]:
    for written, parsed in _sound_names(story):
        if misuse(parsed, story.variables) is None:
            yield written, parsed
