"""Strict reading of flat records: every field there, of its kind, and nothing else.

The dataclass is the only description: checks and the published JSON Schema
are both made from it. Columns are checked whole, because a bank has 100,000
rows of the same shape.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Kind(Enum):
    """What a field of a flat record may hold."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    MAYBE_NUMBER = "number or null"
    FLAG = "true or false"
    TEXTS = "list of texts"
    PAIRS = "object of texts"


_KINDS: dict[object, Kind] = {
    str: Kind.TEXT,
    int: Kind.WHOLE,
    float: Kind.NUMBER,
    float | None: Kind.MAYBE_NUMBER,
    bool: Kind.FLAG,
    tuple[str, ...]: Kind.TEXTS,
    Mapping[str, str]: Kind.PAIRS,
}
_TYPES: dict[Kind, frozenset[type]] = {
    Kind.TEXT: frozenset({str}),
    Kind.WHOLE: frozenset({int}),
    Kind.NUMBER: frozenset({int, float}),
    Kind.MAYBE_NUMBER: frozenset({int, float, type(None)}),
    Kind.FLAG: frozenset({bool}),
    Kind.TEXTS: frozenset({list}),
    Kind.PAIRS: frozenset({dict}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One field of a record."""

    name: str
    kind: Kind


@cache
def shapes_of(record: type) -> tuple[Shape, ...]:
    """Read the fields of a flat dataclass; fields of any other kind are left out."""
    hints = typing.get_type_hints(record, localns={"Mapping": Mapping})
    return tuple(
        Shape(name=field.name, kind=_KINDS[hints[field.name]])
        for field in dataclasses.fields(record)
        if hints[field.name] in _KINDS
    )


def fault_in(rows: Sequence[object], record: type) -> str:
    """Find the first thing in which JSON objects differ from a record.

    Args:
        rows: As parsed from JSON.
        record: A flat dataclass.

    Returns:
        Which row (from 0), which field, what was expected; empty when all is well.
    """
    shapes = shapes_of(record)
    names = {shape.name for shape in shapes}
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            return f"row {number} is not an object"
        if row.keys() != names:
            return _names_fault(number, row, names)
    objects = typing.cast("Sequence[dict[str, Any]]", rows)
    for shape in shapes:
        column = list(map(itemgetter(shape.name), objects))
        bad = _column_fault(column, shape.kind)
        if bad is not None:
            return f'row {bad}: "{shape.name}" is not a {shape.kind.value}'
    return ""


def _names_fault(number: int, row: dict[str, Any], names: set[str]) -> str:
    missing = sorted(names - row.keys())
    if missing:
        return f'row {number}: "{missing[0]}" is missing'
    return f'row {number}: "{min(row.keys() - names)[:80]}" is not a known field'


def _column_fault(column: list[Any], kind: Kind) -> int | None:
    allowed = _TYPES[kind]
    if not set(map(type, column)) <= allowed:
        return next(i for i, value in enumerate(column) if type(value) not in allowed)
    if kind is Kind.TEXTS:
        return _inner_fault(column, list)
    if kind is Kind.PAIRS:
        return _inner_fault(column, dict.values)
    return None


def _inner_fault(column: list[Any], inner: Callable[[Any], Any]) -> int | None:
    for i, value in enumerate(column):
        if value and not all(type(text) is str for text in inner(value)):
            return i
    return None


def tuple_fields(record: type) -> tuple[str, ...]:
    """Name the fields that JSON holds as lists and records as tuples."""
    return tuple(shape.name for shape in shapes_of(record) if shape.kind is Kind.TEXTS)
