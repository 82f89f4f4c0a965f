"""Records of one kind, kept a column a field: in few bytes, and taken up many at a time.

A column whose values are all the same is kept as one value, and one that has few different values
as these and their places: so records come back sharing what they shared. Documents are checked
against the types of the fields when they are read.
"""

from __future__ import annotations

from collections import deque
from dataclasses import fields
from itertools import repeat
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar, get_type_hints

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

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
        self._given = frozenset(given)
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        self._names = [name for name in names if name not in self._given]
        self._set = {name: getattr(kind, name).__set__ for name in names}
        # A column: its values, and which of them each record has, where that is not plain.
        columns = [
            GenericAlias(tuple, (GenericAlias(list, (hints[name],)), bytes)) for name in self._names
        ]
        n_records = Annotated[int, msgspec.Meta(ge=0, le=_MOST_RECORDS)]
        form: Any = GenericAlias(tuple, (n_records, GenericAlias(tuple, tuple(columns))))
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(form)

    def written(self, records: Sequence[RecordT]) -> bytes:
        """Write records down."""
        columns = [_column([getattr(one, name) for one in records]) for name in self._names]
        return msgspec.msgpack.encode([len(records), columns])

    def read(
        self, content: bytes | memoryview | msgspec.Raw, **given: Sequence[Any]
    ) -> list[RecordT]:
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
        values = {
            name: _values(column, n_records)
            for name, column in zip(self._names, columns, strict=True)
        }
        if any(len(column) != n_records for column in given.values()):
            raise ValueError(f"{n_records} records, and other numbers of values for them")
        return self._records(n_records, {**values, **given})

    def _records(self, n_records: int, values: Mapping[str, Iterable[Any]]) -> list[RecordT]:
        records = list(map(object.__new__, repeat(self._kind, n_records)))
        for name, setter in self._set.items():
            deque(map(setter, records, values[name]), maxlen=0)
        return records


def _column(values: list[Any]) -> tuple[list[Any], bytes]:
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


def _values(column: tuple[list[Any], bytes], n_records: int) -> Iterable[Any]:
    values, places = column
    if places:
        if len(places) != n_records or max(places) >= len(values):
            raise ValueError("a column whose places are not its values'")
        return map(values.__getitem__, places)
    if len(values) == n_records:
        return values
    if len(values) != 1:
        raise ValueError(f"a column of {len(values)} values for {n_records} records")
    return repeat(values[0])
