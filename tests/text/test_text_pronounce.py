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


def test_marks_are_read_as_in_a_script(tmp_path: Path) -> None:
    marked = "[emotion:sad]Run, [say:MAH-ree-oh]Mario[/say]![pause:400ms] Now."
    out, _ = run(tmp_path, marked, "--lang", "en", "--json")
    shown = json.loads(out)
    assert shown["text"] == "Run, Mario! Now."
    assert "M AA1 R IY0 OW0 !" in " ".join(shown["phonemes"])


def test_a_misspelt_mark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run(tmp_path, "No [emotoin:sad]way", "--lang", "en")
    assert [d.code for d in caught.value.diagnostics] == ["VP131"]


def test_explain_says_what_decided_each_word_and_character(tmp_path: Path) -> None:
    line = "W-what? Lead 34 men, Zorblax's [say:HAH-lay]Hale[/say] NPC 😀"
    out, _ = run(tmp_path, line, "--lang", "en", "--explain", "--json")
    shown = json.loads(out)
    rules = {row["text"]: row["rule"] for row in shown["rules"]}
    assert rules["W-what"] == "stutter"
    assert rules["Lead"] == "the words around it"
    assert rules["thirty-four"] == "its parts"
    assert rules["men"] == "dictionary"
    assert rules["Zorblax's"] == "guessed"
    assert rules["Hale"] == "given: lexicon or [say:…]"
    assert rules["N"] == "letter"
    assert {"text": "😀", "fate": "dropped"} in shown["account"]
    assert "".join(part["text"] for part in shown["account"]) == shown["text"]
    told, err = run(tmp_path, line, "--lang", "en", "--explain")
    assert "stutter" in told
    assert "not read, so left out: 😀" in err


def test_lines_of_the_scripts_are_read_by_id_in_their_languages(tmp_path: Path) -> None:
    (tmp_path / "voicepipe.yaml").write_text("bank: demo\nlanguages: [en, zh]\n", "utf-8")
    (tmp_path / "lexicon.yaml").write_text("speakers: {noah: {en: {Hale: HAH-lay}}}\n", "utf-8")
    (tmp_path / "scripts_in").mkdir()
    (tmp_path / "scripts_in/a.yaml").write_text(
        "scene: a\nnodes:\n  b:\n    - line: a_0010\n      who: noah\n"
        "      text: {en: Wait for Hale., zh: 等等我。}\n",
        "utf-8",
    )
    out, _ = run(tmp_path, "--line", "a_0010", "--json")
    lines = json.loads(out)["lines"]
    assert [line["language"] for line in lines] == ["en", "zh"]
    assert "HH AA1 L EY0" in " ".join(lines[0]["phonemes"])
    out, _ = run(tmp_path, "--line", "a_0010", "--lang", "zh", "--json")
    assert [line["text"] for line in json.loads(out)["lines"]] == ["等等我。"]
    with pytest.raises(UsageError, match=r"a_0011.*did you mean"):
        run(tmp_path, "--line", "a_0011")
    with pytest.raises(UsageError, match="no text in"):
        run(tmp_path, "--line", "a_0010", "--lang", "ja")


def test_files_are_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("No way.\n\nCome here.\n", "utf-8")
    out, _ = run(tmp_path, "--file", str(path), "--lang", "en", "--json")
    assert [line["text"] for line in json.loads(out)["lines"]] == ["No way.", "Come here."]
    with pytest.raises(InputError, match="none"):
        run(tmp_path, "--file", str(tmp_path / "none.txt"), "--lang", "en")


def test_a_text_and_its_language_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to read"):
        run(tmp_path, "--lang", "en")
    with pytest.raises(UsageError, match="no language"):
        run(tmp_path, "Hello")


@pytest.mark.parametrize("arguments", [["--symbols", "v9"], ["--say", "Mario"]])
def test_odd_options_are_refused(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        run(tmp_path, "Mario", "--lang", "en", *arguments)
