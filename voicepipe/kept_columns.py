"""Records of one kind, kept a column a field: in few bytes, and taken up many at a time.

A column whose values are all the same is kept as one value, and one that has few different values
as these and their places: so records come back sharing what they shared. Mappings with the same
keys are kept a column a key. Documents are checked against the types of the fields when they are
read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import fields
from itertools import islice, repeat
from types import GenericAlias
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Generic,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

RecordT = TypeVar("RecordT")

_MOST_PLACES: Final = 256
"""Values that a byte can tell apart."""
_MOST_RECORDS: Final = 1_000_000


class Columns(Generic[RecordT]):
    """How records of one kind are kept.

    Args:
        kind: A dataclass with slots, whose annotations can be evaluated.
        given: Fields that are not kept: whoever reads the records back says what they are.
    """

    def __init__(self, kind: type[RecordT], given: Collection[str] = ()) -> None:
        hints: dict[str, Any] = get_type_hints(kind, include_extras=True)
        self._kind = kind
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        self._names = [name for name in names if name not in given]
        self._set = {name: getattr(kind, name).__set__ for name in names}
        self._mapped = {name for name in names if get_origin(hints[name]) is Mapping}
        columns = tuple(_form_of(hints[name]) for name in self._names)
        n_records = Annotated[int, msgspec.Meta(ge=0, le=_MOST_RECORDS)]
        form: Any = GenericAlias(tuple, (n_records, GenericAlias(tuple, columns)))
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(form)

    def written(self, records: Sequence[RecordT]) -> bytes:
        """Write records down."""
        columns = [
            _column([getattr(one, name) for one in records], is_mapped=name in self._mapped)
            for name in self._names
        ]
        return msgspec.msgpack.encode([len(records), columns])

    def read(self, content: bytes, **given: Sequence[Any]) -> list[RecordT]:
        """Read records back.

        Args:
            content: As `written`.
            given: Field → its values, one a record.

        Raises:
            ValueError: The content is not of this form.
        """
        try:
            n_records, columns = self._decoder.decode(content)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ValueError(str(error)) from error
        if any(len(column) != n_records for column in given.values()):
            raise ValueError(f"{n_records} records, and other numbers of values for them")
        values = {
            name: _values(column, n_records)
            for name, column in zip(self._names, columns, strict=True)
        }
        return self._records(n_records, {**values, **given})

    def _records(self, n_records: int, values: Mapping[str, Iterable[Any]]) -> list[RecordT]:
        records = list(map(object.__new__, repeat(self._kind, n_records)))
        for name, setter in self._set.items():
            deque(map(setter, records, values[name]), maxlen=0)
        return records


def _form_of(hint: Any) -> Any:  # noqa: ANN401 - a type, and what msgspec takes for one
    """Give the form of a column: its values, and which of them each record has.

    Of mappings besides: their keys, and a column for each.
    """
    plain = (GenericAlias(list, (hint,)), bytes)
    if get_origin(hint) is not Mapping:
        return GenericAlias(tuple, plain)
    key, value = get_args(hint)
    inner = GenericAlias(tuple, (GenericAlias(list, (value,)), bytes))
    alike = (GenericAlias(tuple, (key, ...)), GenericAlias(tuple, (inner, ...)))
    return GenericAlias(tuple, (*plain, *alike))


def _column(values: list[Any], *, is_mapped: bool) -> tuple[Any, ...]:
    few, places = _coded(values)
    if not is_mapped:
        return few, places
    keys = tuple(values[0]) if values else ()
    if not keys or len(few) < len(values) or any(tuple(value) != keys for value in values):
        return few, places, (), ()
    return [], b"", keys, [_coded([value[key] for value in values]) for key in keys]


def _coded(values: list[Any]) -> tuple[list[Any], bytes]:
    """Give a column's values, or those of them that differ with their places."""
    # By what they are written as: 1 and 1.0 are equal, and not the same.
    known: dict[bytes, int] = {}
    distinct: list[Any] = []
    places: list[int] = []
    for value in values:
        written = msgspec.msgpack.encode(value)
        place = known.setdefault(written, len(known))
        if place == len(distinct):
            if place == _MOST_PLACES:
                return values, b""
            distinct.append(value)
        places.append(place)
    if len(distinct) * 2 > len(values) > 1:
        return values, b""
    return distinct, b"" if len(distinct) == 1 else bytes(places)


def _values(column: tuple[Any, ...], n_records: int) -> Iterable[Any]:
    values, places, *mapped = column
    if mapped and mapped[0]:
        return _mappings(mapped[0], mapped[1], n_records)
    if places:
        if len(places) != n_records or max(places) >= len(values):
            raise ValueError("a column whose places are not its values'")
        return map(values.__getitem__, places)
    if len(values) == n_records:
        return values  # type: ignore[no-any-return]
    if len(values) != 1:
        raise ValueError(f"a column of {len(values)} values for {n_records} records")
    return repeat(values[0])


def _mappings(
    keys: Sequence[Any], columns: Sequence[tuple[Any, ...]], n_records: int
) -> Iterable[dict[Any, Any]]:
    if len(keys) != len(columns):
        raise ValueError("mappings with another number of keys than columns")
    rows = zip(*(_values(column, n_records) for column in columns), strict=False)
    return (dict(zip(keys, row, strict=True)) for row in islice(rows, n_records))
