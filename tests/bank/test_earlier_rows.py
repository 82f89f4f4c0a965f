"""Rows that are copied from the last version are the rows that would be written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bank_builders import CREATED, FACTS, published, stored

from voicepipe.bank import earlier_rows, manifest_stream
from voicepipe.bank.earlier_rows import EarlierRows
from voicepipe.bank.file_stretches import chunks_of
from voicepipe.bank.latest_version import LatestVersion
from voicepipe.bank.manifest_io import manifest_csv, manifest_json
from voicepipe.bank.publish import publish
from voicepipe.bank.versions import Version, load_latest, versions
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest, ManifestEntry

    Edit = Callable[[Path, list[ManifestEntry]], list[ManifestEntry]]


def new(out: Path, line: str, position: int) -> ManifestEntry:
    return stored(out, line, position=position)


EDITS: dict[str, Edit] = {
    "a first one": lambda out, known: [new(out, "b_0005", 0), *known],
    "a last one": lambda out, known: [*known, new(out, "b_0099", 99)],
    "one between": lambda out, known: [*known, new(out, "b_0025", 2)],
    "one fewer": lambda _, known: known[:1] + known[2:],
    "only the last": lambda _, known: known[-1:],
    "another note": lambda _, known: [replace(known[0], note="x"), *known[1:]],
    "two places exchanged": lambda _, known: [
        replace(known[0], position=1), replace(known[1], position=0), *known[2:]
    ],
    "all new": lambda _, known: [replace(one, note="x") for one in known],
    "none": lambda _, _known: [],
}  # fmt: skip


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows are written anew, in each go."""
    numbers: list[int] = []

    def counting(write: Callable[[Sequence[ManifestEntry]], bytes]) -> object:
        def counted(entries: Sequence[ManifestEntry]) -> bytes:
            numbers.append(len(entries))
            return write(entries)

        return counted

    for name in ("entries_json", "csv_rows"):
        monkeypatch.setattr(earlier_rows, name, counting(getattr(earlier_rows, name)))
    return numbers


def first_version(out: Path, *, text: str = "Hello, you.") -> BankManifest:
    published(out, [replace(new(out, f"b_00{n}0", n), text=text) for n in range(1, 5)])
    manifest = load_latest(out, FACTS.bank)
    assert manifest is not None
    return manifest


def next_version(out: Path, entries: list[ManifestEntry], known: BankManifest) -> BankManifest:
    last = LatestVersion(out, versions(out, FACTS.bank)[-1], known)
    result = publish(out, FACTS, entries, created=CREATED, known=last)
    assert (result.path / "manifest.json").read_bytes() == manifest_json(result.manifest)
    assert (result.path / "manifest.csv").read_text("utf-8") == manifest_csv(result.manifest)
    return result.manifest


@pytest.mark.parametrize("name", EDITS)
def test_files_are_what_they_would_be_without_the_last_ones(
    name: str, tmp_path: Path, written: list[int]
) -> None:
    known = first_version(tmp_path)
    entries = EDITS[name](tmp_path, list(known.entries))
    old = {id(entry) for entry in known.entries}
    n_new = sum(id(entry) not in old for entry in entries)
    written.clear()
    next_version(tmp_path, entries, known)
    assert sum(written) == 2 * n_new, "both files"


@pytest.mark.parametrize("block", [1, 7, 500])
def test_where_a_block_ends_makes_no_difference(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: list[int]
) -> None:
    known = first_version(tmp_path)
    monkeypatch.setattr(earlier_rows, "_BLOCK", block)
    monkeypatch.setattr(manifest_stream, "_STRETCH", block)
    written.clear()
    next_version(tmp_path, EDITS["one between"](tmp_path, list(known.entries)), known)
    assert sum(written) == 2


def test_many_new_entries_are_written_in_several_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: list[int]
) -> None:
    monkeypatch.setattr(earlier_rows, "_AT_ONCE", 3)
    known = first_version(tmp_path)
    written.clear()
    next_version(tmp_path, [replace(one, note="x") for one in known.entries], known)
    assert written == [3, 1, 3, 1]


def test_a_cell_with_two_lines_is_no_end_of_a_row(tmp_path: Path) -> None:
    known = first_version(tmp_path, text="Hello,\nyou.")
    next_version(tmp_path, EDITS["one between"](tmp_path, list(known.entries)), known)


def test_a_table_that_somebody_edited_is_not_copied(tmp_path: Path) -> None:
    known = first_version(tmp_path)
    table = tmp_path / "banks/main/v0001/manifest.csv"
    table.chmod(0o644)
    table.write_text(table.read_text("utf-8").replace("Hello", "Howdy"), "utf-8")
    next_version(tmp_path, EDITS["one between"](tmp_path, list(known.entries)), known)


def test_rows_of_another_program_are_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: list[int]
) -> None:
    known = first_version(tmp_path)
    monkeypatch.setattr(earlier_rows, "program_revision", lambda: "another")
    written.clear()
    next_version(tmp_path, EDITS["one fewer"](tmp_path, list(known.entries)), known)
    assert written == [3, 3]


def test_files_that_are_gone_are_written_anew(tmp_path: Path) -> None:
    known = first_version(tmp_path)
    away = Version(bank=FACTS.bank, name="v0001", number=1, path=tmp_path / "away")
    rows = EarlierRows((away, known))
    assert b"".join(chunks_of(rows.table(known.entries))) == manifest_csv(known).encode()
