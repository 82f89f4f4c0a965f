"""Kill a render at any moment: the bank is the old one or the new one, and no take is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.screenplay import write_project

ROUNDS = int(os.environ.get("VOICEPIPE_KILL_ROUNDS", "25"))
FIRST_S = 4.0
"""The first rounds are killed within this: most of the project is still to be rendered."""
LINES = 200
CHANGED = 6
"""Lines that say something new in every later round."""


def _command(root: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "cli.main", "-C", str(root), *words]


def _run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(root, *words), capture_output=True, text=True, check=False)


def _killed_after(root: Path, seconds: float) -> None:
    process = subprocess.Popen(
        _command(root, "-q", "render", "--jobs", "2"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _takes(root: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in (root / "out" / "takes").glob("*/*.json")}


def _wait_for_orphans(root: Path) -> None:
    """Workers of a killed render end by themselves; a moment is theirs."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if not _is_locked(root):
            return
        time.sleep(0.1)
    pytest.fail("the lock of a killed render was never freed")


def _is_locked(root: Path) -> bool:
    from filelock import FileLock, Timeout

    if not (root / "out" / "work").is_dir():
        return False
    try:
        with FileLock(root / "out" / "work" / "lock", timeout=0):
            return False
    except Timeout:
        return True


def _change_script(root: Path, round_number: int) -> None:
    """Give a render something to do: some lines of one node say something new."""
    script = min((root / "scripts_in").glob("part_*.yaml"))
    lines = script.read_text("utf-8").splitlines()
    spoken = [n for n, line in enumerate(lines) if line.lstrip().startswith("text: ")]
    for number in spoken[:CHANGED]:
        lines[number] = f"      text: Round {round_number} of watch {number}."
    script.write_text("\n".join(lines) + "\n", "utf-8")


def _assert_nothing_is_lost(finished: dict[str, int], takes: dict[str, int], number: int) -> None:
    rewritten = [key for key, stamp in finished.items() if takes.get(key, stamp) != stamp]
    assert not rewritten, f"round {number}: finished takes were rendered again: {rewritten}"
    lost = set(finished) - set(takes)
    assert not lost, f"round {number}: finished takes vanished: {sorted(lost)}"


def _assert_latest_is_whole(root: Path, number: int) -> None:
    folder = root / "out" / "banks" / "large"
    if not (folder / "latest").is_file():
        return
    version = (folder / "latest").read_text("utf-8").strip()
    manifest = json.loads((folder / version / "manifest.json").read_bytes())
    absent = [e["file"] for e in manifest["entries"] if not (folder / version / e["file"]).exists()]
    assert not absent, f"round {number}: {version} lacks {absent}"


@pytest.mark.slow
def test_renders_killed_at_random_leave_a_whole_bank(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write_project(root, LINES)
    rng = random.Random(2026)
    finished: dict[str, int] = {}
    usual_s = 0.0
    for number in range(ROUNDS):
        is_first = number < ROUNDS // 5
        if not is_first:
            _change_script(root, number)
        if not usual_s and not is_first:
            # From here on kills fall anywhere in a render of a few lines, publication included.
            assert _run(root, "render").returncode == 0
            _change_script(root, -1)
            started = time.monotonic()
            assert _run(root, "render").returncode == 0
            usual_s = time.monotonic() - started
            finished = _takes(root)
            _change_script(root, number)
        _killed_after(root, rng.uniform(0.02, FIRST_S if is_first else 1.25 * usual_s))
        _wait_for_orphans(root)
        if number % 5 == 0:
            assert _run(root, "-q", "plan").returncode == 0
        takes = _takes(root)
        _assert_nothing_is_lost(finished, takes, number)
        _assert_latest_is_whole(root, number)
        finished = takes

    done = _run(root, "render", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["clips"] == LINES
    takes = _takes(root)
    assert all(takes[key] == stamp for key, stamp in finished.items())
    assert report["rendered"] == len(takes) - len(finished)

    verified = _run(root, "bank", "verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    leftovers = [p for p in (root / "out" / "work").rglob("*") if p.is_file() and p.name != "lock"]
    assert not leftovers, leftovers
    again = json.loads(_run(root, "render", "--json").stdout)
    assert (again["rendered"], again["is_new"]) == (0, False)
