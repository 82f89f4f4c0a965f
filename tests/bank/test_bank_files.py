from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from voicepipe.bank.faults import explained, fault_of, free_bytes, in_units
from voicepipe.bank.files import (
    PART_SUFFIX,
    make_folder,
    remove_file,
    remove_tree,
    replace,
    sweep,
    with_retries,
    write_atomic,
)
from voicepipe.bank.layout import work_folder
from voicepipe.errors import EnvironmentFault


def test_a_file_is_replaced_whole_and_nothing_is_left_over(tmp_path: Path) -> None:
    target = tmp_path / "deep/er/file.json"
    write_atomic(tmp_path, target, b"one")
    write_atomic(tmp_path, target, b"two", read_only=True)
    write_atomic(tmp_path, target, b"three")
    assert target.read_bytes() == b"three"
    assert not list(work_folder(tmp_path).iterdir())


def test_a_writer_whose_temporary_file_was_swept_writes_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync
    swept: list[tuple[str, ...]] = []

    def sweep_once_then_sync(descriptor: int) -> None:
        if not swept:
            swept.append(sweep(tmp_path))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sweep_once_then_sync)
    target = tmp_path / "a.json"
    write_atomic(tmp_path, target, b"whole")
    assert target.read_bytes() == b"whole"
    assert len(swept[0]) == 1


LIMITED = (
    "import resource, sys; from pathlib import Path\n"
    "from voicepipe.bank.store import ObjectStore\n"
    "from voicepipe.errors import EnvironmentFault\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    "store = ObjectStore(Path(sys.argv[1]))\n"
    "store.put(b'small')\n"
    "try:\n    store.put(bytes(100_000))\n"
    "except EnvironmentFault as fault:\n    print(fault.message, '|', fault.remedy)\n"
)


def test_a_full_disk_is_explained_and_leaves_no_half_object(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    message, _, remedy = done.stdout.partition(" | ")
    assert str(tmp_path / "objects") in message
    assert "97.7 KiB needed" in message
    assert "free" in message
    assert "bank gc" in remedy
    assert len(list((tmp_path / "objects").rglob("*.wav"))) == 1
    assert not list(work_folder(tmp_path).iterdir())


ENDLESS = (
    "import os, sys; from pathlib import Path\n"
    "import errno\n"
    "def full(fd):\n    raise OSError(errno.ENOSPC, 'No space left on device')\n"
    "sys.path.insert(0, sys.argv[2])\n"
    "import bank_builders as b\n"
    "out = Path(sys.argv[1])\n"
    "items = [b.stored(out, 'a'), b.stored(out, 'b', position=1)]\n"
    "first = b.published(out, items[:1])\n"
    "os.fsync = full\n"
    "from voicepipe.errors import EnvironmentFault\n"
    "try:\n    b.published(out, items)\n"
    "except EnvironmentFault as fault:\n    print(fault.message)\n"
)


def test_a_disk_that_fills_up_while_publishing_leaves_the_old_version(tmp_path: Path) -> None:
    here = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", ENDLESS, str(tmp_path), here],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "is full" in done.stdout
    assert [p.name for p in sorted((tmp_path / "banks/main").iterdir())] == ["latest", "v0001"]
    assert (tmp_path / "banks/main/latest").read_text() == "v0001\n"
    assert not list(work_folder(tmp_path).glob(f"*{PART_SUFFIX}"))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "full"),
        (errno.EROFS, "not allowed"),
        (errno.EACCES, "not allowed"),
        (errno.ENOTDIR, "something else stands"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_each_refusal_names_the_path_and_a_remedy(tmp_path: Path, number: int, words: str) -> None:
    path = tmp_path / "some/file"
    fault = fault_of(OSError(number, os.strerror(number)), path, need=3000)
    assert str(path) in fault.message
    assert words in fault.message
    assert fault.remedy


def test_faults_of_ours_pass_through(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="mine"), explained(tmp_path):
        raise EnvironmentFault("mine")


def test_sizes_are_written_for_people() -> None:
    assert in_units(12) == "12 bytes"
    assert in_units(1536) == "1.5 KiB"
    assert in_units(5 << 50) == "5120.0 TiB"


def test_free_space_is_asked_of_the_nearest_folder(tmp_path: Path) -> None:
    assert (free_bytes(tmp_path / "not/there") or 0) > 0


def test_removal_says_whether_there_was_anything(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    path.chmod(0o444)
    assert remove_file(path, within=tmp_path) is True
    assert remove_file(path, within=tmp_path) is False
    with pytest.raises(IsADirectoryError):
        remove_file(tmp_path, within=tmp_path.parent)


def test_removing_a_tree_never_follows_a_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_bytes(b"x")
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "inner/away").symlink_to(precious, target_is_directory=True)
    (tree / "file").write_bytes(b"x")
    remove_tree(tree, within=tmp_path)
    assert not tree.exists()
    assert (precious / "file").exists()


def test_a_sweep_takes_only_half_written_things(tmp_path: Path) -> None:
    work = work_folder(tmp_path)
    assert sweep(tmp_path) == ()
    (work / "marks").mkdir(parents=True)
    (work / "lock").write_bytes(b"")
    (work / f"file-1-aa{PART_SUFFIX}").write_bytes(b"x")
    (work / f"link{PART_SUFFIX}").symlink_to(work / "marks", target_is_directory=True)
    assert sweep(tmp_path) == (f"file-1-aa{PART_SUFFIX}", f"link{PART_SUFFIX}")
    assert sorted(p.name for p in work.iterdir()) == ["lock", "marks"]


def test_busy_files_are_tried_again_on_windows() -> None:
    tries: list[int] = []

    def busy_twice() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise PermissionError

    with_retries(busy_twice, on_windows=True)
    assert len(tries) == 3
    tries.clear()
    with pytest.raises(PermissionError):
        with_retries(busy_twice, on_windows=False)
    assert len(tries) == 1


def test_patience_ends() -> None:
    def always() -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        with_retries(always, on_windows=True)


def test_replacing_a_folder_by_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace(tmp_path / "a", tmp_path / "b")


def test_a_folder_under_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(EnvironmentFault, match="stands where"):
        make_folder(tmp_path / "a/b", within=tmp_path)
