"""The architecture page shows the rooms there are, on the floors that are enforced."""

from __future__ import annotations

import re

from test_rooms import FLOORS, ROOT

PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
_CODE = re.compile(r"`([^`]+)`")


def _rows(header: str) -> list[list[str]]:
    """Give the cells of the table with this header."""
    rows = PAGE.partition(f"\n{header}\n")[2].partition("\n\n")[0].splitlines()[1:]
    return [row.strip("|").split("|") for row in rows]


def test_the_table_of_floors_is_the_one_that_is_enforced() -> None:
    there = {
        path.stem
        for path in (ROOT / "voicepipe").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    } - {"__init__"}
    rows = _rows("| floor | rooms | what they know |")
    told = {int(row[0]): set(_CODE.findall(row[1])) for row in rows}
    enforced = {n: set(rooms) & there for n, rooms in enumerate(FLOORS)}
    assert told == {n: rooms for n, rooms in enforced.items() if rooms}


def test_the_table_of_inner_rooms_names_every_one() -> None:
    rows = _rows("| room | inner rooms |")
    told = {_CODE.findall(room)[0]: set(_CODE.findall(inner)) for room, inner in rows}
    there = {
        outer.name: {inner.parent.name for inner in outer.glob("*/__init__.py")}
        for outer in (ROOT / "voicepipe").iterdir()
    }
    assert told == {outer: inner for outer, inner in there.items() if inner}


def test_every_step_of_a_lines_way_is_defined_where_the_page_says() -> None:
    rows = _rows("| what happens | function | in | result |")
    assert len(rows) > 20
    for _, function, place, _ in rows:
        (name,), (path,) = _CODE.findall(function), _CODE.findall(place)
        source = (ROOT / path).read_text("utf-8")
        for part in name.split("."):
            assert re.search(rf"^ *(?:def|class) {part}\b", source, re.MULTILINE), f"{path}: {name}"
