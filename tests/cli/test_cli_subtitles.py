"""`voicepipe subtitles` and `lipsync` as a person types them, over a bank nobody rendered."""

from __future__ import annotations

from pathlib import Path

import pytest
from stand_in_bank import VOICE, publish_stand_ins

from cli.main import run

SCRIPT = """\
scene: quay
nodes:
  night:
    - {line: quay_0010, who: ann, text: There is no need to hurry the first minute.}
    - {line: quay_0020, who: ann, text: Hm.}
    - goto: END
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "scripts_in").mkdir()
    (tmp_path / "voices").mkdir()
    settings = "bank: quay\nlanguages: [en]\naudio: {sample_rate: 16000, bit_depth: 16}\n"
    (tmp_path / "voicepipe.yaml").write_text(settings, "utf-8")
    (tmp_path / "scripts_in/quay.yaml").write_text(SCRIPT, "utf-8")
    (tmp_path / "voices/ann.yaml").write_text(VOICE.format(id="ann"), "utf-8")
    publish_stand_ins(tmp_path)
    return tmp_path


def code_of(root: Path, *words: str) -> object:
    with pytest.raises(SystemExit) as left:
        run(["-C", str(root), *words])
    return left.value.code


def test_strict_tells_ci_that_a_caption_cannot_be_read(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of(root, "subtitles", "check") == 0
    assert code_of(root, "subtitles", "check", "--strict") == 1
    said = capsys.readouterr()
    assert "scripts_in/quay.yaml:4:" in said.err
    assert "warning[VP760]: quay_0010 (en)" in said.err
    assert code_of(root, "subtitles", "check", "--strict", "--line", "quay_0020") == 0


def test_a_path_may_go_to_stdout(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(root, "subtitles", "walk", "-o", "-") == 0
    said = capsys.readouterr()
    assert said.out.startswith("WEBVTT\n")
    assert said.out.count("-->") == 2


def test_clips_whose_times_are_guessed_are_named(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of(root, "lipsync", "align") == 0
    said = capsys.readouterr().out
    assert "quay_0010 (en): estimated: the clip is shorter than its phonemes" in said
    assert "2 clips, 0 aligned, 2 estimated, 2 found just now" in said
