"""Transcripts and the recordings they name: every form, every hostile path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from dataset_builder import speech, write_files, write_sound, write_table

from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.training.dataset import files as dataset_module
from voicepipe.training.dataset import transcripts
from voicepipe.training.dataset.files import read_dataset

if TYPE_CHECKING:
    from pathlib import Path


def _sounds(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        write_sound(folder / name, speech(1.0, seed=number))


def _found(data: Path, **options: str) -> list[tuple[str, str, str]]:
    dataset, problems = read_dataset(data, **options)
    assert problems == ()
    return [(take.path, take.language, take.text) for take in dataset.takes]


def _codes(data: Path, **options: str) -> list[str]:
    return [f"{d.span} {d.code}" for d in read_dataset(data, **options)[1]]


def test_the_three_forms_of_transcripts_say_the_same(tmp_path: Path) -> None:
    for form in ("table", "list", "beside"):
        _sounds(tmp_path / form, "takes/a.wav", "takes/b.wav")
    write_files(
        tmp_path,
        {
            "table/t.csv": '\ufefffile;text;Language\ntakes/a.wav;"Go; now.";en\n'
            "takes/b.wav;走吧。;ZH\n",
            "list/t.list": "takes/a.wav|noah|EN|Go; now.\r\n\r\ntakes\\b.wav|noah|zh|走吧。\r\n",
            "beside/takes/a.lab": "Go; now.\n",
            "beside/takes/b.txt": "走吧。",
        },
    )
    wanted = [("takes/a.wav", "en", "Go; now."), ("takes/b.wav", "zh", "走吧。")]
    assert _found(tmp_path / "table") == wanted
    assert _found(tmp_path / "list" / "t.list") == wanted
    sidecars = _found(tmp_path / "beside", language="en")
    assert [(path, text) for path, _, text in sidecars] == [(p, t) for p, _, t in wanted]


def test_ljspeech_s_list_needs_no_header(tmp_path: Path) -> None:
    _sounds(tmp_path, "wavs/LJ001-0001.wav", "wavs/LJ001-0002.wav", "wavs/LJ001-0003.wav")
    write_files(
        tmp_path,
        {
            "metadata.csv": 'LJ001-0001|It cost £5, "net".|It cost five pounds, "net".\r\n'
            "LJ001-0002|No figures here.|\n\nLJ001-0003|Two parts.\n",
        },
    )
    wanted = ['It cost five pounds, "net".', "No figures here.", "Two parts."]
    for data in (tmp_path, tmp_path / "metadata.csv"):
        found = _found(data, language="en")
        assert [text for _, _, text in found] == wanted
        assert found[0][0] == "wavs/LJ001-0001.wav"
    (tmp_path / "metadata.csv").write_text("LJ001-0001|One.\nLJ001-0002|a|b|c\n|No id.\n")
    assert _codes(tmp_path, language="en")[:2] == [
        "metadata.csv:2:1 VP630",
        "metadata.csv:3:1 VP630",
    ]
    (tmp_path / "metadata.csv").write_text("file,text\nwavs/LJ001-0001.wav,One | two.\n")
    assert _found(tmp_path / "metadata.csv", language="en")[0][2] == "One | two."


def test_a_row_wins_over_the_text_file_beside_its_recording(tmp_path: Path) -> None:
    _sounds(tmp_path, "a.wav", "b.wav")
    write_table(tmp_path, [("a.wav", "From the table.")])
    write_files(tmp_path, {"a.txt": "From the file.", "b.txt": "Only here."})
    found = _found(tmp_path, language="en")
    assert [text for _, _, text in found] == ["From the table.", "Only here."]


def test_names_without_an_ending_and_lists_of_other_machines_are_followed(tmp_path: Path) -> None:
    _sounds(tmp_path, "wavs/a.wav", "wavs/b.wav", "wavs/c.wav")
    content = (
        "C:\\data\\out\\a.wav|x|jp|はい。\n/home/me/b.wav|x|all_ja|いいえ。\nwavs/c|x|ja|どうも。\n"
    )
    write_files(tmp_path, {"x.list": content})
    dataset, problems = read_dataset(tmp_path / "x.list")
    assert problems == ()
    assert [take.path for take in dataset.takes] == ["wavs/a.wav", "wavs/b.wav", "wavs/c.wav"]
    assert {take.language for take in dataset.takes} == {"ja"}
    assert dataset.coverage.matched_by_name == 2


def test_a_name_that_several_recordings_have_is_not_guessed(tmp_path: Path) -> None:
    _sounds(tmp_path, "one/a.wav", "two/a.wav")
    write_files(tmp_path, {"x.list": "/elsewhere/a.wav|x|en|Go.\n"})
    dataset, problems = read_dataset(tmp_path / "x.list")
    assert dataset.takes == ()
    assert [d.code for d in problems] == ["VP631"]
    assert "2 recordings in the folder have that name" in problems[0].message


def test_links_out_of_the_folder_are_refused_and_links_inside_are_followed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    _sounds(tmp_path, "secret.wav", "data/real.wav", "elsewhere/b.wav")
    (folder / "out.wav").symlink_to(tmp_path / "secret.wav")
    (folder / "in.wav").symlink_to("real.wav")
    (folder / "loop.wav").symlink_to("loop.wav")
    (folder / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    write_table(folder, [("out.wav", "A."), ("in.wav", "B."), ("linked/b.wav", "C.")])
    dataset, problems = read_dataset(folder)
    assert [take.path for take in dataset.takes] == ["in.wav"]
    assert {d.code for d in problems if d.severity.value == "error"} == {"VP631"}
    named = {d.span.path for d in problems if d.code == "VP631"}
    assert {"out.wav", "transcript.csv"} <= named


@pytest.mark.parametrize("name", ["../a.wav", "a\0.wav", "x/../../a.wav"])
def test_paths_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    _sounds(tmp_path, "outer.wav", "data/b.wav")
    write_files(tmp_path, {"data/x.list": f"{name}|x|en|Go.\n"})
    codes = _codes(tmp_path / "data" / "x.list")
    assert codes in (["x.list:1:1 VP631"], ["x.list:1:2 VP105"])


def test_special_files_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    _sounds(tmp_path, "a.wav", ".hidden.wav", ".git/b.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    write_files(tmp_path, {"a.txt": "Go.", ".old.csv": "nonsense"})
    assert [path for path, _, _ in _found(tmp_path, language="en")] == ["a.wav"]


def test_wrong_rows_are_named_with_their_place_and_the_others_are_read(tmp_path: Path) -> None:
    _sounds(tmp_path, "a.wav", "b.wav")
    content = (
        "file,text,language,speaker\n"
        "a.wav,Go.,en,\n"
        ",Nothing.,en,\n"
        "b.wav,,en,\n"
        "b.wav,Wait.,tlh,\n"
        "c.wav,Gone.,en,\n"
        f"b.wav,{'x' * 5_001},en,\n"
        "b.wav,Short\n"
    )
    write_files(tmp_path, {"t.csv": content})
    dataset, problems = read_dataset(tmp_path, language="en")
    assert [take.text for take in dataset.takes] == ["Go.", "Short"]
    assert [f"{d.span} {d.code}" for d in problems] == [
        "t.csv:3:1 VP630",
        "t.csv:4:7 VP633",
        "t.csv:5:13 VP637",
        "t.csv:7:7 VP630",
        "t.csv:6:1 VP632",
    ]
    assert dataset.coverage.without_recording == 1


def test_a_header_that_means_one_thing_twice_is_refused(tmp_path: Path) -> None:
    _sounds(tmp_path, "a.wav")
    write_files(tmp_path, {"t.csv": "file,path,text\na.wav,b.wav,Go.\n"})
    assert _codes(tmp_path, language="en") == ["t.csv:1:6 VP630"]


def test_an_unclosed_quotation_mark_and_a_wrong_encoding_are_named(tmp_path: Path) -> None:
    _sounds(tmp_path / "a", "a.wav")
    _sounds(tmp_path / "b", "a.wav")
    write_files(tmp_path, {"a/t.csv": 'file,text\na.wav,"Go.\n'})
    (tmp_path / "b/t.list").write_bytes("a.wav|x|zh|走吧。\n".encode("gbk"))
    assert "t.csv:2:7 VP111" in _codes(tmp_path / "a", language="en")
    assert _codes(tmp_path / "b") == ["t.list:1:12 VP104", "a.wav:1:1 VP633"]
    (tmp_path / "b/a.txt").write_bytes(b"\xff\xfe")
    assert "a.txt:1:1 VP104" in _codes(tmp_path / "b")


def test_nobody_says_the_language(tmp_path: Path) -> None:
    _sounds(tmp_path, "a.wav")
    write_files(tmp_path, {"a.txt": "Go."})
    _, problems = read_dataset(tmp_path)
    assert [d.code for d in problems] == ["VP637"]
    assert "--lang" in problems[0].help


def test_one_speaker_is_chosen_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    _sounds(tmp_path, "a.wav", "b.wav")
    write_files(tmp_path, {"x.list": "a.wav|ada|en|Go.\nb.wav|noah|en|Wait.\n"})
    data = tmp_path / "x.list"
    assert _codes(data) == ["x.list:2:1 VP635"]
    assert [path for path, _, _ in _found(data, speaker="noah")] == ["b.wav"]
    with pytest.raises(UsageError, match='speaker "noha" — did you mean "noah"') as caught:
        read_dataset(data, speaker="noha")
    assert caught.value.remedy == 'the transcripts name "ada", "noah"'


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        read_dataset(tmp_path / "nowhere")
    (tmp_path / "a.wav").write_bytes(b"")
    with pytest.raises(UsageError, match="neither a folder nor a transcript"):
        read_dataset(tmp_path / "a.wav")
    (tmp_path / "empty").mkdir()
    assert _codes(tmp_path / "empty") == [".:1:1 VP638"]


def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _sounds(tmp_path, "a.wav", "b.wav", "c.wav")
    monkeypatch.setattr(transcripts, "MAX_ROWS", 2)
    write_files(tmp_path, {"x.list": "a.wav|x|en|A.\nb.wav|x|en|B.\nc.wav|x|en|C.\n"})
    write_table(tmp_path, [("a.wav", "A."), ("b.wav", "B."), ("c.wav", "C.")])
    assert _codes(tmp_path / "x.list") == ["x.list:2:1 VP630"]
    assert _codes(tmp_path / "transcript.csv") == ["transcript.csv:3:1 VP630"]
    monkeypatch.setattr(dataset_module, "MAX_FILES", 2)
    with pytest.raises(EnvironmentFault, match="more than 2 files"):
        read_dataset(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_folder_that_cannot_be_listed_is_a_fault(tmp_path: Path) -> None:
    _sounds(tmp_path, "inner/a.wav")
    (tmp_path / "inner").chmod(0)
    try:
        with pytest.raises(EnvironmentFault, match="inner"):
            read_dataset(tmp_path)
    finally:
        (tmp_path / "inner").chmod(0o755)
