"""What a command's own process does at its beginning and its end."""

from __future__ import annotations

import subprocess
import sys

import pytest

ENDING = """
import atexit, sys, threading, time
from cli.process import CommandProcess

class Held:
    def __del__(self):
        sys.stderr.write("taken apart\\n")

held = Held()
process = CommandProcess()
atexit.register(print, "put away", flush=True)
threading.Thread(target=lambda: (time.sleep(0.2), print("thread ended", flush=True))).start()
sys.stdout.write("answer")
{end}
"""


def ended(end: str) -> subprocess.CompletedProcess[str]:
    code = ENDING.format(end=end)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("code", [0, 3])
def test_everything_but_taking_apart_is_done_at_the_end(code: int) -> None:
    found = ended(f"process.end({code})")
    assert found.returncode == code
    assert found.stdout == "answerthread ended\nput away\n"
    assert found.stderr == ""


def test_what_nobody_caught_ends_as_ever() -> None:
    found = ended("raise ValueError('unforeseen')")
    assert found.returncode == 1
    assert "ValueError: unforeseen" in found.stderr
    assert "taken apart" in found.stderr


@pytest.mark.parametrize(("words", "code"), [("--version", 0), ("no-such-verb", 2)])
def test_the_command_ends_with_its_code(words: str, code: int) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "voicepipe", words], capture_output=True, text=True, check=False
    )
    assert found.returncode == code
    assert found.stdout if code == 0 else found.stderr
