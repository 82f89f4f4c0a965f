"""The floor under coverage holds what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from coverage_floor import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("percent", "code"), [(89.99, 1), (90.0, 0), (96.2, 0)])
def test_less_than_the_floor_is_red(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], percent: float, code: int
) -> None:
    report = tmp_path / "coverage.json"
    summary = {"percent_covered": percent, "missing_lines": 3, "missing_branches": 2}
    report.write_text(json.dumps({"summary": summary}), "utf-8")
    assert main(str(report), "90") == code
    assert "3 lines and 2 branches not run" in capsys.readouterr().out
