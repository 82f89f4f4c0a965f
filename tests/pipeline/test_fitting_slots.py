"""Lines fit a slot: their own, or the speech of their clip in the source language."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
import small_project
import soundfile as sf
from small_project import SETTINGS, Bench, write_small_project

from voicepipe.bank.manifest import ManifestEntry
from voicepipe.bank.plan import Action
from voicepipe.bank.plan import Reason as Why
from voicepipe.errors import UsageError
from voicepipe.pipeline.production import read_production
from voicepipe.pipeline.render.comparing import render_takes
from voicepipe.pipeline.render.foretelling import foretold_misfits
from voicepipe.pipeline.render.plan_folder import PlanOptions, plan_folder
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.selection import Selection
from voicepipe.pipeline.statistics import Grouping, count_production
from voicepipe.qc.findings import Reason
from voicepipe.workers.events import ClipDone, RenderStarted

if TYPE_CHECKING:
    from pathlib import Path

ENGINES = {**small_project.ENGINES, "pace": "pace_engine:PaceEngine"}
TIMING = "timing: {fit: source, tolerance: 5%}\n"
LIMITS = ", ".join(f"{one.value}: never" for one in Reason if one is not Reason.OFF_SLOT)
QC = f"qc: {{release: off, retakes: 1, limits: {{{LIMITS}}}}}"
"""Tones are no speech: only what lines have to fit counts."""
SCRIPT = """\
scene: hall
nodes:
  door:
    - {line: hall_0010, who: ann, text: {en: one two three four five, de: eins zwei drei vier fünf}}
    - {line: hall_0020, who: ann, text: {en: one two three four five, de: eins zwei drei vier}}
    - {line: hall_0030, who: ann, text: {en: one two, de: eins zwei drei vier fünf}}
"""
SIGNAL = RenderOptions(qc="signal")


@pytest.fixture(autouse=True)
def _pace_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_project, "ENGINES", ENGINES)


@pytest.fixture
def paced(tmp_path: Path) -> Bench:
    root = tmp_path / "small"
    write_small_project(root)
    bench = Bench(root)
    (root / "scripts_in/hall.yaml").write_text(SCRIPT, "utf-8")
    settings = SETTINGS.replace("qc: {release: off}", QC) + TIMING
    (root / "voicepipe.yaml").write_text(settings, "utf-8")
    bench.edit("voices/ann.yaml", "engine: tone", "engine: pace")
    (root / "voices/bob.yaml").unlink()
    return bench


def entry(bench: Bench, line: str, language: str = "de") -> ManifestEntry:
    found = bench.entries()[line, language]
    assert isinstance(found, ManifestEntry)
    return found


def test_lines_are_brought_to_the_length_of_their_source(paced: Bench) -> None:
    report = paced.render(SIGNAL)
    assert (report.rendered, report.failed) == (6, ())
    assert [event.lines for event in paced.events if isinstance(event, RenderStarted)] == [3, 3]
    for line in ("hall_0010", "hall_0020"):
        source, fitted = entry(paced, line, "en"), entry(paced, line)
        assert fitted.slot_s == pytest.approx(source.speech_s, abs=0.01)
        assert fitted.speech_s == pytest.approx(source.speech_s, rel=0.05)
        assert fitted.slot_difference_s == pytest.approx(
            (fitted.speech_s or 0) - (source.speech_s or 0), abs=0.01
        )
    assert entry(paced, "hall_0020").pace < 0.9
    source = entry(paced, "hall_0010", "en")
    assert (source.slot_s, source.pace, source.slot_difference_s) == (None, 1, None)


def test_a_line_that_cannot_fit_is_named_with_what_it_lacks_and_fails(paced: Bench) -> None:
    foretold = foretold_misfits(paced.project())
    assert [(one.code, str(one.span)) for one in foretold] == [
        ("VP264", "scripts_in/hall.yaml:5:75"),
        ("VP264", "scripts_in/hall.yaml:6:59"),
    ]
    assert "too long for its slot" in foretold[1].message
    assert "cut about" in str(foretold[1].help)
    paced.render(SIGNAL)
    long = entry(paced, "hall_0030")
    assert (long.pace, long.verdict, long.reasons) == (1.2, "failed", ("off_slot",))
    assert (long.slot_difference_s or 0) > 0.5
    notes = [e.note for e in paced.events if isinstance(e, ClipDone) and e.line_id == "hall_0030"]
    assert len(notes) == 2
    assert any("s too long for its slot of 1." in n and ": cut about 2 words" in n for n in notes)
    again = foretold_misfits(paced.project())
    assert len(again) == 1, "what is rendered is measured"


def test_a_second_render_does_nothing(paced: Bench) -> None:
    paced.render(SIGNAL)
    assert not paced.plan().plan.has_changes
    report = paced.render(SIGNAL)
    assert (report.rendered, report.kept) == (0, 6)
    assert report.published is not None
    assert not report.published.is_new


def test_lines_without_a_slot_keep_their_keys(paced: Bench) -> None:
    fitted = {key: one.clip for key, one in paced.plan().clip_requests.items()}
    paced.edit("voicepipe.yaml", TIMING, "")
    plain = {key: one.clip for key, one in paced.plan().clip_requests.items()}
    for key, clip in plain.items():
        assert (clip.clip_key == fitted[key].clip_key) is (key[1] == "en"), key


def test_another_take_of_the_source_makes_its_lines_again(paced: Bench) -> None:
    paced.render(SIGNAL)
    paced.edit("scripts_in/hall.yaml", "en: one two, de", "en: one two three four, de")
    planned = paced.plan()
    steps = {(s.line, s.language): s for s in planned.plan.of(Action.RENDER)}
    assert {key: s.reasons for key, s in steps.items()} == {
        ("hall_0030", "en"): (Why.TEXT,),
        ("hall_0030", "de"): (Why.SLOT,),
    }
    assert planned.awaits_source(steps["hall_0030", "de"])
    report = paced.render(SIGNAL)
    assert (report.rendered, report.kept) == (2, 4)
    assert entry(paced, "hall_0030").reasons == ()


def test_a_line_whose_source_is_not_there_fails_by_name(paced: Bench) -> None:
    report = paced.render(SIGNAL, languages=["de"])
    assert {one.line_id for one in report.failed} == {"hall_0010", "hall_0020", "hall_0030"}
    assert "has to fit its en clip, which is not there" in report.failed[0].reason
    paced.render(SIGNAL, languages=["en"])
    report = paced.render(SIGNAL, languages=["de"])
    assert (report.rendered, report.failed) == (3, ())


def test_a_line_without_a_source_text_is_as_long_as_it_likes(paced: Bench) -> None:
    paced.edit("scripts_in/hall.yaml", "en: one two, de", "de")
    report = paced.render(SIGNAL)
    assert report.failed == ()
    assert entry(paced, "hall_0030").slot_s is None


def test_a_recorded_source_sets_the_slot(paced: Bench) -> None:
    path = paced.root / "overrides/en/hall_0010.wav"
    path.parent.mkdir(parents=True)
    time = np.arange(round(2.6 * 22_050)) / 22_050
    sf.write(path, 0.2 * np.sin(2 * np.pi * 330 * time), 22_050)
    paced.render(SIGNAL)
    fitted = entry(paced, "hall_0010")
    assert fitted.slot_s == pytest.approx(2.6, abs=0.02)
    assert fitted.speech_s == pytest.approx(2.6, rel=0.05)


def test_a_recording_that_does_not_fit_is_named_and_left_as_it_is(paced: Bench) -> None:
    path = paced.root / "overrides/de/hall_0010.wav"
    path.parent.mkdir(parents=True)
    time = np.arange(4 * 22_050) / 22_050
    sf.write(path, 0.2 * np.sin(2 * np.pi * 330 * time), 22_050)
    paced.render(SIGNAL)
    recorded = entry(paced, "hall_0010")
    assert (recorded.source, recorded.pace) == ("recorded", 1)
    assert recorded.speech_s == pytest.approx(4, abs=0.02)
    assert "off_slot" in recorded.reasons


def test_a_slot_in_the_script_holds_in_every_language(paced: Bench) -> None:
    paced.edit("voicepipe.yaml", TIMING, "")
    paced.edit("scripts_in/hall.yaml", "hall_0010, who", 'hall_0010, slot: {"*": 2.5s}, who')
    paced.render(SIGNAL)
    for language in ("en", "de"):
        assert entry(paced, "hall_0010", language).slot_s == 2.5
        assert entry(paced, "hall_0010", language).speech_s == pytest.approx(2.5, rel=0.1)
    assert entry(paced, "hall_0020").slot_s is None


def test_the_same_project_gives_the_same_bytes(paced: Bench, tmp_path: Path) -> None:
    paced.render(SIGNAL)
    first = {key: entry(paced, *key).sha256 for key in paced.entries()}
    other = Bench(tmp_path / "other")
    shutil.copytree(paced.root, other.root, ignore=shutil.ignore_patterns("out"))
    other.render(SIGNAL)
    assert first == {key: entry(other, *key).sha256 for key in other.entries()}


def test_takes_to_choose_from_fit_the_clip_that_is_there(paced: Bench) -> None:
    selection = Selection(lines=frozenset({"hall_0020"}), languages=frozenset({"de"}))
    options = RenderOptions(selection=selection, engines=ENGINES, jobs=1)
    with pytest.raises(UsageError, match="has to fit its en clip"):
        render_takes(paced.root, options, 1, on_event=lambda _: None)
    paced.render(SIGNAL)
    report = render_takes(paced.root, options, 1, on_event=lambda _: None)
    assert (report.rendered, report.failed) == (1, ())


def test_plans_and_statistics_tell_of_slots(paced: Bench) -> None:
    options = PlanOptions(engines=ENGINES)
    before = plan_folder(paced.root, options, on_event=lambda _: None)
    unfit = {key[0] for key, one in before.foretold.items() if not one.fits}
    assert unfit == {"hall_0020", "hall_0030"}
    paced.render(SIGNAL)
    counted = count_production(read_production(paced.root).produced, [Grouping.LANGUAGE])
    rows = [dict(zip(counted.columns, row, strict=True)) for row in counted.rows]
    assert [(row["language"], row["slots"], row["off_slot"]) for row in rows] == [
        ("de", 3, 1),
        ("en", 0, 0),
    ]
    assert float(rows[0]["slot_minutes"]) > 0.1


def test_while_a_slot_is_itself_foretold_lines_that_only_just_fit_are_named(paced: Bench) -> None:
    unsure = [one.message for one in foretold_misfits(paced.project())]
    assert [message[:11] for message in unsure] == ['"hall_0020"', '"hall_0030"']
    assert all("its slot of about" in message for message in unsure)
    paced.render(SIGNAL, languages=["en"])
    (sure,) = foretold_misfits(paced.project())
    assert sure.message.startswith('"hall_0030"')
    assert "its slot of about" not in sure.message


@pytest.mark.parametrize("old", ["one two three four five", "one two,"])
def test_damage_is_told_once_where_lines_await_their_source(
    paced: Bench, caplog: pytest.LogCaptureFixture, old: str
) -> None:
    paced.render(SIGNAL)
    published = paced.root / "out/banks/small/v0001/de/hall/hall_0030.wav"
    published.chmod(0o644)
    published.write_bytes(b"")
    paced.edit("scripts_in/hall.yaml", old, f"six {old}")
    report = paced.render(SIGNAL)
    assert report.failed == ()
    assert caplog.text.count("1 published file not as published") == 1
