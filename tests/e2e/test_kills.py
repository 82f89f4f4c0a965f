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
LONGEST_S = 4.0
"""A whole render of the project takes about this long, so kills fall everywhere in it."""


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
        if _run(root, "-q", "plan").returncode == 0 and not _is_locked(root):
            return
        time.sleep(0.2)
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
    """Give every render something to do: one scene's first line says something new."""
    script = sorted((root / "scripts_in").glob("part_*.yaml"))[round_number % 2]
    text = script.read_text("utf-8")
    head, _, tail = text.partition("text: ")
    _, _, rest = tail.partition("\n")
    script.write_text(f"{head}text: Round {round_number} of the night watch.\n{rest}", "utf-8")


@pytest.mark.slow
def test_renders_killed_at_random_leave_a_whole_bank(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write_project(root, 400)
    chance = random.Random(2026)
    finished: dict[str, int] = {}
    for number in range(ROUNDS):
        _change_script(root, number)
        _killed_after(root, chance.uniform(0.05, LONGEST_S))
        _wait_for_orphans(root)
        takes = _takes(root)
        rewritten = [key for key, stamp in finished.items() if takes.get(key, stamp) != stamp]
        assert not rewritten, f"round {number}: finished takes were rendered again: {rewritten}"
        lost = set(finished) - set(takes)
        assert not lost, f"round {number}: finished takes vanished: {sorted(lost)}"
        finished = takes

    done = _run(root, "render", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["clips"] == 400
    takes = _takes(root)
    assert all(takes[key] == stamp for key, stamp in finished.items())
    assert report["rendered"] == len(takes) - len(finished)

    verified = _run(root, "bank", "verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    leftovers = [p for p in (root / "out" / "work").rglob("*") if p.is_file() and p.name != "lock"]
    assert not leftovers, leftovers
    again = json.loads(_run(root, "render", "--json").stdout)
    assert (again["rendered"], again["is_new"]) == (0, False)
