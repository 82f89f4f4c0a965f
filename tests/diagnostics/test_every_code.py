"""Every code there is has an example, and the example is answered as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cases import FOLDER, answer

from voicepipe.pipeline.codes import all_codes

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = sorted(path.name for path in FOLDER.glob("VP*") if path.is_dir())


@pytest.mark.parametrize("code", all_codes())
def test_every_code_has_an_example(code: str) -> None:
    assert (FOLDER / code / "expected.txt").is_file(), f"tests/diagnostics/{code} is missing"


@pytest.mark.parametrize("code", FOLDERS)
def test_every_example_is_of_a_code_there_is(code: str) -> None:
    assert code in all_codes()


@pytest.mark.parametrize("code", FOLDERS)
def test_an_example_is_answered_as_expected(code: str, tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    expected = (FOLDER / code / "expected.txt").read_text("utf-8")
    assert f"[{code}]" in expected
    assert answer(code, root) == expected


@pytest.mark.parametrize(("code", "info"), all_codes().items())
def test_a_code_is_explained(code: str, info: object) -> None:
    described = all_codes()[code]
    assert described is info
    assert described.title
    assert len(described.explanation) > 60
