"""`voicepipe qc`, and verdicts in `bank show` and `bank diff`, as a person types them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = """\
bank: quay
languages: [en]
qc: {analysers: [signal], limits: {offset: -1}}
"""
SCRIPT = """\
scene: quay
nodes:
  pier:
    - {line: quay_0010, who: ann, text: {en: The boat is late., }}
    - {line: quay_0020, who: ann, text: {en: It always is., }}
    - {goto: END}
"""
VOICE = """\
engine: scratch
consent:
  {id: ann, kind: synthetic, who: espeak-ng, scope: ["*"], languages: ["*"], from: 2020-01-01}
"""


@pytest.fixture(scope="module", autouse=True)
def _whoever_is_installed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VOICEPIPE_QC")
        yield


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank of a placeholder and a recording that is that placeholder's sound; not written to."""
    root = tmp_path_factory.mktemp("recorded") / "quay"
    (root / "scripts_in").mkdir(parents=True)
    (root / "voices").mkdir()
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (root / "scripts_in/quay.yaml").write_text(SCRIPT, "utf-8")
    (root / "voices/ann.yaml").write_text(VOICE, "utf-8")
    run(root, "render")
    (root / "overrides/en").mkdir(parents=True)
    sound = (root / "out/banks/quay/v0001/en/quay/quay_0010.wav").read_bytes()
    (root / "overrides/en/quay_0010.wav").write_bytes(sound)
    run(root, "render")
    return root


@pytest.fixture
def project(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A copy of it, to judge in."""
    shutil.copytree(recorded, tmp_path / "quay")
    capsys.readouterr()
    return tmp_path / "quay"


def run(root: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main.run(["-C", str(root), *words])
    return int(ended.value.code or 0)


def test_failing_lines_are_shown_with_their_place_and_end_with_3(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "qc") == 3
    shown = capsys.readouterr().out
    first, second, *_ = shown.splitlines()[1:]
    assert "failed" in first
    assert "quay_0010" in first
    assert "scripts_in/quay.yaml:4:" in first
    assert "offset" in first
    assert "not judged" in second
    assert "placeholder" in second
    assert "2 clips in v0002: 0 passed, 1 failed, 1 not judged" in shown


def test_the_document_holds_every_verdict(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "qc", "--json") == 3
    document = json.loads(capsys.readouterr().out)
    assert document["counts"] == {"passed": 0, "failed": 1, "not judged": 1}
    first, second = document["lines"]
    assert (first["line"], first["reasons"]) == ("quay_0010", ["offset"])
    assert first["analysers"][0]["faults"][0]["reason"] == "offset"
    assert (second["verdict"], second["reasons"]) == ("not judged", [])


def test_verdicts_choose_what_is_shown_and_say_what_got_better(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "bank", "show", "--verdict", "failed") == 0
    shown = capsys.readouterr().out
    assert "quay_0010" in shown
    assert "failed (offset)" in shown
    assert "quay_0020" not in shown
    settings = project / "voicepipe.yaml"
    never = ", ".join(f"{name}: never" for name in ("offset", "noise", "hum", "cut_off", "gap"))
    text = settings.read_text("utf-8").replace("offset: -1", never)
    settings.write_text(text, "utf-8")
    assert run(project, "render") == 0
    capsys.readouterr()
    assert run(project, "bank", "diff", "v0002", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["quality"] == {"better": 1, "worse": 0}
    assert [
        (one["line"], one["verdict_before"], one["verdict_after"]) for one in document["changes"]
    ] == [("quay_0010", "failed", "passed")]


def test_limits_are_proposed_as_settings_to_copy(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "qc", "calibrate", "--line", "quay_0010") == 0
    shown = capsys.readouterr().out
    assert "qc:\n  languages:\n    en: {limits: {offset:" in shown
