from __future__ import annotations

from dataclasses import fields, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from bank_builders import clip_of, entry, published, spec_of, stored, take_of

from voicepipe.audio.postprocess import FinishedClip
from voicepipe.bank.clip_facts import ClipListing, ClipMaking, ClipMeasurements, fields_of
from voicepipe.bank.entries import collect_entries
from voicepipe.bank.manifest import COLUMNS, ManifestEntry
from voicepipe.bank.plan import Action, Reason, plan_bank
from voicepipe.bank.record_fields import field_names
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import load_latest

if TYPE_CHECKING:
    from pathlib import Path

GROUPS = (ClipListing, ClipMaking, ClipMeasurements)
ENTRY = entry("a_0010")


def test_no_fact_is_in_two_groups() -> None:
    for one, other in combinations(GROUPS, 2):
        assert not {*field_names(one)} & {*field_names(other)}


@pytest.mark.parametrize(
    ("record", "group"),
    [
        (spec_of(ENTRY), ClipListing),
        (spec_of(ENTRY), ClipMaking),
        (take_of(ENTRY, ENTRY.sha256), ClipMaking),
        (clip_of(ENTRY), ClipMeasurements),
    ],
)
def test_a_group_is_carried_from_record_to_record_as_it_is(record: object, group: type) -> None:
    assert fields_of(record, group) == fields_of(ENTRY, group)


def test_everything_to_be_measured_is_measured_where_clips_are_finished() -> None:
    assert {*field_names(ClipMeasurements)} <= {each.name for each in fields(FinishedClip)}


def test_the_table_has_a_column_for_every_fact_those_of_the_first_release_in_its_order() -> None:
    assert sorted(COLUMNS) == sorted(field_names(ManifestEntry))
    assert COLUMNS[:3] == ("line", "base_line", "language")
    assert COLUMNS[36] == "outdated"


@pytest.mark.parametrize(
    "name", [name for name in field_names(ClipListing) if name not in {"line", "language"}]
)
def test_another_listing_is_published_without_any_copying_of_its_fields_by_hand(
    tmp_path: Path, name: str
) -> None:
    item = stored(tmp_path, "a")
    published(tmp_path, [item])
    changed = replace(item, **{name: another(getattr(item, name))})
    previous = load_latest(tmp_path, "main")
    plan = plan_bank([spec_of(changed)], previous, set(), {item.clip_key})
    (step,) = plan.steps
    assert (step.action, step.reasons) == (Action.KEEP, (Reason.LISTING,))
    assert collect_entries(plan, TakeStore(tmp_path)).entries == (replace(changed, size_bytes=0),)


def another(value: Any) -> Any:
    """Give another value of the same kind."""
    if value is None:
        return 2.5
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    return {**value, "x": "y"} if isinstance(value, dict) else (*value, "x")
