"""The espeak-ng program: what happens when it dies, hangs or talks nonsense."""

from __future__ import annotations

import importlib.util
import json
import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from engine_builders import cast_line

from voicepipe.engines.scratch.host import EspeakDied, EspeakHost, Utterance, host_command
from voicepipe.engines.scratch.renderer import ScratchRenderer
from voicepipe.errors import EnvironmentFault, SynthesisError
from voicepipe.installation import install_remedy

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.engines.scratch.engine import ScratchEngine

HELLO = Utterance(voice="en-us+m1", text="Hello.", rate=170, pitch=50, range=50, volume=75, seed=1)
FAKE = """
import json, struct, sys, os, time
def reply(**facts):
    head = json.dumps(facts).encode()
    sys.stdout.buffer.write(struct.pack("<I", len(head)) + head)
    sys.stdout.buffer.flush()
def listen():
    (n,) = struct.unpack("<I", sys.stdin.buffer.read(4))
    return json.loads(sys.stdin.buffer.read(n))
reply(ok=True, sample_rate=22050, n_bytes=0)
"""


def fake(tmp_path: Path, then: str, timeout_s: float = 20.0) -> EspeakHost:
    script = tmp_path / "fake_host.py"
    script.write_text(FAKE + then)
    return EspeakHost((sys.executable, str(script)), timeout_s=timeout_s)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("listen(); os._exit(11)", "died .exit status 11."),
        ("listen(); os.kill(os.getpid(), 9)", "died .exit status -9."),
        ("listen(); sys.stdout.buffer.write(b'\\xff\\xff\\xff\\xff')", "nonsense"),
        ("listen(); sys.stdout.buffer.write(struct.pack('<I', 5) + b'{oops')", "nonsense"),
        ("listen(); sys.stdout.buffer.write(struct.pack('<I', 2) + b'[]')", "nonsense"),
        ("listen(); reply(ok=True, sample_rate=3, n_bytes=0)", "nonsense"),
        ("listen(); reply(ok=True, sample_rate=22050, n_bytes=1 << 40)", "nonsense"),
        ("listen(); reply(ok=True, sample_rate=22050, n_bytes='x')", "nonsense"),
        ("listen(); reply(ok=True, sample_rate=22050, n_bytes=10)", "died"),
        ("listen(); reply(ok=False, error='no such voice')", "refused: no such voice"),
    ],
)
def test_a_bad_answer_fails_the_line_and_says_why(
    tmp_path: Path, behaviour: str, words: str
) -> None:
    host = fake(tmp_path, behaviour)
    with pytest.raises(SynthesisError, match=words) as caught:
        host.speak(HELLO)
    assert isinstance(caught.value, EspeakDied) == ("died" in words)
    host.close()


def test_a_program_that_hangs_is_ended_after_its_time(tmp_path: Path) -> None:
    host = fake(tmp_path, "listen(); time.sleep(600)", timeout_s=0.5)
    host.start()
    started = time.monotonic()
    with pytest.raises(EspeakDied, match=r"did not answer within 0\.5 s"):
        host.speak(HELLO)
    assert time.monotonic() - started < 10


def test_the_next_line_gets_a_new_program(tmp_path: Path, scratch: ScratchEngine) -> None:
    once = tmp_path / "died"
    real = host_command()
    script = tmp_path / "sometimes.py"
    script.write_text(
        f"import os, pathlib, runpy, sys\nonce = pathlib.Path({str(once)!r})\n"
        f"if not once.exists():\n    once.touch()\n    exec({FAKE + 'listen(); os._exit(3)'!r})\n"
        f"sys.argv = {list(real[3:])!r}\nrunpy.run_path({real[3]!r}, run_name='__main__')\n"
    )
    renderer = ScratchRenderer(EspeakHost((sys.executable, str(script))))
    requests = [scratch.request(cast_line(text), 1) for text in ("First.", "Second.")]
    first, second = renderer.render(requests)
    renderer.close()
    assert first.clip is None
    assert "died" in str(first.error)
    assert first.is_interrupted
    assert second.error is None
    assert not second.can_be_tried_again
    assert second.clip is not None


def test_a_program_that_does_not_start_is_the_machines_fault(tmp_path: Path) -> None:
    for command in ((str(tmp_path / "none"),), (sys.executable, "-c", "raise SystemExit(1)")):
        with pytest.raises(EnvironmentFault, match="does not start") as caught:
            EspeakHost(command).start()
        assert caught.value.remedy == install_remedy("scratch", afresh=True)


def test_a_missing_or_broken_wheel_is_said_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = importlib.util.spec_from_file_location("espeakng_loader", tmp_path / "__init__.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    with pytest.raises(EnvironmentFault, match="is missing"):
        host_command()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EnvironmentFault, match="not installed") as caught:
        host_command()
    assert caught.value.remedy == install_remedy("scratch")


def test_a_library_that_does_not_load_is_said(tmp_path: Path) -> None:
    *head, _, data = host_command()
    with pytest.raises(EnvironmentFault, match=r"refused: .*nothing"):
        EspeakHost((*head, str(tmp_path / "nothing.so"), data)).start()


def test_an_unknown_voice_is_refused() -> None:
    host = EspeakHost(host_command())
    with pytest.raises(SynthesisError, match="no voice"):
        host.speak(Utterance(voice="xx", text="x", rate=170, pitch=5, range=5, volume=5, seed=1))
    pcm, rate = host.speak(HELLO)
    assert len(pcm) > rate // 4
    host.close()
    host.close()


def test_the_program_ends_when_its_pipe_does() -> None:
    program = subprocess.Popen(host_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert program.stdin is not None
    assert program.stdout is not None
    job = {**{name: getattr(HELLO, name) for name in HELLO.__slots__}, "text": "and so on " * 2_000}
    body = json.dumps(job).encode()
    program.stdin.write(struct.pack("<I", len(body)) + body)
    program.stdin.close()
    assert program.wait(timeout=10) == 0
    program.stdout.close()


def test_a_line_whose_program_was_killed_sounds_as_if_nothing_had_happened(
    tmp_path: Path, scratch: ScratchEngine
) -> None:
    request = scratch.request(cast_line("Hello there."), 1)
    host = EspeakHost(host_command())
    renderer = ScratchRenderer(host)
    (undisturbed,) = renderer.render([request])
    program = host._program
    assert program is not None
    program.kill()
    program.wait()
    killed, again = renderer.render([request, request])
    renderer.close()
    assert killed.clip is None
    assert killed.is_interrupted
    assert undisturbed.clip is not None
    assert again.clip is not None
    assert (again.clip.samples == undisturbed.clip.samples).all()
