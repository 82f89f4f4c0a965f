"""A suspended voice: nothing new is made in it by any way, and what it made before stays."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from consent_ways import ANN, HERS, HIS, pin
from small_project import ENGINES, Bench

from voicepipe.diagnostics import has_errors
from voicepipe.errors import InputError
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.render.saying import SayRequest, say_text
from voicepipe.pipeline.suspension import Statement, resume_voice, suspend_voice, voice_log

DAY = datetime.date(2026, 3, 1)
OFFICE = Statement(by="Office", note="a strike")
SCRIPT = "scripts_in/hall.yaml"


def _suspend(bench: Bench, store: str = "") -> None:
    done = suspend_voice(bench.root, bench.project().settings, "ann", OFFICE, date=DAY, store=store)
    assert done.is_suspended


def _refused(bench: Bench, options: RenderOptions | None = None, **filters: list[str]) -> list[str]:
    before = bench.entries()
    with pytest.raises(InputError) as caught:
        bench.render(options, **filters)
    errors = [one for one in caught.value.diagnostics if one.severity.value == "error"]
    assert {one.code for one in errors} == {"VP412"}
    assert bench.entries() == before, "the published version stays"
    return [one.message for one in errors]


def test_with_nothing_to_make_all_goes_on(rendered: Bench) -> None:
    _suspend(rendered)
    project = rendered.project()
    assert not has_errors(project.diagnostics)
    assert "VP418" in {one.code for one in project.diagnostics}
    report = rendered.render()
    assert report.rendered == 0
    assert report.is_whole


def test_other_voices_move_on_and_hers_is_published_as_it_was(rendered: Bench) -> None:
    before = rendered.entries()
    _suspend(rendered)
    rendered.edit(SCRIPT, "It was.", "It is.")
    report = rendered.render()
    assert report.published is not None
    assert (report.rendered, report.is_whole) == (1, True)
    after = rendered.entries()
    assert after[HERS, "en"] == before[HERS, "en"]
    assert after[HIS, "en"] != before[HIS, "en"]


def test_a_changed_line_of_hers_is_named_and_refused(rendered: Bench) -> None:
    _suspend(rendered)
    rendered.edit(SCRIPT, "Good evening.", "Good morning.")
    (message,) = _refused(rendered)
    assert message.startswith(f"{HERS} (en): it needs a new take (text changed)")
    assert _refused(rendered, lines=[HERS])
    assert rendered.render(None, lines=[HIS]).published is not None


def test_a_retake_is_refused(rendered: Bench) -> None:
    _suspend(rendered)
    assert _refused(rendered, RenderOptions(retake=True), lines=[HERS])


def test_a_pin_on_a_take_that_is_gone_is_not_made_again(rendered: Bench) -> None:
    out = rendered.root / "out"
    pin(rendered)
    _suspend(rendered)
    for path in [*(out / "takes").rglob("*.json"), *(out / "clips").rglob("*.json")]:
        path.unlink()
    assert _refused(rendered)


@pytest.mark.parametrize("lost", ["the log", "the note", "neither"])
def test_a_file_restored_from_version_control_does_not_let_her_speak(
    rendered: Bench, lost: str
) -> None:
    path = rendered.root / ANN
    before = path.read_bytes()
    _suspend(rendered)
    path.write_bytes(before)
    if lost == "the log":
        (rendered.root / "voices/ann.consent.jsonl").unlink()
    if lost == "the note":
        (note,) = (rendered.root / "out/suspended").iterdir()
        note.unlink()
    rendered.edit(SCRIPT, "Good evening.", "Good morning.")
    assert _refused(rendered)


def test_nothing_is_said_in_her_voice(rendered: Bench) -> None:
    _suspend(rendered)
    with pytest.raises(InputError) as caught:
        say_text(rendered.root, SayRequest(text="Hello.", voice="ann"), engines=ENGINES)
    assert "VP412" in {one.code for one in caught.value.diagnostics}


def test_a_shared_store_holds_every_machine(rendered: Bench, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    store = f"file://{tmp_path}/store"
    rendered.render(RenderOptions(store=store))
    path = rendered.root / ANN
    before = path.read_bytes()
    _suspend(rendered, store)
    # Another machine: its checkout and its output folder know nothing of it.
    path.write_bytes(before)
    (rendered.root / "voices/ann.consent.jsonl").unlink()
    for note in (rendered.root / "out/suspended").iterdir():
        note.unlink()
    rendered.edit(SCRIPT, "Good evening.", "Good morning.")
    assert _refused(rendered, RenderOptions(store=store))
    settings = rendered.project().settings
    resume_voice(rendered.root, settings, "ann", OFFICE, store=store)
    assert rendered.render(RenderOptions(store=store)).rendered == 1


def test_she_speaks_again_when_she_agrees(rendered: Bench) -> None:
    _suspend(rendered)
    rendered.edit(SCRIPT, "Good evening.", "Good morning.")
    _refused(rendered)
    settings = rendered.project().settings
    done = resume_voice(rendered.root, settings, "ann", Statement(by="Office", note="it is over"))
    assert done.changed
    assert rendered.render().rendered == 1
    log = voice_log(rendered.root, settings, "ann")
    assert [(one.change.value, one.by) for one in log.entries] == [
        ("suspended", "Office"),
        ("resumed", "Office"),
    ]


def test_suspending_twice_is_said_once(rendered: Bench) -> None:
    _suspend(rendered)
    settings = rendered.project().settings
    again = suspend_voice(rendered.root, settings, "ann", OFFICE, date=DAY)
    assert not again.changed
    assert len(voice_log(rendered.root, settings, "ann").entries) == 1


def test_a_record_edited_past_its_log_is_remarked(rendered: Bench) -> None:
    _suspend(rendered)
    settings = rendered.project().settings
    resume_voice(rendered.root, settings, "ann", OFFICE)
    assert "VP417" not in {one.code for one in rendered.project().diagnostics}
    rendered.edit(ANN, "A tone generator", "Another generator")
    assert "VP417" in {one.code for one in rendered.project().diagnostics}


def test_a_broken_log_stops_everything(rendered: Bench) -> None:
    _suspend(rendered)
    log = rendered.root / "voices/ann.consent.jsonl"
    log.write_text(log.read_text("utf-8").replace("a strike", "a whim"), "utf-8")
    found = [one for one in rendered.project().diagnostics if one.code == "VP416"]
    assert [(one.span.path, one.span.line) for one in found] == [("voices/ann.consent.jsonl", 1)]


def test_a_bank_that_goes_too_far_is_refused(rendered: Bench) -> None:
    rendered.edit(ANN, 'languages: ["*"]', 'languages: ["*"]\n  territories: [DE]')
    with pytest.raises(InputError) as caught:
        rendered.render()
    assert "VP415" in {one.code for one in caught.value.diagnostics}
    rendered.edit("voicepipe.yaml", "bank: small", "bank: small\nterritories: [DE]")
    assert rendered.render().is_whole
