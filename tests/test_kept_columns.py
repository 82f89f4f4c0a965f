"""Records come back from their columns as they were, and nothing else comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import pytest

from voicepipe.kept_columns import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    name: str
    factor: float | int
    facts: Mapping[str, str]
    place: int = 0


COLUMNS = Columns(Record, given=("place",))


def record(name: str, factor: float = 1.0, **facts: str) -> Record:
    return Record(name=name, factor=factor, facts=facts)


@pytest.mark.parametrize(
    "records",
    [
        [],
        [record("a")],
        [record("a"), record("b", 1), record("a", 1.0, x="y"), record("a", 1.0, x="y")],
        [record("same", 2.5, a="b")] * 5,
        [record(str(n % 256), n % 3) for n in range(1000)],
        [record(str(n % 300), float(n)) for n in range(1000)],
    ],
    ids=["none", "one", "mixed", "alike", "few values", "many values"],
)
def test_records_come_back_as_they_were(records: list[Record]) -> None:
    back = COLUMNS.read(COLUMNS.written(records), place=[0] * len(records))
    assert list(map(repr, back)) == list(map(repr, records))


def test_values_that_were_alike_come_back_as_one() -> None:
    back = COLUMNS.read(
        COLUMNS.written([record("a", x="y"), record("b", x="y")] * 4), place=[0] * 8
    )
    assert len({id(one.facts) for one in back}) == 1
    assert len({id(one.name) for one in back}) == 2


@pytest.mark.parametrize(
    "columns",
    [
        [["a", "b", "c"], b""],
        [["a"], b"\0"],
        [["a"], b"\0\1"],
        [[], b""],
        [[1, 2], b""],
    ],
    ids=["too many", "too few places", "a place that is not there", "no value", "another type"],
)
def test_columns_that_do_not_fit_are_refused(columns: list[object]) -> None:
    content = [2, [columns, [[1.0], b""], [[{}], b""]]]
    with pytest.raises(ValueError, match=r"."):
        COLUMNS.read(msgspec.msgpack.encode(content), place=[0, 0])
    content[0] = 1 << 40
    with pytest.raises(ValueError, match=r"."):
        COLUMNS.read(msgspec.msgpack.encode(content), place=[0, 0])
