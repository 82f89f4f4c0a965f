"""A writer killed at any moment leaves the old bank or the new one, never something between."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bank_builders import published, stored

from voicepipe.bank.lock import bank_lock
from voicepipe.bank.publish import files_in
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.verify import verify_versions
from voicepipe.bank.versions import latest, load_version, versions

HERE = str(Path(__file__).parents[1])

PUT_FOREVER = (
    "import sys; sys.path.insert(0, sys.argv[2])\n"
    "from pathlib import Path; import bank_builders as b\n"
    "print('ready', flush=True); n = int(sys.argv[3])\n"
    "while True:\n"
    "    b.stored(Path(sys.argv[1]), f'line_{n}', note='x' * 5000); n += 1\n"
)
PUBLISH_FOREVER = (
    "import sys; sys.path.insert(0, sys.argv[2])\n"
    "from pathlib import Path; import bank_builders as b\n"
    "from dataclasses import replace\n"
    "from voicepipe.bank.lock import bank_lock\n"
    "out = Path(sys.argv[1]); n = int(sys.argv[3])\n"
    "with bank_lock(out, 'render'):\n"
    "    items = [b.stored(out, f'line_{i}', position=i) for i in range(12)]\n"
    "    print('ready', flush=True)\n"
    "    while True:\n"
    "        b.published(out, [replace(i, note=str(n)) for i in items]); n += 1\n"
)


def kill_after(program: str, out: Path, number: int, seconds: float) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", program, str(out), HERE, str(number)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    time.sleep(seconds)
    assert writer.poll() is None, "the writer ended by itself"
    writer.kill()
    writer.wait()
    writer.stdout.close()


def assert_only_whole_records_and_objects(out: Path) -> int:
    store = ObjectStore(out)
    for object_id in store.ids():
        assert store.is_whole(object_id)
    take_store = TakeStore(out, report=lambda what: pytest.fail(str(what)))
    takes = take_store.takes.keys()
    assert take_store.known_takes() == takes
    assert take_store.known_clips() == {clip.key for clip in take_store.clips.records()}
    return len(takes)


def assert_only_whole_versions(out: Path, since: int = 0, lag: int = 1) -> None:
    there = versions(out, "main")
    for version in there[since:]:
        manifest = load_version(version)
        listed = {entry.file for entry in manifest.entries}
        assert files_in(version.path) == listed | {"manifest.json", "manifest.csv"}
    assert verify_versions(out, there[since:]).is_intact
    assert lag_of_latest(out) <= lag


def lag_of_latest(out: Path) -> int:
    """Count the versions after the one that `latest` names."""
    there, pointed = versions(out, "main"), latest(out, "main")
    return len(there) if pointed is None else there[-1].number - pointed.number


def kill_while_putting(out: Path, rounds: int, seed: int) -> None:
    dice = random.Random(seed)
    n_takes = 0
    for number in range(rounds):
        kill_after(PUT_FOREVER, out, number * 10_000, dice.uniform(0.0, 0.15))
        now = assert_only_whole_records_and_objects(out)
        assert now >= n_takes, "a stored take was lost"
        n_takes = now
    with bank_lock(out, "test"):
        assert sorted(path.name for path in (out / "work").iterdir()) == ["lock", "lock.json"]
    assert n_takes > 0


def kill_while_publishing(out: Path, rounds: int, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(rounds):
        before, lag = versions(out, "main"), lag_of_latest(out)
        kill_after(PUBLISH_FOREVER, out, number * 10_000, dice.uniform(0.0, 0.35))
        # Each of the killed writers may have been about to name the version it had just made.
        assert_only_whole_versions(out, since=len(before), lag=lag + 1)
        assert versions(out, "main")[: len(before)] == before
    with bank_lock(out, "test") as held:
        assert held.taken_over_from is not None
        item = stored(out, "line_0")
        newest = published(out, [item])
    assert newest.is_new
    assert_only_whole_versions(out)
    pointed = latest(out, "main")
    assert pointed is not None
    assert pointed.name == newest.version


def test_a_writer_killed_while_putting_leaves_whole_objects(tmp_path: Path) -> None:
    kill_while_putting(tmp_path, rounds=4, seed=1)


def test_a_writer_killed_while_publishing_leaves_whole_versions(tmp_path: Path) -> None:
    kill_while_publishing(tmp_path, rounds=4, seed=2)


@pytest.mark.slow
def test_many_writers_killed_while_putting_leave_whole_objects(tmp_path: Path) -> None:
    kill_while_putting(tmp_path, rounds=12, seed=3)


@pytest.mark.slow
def test_many_writers_killed_while_publishing_leave_whole_versions(tmp_path: Path) -> None:
    kill_while_publishing(tmp_path, rounds=15, seed=4)


PUBLISH_ONCE = (
    "import sys; sys.path.insert(0, sys.argv[2])\n"
    "from pathlib import Path; import bank_builders as b\n"
    "from voicepipe.bank.lock import bank_lock\n"
    "out = Path(sys.argv[1])\n"
    "for n in range(5):\n"
    "    with bank_lock(out, 'render', wait_s=60):\n"
    "        b.published(out, [b.stored(out, f'line_{sys.argv[3]}_{n}')])\n"
)


def test_two_writers_at_once_take_turns(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", PUBLISH_ONCE, str(tmp_path), HERE, str(n)])
        for n in range(2)
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    names = [version.name for version in versions(tmp_path, "main")]
    assert names == [f"v{n:04d}" for n in range(1, 11)]
    assert_only_whole_versions(tmp_path)
    pointed = latest(tmp_path, "main")
    assert pointed is not None
    assert pointed.name == "v0010"
