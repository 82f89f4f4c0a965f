"""Strict reading of flat records: every field there, of its kind, and nothing else.

The dataclass is the only description: checks and the published JSON Schema
are both made from it. A bank has 100,000 rows of the same shape, so columns
are checked and filled whole, at the speed of C loops.
"""

from __future__ import annotations

import dataclasses
import typing
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from itertools import chain, repeat
from math import isfinite
from operator import attrgetter, is_not, itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


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
    Kind.TEXTS: frozenset({list, tuple}),
    Kind.PAIRS: frozenset({dict}),
}
_TEXT = frozenset({str})
_IS_THERE = partial(is_not, None)

Columns = dict[str, "Sequence[Any]"]
"""Field name → its values, row by row."""
RecordT = TypeVar("RecordT")


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


def columns_of_rows(rows: Sequence[Any], record: type) -> tuple[Columns, str]:
    """Turn JSON objects into columns.

    Returns:
        The columns, and the first fault: which row (from 0) is not an object with exactly
        the record's fields. With a fault the columns are empty.
    """
    names = [shape.name for shape in shapes_of(record)]
    pick = itemgetter(*names)
    try:
        if set(map(type, rows)) <= {dict} and set(map(len, rows)) <= {len(names)}:
            return _as_columns(names, map(pick, rows)), ""
    except KeyError:
        pass  # the slow way below says where
    faults = map(_row_fault, range(len(rows)), rows, repeat(names))
    return {}, next(fault for fault in faults if fault)


def _row_fault(number: int, row: object, names: list[str]) -> str:
    if not isinstance(row, dict):
        return f"row {number} is not an object"
    missing = sorted(set(names) - row.keys())
    if missing:
        return f'row {number}: "{missing[0]}" is missing'
    unknown = sorted(row.keys() - set(names))
    return f'row {number}: "{unknown[0][:80]}" is not a known field' if unknown else ""


def columns_of(records: Sequence[Any], record: type) -> Columns:
    """Turn records of one flat dataclass into columns."""
    names = [shape.name for shape in shapes_of(record)]
    return _as_columns(names, map(attrgetter(*names), records))


def _as_columns(names: list[str], rows: Iterable[tuple[Any, ...]]) -> Columns:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return dict(zip(names, columns, strict=True))


def kind_fault(columns: Columns, record: type) -> str:
    """Find the first value that is not of its field's kind.

    Returns:
        Which row (from 0), which field, what was expected; empty when all is well.
    """
    for shape in shapes_of(record):
        column = columns[shape.name]
        if _is_of_kind(column, shape.kind):
            continue
        row = next(n for n, value in enumerate(column) if not _is_of_kind([value], shape.kind))
        return f'row {row}: "{shape.name}" is not a {shape.kind.value}'
    return ""


def _is_of_kind(column: Sequence[Any], kind: Kind) -> bool:
    if not set(map(type, column)) <= _TYPES[kind]:
        return False
    if kind is Kind.TEXTS:
        return set(map(type, chain.from_iterable(column))) <= _TEXT
    if kind is Kind.PAIRS:
        return set(map(type, chain.from_iterable(map(dict.values, column)))) <= _TEXT
    if kind in {Kind.NUMBER, Kind.MAYBE_NUMBER}:
        return all(map(isfinite, filter(_IS_THERE, column)))
    return True


def fault_in(rows: Sequence[Any], record: type) -> str:
    """Find the first thing in which JSON objects differ from a flat dataclass.

    Returns:
        Which row (from 0), which field, what was expected; empty when all is well.
    """
    columns, fault = columns_of_rows(rows, record)
    return fault or kind_fault(columns, record)


def records_of(columns: Columns, record: type[RecordT]) -> list[RecordT]:
    """Make records of a flat frozen dataclass with slots from checked columns.

    Lists become tuples. The slots are filled directly: a frozen dataclass's own
    `__init__` takes three times as long.
    """
    plain: type = record
    shapes = shapes_of(plain)
    n_rows = len(columns[shapes[0].name])
    records = list(map(record.__new__, repeat(record, n_rows)))
    for shape in shapes:
        column: Iterable[Any] = columns[shape.name]
        if shape.kind is Kind.TEXTS:
            column = map(tuple, column)
        deque(map(record.__dict__[shape.name].__set__, records, column), maxlen=0)
    return records
