"""Strict reading of records: every field there, of its kind and in its range.

A dataclass and its annotations are the only description; `msgspec` checks against them at the
speed of C. Fields it does not name are passed over: a newer release may have added them.
"""

from __future__ import annotations

import dataclasses
import json
import re
from functools import cache
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_type_hints

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RecordT = TypeVar("RecordT")

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Ordinal = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
"""Counted from 1."""
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
"""A length of sound: something, and not more than a day."""
Difference = Annotated[float, msgspec.Meta(ge=-86_400, le=86_400)]
"""Of two lengths of sound, in seconds."""
Factor = Annotated[float, msgspec.Meta(gt=0, le=100)]
SampleRate = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
"""Hz."""
BitDepth = Annotated[int, msgspec.Meta(ge=1, le=64)]
Decibels = Annotated[float, msgspec.Meta(ge=-1_000, le=1_000)]

_ADDED = "added later"
_SHOWN_VALUE = 80
_PLACE = re.compile(r"(.*) - at `\$(.*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]+)\]")


def added(default: Any) -> Any:  # noqa: ANN401 - a field's default may be anything
    """Describe a field that came after the first release: older records do not have it.

    It is written only where it differs from its default, so that what an old record describes is
    still the same, byte for byte and hash for hash.

    Args:
        default: An immutable value, or an empty dictionary.
    """
    if isinstance(default, dict):
        return dataclasses.field(default_factory=dict, metadata={_ADDED: True})
    return dataclasses.field(default=default, metadata={_ADDED: True})


def is_added(field: dataclasses.Field[Any]) -> bool:
    """Tell whether a field was described by `added`."""
    return _ADDED in field.metadata


@cache
def field_names(record: type) -> tuple[str, ...]:
    """Name the fields of a record, as they are declared."""
    return tuple(field.name for field in dataclasses.fields(record))


@cache
def added_defaults(record: type) -> Mapping[str, Any]:
    """Give what a record's fields say that were described by `added` and are not written."""
    fields = dataclasses.fields(record)
    return {field.name: _default_of(field) for field in fields if is_added(field)}


def _default_of(field: dataclasses.Field[Any]) -> object:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def rows_of(records: Sequence[Any], record: type) -> list[dict[str, Any]]:
    """Turn records of one dataclass into JSON objects, their keys sorted."""
    # orjson sorts the keys of mappings, but leaves the fields of dataclasses as declared.
    names = sorted(field_names(record))
    rows = [dict(zip(names, values, strict=True)) for values in map(attrgetter(*names), records)]
    for name, default in added_defaults(record).items():
        for row in rows:
            if row[name] == default:
                del row[name]
    return rows


def read_fields(facts: object, record: type[RecordT]) -> tuple[RecordT | None, str]:
    """Make a record of what JSON gave.

    Returns:
        The record and nothing, or None and what is wrong: the field, what it should be, its value.
    """
    try:
        return msgspec.convert(facts, record), ""
    except msgspec.ValidationError as error:
        return None, described_fault(error, facts)
    except RecursionError:
        return None, "it is nested too deeply"


def described_fault(error: msgspec.ValidationError, facts: object) -> str:
    """Say where a value is not what it should be, and what it is instead."""
    match = _PLACE.fullmatch(str(error))
    if match is None:
        return str(error)
    reason, path = match.groups()
    value: Any = facts
    for name, number in _STEP.findall(path):
        value = value[name] if name else value[int(number)]
    is_leaf = not isinstance(value, dict | list)
    shown = f" (it is {_shown(value)})" if is_leaf else ""
    return f"{path.removeprefix('.')}: {reason}{shown}"


def _shown(value: object) -> str:
    # In ASCII: a worker's warning goes to the terminal by itself.
    text = json.dumps(value)
    return text if len(text) <= _SHOWN_VALUE else f"{text[:_SHOWN_VALUE]}…"


@cache
def _float_fields(record: type) -> tuple[str, ...]:
    hints = get_type_hints(record)
    return tuple(
        name for name in field_names(record) if float in (hints[name], *get_args(hints[name]))
    )


def unfinite_fault(records: Sequence[Any], record: type) -> str:
    """Find the first number that JSON cannot hold: infinite, or none at all.

    Returns:
        Which row, which field; empty when all is well.
    """
    for name in _float_fields(record):
        for row, value in enumerate(map(attrgetter(name), records)):
            if not _is_finite(value):
                return f"[{row}].{name}: not a finite number (it is {value})"
    return ""


def _is_finite(value: float | Mapping[str, float] | None) -> bool:
    if isinstance(value, dict):
        return all(map(isfinite, value.values()))
    return value is None or isfinite(value)  # type: ignore[arg-type]
