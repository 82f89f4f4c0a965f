"""A recording says which text it speaks, and is stale once its line says another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from small_project import ENGINES, Bench

from voicepipe.bank.decisions_csv import text_digest
from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.manifest import ManifestEntry
from voicepipe.errors import InputError, UsageError
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.deciding import confirm_recordings
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.workers.events import ProjectNote

LINE = ("hall_0010", "en")


def _record(
    bench: Bench,
    line: str = "hall_0010",
    *,
    pitch: float = 330,
    rate: int = 22_050,
    level: float = 0.2,
) -> Path:
    path = bench.root / "overrides" / "en" / f"{line}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(rate * 2) / rate
    sf.write(path, level * np.sin(2 * np.pi * pitch * time), rate)
    return path


def _entry(bench: Bench) -> ManifestEntry:
    entry = bench.entries()[LINE]
    assert isinstance(entry, ManifestEntry)
    return entry


def _warned(bench: Bench) -> list[str]:
    return [one.message for one in bench.project().diagnostics if one.code == "VP694"]


@pytest.fixture
def recorded(rendered: Bench) -> Bench:
    """Rendered with a recording of one line, whose text has changed since."""
    _record(rendered)
    rendered.render()
    assert not _entry(rendered).stale
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Get out.")
    return rendered


def test_the_text_of_a_recording_is_noted_once_when_a_render_first_sees_it(
    rendered: Bench,
) -> None:
    _record(rendered)
    rendered.render()
    (note,) = [event for event in rendered.events if isinstance(event, ProjectNote)]
    assert "decisions.csv notes which text 1 recording speaks" in note.message
    decisions = load_decisions(rendered.root, rendered.root / "out")
    assert [one.text for one in decisions.recordings.values()] == [text_digest("Good evening.")]
    content = (rendered.root / "decisions.csv").read_bytes()
    rendered.render()
    assert (rendered.root / "decisions.csv").read_bytes() == content


def test_a_recording_whose_text_changed_is_warned_of_and_stale(recorded: Bench) -> None:
    (message,) = _warned(recorded)
    assert "overrides/en/hall_0010.wav speaks an earlier text" in message
    recorded.render()
    assert (_entry(recorded).source, _entry(recorded).stale) == ("recorded", True)
    with pytest.raises(InputError) as caught:
        recorded.render(RenderOptions(release=True))
    assert "VP694" in {one.code for one in caught.value.diagnostics}


def test_confirming_a_recording_or_the_old_text_makes_it_current(recorded: Bench) -> None:
    recorded.render()
    assert confirm_recordings(recorded.project(), ["hall_0010"]) == (LINE,)
    assert _warned(recorded) == []
    recorded.render()
    assert not _entry(recorded).stale
    recorded.edit("scripts_in/hall.yaml", "Get out.", "Good evening.")
    assert len(_warned(recorded)) == 1, "it was said to speak the new text"
    with pytest.raises(UsageError, match="has no recording"):
        confirm_recordings(recorded.project(), ["hall_0020"])


def test_a_new_recording_speaks_the_new_text(recorded: Bench) -> None:
    _record(recorded, pitch=220)
    assert _warned(recorded) == []
    recorded.render()
    assert not _entry(recorded).stale


def test_a_recording_published_before_it_was_noted_speaks_the_text_it_was_published_with(
    recorded: Bench,
) -> None:
    (recorded.root / "decisions.csv").unlink()
    assert len(_warned(recorded)) == 1
    recorded.render()
    assert _entry(recorded).stale
    decisions = load_decisions(recorded.root, recorded.root / "out")
    assert [one.text for one in decisions.recordings.values()] == [text_digest("Good evening.")]


def test_a_check_refuses_the_recordings_a_render_would_refuse(bench: Bench) -> None:
    _record(bench, "hall_0010", rate=8_000)
    _record(bench, "hall_0020", level=0)
    _record(bench, "hall_0030").write_bytes(b"Not a sound.")
    project = load_project(bench.root, engines=ENGINES, reads_recordings=True)
    found = {one.span.path: one for one in project.diagnostics if one.code == "VP693"}
    assert len(found) == 3
    said = [found[path].message for path in sorted(found)]
    assert "8000 Hz" in said[0]
    assert "silent" in said[1]
    assert all(one.help for one in found.values())
    report = bench.render()
    assert {event.line_id for event in report.failed} == {"hall_0010", "hall_0020", "hall_0030"}
