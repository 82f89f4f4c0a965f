"""No way leads around an ended consent: by pins, filters, manifests, stamps, clocks or names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from consent_ways import (
    ANN,
    ENDS,
    HERS,
    HIS,
    Guard,
    as_bobs,
    edit_manifest,
    edit_take,
    end,
    entry_of,
    fresh_voice,
    override,
    pin,
    recast,
    renamed,
    revoke,
    withdraw_and_restore,
)
from small_project import ENGINES, Bench, write_small_project

from voicepipe.audio.tags import read_metadata_of
from voicepipe.bank.decisions_file import load_decisions, save_decisions
from voicepipe.bank.take_store import TakeStore
from voicepipe.consent.codes import NO_RECORD, REVOKED
from voicepipe.diagnostics import has_errors
from voicepipe.errors import InputError
from voicepipe.pipeline.render.consent_checks import require_permitted
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.selection import Selection

ANY_END = (
    "VP401", "VP402", "VP403", "VP404", "VP405", "VP406", "VP407", "VP414", "VP415",
)  # fmt: skip
PLACE = "scripts_in/hall.yaml:4:"


@pytest.mark.parametrize("how", ENDS)
def test_a_pinned_take_is_asked_for_by_its_own_voice(rendered: Bench, how: str) -> None:
    guard = Guard(rendered)
    pin(rendered)
    recast(rendered)
    end(rendered, how)
    places = guard.refused(*ANY_END)
    assert all(place.startswith(PLACE) for place in places), "it points at the line"


@pytest.mark.parametrize("how", ENDS)
def test_a_filtered_render_does_not_publish_older_clips_again(rendered: Bench, how: str) -> None:
    guard = Guard(rendered)
    recast(rendered)
    end(rendered, how)
    rendered.edit("scripts_in/hall.yaml", "It was.", "It is.")
    places = guard.refused(*ANY_END, lines=[HIS])
    assert len(places) == 4, "each line in each language is named"


@pytest.mark.parametrize(
    "filters", [{"speakers": ["bob"]}, {"languages": ["de"]}, {"lines": [HERS]}], ids=str
)
def test_no_filter_lets_older_clips_through(rendered: Bench, filters: dict[str, list[str]]) -> None:
    guard = Guard(rendered)
    recast(rendered)
    end(rendered, "expired")
    rendered.edit("scripts_in/hall.yaml", "It was.", "It is.")
    guard.refused("VP404", options=None, **filters)


def test_an_actor_s_record_that_proves_nothing_frees_no_pinned_take(rendered: Bench) -> None:
    guard = Guard(rendered)
    pin(rendered)
    recast(rendered)
    end(rendered, "an actor without a paper")
    guard.refused("VP401", "VP407")


def test_a_whole_render_in_the_new_voice_is_the_way_out(rendered: Bench) -> None:
    guard = Guard(rendered)
    recast(rendered)
    end(rendered, "expired")
    assert rendered.render().rendered == 4
    guard.require_silence()
    assert len(guard.later()) == 1


def test_a_pin_in_force_says_whose_voice_it_is(rendered: Bench) -> None:
    take = pin(rendered)
    recast(rendered)
    report = rendered.render()
    assert report.published is not None
    assert report.is_whole
    entry = entry_of(rendered)
    said = read_metadata_of(report.published.path / entry.file)
    assert said is not None
    assert (entry.take_key, entry.voice, entry.consent) == (take, "ann", "ann-consent")
    assert (said.voice, said.consent, said.engine) == ("ann", "ann-consent", "tone")
    assert entry_of(rendered, "hall_0030").voice == "bob"
    assert not rendered.plan().plan.has_changes
    end(rendered, "expired")
    Guard(rendered).refused("VP404")


def test_a_pinned_placeholder_is_refused_in_a_release(rendered: Bench) -> None:
    rendered.edit(ANN, "engine: tone", "engine: placeholder")
    rendered.render()
    pin(rendered)
    recast(rendered)
    assert has_errors(rendered.project(release=True).diagnostics)
    with pytest.raises(InputError) as caught:
        rendered.render(RenderOptions(release=True))
    assert {d.code for d in caught.value.diagnostics if d.severity.value == "error"} == {"VP691"}
    report = rendered.render()
    assert report.published is not None
    entry = entry_of(rendered)
    said = read_metadata_of(report.published.path / entry.file)
    assert said is not None
    assert (said.source, said.engine) == (entry.source, entry.engine) == ("scratch", "placeholder")


def test_check_names_a_pinned_take_of_an_ended_voice(rendered: Bench) -> None:
    pin(rendered)
    recast(rendered)
    end(rendered, "expired")
    (found,) = [d for d in rendered.project().diagnostics if d.code == "VP404"]
    assert str(found.span).startswith(PLACE)
    assert HERS in found.message
    assert "unpin" in found.help


def test_a_plan_with_a_filter_names_what_would_be_published_again(rendered: Bench) -> None:
    recast(rendered)
    end(rendered, "expired")
    project, planned = rendered.project(), rendered.plan()
    chosen = Selection(lines=frozenset({HIS}))
    with pytest.raises(InputError):
        require_permitted(planned, project.permissions, selection=chosen)
    require_permitted(planned, project.permissions, selection=Selection())


def test_an_edited_manifest_changes_nobody_s_voice(rendered: Bench) -> None:
    guard = Guard(rendered)
    recast(rendered)
    end(rendered, "expired")
    rendered.edit("scripts_in/hall.yaml", "It was.", "It is.")
    edit_manifest(rendered, as_bobs)
    guard.refused("VP404", lines=[HIS])


def test_an_edited_manifest_does_not_free_a_pinned_take(rendered: Bench) -> None:
    guard = Guard(rendered)
    pin(rendered)
    recast(rendered)
    end(rendered, "expired")
    edit_manifest(rendered, as_bobs)
    guard.refused("VP404")


def test_an_edited_manifest_does_not_stand_in_for_a_lost_record(rendered: Bench) -> None:
    guard = Guard(rendered)
    take = pin(rendered)
    recast(rendered)
    end(rendered, "expired")
    edit_manifest(rendered, as_bobs)
    TakeStore(rendered.root / "out").takes.remove(take)
    report = rendered.render()
    assert [(event.line_id, event.language) for event in report.failed] == [(HERS, "en")]
    guard.require_silence()


def test_an_edited_take_s_record_does_not_free_it(rendered: Bench) -> None:
    guard = Guard(rendered)
    take = pin(rendered)
    recast(rendered)
    end(rendered, "expired")
    edit_take(rendered, take, voice="bob", consent="bob-consent")
    guard.refused("VP404")


def test_a_restored_voice_file_does_not_undo_a_revocation(rendered: Bench) -> None:
    guard = Guard(rendered)
    withdraw_and_restore(rendered)
    guard.refused(REVOKED.code)


def test_a_restored_voice_file_does_not_undo_one_before_the_first_render(bench: Bench) -> None:
    withdraw_and_restore(bench)
    with pytest.raises(InputError):
        bench.render()


def test_a_revoked_record_stays_revoked_under_another_name(rendered: Bench) -> None:
    guard = Guard(rendered)
    withdraw_and_restore(rendered)
    renamed(rendered)
    guard.refused(REVOKED.code)


def test_the_takes_of_a_renamed_voice_are_not_of_the_new_one(rendered: Bench) -> None:
    guard = Guard(rendered)
    pin(rendered)
    renamed(rendered)
    guard.refused(NO_RECORD.code)


def test_a_new_record_lifts_a_revocation_and_old_takes_stay_away(rendered: Bench) -> None:
    guard = Guard(rendered)
    aside = shutil.copytree(rendered.root / "out", rendered.root.parent / "aside")
    revoke(rendered)
    fresh_voice(rendered, "ann-2027")
    for folder in ("takes", "objects", "clips"):
        shutil.copytree(aside / folder, rendered.root / "out" / folder, dirs_exist_ok=True)
    report = rendered.render()
    assert report.rendered == 4, "what came back was made under the record that ended"
    assert entry_of(rendered).consent == "ann-2027"
    made = TakeStore(rendered.root / "out").takes.get(entry_of(rendered).take_key)
    assert made is not None
    assert made.consent == "ann-2027"
    assert len(guard.later()) == 1


def test_a_pin_on_a_take_of_a_revoked_record_is_refused_under_a_new_one(
    rendered: Bench,
) -> None:
    guard = Guard(rendered)
    aside = shutil.copytree(rendered.root / "out", rendered.root.parent / "aside")
    take = entry_of(rendered).take_key
    revoke(rendered)
    fresh_voice(rendered, "ann-2027")
    for folder in ("takes", "objects", "clips"):
        shutil.copytree(aside / folder, rendered.root / "out" / folder, dirs_exist_ok=True)
    out = rendered.root / "out"
    save_decisions(out.parent, load_decisions(out.parent, out).with_pin(HERS, "en", take))
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    guard.refused(REVOKED.code)


def test_takes_of_another_project_keep_their_voice(rendered: Bench, tmp_path: Path) -> None:
    other = Bench(tmp_path / "other")
    write_small_project(other.root)
    (other.root / ANN).rename(other.root / "voices/zoe.yaml")
    other.edit("voices/zoe.yaml", "ann-consent", "zoe-consent")
    (other.root / "voices/cast.yaml").write_text("ann: zoe\n", "utf-8")
    guard = Guard(rendered)
    pin(rendered)
    end(rendered, "expired")
    shutil.copytree(rendered.root / "out", other.root / "out")
    shutil.copyfile(rendered.root / "decisions.csv", other.root / "decisions.csv")
    guard.bench = other
    guard.refused(NO_RECORD.code)


@pytest.mark.parametrize("edit", ["loudness", "retake", "text"])
def test_a_revoked_voice_makes_nothing_more(rendered: Bench, edit: str) -> None:
    guard = Guard(rendered)
    end(rendered, "withdrawn")
    if edit == "loudness":
        rendered.edit("voicepipe.yaml", "bit_depth: 16", "bit_depth: 16, loudness_lufs: -20")
    if edit == "text":
        rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    options = RenderOptions(retake=edit == "retake", engines=ENGINES, jobs=1)
    guard.refused("VP402", options=options)


def test_a_recording_of_a_revoked_voice_is_refused(rendered: Bench) -> None:
    guard = Guard(rendered)
    override(rendered)
    end(rendered, "withdrawn")
    guard.refused("VP402")


def test_a_recording_keeps_its_voice_when_the_line_is_recast(rendered: Bench) -> None:
    override(rendered)
    rendered.render()
    guard = Guard(rendered)
    recast(rendered)
    end(rendered, "expired")
    places = guard.refused("VP404")
    assert all(place.startswith(PLACE) for place in places)


def test_a_recording_keeps_its_voice_through_a_version_in_between(rendered: Bench) -> None:
    path = override(rendered)
    rendered.render()
    recast(rendered)
    rendered.render()
    guard = Guard(rendered)
    revoke(rendered)
    assert guard.refused("VP402") == [f"{path.relative_to(rendered.root).as_posix()}:1:1"]
