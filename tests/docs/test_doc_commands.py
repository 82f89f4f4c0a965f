"""Every command that a document shows can be given, and those for everyday use work."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from doc_commands import Command, commands_of, fault_of, inline_commands, loose_fault_of
from doc_pages import PAGES, ROOT, blocks_of

from cli.main import run

COMMANDS = [command for page in PAGES for command in commands_of(page)]
README = ROOT / "README.md"
TUTORIAL = ROOT / "docs/tutorial/first-bank.md"
ELSEWHERE = {
    ("bench",): "minutes of arithmetic",
    ("listen",): "needs a loudspeaker",
    ("models", "pull"): "may download",
    ("models", "import"): "needs model files",
    ("models", "selftest"): "needs recorded vectors",
    ("voices", "prepare"): "needs larger models",
    ("render", "--release"): "refuses the placeholder voices these tests render with",
    ("init",): "done first, with placeholder voices",
}
"""What is not run here, by its beginning or an option, and why; it is parsed like all others."""


def _is_elsewhere(command: Command) -> bool:
    words = command.words
    return any(words[0] == verb and set(rest) <= set(words) for verb, *rest in ELSEWHERE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a new project with placeholder voices, in which commands are given."""
    root = tmp_path_factory.mktemp("docs") / "mygame"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO("1\n1\n"))
        assert _given(root.parent, "init", "mygame", "--scratch") == 0
        patch.chdir(root)
        yield root


def _given(root: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(root), *words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_every_command_of_a_block_can_be_given() -> None:
    assert len(COMMANDS) > 30
    faults = {str(command): fault_of(command.words) for command in COMMANDS}
    assert not {shown: fault for shown, fault in faults.items() if fault}


def test_every_command_in_running_text_has_its_verb_and_options() -> None:
    faults = {str(command): loose_fault_of(command.words) for command in inline_commands()}
    assert not {shown: fault for shown, fault in faults.items() if fault}


def test_a_command_that_does_not_exist_is_found() -> None:
    assert "rnder" in fault_of(["rnder"])
    assert "--sceen" in fault_of(["render", "--sceen", "opening"])
    assert "--sceen" in loose_fault_of(["render", "--sceen"])
    assert loose_fault_of(["bank", "lst"])


def test_the_screenplay_of_the_readme_checks_without_a_remark(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = project / "scripts_in/opening.yaml"
    before = script.read_text("utf-8")
    (shown, *_) = blocks_of(README, "yaml")
    script.write_text(shown.text, "utf-8")
    try:
        assert _given(project, "check") == 0
        assert "warning" not in "".join(capfd.readouterr())
    finally:
        script.write_text(before, "utf-8")


@pytest.mark.parametrize("page", [README, TUTORIAL], ids=lambda page: page.name)
def test_the_commands_of_every_day_work_one_after_the_other(project: Path, page: Path) -> None:
    for command in commands_of(page):
        if _is_elsewhere(command):
            continue
        if page == TUTORIAL and command.words[0] == "ids":
            _write_the_new_line(project)
        code = _given(project, *command.words)
        assert code == 0 or (code == 10 and "--exit-code" in command.words), str(command)


def _write_the_new_line(project: Path) -> None:
    (shown,) = blocks_of(TUTORIAL, "yaml")
    script = project / "scripts_in/opening.yaml"
    before, found, after = script.read_text("utf-8").rpartition("    - goto: END")
    assert found
    script.write_text(before + shown.text + found + after, "utf-8")


def test_the_readme_names_scenes_and_lines_that_a_new_project_has(project: Path) -> None:
    script = (project / "scripts_in/opening.yaml").read_text("utf-8")
    for command in commands_of(README):
        for option, name in zip(command.words, command.words[1:], strict=False):
            if option in {"--scene", "--line"}:
                assert re.search(rf"\b{name}\b", script), f"{command}: no {name}"


def test_the_readme_activates_what_make_demo_installs() -> None:
    activated = re.search(r"^\. (\S+)/bin/activate", README.read_text("utf-8"), re.MULTILINE)
    assert activated
    assert f"VENV := {activated[1]}\n" in (ROOT / "Makefile").read_text("utf-8")
