"""A render that met damage never says that all is well."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from small_project import ENGINES, Bench

from voicepipe.bank.earlier_rows import EarlierRows
from voicepipe.bank.manifest import ManifestEntry
from voicepipe.bank.plan import Action
from voicepipe.bank.repair import repair_version
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.verify import verify_versions
from voicepipe.bank.versions import resolve, versions
from voicepipe.errors import EnvironmentFault
from voicepipe.pipeline.render.planning import plan_project, up_to_date_version
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.pipeline.render.up_to_date import (
    find_up_to_date,
    find_up_to_date_for_render,
    save_stamp,
    take_snapshot,
)
from voicepipe.workers.events import ClipDone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voicepipe.workers.events import RenderEvent

FILE = "banks/small/v0001/en/hall/hall_0010.wav"


def _cut(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"")
    path.chmod(0o444)


def _link_to_object(bench: Bench) -> Path:
    """Make the published file the stored one, as earlier releases did."""
    out = bench.root / "out"
    entry = bench.entries()["hall_0010", "en"]
    assert isinstance(entry, ManifestEntry)
    stored = ObjectStore(out).path(entry.sha256)
    (out / FILE).unlink()
    (out / FILE).hardlink_to(stored)
    return stored


def test_a_file_cut_short_is_told_by_plan_and_replaced_by_a_render(
    rendered: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    out = rendered.root / "out"
    _cut(out / FILE)
    project = rendered.project()
    assert up_to_date_version(plan_project(project)) is None
    assert "small v0001: 1 published file not as published" in caplog.text
    assert "hall_0010.wav: it has 0 bytes instead of" in caplog.text
    assert "`voicepipe bank repair v0001`" in caplog.text
    report = rendered.render()
    assert report.published is not None
    assert (report.rendered, report.published.version) == (0, "v0002")
    assert verify_versions(out, [resolve(out, "small")]).is_intact
    repair_version(out, resolve(out, "small", "v1"), is_revoked=lambda *_: False)
    assert verify_versions(out, versions(out, "small")).is_intact


def test_damage_through_a_file_of_an_earlier_release_is_made_good_in_one_render(
    rendered: Bench,
) -> None:
    out = rendered.root / "out"
    stored = _link_to_object(rendered)
    _cut(out / FILE)
    planned = rendered.plan()
    assert [step.line for step in planned.plan.of(Action.POST)] == ["hall_0010"]
    assert stored.exists(), "planning moves nothing"
    report = rendered.render()
    assert (report.rendered, report.post_processed) == (0, 1)
    assert verify_versions(out, [resolve(out, "small")]).is_intact
    repair_version(out, resolve(out, "small", "v1"), is_revoked=lambda *_: False)
    assert verify_versions(out, versions(out, "small")).is_intact


def _change_one_line(bench: Bench) -> None:
    script = bench.root / "scripts_in/hall.yaml"
    script.write_text(script.read_text("utf-8").replace("It was.", "It is."), "utf-8")


def test_damage_that_is_found_while_a_line_is_made_is_told_once_and_made_good(
    rendered: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    _cut(rendered.root / "out" / FILE)
    _change_one_line(rendered)
    report = rendered.render()
    assert (report.rendered, report.post_processed, report.kept) == (1, 0, 5)
    assert caplog.text.count("small v0001: 1 published file not as published") == 1
    out = rendered.root / "out"
    assert verify_versions(out, [resolve(out, "small")]).is_intact


def test_a_clip_found_to_be_lost_while_a_line_is_made_is_told_once_and_made_again(
    rendered: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    out = rendered.root / "out"
    _link_to_object(rendered)
    _cut(out / FILE)
    _change_one_line(rendered)
    report = rendered.render()
    assert (report.rendered, report.post_processed, report.kept) == (1, 1, 4)
    assert report.is_whole
    assert caplog.text.count("1 published file not as published") == 1
    assert verify_versions(out, [resolve(out, "small")]).is_intact


def test_a_mistake_of_ours_while_files_are_looked_at_beside_a_line_is_raised(
    rendered: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(_: EarlierRows) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(EarlierRows, "find", mistaken)
    _change_one_line(rendered)
    with pytest.raises(ZeroDivisionError):
        rendered.render()
    monkeypatch.undo()
    again = rendered.render()
    assert (again.rendered, again.kept) == (0, 6), "the clip that was made is kept"
    assert again.is_whole


def _render_and_stamp(bench: Bench) -> None:
    snapshot = take_snapshot(bench.root)
    report = bench.render()
    assert snapshot is not None
    assert report.published is not None
    save_stamp(snapshot, bench.project(), report.published)


def test_the_note_of_an_unchanged_project_does_not_hide_damage(bench: Bench) -> None:
    _render_and_stamp(bench)
    snapshot = take_snapshot(bench.root)
    assert snapshot is not None
    assert find_up_to_date(snapshot) is not None
    _cut(bench.root / "out" / FILE)
    assert find_up_to_date(snapshot) is None
    assert find_up_to_date_for_render(snapshot, store="off") is None


def test_a_render_settles_files_that_were_dated_anew(bench: Bench) -> None:
    _render_and_stamp(bench)
    path = bench.root / "out" / FILE
    os.utime(path)
    before = path.stat().st_mtime
    snapshot = take_snapshot(bench.root)
    assert snapshot is not None
    assert find_up_to_date(snapshot) is not None
    assert path.stat().st_mtime == before, "asking writes nothing"
    assert find_up_to_date_for_render(snapshot, store="off") is not None
    assert path.stat().st_mtime < before


def _render_while(bench: Bench, happens: Callable[[], object]) -> None:
    project = bench.project()

    def note(event: RenderEvent) -> None:
        if isinstance(event, ClipDone):
            happens()

    options = RenderOptions(engines=ENGINES, jobs=1)
    render_project(project, options, on_event=note)


def test_an_output_folder_removed_during_a_render_ends_it(bench: Bench) -> None:
    out = bench.root / "out"
    with pytest.raises(EnvironmentFault, match="removed or replaced while"):
        _render_while(bench, lambda: shutil.rmtree(out, ignore_errors=True))
    assert not versions(out, "small")
    report = bench.render()
    assert report.published is not None
    assert len(report.published.manifest.entries) == 6


def test_an_output_folder_moved_away_during_a_render_ends_it(bench: Bench) -> None:
    out = bench.root / "out"
    moved: list[bool] = []

    def move() -> None:
        if not moved:
            out.rename(bench.root / "kept")
            moved.append(True)

    with pytest.raises(EnvironmentFault, match="removed or replaced while"):
        _render_while(bench, move)
    assert not versions(out, "small")


@pytest.mark.parametrize("folder", ["objects", "clips"])
def test_clips_that_vanish_during_a_render_are_not_passed_over(bench: Bench, folder: str) -> None:
    out = bench.root / "out"
    with pytest.raises(EnvironmentFault, match=r"vanished from .* while the render ran"):
        _render_while(bench, lambda: shutil.rmtree(out / folder, ignore_errors=True))
    assert not versions(out, "small")


def _make_unspeakable(bench: Bench) -> None:
    script = bench.root / "scripts_in/hall.yaml"
    text = script.read_text("utf-8")
    for old in ("Good evening.", "Guten Abend.", "It was.", "Es war einer.", "Stay.", "Bleib."):
        text = text.replace(old, "unspeakable")
    script.write_text(text, "utf-8")


def test_a_render_whose_every_line_fails_leaves_the_last_version(rendered: Bench) -> None:
    out = rendered.root / "out"
    _make_unspeakable(rendered)
    report = rendered.render()
    assert (len(report.failed), report.published, report.is_whole) == (6, None, False)
    assert [version.name for version in versions(out, "small")] == ["v0001"]
    assert (out / "banks/small/latest").read_text("utf-8") == "v0001\n"


def test_a_first_render_whose_every_line_fails_publishes_nothing(bench: Bench) -> None:
    _make_unspeakable(bench)
    assert bench.render().published is None
    assert not versions(bench.root / "out", "small")


def test_recordings_behind_a_linked_folder_are_told_of(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio/hall_0010.wav").write_bytes(b"RIFF")
    (bench.root / "overrides").mkdir()
    (bench.root / "overrides/en").symlink_to(tmp_path / "studio")
    told = [one for one in bench.project().diagnostics if one.span.path == "overrides/en"]
    assert [one.message for one in told] == [
        "this recording is not used: it is a link, and links are not followed"
    ]
