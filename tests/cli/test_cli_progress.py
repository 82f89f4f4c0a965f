"""What a render shows while it runs."""

from __future__ import annotations

import sys

import pytest

from cli.progress import RenderView
from voicepipe.workers.events import ClipDone, LineFailed, RenderEvent, RenderStarted, WorkerDied

EVENTS: tuple[RenderEvent, ...] = (
    RenderStarted(lines=3, workers=2),
    ClipDone(line_id="a_1", language="en", audio_s=2.0, was_rendered=True),
    WorkerDied(lines=("a_2",)),
    LineFailed(line_id="a_2", language="en", script="s.yaml:4:9", reason="no [sound] came"),
    ClipDone(line_id="a_3", language="en", audio_s=1.0, was_rendered=True, note="1 LU low"),
)


def _shown(capsys: pytest.CaptureFixture[str], *, quiet: bool, verbose: bool) -> str:
    with RenderView(quiet=quiet, verbose=verbose) as view:
        for event in EVENTS:
            view(event)
    captured = capsys.readouterr()
    assert captured.out == "", "stdout is for the answer"
    return captured.err


def test_a_log_has_a_line_at_the_start_and_the_end_and_one_for_each_trouble(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = _shown(capsys, quiet=False, verbose=False).splitlines()
    assert lines[0] == "rendering 3 clips in 2 processes"
    assert lines[1] == "warning: a worker process died while it held a_2; going on"
    assert lines[2] == "s.yaml:4:9: failed: a_2 (en): no [sound] came"
    assert lines[3] == "note: a_3 (en): 1 LU low"
    assert lines[4].startswith("rendering 3/3 · ")
    assert lines[4].endswith(" · 1 failed")


def test_quiet_still_says_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    shown = _shown(capsys, quiet=True, verbose=False)
    assert "rendering" not in shown
    assert "failed: a_2" in shown


def test_verbose_names_every_clip(capsys: pytest.CaptureFixture[str]) -> None:
    assert "done: a_1 (en) 2.00 s" in _shown(capsys, quiet=False, verbose=True)


def test_a_terminal_gets_a_bar_and_script_text_stays_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    shown = _shown(capsys, quiet=False, verbose=False)
    assert "3/3" in shown
    assert "lines/s" in shown
    assert "no [sound] came" in shown
