"""Conditions and assignments of the story, in the words of an engine's own language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.screenplay.expressions import And, AssignmentKind, Compare, Literal, Name, Not

if TYPE_CHECKING:
    from voicepipe.screenplay.expressions import Assignment, Condition, Operand
    from voicepipe.screenplay.syntax import Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a language spells them; comparisons are those of C and Python everywhere."""

    variable: str = "{name}"
    """`${name}` where variables begin with a dollar sign."""
    true: str = "true"
    false: str = "false"
    text: str = '"{value}"'
    """A value of a text variable."""
    min: str = "min"
    """The function that gives the least of two numbers; `max`: the greatest."""
    max: str = "max"

    def named(self, name: str) -> str:
        """Spell a variable."""
        return self.variable.replace("{name}", name)

    def condition(self, condition: Condition) -> str:
        """Spell a condition."""
        if isinstance(condition, Name | Literal):
            return self._operand(condition)
        if isinstance(condition, Compare):
            left, right = self._operand(condition.left), self._operand(condition.right)
            return f"{left} {condition.comparison.value} {right}"
        if isinstance(condition, Not):
            return f"not {self._part(condition.condition)}"
        word = " and " if isinstance(condition, And) else " or "
        return word.join(self._part(part) for part in condition.parts)

    def values(self, values: tuple[tuple[str, str | int], ...]) -> str:
        """Spell that variables have certain values."""
        return " and ".join(
            f"{self.named(name)} == "
            + (str(value) if isinstance(value, int) else self.text.replace("{value}", value))
            for name, value in values
        )

    def start(self, variable: Variable) -> str:
        """Spell the value a variable begins with."""
        if variable.kind == "text":
            return self.text.replace("{value}", variable.start or next(iter(variable.values), ""))
        if variable.kind == "bool":
            return self.true if variable.start == "true" else self.false
        return variable.start or "0"

    def value(self, assignment: Assignment) -> str:
        """Spell the right side of an assignment, written as `name = …`."""
        value = self._operand(assignment.value)
        if assignment.kind is AssignmentKind.SET:
            return value
        sign = "+" if assignment.kind is AssignmentKind.ADD else "-"
        return f"{self.named(assignment.target.name)} {sign} {value}"

    def limited_value(self, assignment: Assignment, variable: Variable) -> str:
        """Spell the right side of an assignment, kept within the bounds of its variable."""
        value = self.value(assignment)
        if variable.maximum is not None:
            value = f"{self.min}({variable.maximum}, {value})"
        if variable.minimum is not None:
            value = f"{self.max}({variable.minimum}, {value})"
        return value

    def _part(self, condition: Condition) -> str:
        """Spell a part, in brackets where it has parts itself: Ink takes `(name)` for a list."""
        text = self.condition(condition)
        return text if isinstance(condition, Name | Literal) else f"({text})"

    def _operand(self, operand: Operand) -> str:
        if isinstance(operand, Name):
            return self.named(operand.name)
        if isinstance(operand.value, bool):
            return self.true if operand.value else self.false
        return str(operand.value)
