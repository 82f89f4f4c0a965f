from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from bank_builders import digest, wav
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicepipe.bank.layout import quarantine_folder, work_folder
from voicepipe.bank.store import ObjectStore, Quarantined
from voicepipe.errors import CorruptObject, EnvironmentFault
from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from pathlib import Path


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(max_size=5000))
def test_what_is_put_is_read_back(tmp_path: Path, content: bytes) -> None:
    store = ObjectStore(tmp_path)
    object_id = store.put(content)
    assert object_id == sha256_of_bytes(content)
    assert store.read(object_id) == content
    assert store.has(object_id)
    assert object_id in store.ids()


def test_an_object_lies_where_the_layout_says_and_is_read_only(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    object_id = store.put(wav("one"))
    path = tmp_path / "objects" / object_id[:2] / f"{object_id}.wav"
    assert store.path(object_id) == path
    assert path.stat().st_mode & 0o222 == 0
    assert not list(work_folder(tmp_path).iterdir())


def test_putting_again_leaves_the_file_alone(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    path = store.path(store.put(wav("one")))
    before = path.stat()
    store.put(wav("one"))
    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_many_writers_of_the_same_bytes_leave_one_whole_object(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from voicepipe.bank.store import ObjectStore\n"
        "store = ObjectStore(Path(sys.argv[1]))\n"
        "for i in range(60): store.put(bytes([i]) * 40_000)\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(4)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0, 0]
    store = ObjectStore(tmp_path)
    assert len(store.ids()) == 60
    for object_id in store.ids():
        store.check(object_id)
    assert not list(work_folder(tmp_path).iterdir())


@pytest.mark.parametrize("damage", ["altered", "truncated", "emptied"])
def test_a_damaged_object_is_reported_set_aside_and_missing(tmp_path: Path, damage: str) -> None:
    told: list[Quarantined] = []
    store = ObjectStore(tmp_path, report=told.append)
    content = wav("one")
    object_id = store.put(content)
    spoil(store.path(object_id), damage)
    with pytest.raises(CorruptObject, match="do not match their name"):
        store.read(object_id)
    assert not store.has(object_id)
    assert [what.key for what in told] == [object_id]
    assert told[0].path.parent == quarantine_folder(tmp_path)
    assert told[0].path.is_file()
    store.put(content)
    assert store.read(object_id) == content


def spoil(path: Path, damage: str) -> None:
    content = path.read_bytes()
    wrong = {
        "altered": content[:-1] + bytes([content[-1] ^ 1]),
        "truncated": content[: len(content) // 2],
        "emptied": b"",
    }[damage]
    path.chmod(0o644)
    path.write_bytes(wrong)


def test_check_finds_the_same_damage_without_holding_the_object(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path, report=lambda _: None)
    object_id = store.put(wav("one"))
    store.check(object_id)
    spoil(store.path(object_id), "altered")
    assert not store.is_whole(object_id)
    with pytest.raises(CorruptObject):
        store.check(object_id)
    assert not store.has(object_id)


def test_putting_over_a_damaged_object_mends_it(tmp_path: Path) -> None:
    told: list[Quarantined] = []
    store = ObjectStore(tmp_path, report=told.append)
    object_id = store.put(wav("one"))
    spoil(store.path(object_id), "truncated")
    assert store.put(wav("one")) == object_id
    assert store.read(object_id) == wav("one")
    assert len(told) == 1


def test_damage_goes_to_the_log_when_nobody_else_listens(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = ObjectStore(tmp_path)
    object_id = store.put(wav("one"))
    spoil(store.path(object_id), "truncated")
    with caplog.at_level(logging.WARNING), pytest.raises(CorruptObject):
        store.check(object_id)
    assert object_id in caplog.text
    assert "quarantine" in caplog.text


def test_a_missing_object_says_so_with_a_remedy(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    for ask in (store.read, store.check):
        with pytest.raises(CorruptObject, match="missing") as caught:
            ask(digest("nothing"))
        assert "voicepipe render" in caught.value.remedy


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "ab", "a" * 63 + "\n"])
def test_only_hashes_become_paths(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorruptObject):
        ObjectStore(tmp_path).path(name)


def test_foreign_files_among_the_objects_are_not_ids(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    object_id = store.put(wav("one"))
    (store.path(object_id).parent / "notes.txt").write_text("mine")
    (store.path(object_id).parent / "x.wav").write_text("mine")
    assert store.ids() == {object_id}
    assert ObjectStore(tmp_path / "absent").ids() == set()


def test_a_file_in_place_of_the_objects_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("in the way")
    with pytest.raises(EnvironmentFault, match="objects") as caught:
        ObjectStore(tmp_path).put(b"x")
    assert caught.value.remedy


def test_a_file_in_place_of_the_work_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("in the way")
    with pytest.raises(EnvironmentFault, match="stands where"):
        ObjectStore(tmp_path).put(b"x")
