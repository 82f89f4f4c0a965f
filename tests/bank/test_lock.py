from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import orjson
import pytest

from voicepipe.bank.files import PART_SUFFIX
from voicepipe.bank.layout import inflight_folder, work_folder
from voicepipe.bank.lock import HOLDER_NAME, Holder, bank_lock, is_running, who_holds
from voicepipe.errors import BankLocked, EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

HOLD = (
    "import sys, time; from pathlib import Path; from voicepipe.bank.lock import bank_lock\n"
    "with bank_lock(Path(sys.argv[1]), 'render en'):\n"
    "    print('held', flush=True); time.sleep(float(sys.argv[2]))\n"
)


def start_writer(out: Path, seconds: float) -> subprocess.Popen[str]:
    writer = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(out), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "held\n"
    return writer


def finish(writer: subprocess.Popen[str]) -> None:
    writer.wait(timeout=30)
    assert writer.stdout is not None
    writer.stdout.close()


def test_a_second_writer_is_told_who_holds_it_and_since_when(tmp_path: Path) -> None:
    writer = start_writer(tmp_path, 60)
    holder = who_holds(tmp_path)
    assert holder is not None
    with pytest.raises(BankLocked) as caught, bank_lock(tmp_path, "gc"):
        pass
    message = str(caught.value)
    assert f"process {writer.pid}" in message
    assert "render en" in message
    assert platform.node() in message
    assert holder.since in message
    assert caught.value.remedy
    assert is_running(holder) is True
    writer.kill()
    finish(writer)


def test_a_killed_writer_is_taken_over_and_swept_up_after(tmp_path: Path) -> None:
    writer = start_writer(tmp_path, 60)
    half = work_folder(tmp_path) / f"file-1-aa{PART_SUFFIX}"
    half.write_bytes(b"half")
    tree = work_folder(tmp_path) / f"version-1-bb{PART_SUFFIX}"
    (tree / "en/bridge").mkdir(parents=True)
    (tree / "en/bridge/a.wav").write_bytes(b"x")
    keep = work_folder(tmp_path) / "marks"
    keep.mkdir()
    held_mark = inflight_folder(tmp_path) / "f00d" / "7-aa.inflight"
    held_mark.parent.mkdir(parents=True)
    held_mark.write_bytes(b"{}")
    writer.kill()
    finish(writer)
    with bank_lock(tmp_path, "gc") as held:
        assert held.taken_over_from is not None
        assert held.taken_over_from.pid == writer.pid
        assert is_running(held.taken_over_from) is False
        assert held.swept == (half.name, tree.name)
        assert held.holder.pid == os.getpid()
    assert not half.exists()
    assert not tree.exists()
    assert not held_mark.exists()
    assert keep.is_dir()
    assert who_holds(tmp_path) is None


def test_a_reused_process_id_is_not_the_holder(tmp_path: Path) -> None:
    with bank_lock(tmp_path, "gc") as held:
        mine = held.holder
    assert is_running(mine) is True
    if mine.process_started:
        assert is_running(replace(mine, process_started="1")) is False
    assert is_running(replace(mine, host="elsewhere")) is None


def test_waiting_gets_the_lock_when_the_other_writer_ends(tmp_path: Path) -> None:
    writer = start_writer(tmp_path, 0.5)
    start = time.perf_counter()
    with bank_lock(tmp_path, "gc", wait_s=30):
        assert time.perf_counter() - start < 30
    finish(writer)


def test_one_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    with (
        bank_lock(tmp_path, "render"),
        pytest.raises(BankLocked, match="render"),
        bank_lock(tmp_path, "gc"),
    ):
        pass


def test_the_lock_is_free_after_an_error_inside(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), bank_lock(tmp_path, "render"):
        raise ZeroDivisionError
    with bank_lock(tmp_path, "gc") as held:
        assert held.taken_over_from is None


def note(out: Path, holder: Holder) -> Path:
    path = work_folder(out) / HOLDER_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(asdict(holder)))
    return path


FAR = Holder(
    pid=1,
    process_started="1",
    host="build-7",
    machine="another",
    command="render",
    since="2030-01-02T03:04:05Z",
)


def test_a_writer_on_another_machine_is_believed_until_a_person_says_otherwise(
    tmp_path: Path,
) -> None:
    path = note(tmp_path, FAR)
    with pytest.raises(BankLocked, match="build-7") as caught, bank_lock(tmp_path, "gc"):
        pass
    assert str(path) in caught.value.remedy
    path.unlink()
    with bank_lock(tmp_path, "gc"):
        pass


def test_a_note_from_before_a_restart_of_this_machine_is_taken_over(tmp_path: Path) -> None:
    note(tmp_path, replace(FAR, host=platform.node()))
    with bank_lock(tmp_path, "gc") as held:
        assert held.taken_over_from is not None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "x"}'])
def test_a_note_cut_short_does_not_lock_anybody_out(tmp_path: Path, content: bytes) -> None:
    work_folder(tmp_path).mkdir()
    (work_folder(tmp_path) / HOLDER_NAME).write_bytes(content)
    with bank_lock(tmp_path, "gc") as held:
        assert held.taken_over_from is None


def test_a_file_in_place_of_the_output_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(EnvironmentFault, match="out"), bank_lock(tmp_path / "out", "gc"):
        pass


@pytest.mark.parametrize("then", ["gone", "made anew"])
def test_a_lock_whose_folder_was_removed_is_no_longer_in_force(tmp_path: Path, then: str) -> None:
    out = tmp_path / "out"
    with bank_lock(out, "test") as held:
        held.require()
        shutil.rmtree(out)
        if then == "made anew":
            with bank_lock(out, "another") as other:
                other.require()
                with pytest.raises(EnvironmentFault, match="removed or replaced while `test`"):
                    held.require()
        else:
            with pytest.raises(EnvironmentFault, match="removed or replaced while `test`"):
                held.require()


def test_the_note_of_another_writer_in_a_folder_made_anew_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with bank_lock(out, "test"):
        shutil.rmtree(out)
        (out / "work").mkdir(parents=True)
        (out / "work" / "lock").touch()
        (out / "work" / "lock.json").write_text("{}", "utf-8")
    assert (out / "work" / "lock.json").exists()


def test_a_pipe_in_place_of_the_lock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    os.mkfifo(tmp_path / "work" / "lock")
    with pytest.raises(EnvironmentFault, match="not an ordinary file"), bank_lock(tmp_path, "t"):
        pytest.fail("it was locked")
