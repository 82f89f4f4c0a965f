"""What a kept document follows from is told apart by contents: any file of code, any library."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voicepipe import installation

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small package in place of voicepipe."""
    package = tmp_path / "voicepipe"
    (package / "room").mkdir(parents=True)
    (package / "room/code.py").write_text("x = 1\n", "utf-8")
    (package / "room/table.json").write_text("{}", "utf-8")
    shutil.copyfile(installation.__file__, package / "installation.py")
    monkeypatch.setattr(installation, "__file__", str(package / "installation.py"))
    yield package
    installation.program_revision.cache_clear()


def revision() -> str:
    installation.program_revision.cache_clear()
    return installation.program_revision()


@pytest.mark.parametrize("name", ["room/code.py", "room/table.json"])
def test_any_change_of_a_file_is_another_program(package: Path, name: str) -> None:
    before = revision()
    assert revision() == before
    file = package / name
    file.write_text(file.read_text("utf-8").replace("1", "2") + " ", "utf-8")
    changed = revision()
    file.rename(file.with_stem("other"))
    moved = revision()
    assert len({before, changed, moved}) == 3


def test_other_libraries_are_another_program(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = revision()
    monkeypatch.setattr(installation, "installed_libraries", lambda: ["jieba-9.dist-info"])
    changed = revision()
    monkeypatch.setenv(installation.DICTIONARY_VARIABLE, str(package))
    assert len({before, changed, revision()}) == 3
