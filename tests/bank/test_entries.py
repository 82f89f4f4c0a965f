from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bank_builders import digest, published, spec_of, stored, take_of, wav

from voicepipe.bank.decisions import Decisions
from voicepipe.bank.entries import collect_entries
from voicepipe.bank.plan import Action, ClipSpec, RenderPlan, plan_bank
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import load_latest

if TYPE_CHECKING:
    from pathlib import Path


def plan_for(out: Path, wanted: list[ClipSpec], decisions: Decisions) -> RenderPlan:
    take_store = TakeStore(out)
    previous = load_latest(out, "main")
    return plan_bank(
        wanted, previous, take_store.known_takes(), take_store.known_clips(previous), decisions
    )


def test_entries_of_new_clips_come_from_their_records(tmp_path: Path) -> None:
    item = stored(tmp_path, "a", duration_s=2.25)
    plan = plan_for(tmp_path, [spec_of(item)], Decisions())
    collected = collect_entries(plan, TakeStore(tmp_path))
    assert collected.entries == (item,)
    assert collected.missing == ()


def test_kept_clips_are_described_by_the_latest_version_without_opening_records(
    tmp_path: Path,
) -> None:
    item = stored(tmp_path, "a")
    published(tmp_path, [item])
    TakeStore(tmp_path).clips.path(item.clip_key).write_bytes(b"damaged")
    plan = plan_for(tmp_path, [spec_of(item, position=5)], Decisions())
    (entry,) = collect_entries(plan, TakeStore(tmp_path)).entries
    assert replace(entry, position=0) == item


def test_lines_without_a_clip_are_missing(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    wanted = [spec_of(item), spec_of(item, line="b", clip_key=digest("none"))]
    plan = plan_for(tmp_path, wanted, Decisions())
    collected = collect_entries(plan, TakeStore(tmp_path))
    assert [entry.line for entry in collected.entries] == ["a"]
    assert [step.line for step in collected.missing] == ["b"]


def test_dropped_lines_are_in_neither(tmp_path: Path) -> None:
    items = [stored(tmp_path, "a"), stored(tmp_path, "b")]
    published(tmp_path, items)
    collected = collect_entries(
        plan_for(tmp_path, [spec_of(items[0])], Decisions()), TakeStore(tmp_path)
    )
    assert [entry.line for entry in collected.entries] == ["a"]
    assert collected.missing == ()


def test_a_pinned_take_is_described_as_it_was_made_through_every_version(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    published(tmp_path, [item])
    decisions = Decisions().with_pin("a", "en", item.take_key)
    changed = spec_of(
        item,
        take_key=digest("new take"),
        voice="ada",
        consent="ada-2031",
        text="Other words",
        seed=99,
        inputs={"text": "t2", "voice": "v2", "post": "p1"},
    )
    for _ in range(2):
        plan = plan_for(tmp_path, [changed], decisions)
        (entry,) = collect_entries(plan, TakeStore(tmp_path)).entries
        assert (entry.voice, entry.consent, entry.seed) == ("noah", "noah-2030", 7)
        assert (entry.take_key, entry.pinned) == (item.take_key, True)
        assert (entry.text, entry.speaker) == ("Other words", "noah")
        assert entry.inputs == {"text": "t1", "voice": "v1", "post": "p1"}
        published(tmp_path, [entry])


def test_a_pin_on_an_older_take_is_described_by_that_take_s_record(tmp_path: Path) -> None:
    old = stored(tmp_path, "a", seed=3, voice="noah")
    take_store = TakeStore(tmp_path)
    record = take_store.find_take(old.take_key)
    assert record is not None
    take_store.takes.put(replace(record, consent="noah-2029", inputs={"text": "t0"}))
    new = stored(tmp_path, "a", take_key=digest("2"), clip_key=digest("3"), seed=4)
    published(tmp_path, [new])
    decisions = Decisions().with_pin("a", "en", old.take_key)
    wanted = spec_of(new, clip_key=old.clip_key)
    plan = plan_for(tmp_path, [wanted], decisions)
    assert plan.steps[0].action is Action.KEEP
    (entry,) = collect_entries(plan, take_store).entries
    assert (entry.seed, entry.consent, entry.sha256) == (3, "noah-2029", old.sha256)
    assert entry.inputs == {"text": "t0", "post": "p1"}


def test_a_lost_pinned_take_is_missing_even_where_its_clip_record_stays(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path)
    take_store.takes.remove(item.take_key)
    take_store.objects.path(item.sha256).unlink()
    decisions = Decisions().with_pin("a", "en", item.take_key)
    plan = plan_for(tmp_path, [spec_of(item, take_key=digest("new"))], decisions)
    assert plan.steps[0].action is Action.LOST
    collected = collect_entries(plan, take_store)
    assert collected.entries == ()
    assert len(collected.missing) == 1


def test_a_clip_made_again_with_other_bytes_can_be_published(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    first = published(tmp_path, [item])
    take_store = TakeStore(tmp_path)
    take_store.objects.path(item.sha256).unlink()
    again = take_store.objects.put(wav("other bytes"))
    clip = take_store.clips.get(item.clip_key)
    assert clip is not None
    take_store.clips.put(replace(clip, object_id=again))
    take_store.takes.put(take_of(item, again))
    plan = plan_for(tmp_path, [spec_of(item)], Decisions())
    assert plan.steps[0].action is Action.KEEP
    (entry,) = collect_entries(plan, take_store).entries
    assert entry.sha256 == again
    facts = published(tmp_path, [entry])
    assert facts.is_new
    assert facts.version != first.version
