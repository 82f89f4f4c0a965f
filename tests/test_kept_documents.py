"""Kept documents only save time: whatever happens to their file, nothing else changes."""

from __future__ import annotations

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from voicepipe.kept_documents import DocumentStore, KindOfDocument, sealed, unsealed

if TYPE_CHECKING:
    from pathlib import Path


KIND = KindOfDocument(name="reading", revision=1, most_bytes=1 << 29)


def rows(start: int, count: int, size: int = 20) -> dict[bytes, bytes]:
    return {
        hashlib.sha256(str(n).encode()).digest()[:16]: b"%d" % n + b"." * size
        for n in range(start, start + count)
    }


def test_what_is_kept_is_found_by_a_later_run(tmp_path: Path) -> None:
    kept = rows(0, 1_200)
    DocumentStore(tmp_path, KIND).keep(kept)
    assert DocumentStore(tmp_path, KIND).find([*kept, b"another"]) == kept


def test_nothing_is_written_until_something_is_kept(tmp_path: Path) -> None:
    assert DocumentStore(tmp_path / "cache", KIND).find([b"key"]) == {}
    assert not (tmp_path / "cache").exists()


def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    DocumentStore(tmp_path, KIND).keep(rows(0, 1))
    assert (tmp_path / KIND.file_name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_damaged_file_is_as_good_as_none_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KIND.file_name).write_bytes(content)
    store = DocumentStore(tmp_path, KIND)
    assert store.find(rows(0, 3)) == {}
    store.keep(rows(0, 3))
    store.keep(rows(0, 3))
    assert DocumentStore(tmp_path, KIND).find(rows(0, 3)) == rows(0, 3)


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE VIEW readings AS SELECT x'00' AS key, 0 AS used, x'00' AS reading",
        "CREATE TABLE readings (key, used, reading)",
        "CREATE TABLE other (key)",
    ],
)
def test_a_database_of_someone_else_is_not_asked(tmp_path: Path, schema: str) -> None:
    with sqlite3.connect(tmp_path / KIND.file_name) as made:
        made.execute(schema)
    made.close()
    assert DocumentStore(tmp_path, KIND).find([b"\0"]) == {}
    assert not (tmp_path / KIND.file_name).exists()


def test_a_file_that_is_being_written_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicepipe.kept_documents._WAIT_S", 0.05)
    store = DocumentStore(tmp_path, KIND)
    store.keep(rows(0, 3))
    other = sqlite3.connect(tmp_path / KIND.file_name)
    other.execute("BEGIN EXCLUSIVE")
    assert store.find(rows(0, 3)) == {}
    store.keep(rows(3, 3))
    other.rollback()
    other.close()
    assert store.find(rows(0, 6)) == rows(0, 3)


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    store = DocumentStore(tmp_path / "file", KIND)
    store.keep(rows(0, 3))
    assert store.find(rows(0, 3)) == {}


def test_writers_at_once_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicepipe.kept_documents._WAIT_S", 60.0)
    with ThreadPoolExecutor(4) as writers:
        list(writers.map(lambda n: DocumentStore(tmp_path, KIND).keep(rows(n * 50, 50)), range(8)))
    assert DocumentStore(tmp_path, KIND).find(rows(0, 400)) == rows(0, 400)


def test_the_file_stays_within_its_bounds_and_the_newest_stay(tmp_path: Path) -> None:
    limit = 256 << 10
    small = replace(KIND, most_bytes=limit)
    for batch in range(6):
        DocumentStore(tmp_path, small).keep(rows(batch * 100, 100, size=500))
        assert (tmp_path / KIND.file_name).stat().st_size <= limit
    last = rows(500, 100, size=500)
    assert DocumentStore(tmp_path, small).find(last) == last


def test_a_sealed_document_is_told_from_any_other() -> None:
    document = sealed(b"key", b"content")
    assert unsealed(b"key", document) == b"content"
    changed = [document[:at] + b"?" + document[at + 1 :] for at in range(len(document))]
    for other in (b"", document[:-1], document + b"x", *changed):
        assert unsealed(b"key", other) is None
    assert unsealed(b"another key", document) is None
