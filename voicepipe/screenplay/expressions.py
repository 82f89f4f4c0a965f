"""Conditions and assignments: their grammar, their trees, and what they come to.

```
condition  = any ; any = all {"or" all} ; all = not {"and" not}
not        = "not" not | "(" any ")" | operand [comparison operand]
operand    = name | integer | "true" | "false"
assignment = name ("=" | "+=" | "-=") operand ["if" condition]
```

Knows nothing of which variables are declared, or of their types: callers check.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_EXPRESSION_LENGTH = 1000
"""Characters; longer than any condition a person reads."""
MAX_EXPRESSION_DEPTH = 20
"""Nested brackets and `not`s."""

State = Mapping[str, int | bool]
"""What every steering variable holds at one moment."""
Bounds = Mapping[str, tuple[int | None, int | None]]
"""The least and the greatest value of each integer variable; None is no bound."""


class Comparison(Enum):
    """How two operands compare."""

    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    EQUAL = "=="
    UNEQUAL = "!="


COMPARE: Mapping[Comparison, Callable[[int, int], bool]] = {
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.GREATER: operator.gt,
    Comparison.AT_LEAST: operator.ge,
    Comparison.EQUAL: operator.eq,
    Comparison.UNEQUAL: operator.ne,
}
"""How each is carried out."""


class AssignmentKind(Enum):
    """What an assignment does to its variable."""

    SET = "="
    ADD = "+="
    SUBTRACT = "-="


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A variable, by name; as a condition, true when the variable is."""

    name: str
    start: int
    """Code points from the start of the expression, from 0."""

    @property
    def length(self) -> int:
        """Code points."""
        return len(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A number, `true` or `false`."""

    value: int | bool
    start: int
    length: int


Operand = Name | Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Two operands side by side."""

    left: Operand
    comparison: Comparison
    right: Operand
    start: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The opposite."""

    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """True when every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """True when any part is."""

    parts: tuple[Condition, ...]


Condition = Name | Literal | Compare | Not | And | Or


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A change of one variable: `trust += 1 if not exposed`."""

    target: Name
    kind: AssignmentKind
    value: Operand
    when: Condition | None = None
    """The change is made only where this holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionFault:
    """Why an expression cannot be read, and where in it."""

    message: str
    start: int
    length: int


@lru_cache(maxsize=4096)
def parse_condition(raw: str) -> Condition | ExpressionFault:
    """Read a condition such as `not exposed and (trust >= 2 or met)`.

    Args:
        raw: As the writer wrote it, on one line or several.

    Returns:
        The condition, or the first thing wrong with it.
    """
    try:
        return _Parser(raw).condition()
    except _Unreadable as unreadable:
        return unreadable.fault


@lru_cache(maxsize=4096)
def parse_assignment(raw: str) -> Assignment | ExpressionFault:
    """Read an assignment such as `trust += 1`.

    Returns:
        The assignment, or the first thing wrong with it.
    """
    try:
        return _Parser(raw).assignment()
    except _Unreadable as unreadable:
        return unreadable.fault


def names_in(expression: Condition | Assignment) -> Iterator[Name]:
    """Every variable an expression mentions, left to right, repeats included.

    The first one of an assignment is the one that changes.
    """
    if isinstance(expression, Name):
        yield expression
    elif isinstance(expression, Compare):
        yield from (side for side in (expression.left, expression.right) if isinstance(side, Name))
    elif isinstance(expression, Not):
        yield from names_in(expression.condition)
    elif isinstance(expression, And | Or):
        for part in expression.parts:
            yield from names_in(part)
    elif isinstance(expression, Assignment):
        yield from _names_in_change(expression)


def _names_in_change(change: Assignment) -> Iterator[Name]:
    yield change.target
    if isinstance(change.value, Name):
        yield change.value
    if change.when is not None:
        yield from names_in(change.when)


def evaluate(condition: Condition, state: State) -> bool:
    """Tell whether a condition holds.

    Raises:
        KeyError: A variable the state does not hold.
    """
    if isinstance(condition, Name | Literal):
        return bool(_value(condition, state))
    if isinstance(condition, Compare):
        compare = COMPARE[condition.comparison]
        return bool(compare(_value(condition.left, state), _value(condition.right, state)))
    if isinstance(condition, Not):
        return not evaluate(condition.condition, state)
    if isinstance(condition, And):
        return all(evaluate(part, state) for part in condition.parts)
    return any(evaluate(part, state) for part in condition.parts)


def apply(assignment: Assignment, state: State, bounds: Bounds | None = None) -> State:
    """Carry out an assignment.

    Args:
        assignment: What to do.
        state: Left as it is.
        bounds: An integer that would leave its bounds stops at the nearer one.

    Returns:
        The state after it.

    Raises:
        KeyError: A variable the state does not hold.
    """
    name = assignment.target.name
    before = state[name]
    if assignment.when is not None and not evaluate(assignment.when, state):
        return state
    value = _value(assignment.value, state)
    if assignment.kind is AssignmentKind.ADD:
        value = before + value
    elif assignment.kind is AssignmentKind.SUBTRACT:
        value = before - value
    if not isinstance(value, bool):
        low, high = (bounds or {}).get(name, (None, None))
        value = value if low is None else max(low, value)
        value = value if high is None else min(high, value)
    return {**state, name: value}


def _value(operand: Operand, state: State) -> int | bool:
    return state[operand.name] if isinstance(operand, Name) else operand.value


class _Token(NamedTuple):
    kind: str
    text: str
    start: int


_TOKENS = re.compile(
    r"(?P<name>[a-z][a-z0-9_]*)|(?P<int>-?[0-9]{1,9}(?![0-9a-zA-Z_.]))"
    r"|(?P<op><=|>=|==|!=|\+=|-=|[<>=()])|(?P<bad>[0-9A-Za-z_.]+|[^\s])"
)
_WORDS = ("and", "or", "not", "true", "false")
_COMPARISONS = {c.value: c for c in Comparison}
_ASSIGNMENTS = {k.value: k for k in AssignmentKind}
_INSTEAD = {"&&": "and", "&": "and", "||": "or", "|": "or", "!": "not"}


class _Unreadable(Exception):
    def __init__(self, message: str, start: int, length: int = 1) -> None:
        super().__init__(message)
        self.fault = ExpressionFault(message=message, start=start, length=max(1, length))


def _tokens(raw: str) -> list[_Token]:
    if len(raw) > MAX_EXPRESSION_LENGTH:
        message = f"an expression of {len(raw)} characters; the limit is {MAX_EXPRESSION_LENGTH}"
        raise _Unreadable(message, 0)
    tokens = []
    for match in _TOKENS.finditer(raw):
        kind, text, start = str(match.lastgroup), match.group(), match.start()
        if kind == "bad":
            instead = _INSTEAD.get(text)
            hint = f', write "{instead}"' if instead else ""
            raise _Unreadable(f'"{text}" has no meaning here{hint}', start, len(text))
        tokens.append(_Token("word" if text in _WORDS else kind, text, start))
    return tokens


class _Parser:
    """Recursive descent over a token list; one use."""

    def __init__(self, raw: str) -> None:
        self._tokens = _tokens(raw)
        self._end = len(raw.rstrip())
        self._at = 0
        self._depth = 0

    def condition(self) -> Condition:
        found = self._any()
        self._expect_end()
        return found

    def assignment(self) -> Assignment:
        target = self._operand()
        if not isinstance(target, Name):
            raise _Unreadable("an assignment starts with a variable", target.start, target.length)
        sign = self._take()
        if sign is None or sign.text not in _ASSIGNMENTS:
            raise self._unexpected(sign, '"=", "+=" or "-="')
        value = self._operand()
        when = self._any() if self._skip("if") else None
        self._expect_end()
        return Assignment(target=target, kind=_ASSIGNMENTS[sign.text], value=value, when=when)

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._skip("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(parts=tuple(parts))

    def _all(self) -> Condition:
        parts = [self._not()]
        while self._skip("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(parts=tuple(parts))

    def _not(self) -> Condition:
        self._depth += 1
        if self._depth > MAX_EXPRESSION_DEPTH:
            message = f"nested deeper than {MAX_EXPRESSION_DEPTH}"
            raise _Unreadable(message, self._tokens[self._at - 1].start)
        try:
            if self._skip("not"):
                return Not(condition=self._not())
            if self._skip("("):
                inside = self._any()
                if not self._skip(")"):
                    raise self._unexpected(self._take(), '")"')
                return inside
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Condition:
        left = self._operand()
        sign = self._peek()
        if sign is None or sign.text not in _COMPARISONS:
            if sign is not None and sign.text == "=":
                raise _Unreadable('"=" assigns; compare with "=="', sign.start)
            return left
        self._at += 1
        right = self._operand()
        return Compare(
            left=left,
            comparison=_COMPARISONS[sign.text],
            right=right,
            start=left.start,
            length=right.start + right.length - left.start,
        )

    def _operand(self) -> Operand:
        token = self._take()
        if token is None:
            raise self._unexpected(token, "a variable or a value")
        if token.kind == "name":
            return Name(name=token.text, start=token.start)
        if token.kind == "int":
            return Literal(value=int(token.text), start=token.start, length=len(token.text))
        if token.text in ("true", "false"):
            value = token.text == "true"
            return Literal(value=value, start=token.start, length=len(token.text))
        raise self._unexpected(token, "a variable or a value")

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self) -> _Token | None:
        token = self._peek()
        self._at += token is not None
        return token

    def _skip(self, text: str) -> bool:
        token = self._peek()
        found = token is not None and token.text == text
        self._at += found
        return found

    def _expect_end(self) -> None:
        token = self._take()
        if token is not None:
            raise self._unexpected(token, "the end")

    def _unexpected(self, token: _Token | None, wanted: str) -> _Unreadable:
        if token is None:
            return _Unreadable(f"{wanted} is missing at the end", max(0, self._end - 1))
        return _Unreadable(f'"{token.text}" where {wanted} belongs', token.start, len(token.text))
