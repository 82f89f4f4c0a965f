from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli import pronounce
from cli.output import Session
from voicepipe.errors import InputError, UsageError


def run(root: Path, *arguments: str) -> tuple[str, str]:
    app = typer.Typer()

    @app.callback()
    def _globals(ctx: typer.Context) -> None:
        ctx.obj = Session(root=root)

    pronounce.register(app)
    done = CliRunner().invoke(app, ["pronounce", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout, done.stderr


def test_json_shows_units_with_their_sounds(tmp_path: Path) -> None:
    out, _ = run(tmp_path, "重楼says hi", "--lang", "zh", "--json")
    shown = json.loads(out)
    assert shown["schema"] == 1
    assert [s["language"] for s in shown["segments"]] == ["zh", "en"]
    assert shown["segments"][0]["units"][0] == {"text": "重", "phonemes": ["zh", "ong4"]}
    assert len(shown["phoneme_ids"]) == sum(shown["word2ph"])
    assert shown["unknown_words"] == []


def test_a_table_for_people_and_notes_on_stderr(tmp_path: Path) -> None:
    out, err = run(tmp_path, "Zorblax and Hale", "--lang", "en", "--say", "Hale=HAH-lay")
    assert out.splitlines()[0] == "Zorblax and Hale"
    assert "HH AA1 L EY0" in out
    assert "from the lexicon: Hale = HAH-lay (respelling)" in err
    assert "in no dictionary, so guessed: Zorblax" in err


def test_the_project_s_lexicon_is_used(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("zh: {重楼: chóng lóu}\n", encoding="utf-8")
    (tmp_path / "voicepipe.yaml").write_text(
        "bank: demo\nlanguages: [zh]\nlexicon: words.yaml\n", encoding="utf-8"
    )
    out, _ = run(tmp_path, "重楼来了", "--lang", "zh", "--json")
    assert json.loads(out)["phonemes"][:2] == ["ch", "ong2"]
    assert json.loads(out)["lexicon"][0]["word"] == "重楼"


def test_lines_are_shown_as_renders_read_them(tmp_path: Path) -> None:
    out, _ = run(tmp_path, "Dr. Hale", "--lang", "en", "--json")
    assert json.loads(out)["normalized_text"] == "Doctor Hale"


def test_the_reference_style_and_the_first_table_can_be_asked_for(tmp_path: Path) -> None:
    out, _ = run(tmp_path, "Dr. Hale", "--lang", "en", "--reference", "--symbols", "v1", "--json")
    assert json.loads(out)["normalized_text"] == "Dr. Hale"
    assert json.loads(out)["symbols"] == "v1"


def test_nothing_to_say_is_said(tmp_path: Path) -> None:
    out, err = run(tmp_path, "♪", "--lang", "zh")
    assert (out, err.splitlines()[-1]) == ("", "nothing in this text can be said")


def test_a_broken_lexicon_is_shown_and_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lexicon.yaml").write_text("en: {bad: krt}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"lexicon\.yaml"):
        run(tmp_path, "bad", "--lang", "en")


@pytest.mark.parametrize("arguments", [["--symbols", "v9"], ["--say", "Mario"]])
def test_odd_options_are_refused(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        run(tmp_path, "Mario", "--lang", "en", *arguments)
