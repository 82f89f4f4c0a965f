"""Rows of CSV with the place of every cell."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicepipe.documents.csv_rows import find_delimiter, iter_rows
from voicepipe.documents.findings import Findings
from voicepipe.documents.source import SourceFile


def read(text: str) -> tuple[list[list[str]], list[tuple[str, int, int]]]:
    findings = Findings()
    rows = [row.cells for row in iter_rows(SourceFile(path="a.csv", text=text), findings)]
    return rows, [(d.code, d.span.line, d.span.column) for d in findings.diagnostics()]


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("a,b,c", ","), ("a;b;c", ";"), ("a\tb", "\t"), ("a", ","), ("", ","), ("a;b,c;d", ";")],
)
def test_the_header_tells_what_separates_cells(header: str, delimiter: str) -> None:
    assert find_delimiter(SourceFile(path="a.csv", text=header + "\nx,y;z\tw")) == delimiter


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_cells_and_their_places(newline: str) -> None:
    text = newline.join(
        ["kind,text,note", '舰桥,"say ""no"", twice",x', 'a,"two', 'lines",b', "", "c"]
    )
    findings = Findings()
    source = SourceFile(path="a.csv", text=text)
    rows = list(iter_rows(source, findings))
    assert not len(findings)
    assert [row.cells for row in rows] == [
        ["kind", "text", "note"],
        ["舰桥", 'say "no", twice', "x"],
        ["a", f"two{newline}lines", "b"],
        ["c"],
    ]
    spans = [[row.span(i) for i in range(len(row.cells))] for row in rows]
    assert [[(s.line, s.column, s.length) for s in row] for row in spans] == [
        [(1, 1, 4), (1, 6, 4), (1, 11, 4)],
        [(2, 1, 2), (2, 5, 17), (2, 24, 1)],
        [(3, 1, 1), (3, 4, 3), (4, 8, 1)],
        [(6, 1, 1)],
    ]


def test_a_cell_that_is_not_there_is_at_the_end_of_its_row() -> None:
    row = next(iter(iter_rows(SourceFile(path="a.csv", text="ab,cd"), Findings())))
    assert (row.span(7).line, row.span(7).column) == (1, 6)


@given(
    st.lists(
        st.lists(st.text(alphabet="ab ,;\"\n舰'", max_size=6), min_size=2, max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_what_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(["h"] * 9)
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    found, problems = read(out.getvalue())
    assert not problems
    assert found[1:] == [row for row in rows if any(cell.strip() for cell in row)]


def test_an_open_quotation_mark_is_pointed_at_and_ends_the_reading() -> None:
    rows, problems = read('a,b\n1,2\n3,"never\nclosed\n')
    assert rows == [["a", "b"], ["1", "2"]]
    assert problems == [("VP111", 3, 3)]


def test_text_after_a_closing_quotation_mark_is_pointed_at() -> None:
    rows, problems = read('a,b\n"x" y,2\n"z" ,3\n')
    assert rows == [["a", "b"], ["x", "2"], ["z", "3"]]
    assert problems == [("VP111", 2, 4)]


def test_a_quotation_mark_inside_a_bare_cell_is_a_character() -> None:
    assert read('a,b\n5" disk,"x"\n') == ([["a", "b"], ['5" disk', "x"]], [])


def test_cells_and_rows_have_limits() -> None:
    long = "x" * 1_000_001
    assert read(f"a,b\n1,{long}\n")[1] == [("VP110", 2, 3)]
    assert read(f'a,b\n1,"{long}\n"\n')[1] == [("VP110", 2, 4)]
    assert read("a,b\n" + "," * 2000)[1] == [("VP111", 2, 1)]
    assert read('a,b\n"x\n"' + "," * 2000)[1] == [("VP111", 2, 1)]


def test_a_hundred_megabyte_cell_is_answered() -> None:
    assert read("a,b\n1," + "x" * 100_000_000)[1] == [("VP110", 2, 3)]


def test_lines_are_counted_through_blank_ones() -> None:
    text = "a\r\n\r\n\n\r\rb\n\n\n"
    rows = list(iter_rows(SourceFile(path="a.csv", text=text), Findings()))
    assert [(row.cells, row.line) for row in rows] == [(["a"], 1), (["b"], 6)]


def test_nothing_is_read_from_nothing() -> None:
    assert read("") == ([], [])
    assert read("\n\n \n") == ([], [])
