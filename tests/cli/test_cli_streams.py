"""The command at the end of a pipe, on a full disk, in an old terminal, and told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SCRIPT = """\
scene: quay
nodes:
  night:
    - {line: quay_0010, who: ann, text: 你好，世界。}
    - goto: END
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the shell of the tests is POSIX")


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    (tmp_path / "scripts_in").mkdir()
    (tmp_path / "voicepipe.yaml").write_text("bank: quay\nlanguages: [zh]\n", "utf-8")
    (tmp_path / "scripts_in" / "quay.yaml").write_text(SCRIPT, "utf-8")
    return tmp_path


def shell(root: Path, line: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        ["bash", "-c", f'voicepipe() {{ "$PYTHON" -m cli.main -C "$ROOT" "$@"; }}; {line}'],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHON": sys.executable, "ROOT": str(root), **environment},
        capture_output=True,
        check=False,
        timeout=60,
    )
    return (
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )


@pytest.mark.parametrize("verb", ["walk", "graph", "explain --list"])
def test_a_reader_that_has_seen_enough_ends_nothing_and_is_not_told_of(
    root: Path, verb: str
) -> None:
    _, code, said = shell(root, f"voicepipe {verb} | true; echo ${{PIPESTATUS[0]}}")
    assert (code.strip(), said) == ("0", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk to write to")
@pytest.mark.parametrize("verb", ["ids --json", "graph", "schema voice"])
def test_an_answer_that_does_not_fit_ends_with_4(root: Path, verb: str) -> None:
    code, _, said = shell(root, f"voicepipe {verb} > /dev/full")
    assert code == 4
    assert "cannot be written: No space left" in said
    assert "Traceback" not in said


def test_closed_streams_are_nobodys_bug(root: Path) -> None:
    assert shell(root, "voicepipe graph >&-")[0] == 0
    assert shell(root, "voicepipe ids --json 2>&- <&-")[0] == 0
    assert shell(root, "voicepipe dance >&- 2>&-")[0] == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_text_reaches_any_terminal(root: Path, encoding: str) -> None:
    code, out, _ = shell(root, "voicepipe walk", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert code == 0
    assert ("你好" if encoding == "utf-8" else "\\u4f60\\u597d") in out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_cancelled_job_ends_like_an_interrupted_one(root: Path, number: signal.Signals) -> None:
    # A walk that waits for its keyboard is as good a long job as any.
    choice = "- choice: [{text: go, goto: END}, {text: stay, goto: END}]"
    script = SCRIPT.replace("- goto: END", choice)
    (root / "scripts_in" / "quay.yaml").write_text(script, "utf-8")
    job = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "-C", str(root), "walk"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert job.stdout is not None
    while b">" not in job.stdout.read(1):
        time.sleep(0)
    job.send_signal(number)
    _, said = job.communicate(timeout=30)
    assert job.returncode == 130
    assert b"interrupted" in said
    assert b"Traceback" not in said


def test_json_holds_paths_the_locale_cannot_spell(root: Path) -> None:
    there = root / "桥"
    there.mkdir()
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    line = f'"$PYTHON" -m cli.main -C "{there}" init game --scratch --json'
    code, out, said = shell(root, line, **plain)
    assert (code, said) == (0, "")
    assert json.loads(out)["project"].endswith("桥/game")
