"""Hearing lines from the command line: `listen`, `walk --sound`, `say`, takes to choose from."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from command_shell import Shell
from quay_project import write_quay

from cli.main import run


@pytest.fixture(scope="module", name="rendered")
def _rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_quay(tmp_path_factory.mktemp("listening") / "quay")
    with pytest.raises(SystemExit) as ended:
        run(["-q", "-C", str(root), "render"])
    assert ended.value.code == 0
    return root


@pytest.fixture(name="shell")
def _shell(rendered: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Shell:
    shutil.copytree(rendered, tmp_path / "quay")
    capfd.readouterr()
    return Shell(tmp_path / "quay", capfd)


@pytest.fixture(name="heard")
def _heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that the only player of this machine writes the paths into that it is given."""
    log = tmp_path / "heard"
    player = tmp_path / "bin/aplay"
    player.parent.mkdir()
    player.write_text(f'#!/bin/sh\nfor last; do :; done\necho "$last" >> "{log}"\n', "utf-8")
    player.chmod(0o755)
    monkeypatch.setenv("PATH", str(player.parent))
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    return log


def test_lines_are_played_in_the_order_of_the_script(shell: Shell, heard: Path) -> None:
    assert shell("listen", "quay_*", "--verbose") == 0
    files = [f"{shell.root}/out/banks/quay/v0001/en/quay/quay_00{n}0.wav" for n in (1, 2)]
    assert heard.read_text("utf-8").splitlines() == files
    assert [row.split()[:4] for row in shell.out.splitlines()] == [
        ["en", f"quay_00{n}0", "take", "1"] for n in (1, 2)
    ]
    assert "[aside] Who goes there?" in shell.out
    assert "played by aplay" in shell.err
    document = shell.document("listen", "quay_0010")
    assert document["player"] == "aplay"
    assert document["clips"][0]["path"] == "out/banks/quay/v0001/en/quay/quay_0010.wav"


def test_a_machine_without_sound_names_the_file(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert shell("listen", "quay_0010") == 4
    assert "v0001/en/quay/quay_0010.wav cannot be played: nothing here plays sound" in shell.err
    assert shell("listen", "quay_0010", "--path") == 0
    assert shell.out == "out/banks/quay/v0001/en/quay/quay_0010.wav\n"
    assert shell("say", "--line", "quay_0010") == 4
    assert "what was said cannot be played" in shell.err


def test_a_walk_is_heard(shell: Shell, heard: Path) -> None:
    script = shell.root / "scripts_in/quay.yaml"
    new = "    - {line: quay_0030, who: ann, text: New.}\n    - goto: END"
    script.write_text(script.read_text("utf-8").replace("    - goto: END", new), "utf-8")
    assert shell("walk", "--sound") == 0
    assert [Path(path).stem for path in heard.read_text("utf-8").splitlines()] == [
        "quay_0010",
        "quay_0020",
    ]
    assert "(quay_0030 has no clip in en)" in shell.err
    assert shell("walk", "--sound", "--json") == 2


def test_a_line_is_said_as_the_script_has_it(shell: Shell, heard: Path) -> None:
    said = shell.root / "said.wav"
    document = shell.document("say", "--line", "quay_0020", "-o", str(said))
    published = shell.document("bank", "show", "--line", "quay_0020")["entries"][0]
    assert (document["take_key"], document["voice"]) == (published["take_key"], "ann")
    assert said.stat().st_size > 1_000
    assert shell("say", "--line", "quay_0020") == 0
    assert Path(heard.read_text("utf-8").strip()).name == "said.wav"
    assert shell.out.startswith("played: ")
    assert shell("say", "--line", "quay_0099") == 2
    assert shell("say", "--line", "quay_0010", "Hello", "--voice", "ann") == 2
    assert shell("say", "Hello") == 2


def test_what_is_wrong_elsewhere_keeps_no_line_from_being_said(shell: Shell, heard: Path) -> None:
    script = shell.root / "scripts_in/quay.yaml"
    script.write_text(script.read_text("utf-8").replace("goto: END", "goto: nowhere"), "utf-8")
    assert shell("check") == 1
    assert shell("say", "--line", "quay_0010") == 0
    assert shell("say", "--line", "quay_0099") == 1
    assert heard.exists()


def test_takes_are_made_heard_and_chosen(shell: Shell, heard: Path) -> None:
    assert shell("render", "--line", "quay_0010", "--takes", "2") == 0
    assert [row.split()[:4] for row in shell.out.splitlines()] == [
        ["en", "quay_0010", "take", number] for number in ("2", "3")
    ]
    assert "voicepipe bank choose quay_0010 --take N" in shell.err
    assert shell("listen", "quay_0010", "--take", "3") == 0
    (played,) = heard.read_text("utf-8").splitlines()
    assert "/out/objects/" in played
    assert shell("bank", "choose", "quay_0010", "--take", "3") == 0
    assert shell.out.startswith("pinned en     quay_0010")
    takes = shell.document("bank", "takes", "quay_*")["takes"]
    assert [(one["take"], one["where"]) for one in takes] == [
        (2, "to choose from"),
        (3, "chosen"),
    ]
    assert shell("plan", "--verbose") == 0
    assert "held back" not in shell.out
    assert shell("render") == 0
    assert "nothing to render" in shell.out
    assert shell.document("bank", "show", "--line", "quay_0010")["entries"][0]["take"] == 3
    document = shell.document("render", "--line", "quay_0010", "--takes", "1")
    assert [one["take"] for one in document["takes"]] == [4]
    assert shell("render", "--takes", "2", "--line", "quay_0010", "--retake") == 2
