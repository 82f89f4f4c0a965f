"""Ren'Py itself finds every voice of the film, and plays its story."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from export_tool import exported, faults, prepared
from outside_programs import RENPY, RENPY_PYTHON, require

from voicepipe.bank.versions import load_latest
from voicepipe.errors import InputError
from voicepipe.screenplay.formats.loader import load_screenplay
from voicepipe.screenplay.story.walk import Heard, walk_story
from voicepipe.settings import load_settings

ENGINES = Path(__file__).parent / "engines"
NAMES = {"": "zh", "english": "en", "japanese": "ja"}
SETTINGS: dict[str, Any] = {"encoding": "wav", "options": {"script": True}}


def _renpy(game: Path, command: str, *words: str) -> list[list[str]]:
    """Run a command of our own in Ren'Py; gives the rows it writes."""
    require("renpy", RENPY, RENPY_PYTHON)
    script = game / "game" / f"{command}.rpy"
    script.write_bytes((ENGINES / script.name).read_bytes())
    output = game / f"{command}.tsv"
    quiet = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "HOME": str(game)}
    ended = subprocess.run(
        [
            RENPY_PYTHON,
            str(ENGINES / "run_renpy.py"),
            RENPY,
            str(game),
            command,
            str(output),
            *words,
        ],
        env={"PATH": os.environ["PATH"], **quiet},
        capture_output=True,
        check=False,
        text=True,
    )
    assert output.exists(), ended.stdout[-2000:] + ended.stderr[-2000:]
    return [row.split("\t") for row in output.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def game(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film as a game of Ren'Py."""
    folder = tmp_path_factory.mktemp("renpy") / "an ark 方舟"
    exported(film, "renpy", folder, **SETTINGS)
    return folder


def test_renpy_resolves_every_line_of_the_film_in_every_language(film: Path, game: Path) -> None:
    rows = _renpy(game, "vpcheck")
    manifest = load_latest(film / "out", "ararat")
    assert manifest is not None
    wanted = {(entry.line, entry.language): entry.text for entry in manifest.entries}
    found = {
        (line, NAMES[language]): (path, text)
        for language, line, path, text in rows
        if path == f"{f'tl/{language}/' if language else ''}voice/{line}.wav"
    }
    assert len(found) == len(wanted) == 231
    assert {key: text for key, (_, text) in found.items()} == wanted


def test_a_file_that_is_gone_is_missed_by_renpy_and_named_by_the_check(
    film: Path, game: Path
) -> None:
    gone = game / "game/tl/english/voice/wake_0030.wav"
    content = gone.read_bytes()
    gone.unlink()
    try:
        rows = {(row[0], row[1]): row[2] for row in _renpy(game, "vpcheck")}
        assert rows["english", "wake_0030"] == "voice/wake_0030.wav"  # it falls back
        (told,) = faults(film, "renpy", game, **SETTINGS)
        assert told == "VP780 wake_0030 (en): there is no game/tl/english/voice/wake_0030.wav"
    finally:
        gone.write_bytes(content)


@pytest.mark.parametrize("answers", [[1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 1], [1, 2, 1, 2, 1, 2]])
def test_renpy_plays_the_path_that_a_walk_takes(film: Path, game: Path, answers: list[int]) -> None:
    rows = _renpy(game, "vpplay", ",".join(map(str, answers)), "english")
    settings, _ = load_settings(film)
    assert settings is not None
    left = iter(answers)
    walk = walk_story(
        load_screenplay(film, settings).screenplay,
        lambda options: min(next(left, 1), len(options)) - 1,
    )
    heard = [event.line.id for event in walk if isinstance(event, Heard)]
    said = [row[1].partition("__")[0] for row in rows if row[0] == "say"]
    once = [one for one, before in zip(said, ["", *said], strict=False) if one != before]
    assert once == heard
    assert all(row[2] for row in rows if row[0] == "say")


def test_lines_of_a_script_of_ones_own_get_the_identifiers_renpy_gave_them(
    small: Path, tmp_path: Path
) -> None:
    (small / "dialogue.tab").write_text(
        "Identifier\tCharacter\tDialogue\tFilename\tLine Number\tRen'Py Script\n"
        "start_558d6c23\tann\t{i}Good{/i} evening.\tgame/script.rpy\t3\tx\n"
        "hall_0020\tbob\tIt was.\tgame/script.rpy\t4\tx\n"
        "start_00000000\tann\tNobody wrote this.\tgame/script.rpy\t5\tx\n",
        "utf-8",
    )
    options = {"dialogue": "dialogue.tab"}
    exported(small, "renpy", tmp_path / "to", encoding="wav", options=options)
    game = tmp_path / "to/game"
    assert (game / "voice/start_558d6c23.wav").is_file()
    assert (game / "tl/german/voice/start_558d6c23.wav").is_file()
    assert (game / "voice/hall_0020.wav").is_file()
    assert "hall_0010,start_558d6c23" in (game / "voicepipe/ids.csv").read_text("utf-8")
    (told,) = faults(small, "renpy", tmp_path / "to", encoding="wav", options=options)
    assert told.startswith("VP781 ")
    assert "start_00000000" in told


def test_a_dialogue_tab_outside_the_project_is_not_read(small: Path) -> None:
    with pytest.raises(InputError):
        prepared(small, "renpy", options={"dialogue": "../../etc/passwd"})


def test_what_would_mean_something_to_renpy_is_shown_as_it_is(small: Path, tmp_path: Path) -> None:
    script = small / "scripts_in/hall.yaml"
    script.write_text(
        script.read_text("utf-8").replace("So, so.", '50% [[x]] \\\\ \\"q\\" 【y】  z'), "utf-8"
    )
    from stand_in_bank import publish_stand_ins

    publish_stand_ins(small)
    exported(small, "renpy", tmp_path / "game", **SETTINGS)
    entries = load_latest(small / "out", "small")
    assert entries is not None
    (text,) = [e.text for e in entries.entries if (e.line, e.language) == ("hall_0020", "de")]
    rows = {(row[0], row[1]): row[3] for row in _renpy(tmp_path / "game", "vpcheck")}
    assert rows["german", "hall_0020"].replace("%%", "%") == text
    assert rows["", "hall_0020"].replace("%%", "%") == 'It was "fine"; 100%.'


def test_renpy_moves_the_mouth_of_whoever_speaks_in_every_language(
    small: Path, tmp_path: Path
) -> None:
    ready = prepared(small, "renpy", tmp_path / "game", mouths=("rhubarb",), **SETTINGS)
    exported(small, "renpy", tmp_path / "game", mouths=("rhubarb",), **SETTINGS)
    clips = [clip for clip in ready.export.clips if clip.entry.scene == "hall"]
    asked = {f"{c.entry.speaker}:voice/{c.name}.wav:{c.entry.duration_s}": c for c in clips}
    *rows, now = _renpy(tmp_path / "game", "vpmouths", *asked, "bob:voice/hall_0010.wav:0.2")
    found = {(row[0], row[1], row[2]): row[3] for row in rows}
    for clip in clips:
        folder = {"en": "game", "de": "game/tl/german"}[clip.language]
        path = f"{folder}/voicepipe/mouths/{clip.entry.speaker}/{clip.name}.tsv"
        cues = [row.split("\t") for row in (tmp_path / "game" / path).read_text().splitlines()]
        shown = found[
            {"en": "", "de": "german"}[clip.language],
            clip.entry.speaker,
            f"voice/{clip.name}.wav",
        ]
        assert shown == "".join(
            [shape for start, shape in cues if float(start) <= n / 20][-1]
            for n in range(len(shown))
        )
    assert found["", "bob", "voice/hall_0010.wav"] == "XXXXX", "ann says it"
    assert now == ["", "", "", "X"], "nothing plays"
