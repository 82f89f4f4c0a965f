"""One sentence in one voice, through the real command line; and no network, whatever happens."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tiny_voice import write_project_files

from voicepipe.audio.tags import read_metadata
from voicepipe.errors import InputError, UsageError
from voicepipe.pipeline.render.saying import SayRequest, say_text

if TYPE_CHECKING:
    from voicepipe.hashing import Json

ROOT = Path(__file__).parents[2]
UNPLUGGED = """
import socket, sys
def refuse(*_, **__):
    raise AssertionError("something reached for the network")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse
from cli.main import run
run(sys.argv[1:])
"""


def unplugged(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", UNPLUGGED, "-C", str(project), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_sentence_is_spoken_without_a_network(tiny: Path, tmp_path: Path) -> None:
    wav = tmp_path / "x.wav"
    done = unplugged(
        tiny, "say", "我们走吧！[pause:200ms]快一点。", "--voice", "noah", "--lang", "zh",
        "--seed", "7", "-o", str(wav), "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: dict[str, Json] = json.loads(done.stdout)
    assert said["language"] == "zh"
    assert said["seed"] == 7
    metadata = read_metadata(wav.read_bytes())
    assert metadata is not None
    assert metadata.source == "synthetic"
    assert metadata.consent == "formula"
    assert metadata.text == "我们走吧！快一点。"


def test_the_same_words_are_the_same_bytes(tiny: Path) -> None:
    say_request = SayRequest(text="We are late.", voice="noah", language="en", emotion="sad")
    first, second = say_text(tiny, say_request), say_text(tiny, say_request)
    assert first.clip.wav_bytes == second.clip.wav_bytes
    assert first.request.key() == second.request.key()
    assert say_text(tiny, SayRequest(text="We are late.", voice="noah")).request.key() != (
        first.request.key()
    )


def test_consent_is_asked(tiny: Path) -> None:
    voice = tiny / "voices" / "noah.yaml"
    voice.write_text(voice.read_text("utf-8").replace('scope: ["*"]', "scope: [other]"), "utf-8")
    with pytest.raises(InputError) as raised:
        say_text(tiny, SayRequest(text="Hello.", voice="noah"))
    assert {d.code for d in raised.value.diagnostics} & {"VP406", "VP405", "VP404", "VP403"}


@pytest.mark.parametrize(
    ("say_request", "words"),
    [
        (SayRequest(text="Hi.", voice="noa"), 'did you mean "noah"'),
        (SayRequest(text="Hi.", voice="mara", language="ja"), "speaks en"),
        (SayRequest(text="Hi.", voice="noah", emotion="furius"), 'for the emotion "furius"'),
    ],
)
def test_what_does_not_exist_is_named(tmp_path: Path, say_request: SayRequest, words: str) -> None:
    write_project_files(tmp_path, n_lines=1)
    voice = (tmp_path / "voices" / "noah.yaml").read_text("utf-8")
    (tmp_path / "voices" / "mara.yaml").write_text("languages: [en]\n" + voice, "utf-8")
    with pytest.raises(UsageError, match=words):
        say_text(tmp_path, say_request)


def test_a_text_without_words_is_refused(tiny: Path) -> None:
    with pytest.raises(InputError) as raised:
        say_text(tiny, SayRequest(text="…!", voice="noah"))
    assert [d.code for d in raised.value.diagnostics if d.severity.value == "error"] == ["VP602"]


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        say_text(tmp_path, SayRequest(text="Hi.", voice="noah"))
