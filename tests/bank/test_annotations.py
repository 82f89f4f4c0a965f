"""What analysers found out about takes and clips: kept, verified, and gone with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bank_builders import CREATED, published, stored

from voicepipe.bank.annotations import annotation_key, is_annotation_key, subject_of
from voicepipe.bank.collect import find_unused, remove_unused
from voicepipe.bank.layout import KINDS_OF_OBJECT
from voicepipe.bank.records import AnnotationRecord
from voicepipe.bank.revocation import remove_revoked_takes
from voicepipe.bank.store import ObjectStore, Quarantined
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.verify import Fault, verify_versions
from voicepipe.bank.versions import versions
from voicepipe.errors import CorruptObject, MadeByNewer
from voicepipe.hashing import sha256_of_bytes

FOUND = b'{"words": [["go", 0.1, 0.4]]}'


def annotation(subject: str, content: bytes = FOUND, **changes: str) -> AnnotationRecord:
    base = AnnotationRecord(
        key="",
        subject=subject,
        analyser="aligner",
        revision="3",
        voice="noah",
        object_id=sha256_of_bytes(content),
        object_suffix=".json",
        created=CREATED,
    )
    one = replace(base, **changes)
    return replace(one, key=annotation_key(one.subject, one.analyser, one.revision))


def test_what_was_found_out_is_read_back_verified(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path)
    record = take_store.annotate(annotation(item.clip_key), FOUND)
    found = take_store.find_annotation(item.clip_key, "aligner", "3")
    assert found is not None
    assert (found.record, found.content) == (record, FOUND)
    assert take_store.find_annotation(item.clip_key, "aligner", "4") is None
    assert take_store.find_annotation(item.take_key, "aligner", "3") is None


def test_an_annotation_is_never_replaced(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path)
    first = take_store.annotate(annotation(item.clip_key), FOUND)
    other = annotation(item.clip_key, b"{}")
    assert take_store.annotate(other, b"{}") == first
    take_store.annotations.put(other)
    assert take_store.annotations.get(first.key) == first


def test_damaged_findings_are_set_aside_and_found_out_again(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    told: list[Quarantined] = []
    take_store = TakeStore(tmp_path, report=told.append)
    record = take_store.annotate(annotation(item.clip_key), FOUND)
    path = take_store.objects.path(record.object_id, ".json")
    path.chmod(0o644)
    path.write_bytes(b"{}")
    assert take_store.find_annotation(item.clip_key, "aligner", "3") is None
    assert [what.key for what in told] == [record.object_id]
    take_store.annotate(record, FOUND)
    assert take_store.find_annotation(item.clip_key, "aligner", "3") is not None


@pytest.mark.parametrize(
    "changes",
    [{"object_suffix": ".exe"}, {"object_id": "../x"}, {"object_id": "0" * 64}, {"key": "x"}],
)
def test_an_annotation_that_does_not_fit_its_findings_is_refused(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    item = stored(tmp_path, "a")
    with pytest.raises(CorruptObject):
        TakeStore(tmp_path).annotate(replace(annotation(item.clip_key), **changes), FOUND)
    assert TakeStore(tmp_path).annotations.keys() == set()


def test_keys_say_what_they_are_about_and_are_lawful_names() -> None:
    subject = sha256_of_bytes(b"clip")
    key = annotation_key(subject, "mouth-shapes", "2b")
    assert subject_of(key) == subject
    for bad in ("", subject, f"{subject}.a", f"{subject}.A.1", f"{subject}.a/b.1", f"x.{key}"):
        assert not is_annotation_key(bad)
    with pytest.raises(CorruptObject):
        annotation_key(subject, "../x", "1")


def test_annotations_are_collected_with_what_they_are_about(tmp_path: Path) -> None:
    kept, gone = stored(tmp_path, "a"), stored(tmp_path, "b")
    published(tmp_path, [kept])
    take_store = TakeStore(tmp_path)
    stays = take_store.annotate(annotation(kept.clip_key), FOUND)
    for subject in (gone.clip_key, gone.take_key):
        take_store.annotate(annotation(subject, b"{}"), b"{}")
    assert find_unused(tmp_path, tmp_path).unused == (), "all of it is new"
    collection = find_unused(tmp_path, tmp_path, days=-1)
    assert sum(item.kind == "annotation" for item in collection.unused) == 2
    remove_unused(tmp_path, collection)
    assert take_store.annotations.keys() == {stays.key}
    assert take_store.objects.ids(".json") == {stays.object_id}
    (version,) = versions(tmp_path, "main")
    assert verify_versions(tmp_path, [version]).is_intact


def test_annotations_of_a_revoked_voice_are_purged(tmp_path: Path) -> None:
    theirs, other = stored(tmp_path, "a"), stored(tmp_path, "b", voice="bob")
    take_store = TakeStore(tmp_path)
    take_store.annotate(annotation(theirs.take_key), FOUND)
    # Its voice is written down wrongly, but it is about a clip of the voice that goes.
    take_store.annotate(annotation(theirs.clip_key, b"1", voice="bob"), b"1")
    take_store.annotate(annotation("0" * 64, b"2"), b"2")
    stays = take_store.annotate(annotation(other.clip_key, b"3", voice="bob"), b"3")
    assert remove_revoked_takes(tmp_path, tmp_path, "noah").annotations == 3
    assert take_store.annotations.keys() == {stays.key}
    assert take_store.objects.ids(".json") == {stays.object_id}


def test_an_annotation_of_a_newer_schema_is_refused_by_name_and_stays(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path)
    record = take_store.annotate(annotation(item.clip_key), FOUND)
    path = take_store.annotations.path(record.key)
    path.write_bytes(path.read_bytes().replace(b'"schema":1', b'"schema":99'))
    with pytest.raises(MadeByNewer):
        take_store.find_annotation(item.clip_key, "aligner", "3")
    with pytest.raises(MadeByNewer):
        take_store.annotate(record, FOUND)
    assert b'"schema":99' in path.read_bytes()


@pytest.mark.parametrize("suffix", KINDS_OF_OBJECT)
def test_objects_of_every_kind_are_addressed_and_verified_alike(
    tmp_path: Path, suffix: str
) -> None:
    told: list[Quarantined] = []
    store = ObjectStore(tmp_path, report=told.append)
    object_id = store.put(b"content", suffix)
    assert store.put(b"content", suffix) == object_id
    assert store.path(object_id, suffix).name == f"{object_id}{suffix}"
    assert store.read(object_id, suffix) == b"content"
    assert store.ids(suffix) == {object_id}
    assert store.all_ids() == {(object_id, suffix)}
    path = store.path(object_id, suffix)
    assert path.stat().st_mode & 0o222 == 0
    path.chmod(0o644)
    path.write_bytes(b"other")
    findings = verify_versions(tmp_path, []).findings
    assert [finding.fault for finding in findings] == [Fault.OBJECT_ALTERED]
    with pytest.raises(CorruptObject):
        store.read(object_id, suffix)
    assert len(told) == 1
    assert not store.has(object_id, suffix)


def test_there_is_no_object_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(CorruptObject, match="not a kind of object"):
        ObjectStore(tmp_path).put(b"MZ", ".exe")
