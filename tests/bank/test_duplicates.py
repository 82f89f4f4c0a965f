"""Published files never are stored ones, and take no more room than that asks for."""

from __future__ import annotations

import errno
import os
import resource
from typing import IO, TYPE_CHECKING

import pytest
from bank_builders import published, stored, wav

from voicepipe.bank.duplicates import Duplicates
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.verify import verify_versions
from voicepipe.bank.versions import versions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOMENT = 1_700_000_000.0


def refuse(number: int) -> Callable[[IO[bytes], IO[bytes]], None]:
    def clone(_: IO[bytes], __: IO[bytes]) -> None:
        raise OSError(number, os.strerror(number))

    return clone


def test_a_file_gets_bytes_of_its_own_read_only_and_dated(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"sound")
    made = Duplicates({}, modified_s=MOMENT)
    made.add("1", str(source), str(target))
    made.sync()
    assert target.read_bytes() == b"sound"
    assert not target.samefile(source)
    assert (target.stat().st_mode & 0o777, target.stat().st_mtime) == (0o444, MOMENT)


def test_blocks_are_shared_where_the_disk_can(tmp_path: Path) -> None:
    cloned = []

    def clone(source: IO[bytes], target: IO[bytes]) -> None:
        cloned.append(target.name)
        target.write(source.read())

    source, earlier = tmp_path / "a", tmp_path / "earlier"
    source.write_bytes(b"sound")
    earlier.write_bytes(b"sound")
    made = Duplicates({"1": str(earlier)}, modified_s=MOMENT, clone=clone)
    for name in ("b", "c"):
        made.add("1", str(source), str(tmp_path / name))
        assert (tmp_path / name).stat().st_nlink == 1
    assert cloned == [str(tmp_path / "b"), str(tmp_path / "c")]


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY])
def test_a_clip_of_an_earlier_version_is_linked_to_its_file(tmp_path: Path, number: int) -> None:
    source, earlier = tmp_path / "a", tmp_path / "earlier"
    source.write_bytes(b"sound")
    earlier.write_bytes(b"sound")
    made = Duplicates({"1": str(earlier)}, modified_s=MOMENT, clone=refuse(number))
    made.add("1", str(source), str(tmp_path / "b"))
    assert (tmp_path / "b").samefile(earlier)


def test_where_a_link_fails_bytes_are_copied(tmp_path: Path) -> None:
    source = tmp_path / "a"
    source.write_bytes(b"sound")
    made = Duplicates({"1": str(tmp_path / "gone")}, modified_s=MOMENT)
    made.add("1", str(source), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"sound"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_full_or_broken_disk_is_said_and_nothing_half_is_left(
    tmp_path: Path, number: int
) -> None:
    source = tmp_path / "a"
    source.write_bytes(b"sound")
    made = Duplicates({}, modified_s=MOMENT, clone=refuse(number))
    with pytest.raises(OSError, match=os.strerror(number)):
        made.add("1", str(source), str(tmp_path / "b"))
    assert not (tmp_path / "b").exists()


def test_a_copy_cut_short_is_not_left_behind(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(bytes(100_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            Duplicates({}, modified_s=MOMENT).add("1", str(source), str(target))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not target.exists()


def test_a_name_that_is_taken_stays_as_it_is(tmp_path: Path) -> None:
    source, target, earlier = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    for path in (source, target, earlier):
        path.write_bytes(path.name.encode())
    for known in ({}, {"1": str(earlier)}):
        with pytest.raises(FileExistsError):
            Duplicates(known, modified_s=MOMENT).add("1", str(source), str(target))
        assert target.read_bytes() == b"b"


def test_what_is_written_into_a_published_file_does_not_reach_the_store(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    file = published(tmp_path, [item]).path / item.file
    file.chmod(0o644)
    with file.open("r+b") as stream:
        stream.truncate(0)
    assert ObjectStore(tmp_path).is_whole(item.sha256)


def test_many_versions_of_a_clip_take_its_room_twice(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    files = {
        published(tmp_path, [item, stored(tmp_path, f"b_{n}", position=n)]).path / item.file
        for n in range(4)
    }
    nodes = {path.stat().st_ino for path in files}
    shares_blocks = all(path.stat().st_nlink == 1 for path in files)
    assert len(nodes) == (4 if shares_blocks else 1)
    assert ObjectStore(tmp_path).path(item.sha256).stat().st_ino not in nodes
    assert verify_versions(tmp_path, versions(tmp_path, "main")).is_intact


def test_files_that_are_stored_ones_are_not_linked_on(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    file = published(tmp_path, [item]).path / item.file
    file.unlink()  # as earlier releases published
    file.hardlink_to(ObjectStore(tmp_path).path(item.sha256))
    second = published(tmp_path, [item, stored(tmp_path, "b", position=1)]).path / item.file
    assert not second.samefile(file)
    assert second.read_bytes() == wav(f"clip a en {item.clip_key}")
