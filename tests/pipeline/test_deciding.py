"""Retakes that were interrupted, decisions of earlier releases, and the stamp after a decision."""

from __future__ import annotations

import orjson
import pytest
from small_project import Bench

from voicepipe.bank.decisions import Decision
from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.manifest import ManifestEntry
from voicepipe.pipeline.render import rendering
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.pipeline.render.up_to_date import find_up_to_date, take_snapshot
from voicepipe.pipeline.selection import select
from voicepipe.workers.events import ProjectNote

RETAKE = RenderOptions(retake=True)


def _entry(bench: Bench, line: str, language: str = "en") -> ManifestEntry:
    entry = bench.entries()[line, language]
    assert isinstance(entry, ManifestEntry)
    return entry


def _decision(bench: Bench, line: str) -> Decision:
    return load_decisions(bench.root, bench.root / "out").of(line, "en")


def _interrupt(bench: Bench, options: RenderOptions, **filters: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:

        def stopped(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(rendering, "_work", stopped)
        with pytest.raises(KeyboardInterrupt):
            bench.render(options, **filters)


def test_a_retake_that_was_interrupted_is_the_same_when_it_is_asked_again(
    rendered: Bench,
) -> None:
    for _ in range(2):
        _interrupt(rendered, RETAKE, lines=["hall_0010"])
        assert _decision(rendered, "hall_0010").take == 2
    rendered.render(RETAKE, lines=["hall_0010"])
    assert _entry(rendered, "hall_0010").take == 2
    rendered.render(RETAKE, lines=["hall_0010"])
    assert _entry(rendered, "hall_0010").take == 3, "that one was heard"


def test_a_seed_that_was_interrupted_is_the_same_and_another_seed_is_another_take(
    rendered: Bench,
) -> None:
    _interrupt(rendered, RenderOptions(retake=True, seed=5), lines=["hall_0010"])
    _interrupt(rendered, RenderOptions(retake=True, seed=5), lines=["hall_0010"])
    assert _decision(rendered, "hall_0010") == Decision(take=2, seed=5)
    rendered.render(RenderOptions(retake=True, seed=6), lines=["hall_0010"])
    assert _decision(rendered, "hall_0010") == Decision(take=3, seed=6)


def test_a_render_that_finishes_an_interrupted_retake_settles_it(rendered: Bench) -> None:
    _interrupt(rendered, RETAKE, lines=["hall_0010"], languages=["en"])
    assert rendered.render().rendered == 1
    assert not (rendered.root / "out/retakes.json").exists()
    rendered.render(RETAKE, lines=["hall_0010"], languages=["en"])
    assert _entry(rendered, "hall_0010").take == 3


def test_a_retake_that_failed_is_followed_by_the_next(rendered: Bench) -> None:
    rendered.edit("scripts_in/hall.yaml", "It was.", "Something unspeakable.")
    for take in (2, 3):
        rendered.render(RETAKE, lines=["hall_0020"], languages=["en"])
        assert _decision(rendered, "hall_0020").take == take
    assert _entry(rendered, "hall_0020").take == 1


def test_old_decisions_are_taken_over_by_a_render_and_it_says_so(rendered: Bench) -> None:
    entry = _entry(rendered, "hall_0010")
    rows = {"hall_0010": {"en": {"take": 2, "pin": entry.take_key}}}
    old = rendered.root / "out/decisions.json"
    old.write_bytes(orjson.dumps({"schema": 1, "lines": rows}))
    assert [step.line for step in rendered.plan().plan.steps if step.pinned] == ["hall_0010"]
    assert not (rendered.root / "decisions.csv").exists(), "planning writes nothing"
    rendered.render()
    (note,) = [event for event in rendered.events if isinstance(event, ProjectNote)]
    assert "decisions.csv" in note.message
    assert not old.exists()
    assert _decision(rendered, "hall_0010") == Decision(take=2, pin=entry.take_key, pinned_take=1)
    assert _entry(rendered, "hall_0010").pinned


def test_a_render_that_decided_leaves_a_stamp_and_a_changed_decision_ends_it(
    rendered: Bench,
) -> None:
    snapshot = take_snapshot(rendered.root)
    assert snapshot is not None
    project = rendered.project()
    asked = RenderOptions(
        retake=True,
        jobs=1,
        selection=select(project, lines=["hall_0010"]),
        engines={"tone": "tone_engine:ToneEngine"},
    )
    report = render_project(project, asked, on_event=rendered.events.append, snapshot=snapshot)
    assert report.rendered == 2
    again = take_snapshot(rendered.root)
    assert again is not None
    assert find_up_to_date(again) is not None
    path = rendered.root / "decisions.csv"
    path.write_text(path.read_text().replace("take,2", "take,3"))
    later = take_snapshot(rendered.root)
    assert later is not None
    assert find_up_to_date(later) is None
