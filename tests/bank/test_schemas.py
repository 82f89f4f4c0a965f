"""Records through time: older ones are brought up to date, newer ones are refused and left."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from bank_builders import clip_of, digest, entry, manifest_of, published, stored, take_of

from voicepipe.bank.collect import find_unused
from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.manifest_io import content_hash, manifest_json, parse_manifest
from voicepipe.bank.record_fields import added, read_fields, rows_of
from voicepipe.bank.record_store import RecordStore, take_records
from voicepipe.bank.records import TAKES
from voicepipe.bank.revocation import remove_revoked_takes
from voicepipe.bank.schemas import Schema
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import load_latest
from voicepipe.errors import MadeByNewer
from voicepipe.model_store.lock import LockedFile, LockedModel, Source, Trust, read_lock, write_lock

NEWER = "made by a newer voicepipe"
RECORD = take_of(entry(), digest("object"))
FACTS = {**asdict(RECORD), "schema": 1}


def rewritten(path: Path, **changes: Any) -> bytes:
    """Change fields of a JSON file, as a newer release might have written it."""
    content = orjson.dumps({**orjson.loads(path.read_bytes()), **changes})
    path.chmod(0o644)
    path.write_bytes(content)
    return content


def test_a_record_of_a_newer_schema_is_refused_by_name_and_stays(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path)
    for record_store, key in ((take_store.takes, item.take_key), (take_store.clips, item.clip_key)):
        path = record_store.path(key)
        content = rewritten(path, schema=99)
        for read in (
            record_store.get,
            lambda _, record_store=record_store: list(record_store.records()),
        ):
            with pytest.raises(MadeByNewer, match=NEWER) as caught:
                read(key)
            assert str(path) in caught.value.message
            assert "schema 99" in caught.value.message
        assert path.read_bytes() == content
    assert not (tmp_path / "quarantine").exists()


def test_nothing_is_collected_or_purged_beside_a_record_of_a_newer_schema(tmp_path: Path) -> None:
    first, second = stored(tmp_path, "a"), stored(tmp_path, "b")
    take_store = TakeStore(tmp_path)
    rewritten(take_store.takes.path(first.take_key), schema=99)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(MadeByNewer):
        find_unused(tmp_path, tmp_path, days=0)
    with pytest.raises(MadeByNewer):
        remove_revoked_takes(tmp_path, tmp_path, second.voice)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_manifest_of_a_newer_schema_is_refused_by_name() -> None:
    facts = {**orjson.loads(manifest_json(manifest_of([entry()]))), "schema": 99}
    for content in (orjson.dumps(facts), manifest_json(manifest_of([entry()], schema=99))):
        with pytest.raises(MadeByNewer, match=NEWER) as caught:
            parse_manifest(content, "the/manifest.json")
        assert "the/manifest.json" in caught.value.message


def test_decisions_of_a_newer_schema_are_refused_by_name_and_stay(tmp_path: Path) -> None:
    path = tmp_path / "decisions.json"
    path.write_bytes(b'{"schema": 99, "pins": []}')
    with pytest.raises(MadeByNewer, match=NEWER):
        load_decisions(tmp_path, tmp_path)
    assert path.read_bytes() == b'{"schema": 99, "pins": []}'


def test_a_model_lock_of_a_newer_schema_is_refused_by_name_and_never_replaced(
    tmp_path: Path,
) -> None:
    path = tmp_path / "models.lock"
    path.write_bytes(b'{"schema": 99}')
    with pytest.raises(MadeByNewer, match=NEWER):
        read_lock(path)
    with pytest.raises(MadeByNewer, match=NEWER):
        write_lock(path, {})
    assert path.read_bytes() == b'{"schema": 99}'


def test_a_field_that_a_newer_release_added_is_passed_over_in_a_record(tmp_path: Path) -> None:
    record_store = take_records(tmp_path)
    record_store.put(RECORD)
    content = rewritten(record_store.path(RECORD.key), alignment={"phones": 12})
    assert record_store.get(RECORD.key) == RECORD
    found = record_store.read(RECORD.key)
    assert found is not None
    assert found.content == content, "whoever shares it shares all of it"
    assert record_store.path(RECORD.key).read_bytes() == content


@pytest.mark.parametrize("is_reformatted", [False, True])
def test_fields_that_a_newer_release_added_are_passed_over_in_a_manifest(
    is_reformatted: bool,
) -> None:
    known = manifest_of([entry("a"), entry("b", position=1)])
    rows = [{**row, "mouth": "ab.json"} for row in rows_of(known.entries, type(known.entries[0]))]
    lines = b",\n".join(orjson.dumps(row, option=orjson.OPT_SORT_KEYS) for row in rows)
    content = manifest_json(known)
    begin, end = content.index(b"[\n") + 2, content.index(b"\n],\n")
    content = content[:begin] + lines + content[end:]
    content = content.replace(known.content_sha256.encode(), digest_of(lines).encode())
    content = content.replace(b'"schema": 1,', b'"schema": 1,\n"series": 7,')
    if is_reformatted:
        content = orjson.dumps(orjson.loads(content), option=orjson.OPT_INDENT_2)
    assert parse_manifest(content, "m").entries == known.entries


def digest_of(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


def test_what_a_newer_release_noted_in_the_model_lock_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "models.lock"
    model = LockedModel(
        name="a",
        family="v2",
        lora_rank=None,
        files={"gpt.safetensors": LockedFile(sha256=digest("f"), n_bytes=1)},
        source=Source(file="a.ckpt", sha256=digest("s"), trust=Trust.LOCAL),
    )
    write_lock(path, {"a": model})
    facts = orjson.loads(path.read_bytes())
    facts["signed"] = "x"
    facts["models"]["a"]["licence"] = {"name": "MIT"}
    path.write_bytes(orjson.dumps(facts))
    found = read_lock(path)
    assert replace(found["a"], more={}) == model
    write_lock(path, {**found, "b": replace(model, name="b")})
    after = orjson.loads(path.read_bytes())
    assert after["signed"] == "x"
    assert after["models"]["a"]["licence"] == {"name": "MIT"}
    assert set(read_lock(path)) == {"a", "b"}


def _renamed(facts: Any) -> dict[str, Any]:
    """An example of an upgrade: schema 1 called the voice a speaker."""
    return {**{k: v for k, v in facts.items() if k != "speaker"}, "voice": facts["speaker"]}


LATER = replace(TAKES, schema=Schema(what="the record of a take", upgrades=(_renamed,)))


def test_an_older_record_is_brought_up_to_date_in_memory_and_not_rewritten(tmp_path: Path) -> None:
    record_store = RecordStore(tmp_path, LATER)
    old = orjson.dumps({**{k: v for k, v in FACTS.items() if k != "voice"}, "speaker": "noah"})
    path = record_store.path(RECORD.key)
    path.parent.mkdir(parents=True)
    path.write_bytes(old)
    assert record_store.get(RECORD.key) == RECORD
    assert path.read_bytes() == old
    record_store.put(RECORD)
    assert orjson.loads(path.read_bytes())["schema"] == 2
    assert record_store.get(RECORD.key) == RECORD


def test_an_older_record_that_cannot_be_brought_up_to_date_is_damage(tmp_path: Path) -> None:
    record_store = RecordStore(tmp_path, LATER)
    path = record_store.path(RECORD.key)
    path.parent.mkdir(parents=True)
    path.write_bytes(orjson.dumps({k: v for k, v in FACTS.items() if k != "voice"}))
    assert record_store.get(RECORD.key) is None
    assert not path.exists(), "it was set aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithNewField:
    """A record that got a field in a later release."""

    line: str
    mouth: str = added("")


def test_an_added_field_changes_nothing_that_was_written_without_it() -> None:
    old, fault = read_fields({"line": "a"}, WithNewField)
    assert (old, fault) == (WithNewField(line="a"), "")
    assert rows_of([WithNewField(line="a"), WithNewField(line="b", mouth="x")], WithNewField) == [
        {"line": "a"},
        {"line": "b", "mouth": "x"},
    ]


def test_a_kept_manifest_has_the_hash_it_always_had(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    published(tmp_path, [item])
    manifest = load_latest(tmp_path, "main")
    assert manifest is not None
    assert content_hash(manifest.entries) == manifest.content_sha256


def test_an_impossible_length_is_damage_and_the_clip_is_made_again(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path)
    rewritten(take_store.clips.path(item.clip_key), duration_s=-1e308)
    assert take_store.find_clip(item.clip_key) is None
    assert take_store.known_clips() == frozenset()
    (aside,) = (tmp_path / "quarantine").iterdir()
    assert item.clip_key in aside.name
    take_store.clips.put(clip_of(item))
    assert take_store.known_clips() == {item.clip_key}
