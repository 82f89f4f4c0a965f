"""The steps a node is read into, and what its expressions say about declared variables."""

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
    Literal,
    Name,
    Not,
    names_in,
)
from voicepipe.screenplay.syntax import VARIABLE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from voicepipe.screenplay.expressions import Condition, Operand
    from voicepipe.screenplay.syntax import Variable

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
    """Position in the place's exits; -1 for what goes on in the same place."""
    target: int
    """Of a program; `ENDING`, `MISSING` or `RETURNING`."""
    guard: Condition | Certainty
    changes: tuple[Assignment, ...] = ()
    resume: int = -1
    """For a detour: the program that goes on behind it."""


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
        wrong = _misused_assignment(expression, variables)
        if wrong is None and expression.when is not None:
            return misuse(expression.when, variables)
        return wrong
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


def has_known_variables(
    expression: Condition | Assignment, variables: Mapping[str, Variable]
) -> bool:
    """Tell whether all variables of an expression are declared, each of a kind there is."""
    return all(
        name.name in variables and variables[name.name].kind in VARIABLE_TYPES
        for name in names_in(expression)
    )


def is_well_typed(expression: Condition | Assignment, variables: Mapping[str, Variable]) -> bool:
    """Tell whether an expression uses declared variables as what they are."""
    return has_known_variables(expression, variables) and misuse(expression, variables) is None
