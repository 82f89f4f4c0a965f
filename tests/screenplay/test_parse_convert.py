"""`voicepipe convert`: YAML to CSV and back on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from script_strategies import SCRIPT_LANGUAGES, without_places

from cli.main import run
from voicepipe.documents.source import SourceFile
from voicepipe.screenplay.formats.loader import parse_scripts

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = (
    "scene: a\ntitle: 舰桥\nnodes:\n  open:\n    - {who: noah, text: Hello}\n"
    '    - {who: noah, text: {en: "[pause:1s]Hi, you", pt-br: "Oi; e aí"}}\n    - goto: END\n'
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "voicepipe.yaml").write_text("bank: x\nlanguages: [zh, en]\n", "utf-8")
    (tmp_path / "a.yaml").write_text(SCRIPT, "utf-8")
    return tmp_path


def convert(project: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(project), "convert", *arguments])
    return int(str(ended.value.code))


def records(path: Path) -> object:
    source = SourceFile(path=path.name, text=path.read_text("utf-8"))
    screenplay, problems = parse_scripts([source], SCRIPT_LANGUAGES)
    assert not problems
    return without_places(screenplay)


def test_there_and_back_says_the_same(project: Path) -> None:
    there, back = project / "a.csv", project / "b.yml"
    assert convert(project, str(project / "a.yaml"), str(there)) == 0
    assert convert(project, str(there), str(back)) == 0
    assert records(there) == records(back) == records(project / "a.yaml")
    assert "zh: Hello" in back.read_text("utf-8")
    assert there.read_bytes().startswith(b"kind,scene,node,line,who,")


def test_the_source_language_can_be_said(project: Path) -> None:
    to = project / "b.yaml"
    assert convert(project, str(project / "a.yaml"), str(to), "--source-language", "ja") == 0
    assert "ja: Hello" in to.read_text("utf-8")
    other = str(project / "c.yaml")
    assert convert(project, str(project / "a.yaml"), other, "--source-language", "JA") == 2


def test_a_file_that_is_there_is_kept_unless_forced(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    to = project / "a.csv"
    to.write_text("precious")
    assert convert(project, str(project / "a.yaml"), str(to)) == 2
    assert "--force" in capfd.readouterr().err
    assert to.read_text() == "precious"
    assert convert(project, str(project / "a.yaml"), str(to), "--force") == 0
    assert "precious" not in to.read_text("utf-8")


def test_a_script_with_errors_is_not_converted(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / "bad.yaml").write_text("scene: A b\n")
    assert convert(project, str(project / "bad.yaml"), str(project / "bad.csv")) == 1
    assert "error[VP124]" in capfd.readouterr().err
    assert not (project / "bad.csv").exists()
    assert convert(project, str(project / "gone.yaml"), str(project / "gone.csv")) == 1


def test_other_formats_are_a_usage_error(project: Path) -> None:
    assert convert(project, str(project / "a.yaml"), str(project / "a.json")) == 2
    assert convert(project, str(project / "voicepipe.txt"), str(project / "a.csv")) == 2


def test_without_a_project_the_language_has_to_be_said(project: Path) -> None:
    (project / "voicepipe.yaml").unlink()
    source, to = str(project / "a.yaml"), str(project / "a.csv")
    assert convert(project, source, to) == 1
    assert convert(project, source, to, "--source-language", "en") == 0


def test_a_folder_that_cannot_be_written_is_the_machines_fault(project: Path) -> None:
    to = str(project / "missing" / "a.csv")
    assert convert(project, str(project / "a.yaml"), to) == 4
