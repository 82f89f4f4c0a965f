"""The example projects can be checked, planned and rendered as they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cli.main import run

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/voicepipe.yaml"))
LARGEST_FILE = 100_000
"""Bytes: they stay in the repository for good."""


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.name)
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give a copy of an example, without what a render there may have left."""
    root = tmp_path / "example"
    shutil.copytree(request.param, root, ignore=shutil.ignore_patterns("out", "models"))
    return root


def _given(capfd: pytest.CaptureFixture[str], root: Path, *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(root), *words])
    assert isinstance(ended.value.code, int)
    return ended.value.code, *capfd.readouterr()


def test_an_example_is_small_and_checks_without_a_remark(
    example: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert max(path.stat().st_size for path in example.rglob("*")) < LARGEST_FILE
    assert _given(capfd, example, "models", "pull", "tiny")[0] == 0
    code, _, told = _given(capfd, example, "check")
    assert code == 0, told
    assert "[VP" not in told


@pytest.mark.slow
def test_an_example_renders_whole_and_then_has_nothing_to_do(
    example: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lock = (example / "models.lock").read_bytes()
    assert _given(capfd, example, "models", "pull", "tiny")[0] == 0
    assert (example / "models.lock").read_bytes() == lock
    assert _given(capfd, example, "plan", "--exit-code")[0] == 10
    code, answer, told = _given(capfd, example, "render", "--json")
    report = json.loads(answer)
    assert (code, report["failed"], report["missing"]) == (0, [], 0), told
    assert report["clips"] == report["rendered"] > 5
    assert _given(capfd, example, "plan", "--exit-code")[0] == 0
    assert _given(capfd, example, "bank", "verify")[0] == 0
