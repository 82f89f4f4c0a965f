"""Telling whether anything in a folder changed."""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

import pytest

from voicepipe.documents import inventory
from voicepipe.documents.inventory import Inventory, is_counted, take_inventory

A_MINUTE_NS = 60 * 10**9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files in two folders, all written a minute ago."""
    top = tmp_path / "project"
    (top / "inner").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "inner/c.txt"):
        path = top / name
        path.write_text(f"this is {name}", "utf-8")
        _date(path, time.time_ns() - A_MINUTE_NS)
    return top


def _date(path: Path, moment_ns: int) -> None:
    os.utime(path, ns=(moment_ns, moment_ns))


def _settled(found: Inventory) -> Inventory:
    """The same, taken long after the files were written: a test cannot set the time of change."""
    return Inventory(taken_ns=found.taken_ns + A_MINUTE_NS, files=found.files)


def test_every_file_counts(folder: Path) -> None:
    assert set(take_inventory(folder).files) == {"a.txt", "b.txt", "inner/c.txt"}


def test_the_same_contents_are_the_same_whatever_their_dates(folder: Path) -> None:
    before = take_inventory(folder)
    _date(folder / "a.txt", 10**18)
    assert before.holds_the_same(take_inventory(folder, known=_settled(before)))


@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename", "swap"])
def test_any_change_is_seen(folder: Path, change: str) -> None:
    before = take_inventory(folder)
    path = folder / "inner/c.txt"
    if change == "edit":
        path.write_text("that was inner/c.txt"[: path.stat().st_size], "utf-8")
    elif change == "add":
        (folder / "d.txt").touch()
    elif change == "remove":
        path.unlink()
    elif change == "rename":
        path.rename(folder / "inner/d.txt")
    else:
        path.rename(folder / "x")
        (folder / "a.txt").rename(path)
        (folder / "x").rename(folder / "a.txt")
    after = take_inventory(folder, known=_settled(before))
    assert not before.holds_the_same(after)
    assert not after.holds_the_same(before)


def test_an_edit_that_keeps_size_and_date_is_seen(folder: Path) -> None:
    path = folder / "a.txt"
    before = take_inventory(folder)
    dated = path.stat().st_mtime_ns
    path.write_text("this is b.txt", "utf-8")
    _date(path, dated)
    after = take_inventory(folder, known=_settled(before))
    assert before.files["a.txt"].size == after.files["a.txt"].size
    assert before.files["a.txt"].mtime_ns == after.files["a.txt"].mtime_ns
    assert not before.holds_the_same(after)


def test_files_known_already_are_not_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def hashed(path: Path) -> str:
        read.append(path.name)
        return f"content of {path.name}"

    monkeypatch.setattr(inventory, "sha256_of_file", hashed)
    known = take_inventory(folder)
    assert sorted(read) == ["a.txt", "b.txt", "c.txt"]
    read.clear()
    take_inventory(folder, known=_settled(known))
    assert read == []
    take_inventory(folder, known=known)
    assert len(read) == 3, "written so shortly before that the next write may carry the same time"


def test_hidden_files_and_leavings_do_not_count(folder: Path) -> None:
    before = take_inventory(folder)
    for name in (".git", ".venv", "__pycache__", "inner/__pycache__", "node_modules"):
        (folder / name).mkdir()
        (folder / name / "file").touch()
    (folder / ".hidden").touch()
    assert before.holds_the_same(take_inventory(folder))
    assert not any(map(is_counted, (".git/config", "a/.b/c", "a\\.b\\c", "../a", "__pycache__")))
    assert all(map(is_counted, ("a/b.c", "inner/c.txt", "a\\b", "a..b", "./a", ".")))


def test_one_folder_can_be_left_out_whatever_it_is_called(folder: Path) -> None:
    out = folder / "out"
    before = take_inventory(folder, without=out)
    out.mkdir()
    (out / "x").touch()
    (folder / "alias").symlink_to(out)
    assert before.holds_the_same(take_inventory(folder, without=out))


def test_links_are_followed_but_never_in_circles(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "d.txt").write_text("one", "utf-8")
    (folder / "there").symlink_to(elsewhere)
    (folder / "file").symlink_to(elsewhere / "d.txt")
    (folder / "inner/up").symlink_to(folder)
    (folder / "nowhere").symlink_to(tmp_path / "absent")
    before = take_inventory(folder)
    assert set(before.files) == {
        *("a.txt", "b.txt", "inner/c.txt", "there/d.txt", "file", "nowhere")
    }
    (elsewhere / "d.txt").write_text("two", "utf-8")
    after = take_inventory(folder)
    changed = {path for path, mark in after.files.items() if mark != before.files[path]}
    assert changed == {"there/d.txt", "file"}
    (tmp_path / "absent").touch()
    assert not after.holds_the_same(take_inventory(folder))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert take_inventory(folder).files["pipe"].content == "not a file"


def test_a_very_large_file_is_known_by_size_and_date(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "_LARGEST_READ", 5)
    before = take_inventory(folder)
    assert before.holds_the_same(take_inventory(folder))
    _date(folder / "a.txt", 10**18)
    assert not before.holds_the_same(take_inventory(folder))


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are Unicode here")
def test_names_that_are_no_unicode_count_too(folder: Path) -> None:
    strange = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt"))
    strange.write_bytes(b"one")
    before = take_inventory(folder)
    assert all(path.encode() for path in before.files), "they can be written down"
    strange.write_bytes(b"two")
    assert not before.holds_the_same(take_inventory(folder))


def test_links_that_multiply_folders_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "_MOST_FILES", 5_000)
    places = [folder.parent / f"level{number}" for number in range(20)]
    for place, below in itertools.pairwise(places):
        place.mkdir()
        for name in ("left", "right"):
            (place / name).symlink_to(below)
    places[-1].mkdir()
    (folder / "bomb").symlink_to(places[0])
    with pytest.raises(OSError, match="more than 5000 folders"):
        take_inventory(folder)


def test_deep_folders_are_no_trouble(folder: Path) -> None:
    depth = 1_100  # deeper than Python calls may nest
    before = Path.cwd()
    os.chdir(folder)
    try:
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
        Path("deep.txt").touch()
        assert len(take_inventory(folder).files) == 4
        Path("deep.txt").unlink()
        for _ in range(depth):  # whoever clears up after the tests goes down by calls
            os.chdir("..")
            Path("d").rmdir()
    finally:
        os.chdir(before)


def test_too_many_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "_MOST_FILES", 2)
    with pytest.raises(OSError, match="more than 2 files"):
        take_inventory(folder)
