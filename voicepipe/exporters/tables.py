"""Bytes of the documents that engines read: JSON, CSV and tab-separated tables."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Literal

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def json_bytes(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON can hold
    """Write JSON for people and programs: indented, keys in the order given, a newline last."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def json_rows(head: Mapping[str, Any], name: str, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write a JSON object whose last field is a list with a row a line, for readable diffs."""
    out = bytearray(b"{\n")
    for key, value in head.items():
        out += b"%b: %b,\n" % (orjson.dumps(key), orjson.dumps(value))
    out += orjson.dumps(name) + b": [\n"
    separator = b""
    for row in rows:  # one at a time: a hundred thousand at once take as much memory as a bank
        out += separator + orjson.dumps(row)
        separator = b",\n"
    return bytes(out + b"\n]\n}\n")


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write CSV as RFC 4180 has it, in UTF-8, with plain line feeds. Texts stay as they are."""
    return _csv(columns, rows, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)


def quoted_csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write CSV with every cell in quotes, as Unreal does."""
    return _csv(columns, rows, lineterminator="\r\n", quoting=csv.QUOTE_ALL)


def _csv(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    lineterminator: str,
    quoting: Literal[0, 1],
) -> bytes:
    stream = io.BytesIO()
    with io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=False) as text:
        writer = csv.writer(text, lineterminator=lineterminator, quoting=quoting)
        writer.writerow(columns)
        writer.writerows(rows)
        text.flush()
        return stream.getvalue()


def tab_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a tab-separated table without quotes; tabs and line ends in cells become spaces."""
    lines = [columns, *rows]
    written = ["\t".join(" ".join(str(cell).split()) for cell in line) for line in lines]
    return ("\n".join(written) + "\n").encode()


def read_csv(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    """Read rows by their header.

    Raises:
        ValueError: It is not UTF-8, or no table.
    """
    return list(csv_rows(content, delimiter))


def csv_rows(content: bytes, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Read rows by their header, one at a time; otherwise as `read_csv`."""
    try:
        text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
        for row in csv.DictReader(text, delimiter=delimiter, strict=True):
            yield {k: v for k, v in row.items() if k and v is not None}
    except csv.Error as error:
        raise ValueError(str(error)) from error
