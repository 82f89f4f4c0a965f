"""Conditions and assignments: read, evaluated, carried out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    apply,
    evaluate,
    names_in,
    parse_assignment,
    parse_condition,
)

STATE = {"trust": 2, "fear": 3, "met": True, "exposed": False}


def holds(raw: str) -> bool:
    condition = parse_condition(raw)
    assert not isinstance(condition, ExpressionFault), condition
    return evaluate(condition, STATE)


def after(raw: str, bounds: dict[str, tuple[int | None, int | None]] | None = None) -> object:
    assignment = parse_assignment(raw)
    assert isinstance(assignment, Assignment), assignment
    changed = apply(assignment, STATE, bounds)
    assert STATE["trust"] == 2
    return changed[assignment.target.name]


@pytest.mark.parametrize(
    ("raw", "truth"),
    [
        ("trust < 3", True), ("trust <= 1", False), ("trust > 2", False), ("trust >= 2", True),
        ("trust == 2", True), ("trust != 2", False), ("trust < fear", True), ("3 > trust", True),
        ("trust > -1", True), ("met", True), ("not met", False), ("exposed == false", True),
        ("true", True), ("false or met", True), ("not exposed and (trust >= 2 or met)", True),
        ("exposed or met and exposed", False), ("not exposed and exposed", False),
        ("not (met and met)", False), ("  met\n", True),
    ],
)  # fmt: skip
def test_conditions_come_to(raw: str, truth: bool) -> None:
    assert holds(raw) is truth


@pytest.mark.parametrize(
    ("raw", "value"),
    [("trust = 4", 4), ("trust += 1", 3), ("trust -= 5", -3), ("trust=fear", 3),
     ("met = false", False), ("trust += -1", 1)],
)  # fmt: skip
def test_assignments_come_to(raw: str, value: object) -> None:
    assert after(raw) == value


def test_integers_stay_within_their_bounds() -> None:
    assert after("trust -= 5", {"trust": (0, 5)}) == 0
    assert after("trust += 9", {"trust": (0, 5)}) == 5
    assert after("trust += 9", {"trust": (0, None)}) == 11
    assert after("met = true", {"met": (5, 9)}) is True


def test_and_binds_closer_than_or() -> None:
    a, b, c = (Name(name=n, start=s) for n, s in (("a", 0), ("b", 5), ("c", 11)))
    assert parse_condition("a or b and c") == Or(parts=(a, And(parts=(b, c))))


def test_trees_know_where_they_stand() -> None:
    condition = parse_condition("not  trust >= 10")
    assert condition == Not(
        condition=Compare(
            left=Name(name="trust", start=5),
            comparison=Comparison.AT_LEAST,
            right=Literal(value=10, start=14, length=2),
            start=5,
            length=11,
        )
    )
    assert parse_assignment("a += b") == Assignment(
        target=Name(name="a", start=0), kind=AssignmentKind.ADD, value=Name(name="b", start=5)
    )


def test_every_variable_is_named() -> None:
    condition = parse_condition("a and not b < c or (d == 1) and true")
    assert not isinstance(condition, ExpressionFault)
    assert [n.name for n in names_in(condition)] == ["a", "b", "c", "d"]
    change = parse_assignment("x = y")
    assert isinstance(change, Assignment)
    assert [n.name for n in names_in(change)] == ["x", "y"]
    simple = parse_assignment("x = 1")
    assert isinstance(simple, Assignment)
    assert [n.name for n in names_in(simple)] == ["x"]


@pytest.mark.parametrize(
    ("raw", "start", "words"),
    [
        ("", 0, "missing"), ("trust <", 6, "missing"), ("trust = 3", 6, "=="), ("a && b", 2, "and"),
        ("a | b", 2, "or"), ("!a", 0, "not"), ("a b", 2, '"b"'), ("(a", 1, '")"'), ("a)", 1, "end"),
        ("Trust > 1", 0, "Trust"), ("a > 1.5", 4, "1.5"), ("a > 12345678901", 4, "no meaning"),
        ("a < b < c", 6, "end"), ("and", 0, "and"), ("a ＞ 3", 2, "＞"), ("not", 2, "missing"),
        ("()", 1, '")"'),
    ],
)  # fmt: skip
def test_the_first_thing_wrong_with_a_condition_is_pointed_at(
    raw: str, start: int, words: str
) -> None:
    fault = parse_condition(raw)
    assert isinstance(fault, ExpressionFault)
    assert fault.start == start
    assert words in fault.message
    assert fault.length >= 1


@pytest.mark.parametrize(
    ("raw", "start"),
    [("3 = a", 0), ("a", 0), ("a == 1", 2), ("a =", 2), ("a = 1 2", 6), ("", 0), ("a < 1", 2)],
)
def test_the_first_thing_wrong_with_an_assignment_is_pointed_at(raw: str, start: int) -> None:
    fault = parse_assignment(raw)
    assert isinstance(fault, ExpressionFault)
    assert fault.start == start


def test_expressions_have_limits() -> None:
    assert isinstance(parse_condition("(" * 10_000), ExpressionFault)
    assert isinstance(parse_condition("not " * 21 + "a"), ExpressionFault)
    assert not isinstance(parse_condition("not " * 19 + "a"), ExpressionFault)
    assert isinstance(parse_condition("a or " * 1000 + "a"), ExpressionFault)


@given(st.text(alphabet=st.sampled_from(list("ab01 ()<>=!+-.&|notrue")), max_size=30))
def test_no_text_makes_the_reader_raise(raw: str) -> None:
    condition = parse_condition(raw)
    if isinstance(condition, ExpressionFault):
        assert 0 <= condition.start <= max(0, len(raw))
    else:
        evaluate(condition, {name.name: 1 for name in names_in(condition)})
    parse_assignment(raw)
