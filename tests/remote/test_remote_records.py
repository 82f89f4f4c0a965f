"""Annotations in a shared store, and records that another release wrote there."""

from __future__ import annotations

from pathlib import Path

import pytest
from remote_builders import Messages, made, memory_store, pulled, pushed, sought

from voicepipe.bank.annotations import annotation_key
from voicepipe.bank.records import ANNOTATIONS, CLIPS, TAKES, AnnotationRecord
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import MadeByNewer
from voicepipe.hashing import sha256_of_bytes
from voicepipe.remote.push import Pushed, push
from voicepipe.remote.record_kinds import FEW, keys_there, object_name
from voicepipe.remote.revocations import Revocation, Revocations, local_revocations, note_revocation
from voicepipe.remote.revoked_takes import remove_revoked_shared_takes


def annotated(
    take_store: TakeStore, subject: str, content: bytes, voice: str = "ann"
) -> AnnotationRecord:
    record = AnnotationRecord(
        key=annotation_key(subject, "aligner", "3"),
        subject=subject,
        analyser="aligner",
        revision="3",
        voice=voice,
        object_id=sha256_of_bytes(content),
        object_suffix=".json",
        created="2030-01-02T03:04:05Z",
    )
    return take_store.annotate(record, content)


@pytest.mark.parametrize("n", [2, FEW + 6])
def test_what_was_found_out_is_shared_with_what_it_is_about(tmp_path: Path, n: int) -> None:
    store = memory_store()
    mine, yours = made(tmp_path / "a", sought(n)), TakeStore(tmp_path / "b")
    records = [annotated(mine, one.clip_key, one.clip_key.encode()) for one in sought(n)]
    of_take = annotated(mine, sought(n)[0].take_key, b"take")
    assert pushed(store, mine, sought(n)).annotations == n + 1
    assert pushed(store, mine, sought(n)).annotations == 0, "they are there"
    result = pulled(store, yours, sought(n))
    assert result.annotations == {record.key for record in records}, "the take did not come"
    found = yours.find_annotation(sought(n)[1].clip_key, "aligner", "3")
    assert found is not None
    assert (found.record, found.content) == (records[1], records[1].subject.encode())
    assert of_take.key not in yours.annotations.keys()  # noqa: SIM118 - it is no mapping


def test_what_was_found_out_later_is_shared_later(tmp_path: Path) -> None:
    store = memory_store()
    mine = made(tmp_path, sought(1))
    pushed(store, mine, sought(1))
    annotated(mine, sought(1)[0].clip_key, b"later")
    assert pushed(store, mine, sought(1)) == Pushed(clips=0, takes=0, forbidden=0, annotations=1)


def test_damaged_findings_in_a_store_are_told_and_not_used(tmp_path: Path) -> None:
    store = memory_store()
    mine, yours = made(tmp_path / "a", sought(1)), TakeStore(tmp_path / "b")
    record = annotated(mine, sought(1)[0].clip_key, b"found")
    pushed(store, mine, sought(1))
    store.write(object_name(record.object_id, ".json"), b"forged")
    told = Messages()
    result = pulled(store, yours, sought(1), told=told)
    assert (len(result.clips), len(result.annotations)) == (1, 0)
    assert result.damaged == {record.key}
    assert len(told) == 1
    assert yours.annotations.keys() == set()
    went = push(store, mine, sought(1), Revocations(), Messages(), known_absent=result.damaged)
    assert went.annotations == 1, "it is replaced there"
    assert store.read(object_name(record.object_id, ".json")) == b"found"


def test_what_was_found_out_about_a_revoked_voice_is_neither_pushed_nor_left(
    tmp_path: Path,
) -> None:
    store = memory_store()
    mine = made(tmp_path, sought(1) + sought(1, "bob"))
    gone = annotated(mine, sought(1)[0].clip_key, b"ann")
    stays = annotated(mine, sought(1, "bob")[0].clip_key, b"bob", "bob")
    revocations = Revocations([Revocation(voice="ann", consents=("ann-2030",))])
    went = pushed(store, mine, sought(1) + sought(1, "bob"), revocations)
    assert (went.annotations, went.forbidden) == (1, 3)
    pushed(store, mine, sought(1) + sought(1, "bob"))
    removed = remove_revoked_shared_takes(
        store, Revocation(voice="ann", consents=("ann-2030",)), Messages()
    )
    assert (removed.takes, removed.clips, removed.annotations, removed.objects) == (1, 1, 1, 3)
    assert keys_there(store, ANNOTATIONS, [gone.key, stays.key]) == {stays.key}
    assert store.read(object_name(gone.object_id, ".json")) is None


def test_a_record_of_a_newer_schema_is_refused_by_name_and_stays_in_the_store(
    tmp_path: Path,
) -> None:
    store = memory_store()
    mine, yours = made(tmp_path / "a", sought(2)), TakeStore(tmp_path / "b")
    pushed(store, mine, sought(2))
    name = CLIPS.name(sought(2)[0].clip_key)
    newer = (store.read(name) or b"").replace(b'"schema":1', b'"schema":99')
    store.write(name, newer)
    with pytest.raises(MadeByNewer, match="made by a newer voicepipe") as caught:
        pulled(store, yours, sought(2))
    assert name in caught.value.message
    with pytest.raises(MadeByNewer):
        remove_revoked_shared_takes(
            store, Revocation(voice="ann", consents=("ann-2030",)), Messages()
        )
    pushed(store, mine, sought(2))
    assert store.read(name) == newer
    assert keys_there(store, TAKES, [sought(2)[0].take_key]), "nothing was removed"


def test_a_note_of_a_newer_schema_lets_nothing_be_shared(tmp_path: Path) -> None:
    note_revocation(tmp_path, Revocation(voice="ann", consents=("a1",)))
    note = next((tmp_path / "withdrawn").iterdir())
    note.write_bytes(note.read_bytes().replace(b'"schema":1', b'"schema":99'))
    before = note.read_bytes()
    for act in (
        lambda: local_revocations(tmp_path),
        lambda: note_revocation(tmp_path, Revocation(voice="ann")),
    ):
        with pytest.raises(MadeByNewer):
            act()
    assert note.read_bytes() == before


def test_fields_that_a_newer_release_added_pass_through_a_store(tmp_path: Path) -> None:
    store = memory_store()
    mine, yours = made(tmp_path / "a", sought(1)), TakeStore(tmp_path / "b")
    path = mine.clips.path(sought(1)[0].clip_key)
    content = path.read_bytes().replace(b"{", b'{"added":{"later":1},', 1)
    path.write_bytes(content)
    pushed(store, mine, sought(1))
    pulled(store, yours, sought(1))
    assert yours.clips.path(sought(1)[0].clip_key).read_bytes() == content
