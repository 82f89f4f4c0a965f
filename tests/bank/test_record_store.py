from __future__ import annotations

import pickle  # noqa: TID251 - what joblib does with arguments
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import orjson
import pytest
from bank_builders import clip_of, digest, entry, published, stored, take_of, wav
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicepipe.bank.record_store import clip_records, take_records
from voicepipe.bank.records import TakeRecord
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import load_latest
from voicepipe.errors import CorruptObject, EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.bank.store import Quarantined

TAKES = st.builds(
    TakeRecord,
    key=st.integers(0, 10).map(lambda n: digest(str(n))),
    object_id=st.just(digest("object")),
    voice=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
    language=st.just("en"),
    line=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
    engine=st.just("gpt-sovits"),
    source=st.sampled_from(["scratch", "synthetic"]),
    seed=st.integers(0, 2**31 - 1),
    sample_rate=st.sampled_from([22_050, 32_000]),
    duration_s=st.floats(0.1, 1e4),
    models=st.dictionaries(st.sampled_from("ab"), st.just(digest("m"))),
    created=st.just("2030-01-02T03:04:05Z"),
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(record=TAKES)
def test_a_record_is_read_back_as_it_was_put(tmp_path: Path, record: TakeRecord) -> None:
    record_store = take_records(tmp_path)
    record_store.put(record)
    assert record_store.get(record.key) == record
    assert record.key in record_store.keys()  # noqa: SIM118 - a record_store is no mapping


def test_a_clip_that_is_too_short_to_gate_has_no_loudness(tmp_path: Path) -> None:
    record = replace(clip_of(entry()), loudness_lufs=None)
    record_store = clip_records(tmp_path)
    record_store.put(record)
    assert record_store.get(record.key) == record
    assert list(record_store.records()) == [record]
    assert record_store.remove(record.key) is True
    assert record_store.remove(record.key) is False
    assert record_store.get(record.key) is None


RECORD = take_of(entry(), digest("object"))
FACTS = {"schema": 1, **asdict(RECORD)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        orjson.dumps({**FACTS, "schema": 0}),
        orjson.dumps({**FACTS, "schema": True}),
        orjson.dumps({**FACTS, "schema": "1"}),
        orjson.dumps({**FACTS, "key": digest("another")}),
        orjson.dumps({**FACTS, "object_id": "../../etc/passwd"}),
        orjson.dumps({**FACTS, "seed": "7"}),
        orjson.dumps({**FACTS, "seed": True}),
        orjson.dumps({**FACTS, "duration_s": None}),
        orjson.dumps({**FACTS, "models": {"a": 1}}),
        orjson.dumps({**FACTS, "duration_s": -1e308}),
        orjson.dumps({**FACTS, "duration_s": 0}),
        orjson.dumps({**FACTS, "sample_rate": 0}),
        orjson.dumps({**FACTS, "seed": -1}),
        orjson.dumps({**FACTS, "more": "deep"}).replace(b'"deep"', b"[" * 5000 + b"]" * 5000),
        orjson.dumps({k: v for k, v in FACTS.items() if k != "voice"}),
        orjson.dumps({**FACTS, "line": "x" * (1 << 20)}),
        b"\xff\xfe",
    ],
)
def test_a_damaged_record_is_reported_set_aside_and_missing(tmp_path: Path, content: bytes) -> None:
    told: list[Quarantined] = []
    record_store = take_records(tmp_path, report=told.append)
    record_store.put(RECORD)
    record_store.path(RECORD.key).write_bytes(content)
    assert record_store.get(RECORD.key) is None
    assert RECORD.key not in record_store.keys()  # noqa: SIM118
    assert [what.key for what in told] == [RECORD.key]
    assert told[0].path.read_bytes() == content
    assert str(record_store.path(RECORD.key)) in str(told[0])


def test_keys_that_are_no_hashes_never_become_paths(tmp_path: Path) -> None:
    with pytest.raises(CorruptObject):
        take_records(tmp_path).get("../../x")


def test_a_folder_in_place_of_a_record_is_explained(tmp_path: Path) -> None:
    record_store = take_records(tmp_path)
    record_store.path(RECORD.key).mkdir(parents=True)
    with pytest.raises(EnvironmentFault, match=RECORD.key):
        record_store.get(RECORD.key)


def test_takes_and_clips_count_only_with_their_sound(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path)
    take, clip = take_store.find_take(item.take_key), take_store.find_clip(item.clip_key)
    assert take is not None
    assert clip is not None
    assert take_store.known_takes() == {item.take_key}
    assert take_store.known_clips() == {item.clip_key}
    take_store.objects.path(take.object_id).unlink()
    take_store.objects.path(clip.object_id).unlink()
    assert take_store.find_take(item.take_key) is None
    assert take_store.find_clip(item.clip_key) is None
    assert take_store.known_takes() == frozenset()
    assert take_store.known_clips() == frozenset()


def test_known_clips_asks_the_manifest_before_it_opens_records(tmp_path: Path) -> None:
    first, second = stored(tmp_path, "a"), stored(tmp_path, "b")
    published(tmp_path, [first])
    told: list[Quarantined] = []
    take_store = TakeStore(tmp_path, report=told.append)
    for item in (first, second):
        take_store.clips.path(item.clip_key).write_bytes(b"damaged")
    assert take_store.known_clips(load_latest(tmp_path, "main")) == {first.clip_key}
    assert [what.key for what in told] == [second.clip_key]


def test_a_clip_made_again_as_another_object_is_known(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    published(tmp_path, [item])
    take_store = TakeStore(tmp_path)
    take_store.objects.path(item.sha256).unlink()
    again = take_store.objects.put(wav("another"))
    take_store.clips.put(replace(clip_of(item), object_id=again))
    assert take_store.known_clips(load_latest(tmp_path, "main")) == {item.clip_key}


def test_only_the_keys_asked_for_are_looked_at(tmp_path: Path) -> None:
    first, second = stored(tmp_path, "a"), stored(tmp_path, "b")
    take_store = TakeStore(tmp_path)
    assert take_store.known_clips(among=[first.clip_key, digest("x")]) == {first.clip_key}
    assert take_store.known_takes(among=[second.take_key]) == {second.take_key}


def test_a_take_store_travels_to_other_processes(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    copy = pickle.loads(pickle.dumps(TakeStore(tmp_path)))
    assert copy.find_clip(item.clip_key) is not None
