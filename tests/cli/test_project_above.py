"""Commands find the project they are called in, as Git does, and say which it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.main import run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "game"
    (root / "scripts_in/act one").mkdir(parents=True)
    (root / "voices").mkdir()
    (root / "voicepipe.yaml").write_text("bank: game\nlanguages: [en]\n", "utf-8")
    script = "scene: bridge\nnodes:\n  open:\n    - goto: END\n"
    (root / "scripts_in/act one/bridge.yaml").write_text(script, "utf-8")
    return root


def called(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        run(list(arguments))
    return ended.value.code


def test_check_in_a_subfolder_finds_its_project_and_says_which(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project / "scripts_in/act one")
    assert called("check") == 0
    assert f"project: {project}" in capsys.readouterr().err
    assert called("graph") == 0
    said = capsys.readouterr()
    assert "bridge" in said.out
    assert said.err.count("project: ") == 1


def test_in_the_project_itself_nothing_is_said_of_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    assert called("check") == 0
    assert "project: " not in capsys.readouterr().err


def test_a_folder_that_is_named_is_the_project(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called("check", "--project", str(project / "scripts_in")) == 1
    assert "VP506" in capsys.readouterr().err


def test_a_new_project_is_made_where_it_was_asked_for(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "scripts_in")
    called("init", "sequel", "--scratch")
    assert (project / "scripts_in/sequel/voicepipe.yaml").is_file()
    assert not (project / "sequel").exists()
