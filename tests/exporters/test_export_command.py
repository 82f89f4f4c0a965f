"""`voicepipe export` as a person and a CI job give it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from voicepipe.exporters.registry import EXPORTERS

EXPORTS = """\
export:
  - {name: game, target: generic, to: game/voices}
  - {target: fmod, only: [de]}
"""


@pytest.fixture
def declared(small: Path) -> Path:
    """A project that says where its bank goes."""
    with (small / "voicepipe.yaml").open("a", encoding="utf-8") as settings:
        settings.write(EXPORTS)
    return small


def _given(root: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(root), "export", *words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_everything_that_is_declared_is_exported_and_read_back(
    declared: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _given(declared, "--all", "--json") == 0
    game, fmod = json.loads(capfd.readouterr().out)["exports"]
    assert (game["name"], game["target"], len(game["written"])) == ("game", "generic", 14)
    assert (
        game["languages"][0] | {"language": "en", "clips": 4, "scratch": 4, "unjudged": 4}
        == (game["languages"][0])
    )
    assert [row["language"] for row in fmod["languages"]] == ["de"]
    assert (declared / "game/voices/en/hall/hall_0010.wav").is_file()
    assert (declared / "out/exports/fmod/de/hall_0010.wav").is_file()
    assert _given(declared, "--all", "--check") == 0
    capfd.readouterr()
    (declared / "game/voices/en/hall/hall_0010.wav").unlink()
    assert _given(declared, "--all", "--check") == 1
    said = capfd.readouterr()
    assert "scripts_in/hall.yaml:4:46: error[VP780]: hall_0010 (en)" in said.err
    assert "1 fault" in said.out
    assert _given(declared, "game", "--check", "--json") == 1
    (fault,) = json.loads(capfd.readouterr().out)["exports"][0]["diagnostics"]
    assert fault["code"] == "VP780"


def test_a_clip_that_may_not_be_heard_ends_the_export_with_its_own_code(
    declared: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    voice = declared / "voices/bob.yaml"
    text = voice.read_text("utf-8")
    voice.write_text(text.replace("from: 2020-01-01", "from: 2020-01-01, revoked: 2020-02-02"))
    assert _given(declared, "game") == 3
    said = capfd.readouterr()
    assert 'hall_0020 (en) is left out: voice "bob"' in said.err
    assert "missing: hall_0020, bark_0010" in said.out


def test_targets_are_listed_with_their_options(
    small: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _given(small, "--list", "--json") == 0
    targets = json.loads(capfd.readouterr().out)["targets"]
    assert [one["target"] for one in targets] == sorted(EXPORTERS)
    options: dict[str, Any] = {one["target"]: one["options"]["properties"] for one in targets}
    assert all(field["description"] for each in options.values() for field in each.values())
    assert _given(small, "--list") == 0
    assert "renpy  Ren'Py 7 and 8; ogg, opus, mp3, wav" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "declares game, fmod"),
        (("--all", "--to", "x"), "--all stands alone"),
        (("gnrc",), 'there is no target "gnrc" — did you mean "generic"?'),
        (("generic", "--version", "v0009"), "v0009"),
        (("generic", "--to", "."), "overlaps"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    declared: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(declared)
    assert _given(declared, *words) == 2
    assert told in capfd.readouterr().err


def test_nothing_exported_yet_is_one_fault(
    declared: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _given(declared, "game", "--check") == 1
    assert "nothing was exported to" in capfd.readouterr().err
