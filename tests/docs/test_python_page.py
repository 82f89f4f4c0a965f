"""The page on Python is run as it stands, one block after the other."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
from doc_pages import ROOT

from voicepipe import api
from voicepipe.bank.take_store import TakeStore

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs/how-to/python.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
VOICE = """\
engine: scratch
consent:
  {id: ann-1, kind: synthetic, who: A machine, scope: ["*"], languages: ["*"], from: 2020-01-01}
"""
SCRIPT = """\
scene: hall
nodes:
  door:
    - {line: hall_0010, who: ann, text: {en: Good evening., de: Guten Abend.}}
"""


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "voicepipe.yaml": "bank: film\nlanguages: [en, de]\n",
        "scripts_in/hall.yaml": SCRIPT,
        "voices/ann.yaml": VOICE,
    }
    for name, text in files.items():
        path = tmp_path / "film" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "film"


def test_every_block_runs(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for block in BLOCKS:
        exec(compile(block, "python.md", "exec"), names)
    out = capsys.readouterr().out
    assert "en hall_0010 render ['new']" in out
    assert "\n1 []\n" in out
    assert "Good evening." in out
    assert "[('en', ())]\n()\n" in out
    assert (film.parent / "game/voices/en/hall/hall_0010.vtt").is_file()
    assert (film.parent / "who.wav").read_bytes()[:4] == b"RIFF"


def test_the_judge_on_the_page_judges(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (film.parent / "page_judge.py").write_text(BLOCKS[-1], "utf-8")
    monkeypatch.syspath_prepend(str(film.parent))
    paths = [str(film.parent), *filter(None, sys.path)]
    monkeypatch.setenv("PYTHONPATH", ":".join(paths))
    options = api.RenderOptions(jobs=1, judge="page_judge:LongestOfTwo")
    report = api.render(film, options)
    assert (report.rendered, report.failed) == (2, ())
    entry = api.read_bank(film).entries[0]
    assert TakeStore(film / "out").find_annotation(entry.take_key, "length", "1") is not None
