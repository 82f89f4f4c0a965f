"""Players: which is taken, what they are given, and what is said when none can."""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from tones import sine

from voicepipe.audio.encode import encode_wav
from voicepipe.audio.playback import Loudspeaker, Program, players_here
from voicepipe.errors import EnvironmentFault


@pytest.fixture(name="sound")
def _sound(tmp_path: Path) -> Path:
    path = tmp_path / "a $(touch x); 'b\".wav"
    path.write_bytes(encode_wav(sine(hz=440, dbfs=-12, seconds=0.1), bit_depth=16))
    return path


@pytest.fixture(name="programs")
def _programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that is all there is, and no sound output of the system's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    return folder


def _program(folder: Path, name: str, does: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{does}\n", "utf-8")
    path.chmod(0o755)


def test_the_first_player_that_can_is_taken_and_gets_the_whole_path(
    programs: Path, sound: Path
) -> None:
    _program(programs, "paplay", "echo no daemon >&2; exit 1")
    _program(programs, "aplay", f'printf "%s|" "$@" > "{programs}/heard"')
    _program(programs, "ffplay", "exit 0")
    speaker = Loudspeaker()
    assert [player.name for player in speaker.players] == ["paplay", "aplay", "ffplay"]
    assert speaker.play(sound) == "aplay"
    assert (programs / "heard").read_text("utf-8") == f"-q|{sound}|"
    assert not Path("x").exists()
    assert [player.name for player in speaker.players] == ["aplay", "ffplay"]


def test_a_player_that_says_it_had_no_output_has_not_played(programs: Path, sound: Path) -> None:
    _program(programs, "ffplay", "echo 'audio open failed' >&2; echo more >&2")
    with pytest.raises(EnvironmentFault, match="ffplay: audio open failed") as caught:
        Loudspeaker().play(sound)
    assert str(sound) in caught.value.message


def test_without_a_player_the_file_is_named(programs: Path, sound: Path) -> None:
    assert players_here() == ()
    with pytest.raises(EnvironmentFault, match="nothing here plays sound") as caught:
        Loudspeaker().play(sound)
    assert str(sound) in caught.value.message
    assert "[listen]" in caught.value.remedy


def test_on_windows_the_path_is_no_part_of_a_command(tmp_path: Path, sound: Path) -> None:
    heard = tmp_path / "heard"
    _program(tmp_path, "shell", f'printf "%s|%s" "$*" "$VOICEPIPE_SOUND" > "{heard}"')
    program = Program((str(tmp_path / "shell"), "-Command", "play"), in_variable=True)
    assert program.play(sound) == ""
    assert heard.read_text("utf-8") == f"-Command play|{sound}"


def test_sounddevice_comes_first_where_it_has_an_output(
    programs: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("sounddevice")
    played: list[tuple[int, int]] = []

    class PortAudioError(Exception):
        pass

    def play(samples: np.ndarray, rate: int, *, blocking: bool) -> None:
        assert blocking
        played.append((len(samples), rate))

    outputs = [True]

    def query_devices(*, kind: str) -> None:
        if not outputs:
            raise PortAudioError(kind)

    for name, value in (
        ("PortAudioError", PortAudioError), ("play", play), ("query_devices", query_devices)
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value, raising=False)
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    _program(programs, "aplay", "exit 0")
    assert Loudspeaker().play(sound) == "sounddevice"
    assert played == [(4_800, 48_000)]
    outputs.clear()
    assert Loudspeaker().play(sound) == "aplay"
    assert os.environ["PATH"] == str(programs)
