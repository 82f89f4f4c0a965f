"""Kept readings only save time: whatever happens to their file, nothing else changes."""

from __future__ import annotations

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from voicepipe.screenplay.line import Segment
from voicepipe.synthesis.reading_keys import ReadingKeys
from voicepipe.synthesis.reading_store import STORE_NAME, ReadingStore
from voicepipe.text.languages import Language
from voicepipe.text.lexicon import Lexicon, LexiconEntry
from voicepipe.text.spelling import parse_spelling

if TYPE_CHECKING:
    from pathlib import Path


def rows(start: int, count: int, size: int = 20) -> dict[bytes, bytes]:
    return {
        hashlib.sha256(str(n).encode()).digest()[:16]: b"%d" % n + b"." * size
        for n in range(start, start + count)
    }


def test_what_is_kept_is_found_by_a_later_run(tmp_path: Path) -> None:
    kept = rows(0, 1_200)
    ReadingStore(tmp_path).keep(kept)
    assert ReadingStore(tmp_path).find([*kept, b"another"]) == kept


def test_nothing_is_written_until_something_is_kept(tmp_path: Path) -> None:
    assert ReadingStore(tmp_path / "cache").find([b"key"]) == {}
    assert not (tmp_path / "cache").exists()


def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    ReadingStore(tmp_path).keep(rows(0, 1))
    assert (tmp_path / STORE_NAME).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_damaged_file_is_as_good_as_none_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STORE_NAME).write_bytes(content)
    store = ReadingStore(tmp_path)
    assert store.find(rows(0, 3)) == {}
    store.keep(rows(0, 3))
    store.keep(rows(0, 3))
    assert ReadingStore(tmp_path).find(rows(0, 3)) == rows(0, 3)


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE VIEW readings AS SELECT x'00' AS key, 0 AS used, x'00' AS reading",
        "CREATE TABLE readings (key, used, reading)",
        "CREATE TABLE other (key)",
    ],
)
def test_a_database_of_someone_else_is_not_asked(tmp_path: Path, schema: str) -> None:
    with sqlite3.connect(tmp_path / STORE_NAME) as made:
        made.execute(schema)
    made.close()
    assert ReadingStore(tmp_path).find([b"\0"]) == {}
    assert not (tmp_path / STORE_NAME).exists()


def test_a_file_that_is_being_written_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicepipe.synthesis.reading_store._WAIT_S", 0.05)
    store = ReadingStore(tmp_path)
    store.keep(rows(0, 3))
    other = sqlite3.connect(tmp_path / STORE_NAME)
    other.execute("BEGIN EXCLUSIVE")
    assert store.find(rows(0, 3)) == {}
    store.keep(rows(3, 3))
    other.rollback()
    other.close()
    assert store.find(rows(0, 6)) == rows(0, 3)


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    store = ReadingStore(tmp_path / "file")
    store.keep(rows(0, 3))
    assert store.find(rows(0, 3)) == {}


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as writers:
        list(writers.map(lambda n: ReadingStore(tmp_path).keep(rows(n * 50, 50)), range(8)))
    assert ReadingStore(tmp_path).find(rows(0, 400)) == rows(0, 400)


def test_the_file_stays_within_its_bounds_and_the_newest_stay(tmp_path: Path) -> None:
    limit = 256 << 10
    for batch in range(6):
        ReadingStore(tmp_path, most_bytes=limit).keep(rows(batch * 100, 100, size=500))
        assert (tmp_path / STORE_NAME).stat().st_size <= limit
    last = rows(500, 100, size=500)
    assert ReadingStore(tmp_path, most_bytes=limit).find(last) == last


def test_only_entries_that_may_be_used_are_part_of_a_key() -> None:
    def key(text: str, *entries: LexiconEntry, speaker: str = "noah") -> bytes:
        keys = ReadingKeys(Lexicon(entries=entries))
        segments = (Segment(text=text),)
        return keys.of_line(segments, language="en", symbols="v2", speaker=speaker)

    def entry(word: str, said: str = "MAH-ree-oh", speaker: str = "") -> LexiconEntry:
        spelling = parse_spelling(said, Language.EN)
        return LexiconEntry(word=word, language=Language.EN, spelling=spelling, speaker=speaker)

    bare = key("Mario is late.")
    assert key("Mario is late.", entry("Luigi")) == bare
    assert key("Mario is late.", entry("Mario", speaker="mara")) == bare
    assert key("Mario is late.", entry("Mario")) != bare
    assert key("Ｍａｒｉｏ is late.", entry("mario")) != key("Ｍａｒｉｏ is late.")
    assert key("Mario is late.", entry("Mario", speaker="noah")) != bare
    assert key("Mario is late.", entry("Mario", "MAIR-ee-oh")) != key(
        "Mario is late.", entry("Mario")
    )
    assert key("Mario is late.", entry("*")) != bare
    assert key("Mario is late.", speaker="mara") == bare
