"""Sheets for translators: written from the script, taken in again, and nothing dropped."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polib
import pytest

from cli.main import run
from voicepipe.screenplay.formats.localisation import source_hash

SCRIPT = """\
scene: bridge
nodes:
  open:
    - {line: b_1, who: noah, emotion: sad, note: low, text: {en: "Well, well.", fr: "Tiens."}}
    - {line: b_2, who: noah, text: {en: Go home.}}
    - {line: b_3, who: ada, text: {en: Never.}}
    - goto: END
"""
HOME, NEVER = source_hash("Go home."), source_hash("Never.")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "scripts_in").mkdir()
    (tmp_path / "scripts_in/bridge.yaml").write_text(SCRIPT, "utf-8")
    settings = "bank: game\nlanguages: [en]\ntext_languages: [fr, de]\n"
    (tmp_path / "voicepipe.yaml").write_text(settings, "utf-8")
    return tmp_path


def loc(project: Path, *arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(project), "loc", *arguments])
    return ended.value.code


def write(project: Path, text: str, language: str = "fr") -> Path:
    path = project / f"scripts_in/loc/{language}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def rows(text: str) -> dict[str, dict[str, str]]:
    return {row["line"] or row["_line"]: row for row in csv.DictReader(io.StringIO(text))}


def is_accepted(project: Path) -> bool:
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(project), "graph", "--mermaid", "-"])
    return ended.value.code == 0


def test_a_sheet_says_all_a_translator_needs(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert loc(project, "export", "fr") == 0
    sheet = rows(capsys.readouterr().out)
    assert sheet["b_1"]["text"] == "Tiens."
    assert sheet["b_2"]["source_hash"] == HOME
    assert sheet["b_2"]["_source"] == "Go home."
    assert sheet["b_1"]["_direction"] == "sad, low"
    assert sheet["b_3"]["_speaker"] == "ada"
    assert sheet["b_3"]["_context"] == 'bridge.open, after "Go home."'


def test_what_is_translated_comes_back_and_stays(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    back = project / "back.csv"
    assert loc(project, "export", "fr", "--open", "-o", str(back)) == 0
    sheet = rows(back.read_text("utf-8"))
    assert list(sheet) == ["b_2", "b_3"]
    back.write_text(back.read_text("utf-8").replace("b_2,,", "b_2,Rentre.,"), "utf-8")
    assert loc(project, "update", "fr", str(back)) == 0
    there = rows((project / "scripts_in/loc/fr.csv").read_text("utf-8"))
    assert (there["b_2"]["text"], there["b_2"]["source_hash"]) == ("Rentre.", HOME)
    assert there["b_1"]["_status"] == "in the script"
    assert is_accepted(project)
    capsys.readouterr()
    assert loc(project, "update", "fr", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["is_changed"] is False
    assert document["counts"] == {
        "lines": 3, "translated": 2, "stale": 0, "missing": 1, "removed": 0
    }  # fmt: skip


def test_a_changed_source_is_marked_and_its_translation_kept(project: Path) -> None:
    path = write(project, f"line,text,source_hash,by\nb_2,Rentre.,{HOME},Zoé\n")
    script = project / "scripts_in/bridge.yaml"
    script.write_text(SCRIPT.replace("Go home.", "Go home now."), "utf-8")
    assert loc(project, "update", "fr") == 0
    row = rows(path.read_text("utf-8"))["b_2"]
    assert (row["text"], row["source_hash"], row["_status"]) == ("Rentre.", HOME, "stale")
    assert (row["by"], row["_source"]) == ("Zoé", "Go home now.")
    back = project / "back.csv"
    # A translator who clears the mark has looked at the text and leaves it as it is.
    back.write_text(path.read_text("utf-8").replace(",stale", ","), "utf-8")
    assert loc(project, "update", "fr", str(back)) == 0
    row = rows(path.read_text("utf-8"))["b_2"]
    assert (row["source_hash"], row["_status"]) == (source_hash("Go home now."), "")


def test_a_line_that_is_gone_keeps_its_translation(project: Path) -> None:
    path = write(project, f"line;text;source_hash\nb_3;Jamais.;{NEVER}\nb_9;Vieux.;{HOME}\n")
    assert loc(project, "update", "fr") == 0
    text = path.read_text("utf-8")
    assert ";" in text.splitlines()[0]
    assert "b_9;Vieux." in text
    assert is_accepted(project)
    script = project / "scripts_in/bridge.yaml"
    script.write_text(SCRIPT.replace("line: b_2", "line: b_9"), "utf-8")
    assert loc(project, "update", "fr") == 0
    assert "b_9;Vieux.;;Go home." in path.read_text("utf-8")


def test_po_files_go_out_and_come_back(project: Path) -> None:
    stale = source_hash("Go away.")
    write(project, f"line,text,source_hash\nb_2,Rentre.,{stale}\n")
    out = project / "fr.po"
    assert loc(project, "export", "fr", "--out", str(out)) == 0
    file = polib.pofile(str(out))
    entry = next(one for one in file if one.msgctxt == "b_2")
    assert (entry.msgid, entry.msgstr, entry.flags) == ("Go home.", "Rentre.", ["fuzzy"])
    assert "speaker: noah" in entry.comment
    entry.flags, entry.msgstr = [], "Rentre chez toi."
    next(one for one in file if one.msgctxt == "b_3").msgstr = "Jamais."
    file.save(str(out))
    assert loc(project, "update", "fr", str(out)) == 0
    there = rows((project / "scripts_in/loc/fr.csv").read_text("utf-8"))
    assert (there["b_2"]["text"], there["b_2"]["source_hash"]) == ("Rentre chez toi.", HOME)
    assert (there["b_3"]["text"], there["b_3"]["source_hash"]) == ("Jamais.", NEVER)


def test_a_dry_run_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert loc(project, "update", "de", "--dry-run") == 0
    assert "would change" in capsys.readouterr().err
    assert not (project / "scripts_in/loc").exists()


@pytest.mark.parametrize("language", ["en", "it"])
def test_only_other_languages_of_the_project_have_sheets(
    project: Path, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert loc(project, "export", language) == 2
    assert "not a language to translate into" in capsys.readouterr().err


def test_a_sheet_that_is_none_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("a.csv", "id,text\n"), ("a.po", 'msgid "x\nfoo')):
        path = project / name
        path.write_text(content, "utf-8")
        assert loc(project, "update", "fr", str(path)) == 1
        assert "error: " in capsys.readouterr().err
