"""Godot itself imports every voice of the film and loads the right one in every language."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from export_tool import exported, faults
from outside_programs import require

from voicepipe.bank.versions import load_latest

ENGINES = Path(__file__).parent / "engines"
SETTINGS: dict[str, Any] = {"encoding": "wav", "options": {"version": "3"}}
_IMPORTS = 3
"""The editor quits after its first frame, on a busy machine before it has imported the texts."""


def _godot(game: Path, *words: str) -> str:
    require("godot3-server")
    ended = subprocess.run(
        ["godot3-server", "--path", str(game), *words],
        env={"PATH": os.environ["PATH"], "HOME": str(game)},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    return ended.stdout + ended.stderr


def _resolved(game: Path) -> dict[tuple[str, str], tuple[float, str]]:
    """Import the game and load every voice: (line, locale) → seconds and text."""
    (game / "project.godot").write_text('config_version=4\n[application]\nconfig/name="ark"\n')
    script = game / "check_voices.gd"
    script.write_bytes((ENGINES / script.name).read_bytes())
    for _ in range(_IMPORTS):
        _godot(game, "--editor", "--quit")
        if [*game.rglob("*.translation")]:
            break
    output = game / "found.tsv"
    said = _godot(game, "-s", "check_voices.gd", str(output), "zh", "zh", "en", "ja")
    assert output.exists(), said[-2000:]
    rows = [row.split("\t") for row in output.read_text("utf-8").splitlines()]
    return {(line, locale): (float(seconds), text) for locale, line, seconds, text in rows}


def test_godot_imports_and_resolves_every_line_of_the_film(film: Path, tmp_path: Path) -> None:
    game = tmp_path / "an ark 方舟"
    exported(film, "godot", game, **SETTINGS)
    found = _resolved(game)
    manifest = load_latest(film / "out", "ararat")
    assert manifest is not None
    wanted = {(entry.line, entry.language): entry for entry in manifest.entries}
    assert found.keys() == wanted.keys()
    assert len(found) == 231
    assert {key: text for key, (_, text) in found.items()} == {
        key: entry.text for key, entry in wanted.items()
    }
    # Every clip has a length of its own: half a millisecond apart.
    unlike = [key for key, (s, _) in found.items() if abs(s - wanted[key].duration_s) > 2e-4]
    assert unlike == []
    assert faults(film, "godot", game, **SETTINGS) == []
    (game / "voices/en/wake/wake_0030.wav").unlink()
    (told,) = faults(film, "godot", game, **SETTINGS)
    assert told == "VP780 wake_0030 (en): there is no voices/en/wake/wake_0030.wav"


def test_godot_hears_ogg_as_well(small: Path, tmp_path: Path) -> None:
    game = tmp_path / "game"
    options = {"version": "3"}
    exported(small, "godot", game, options=options, languages={"en": "zh", "de": "en"})
    found = _resolved(game)
    assert {line for line, _ in found} == {"bark_0010", "hall_0010", "hall_0020", "hall_0030"}
    assert all(seconds > 0.04 for seconds, _ in found.values())


def test_a_wav_that_godot_would_not_hear_is_told_of(small: Path, tmp_path: Path) -> None:
    exported(small, "godot", tmp_path / "to", encoding="wav")
    path = tmp_path / "to/voices/en/hall/hall_0010.wav"
    content = path.read_bytes()
    at = content.index(b"bext") + 4
    size = int.from_bytes(content[at : at + 4], "little")
    path.write_bytes(content[:at] + (size - 1).to_bytes(4, "little") + content[at + 4 :])
    told = faults(small, "godot", tmp_path / "to", encoding="wav")
    assert any("hall_0010 (en)" in one for one in told)


def test_godot_4_is_written_in_its_own_words(small: Path, tmp_path: Path) -> None:
    options = {"dialogue": "manager"}
    exported(small, "godot", tmp_path / "to", options=options)
    settings = (tmp_path / "to/override.cfg").read_text("utf-8")
    assert "[internationalization]" in settings
    assert 'locale/translations=PackedStringArray( "res://voices/lines.en.translation"' in settings
    base, other = "res://voices/en/hall/hall_0010.ogg", "res://voices/de/hall/hall_0010.ogg"
    assert f'"{base}": PackedStringArray( "{other}:de" )' in settings
    barks = (tmp_path / "to/voices/barks_hall_greetings.tres").read_text("utf-8")
    assert 'path="res://voices/en/hall/bark_0010.ogg"' in barks
    assert faults(small, "godot", tmp_path / "to", options=options) == []
    dialogue = (tmp_path / "to/voices/dialogue/hall.dialogue").read_text("utf-8")
    assert dialogue.splitlines() == [
        "~ hall_door",
        "ann: Good evening. [ID:hall_0010] [#voice=res://voices/en/hall/hall_0010.ogg]",
        'bob: It was "fine"; 100%. [ID:hall_0020] [#voice=res://voices/en/hall/hall_0020.ogg]',
        "- Stay.",
        "\tann: Stay. [ID:hall_0030] [#voice=res://voices/en/hall/hall_0030.ogg]",
        "\t=> END",
        "- Leave",
        "\t=> END",
    ]


@pytest.mark.parametrize("remaps", ["snippet", "none"])
def test_settings_may_be_pasted_or_left_out(small: Path, tmp_path: Path, remaps: str) -> None:
    options = {"remaps": remaps, "dialogue": "dialogic"}
    exported(small, "godot", tmp_path / "to", options=options)
    assert not (tmp_path / "to/override.cfg").exists()
    assert (tmp_path / "to/voices/settings.txt").exists() == (remaps == "snippet")
    assert faults(small, "godot", tmp_path / "to", options=options) == []
    voices = json.loads((tmp_path / "to/voices/voices.json").read_text("utf-8"))
    assert voices["hall_0010"] == "hall/hall_0010.ogg"
    timeline = (tmp_path / "to/voices/dialogue/hall_door.dtl").read_text("utf-8")
    assert '[voice path="res://voices/en/hall/hall_0010.ogg" volume="0" bus="Master"]' in timeline


def test_godot_animates_a_mouth_in_every_language(small: Path, tmp_path: Path) -> None:
    asked: dict[str, Any] = {**SETTINGS, "mouths": ("rhubarb",), "subtitles": "srt"}
    exported(small, "godot", tmp_path / "to", **asked)
    game = tmp_path / "to"
    (game / "project.godot").write_text('config_version=4\n[application]\nconfig/name="hall"\n')
    script = game / "check_mouths.gd"
    script.write_bytes((ENGINES / script.name).read_bytes())
    output = game / "found.tsv"
    said = _godot(game, "-s", script.name, str(output), "en", "de", "de_AT", "fr")
    assert output.exists(), said[-2000:]
    rows = [row.split("\t") for row in output.read_text("utf-8").splitlines()]
    assert len(rows) == 16
    for locale, line, keys in rows:
        tag = {"de_AT": "de", "fr": "en"}.get(locale, locale)
        facts = json.loads((game / f"voices/{tag}/hall/{line}.json").read_text("utf-8"))
        cues = [(cue["start"], "XABCDEFGH".index(cue["value"])) for cue in facts["mouthCues"]]
        assert keys == " ".join(f"{start:.2f}={frame}" for start, frame in cues)
