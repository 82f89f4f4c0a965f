"""Encoded clips are made once, and leave the store with their clip."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from bank_builders import FACTS, clip_of, entry, take_of, wav

from voicepipe.audio.encodings import make_encoding
from voicepipe.bank.collect import find_unused, remove_unused
from voicepipe.bank.encoded_clips import encoded_clip
from voicepipe.bank.manifest import ManifestEntry
from voicepipe.bank.publish import publish
from voicepipe.bank.revocation import remove_revoked_takes
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import versions
from voicepipe.errors import CorruptObject

LONG_ENOUGH = 4_800


@pytest.fixture
def item(tmp_path: Path) -> ManifestEntry:
    take_store = TakeStore(tmp_path)
    object_id = take_store.objects.put(wav("a", LONG_ENOUGH))
    one = replace(entry(), sha256=object_id, duration_s=LONG_ENOUGH / 48_000)
    take_store.takes.put(take_of(one, object_id))
    take_store.clips.put(clip_of(one))
    return one


def test_a_clip_is_encoded_once(tmp_path: Path, item: ManifestEntry) -> None:
    take_store = TakeStore(tmp_path)
    first = encoded_clip(take_store, item, make_encoding("ogg"))
    again = encoded_clip(take_store, item, make_encoding("ogg"))
    assert (first.is_new, again.is_new) == (True, False)
    assert first.path == again.path
    assert first.path.read_bytes()[:4] == b"OggS"
    assert take_store.objects.is_whole(first.object_id, ".ogg")


def test_another_quality_is_another_object(tmp_path: Path, item: ManifestEntry) -> None:
    take_store = TakeStore(tmp_path)
    encoded = [
        encoded_clip(take_store, item, make_encoding("ogg", quality=quality)).object_id
        for quality in (2, 8)
    ]
    assert len(set(encoded)) == 2


def test_a_plain_wav_is_the_clip_itself(tmp_path: Path, item: ManifestEntry) -> None:
    take_store = TakeStore(tmp_path)
    for encoding in (make_encoding("wav"), make_encoding("wav", bit_depth=24)):
        given = encoded_clip(take_store, item, encoding)
        assert (given.object_id, given.is_new) == (item.sha256, False)
    assert not take_store.annotations.keys()


def test_a_lost_object_is_encoded_again_to_the_same_bytes(
    tmp_path: Path, item: ManifestEntry
) -> None:
    take_store = TakeStore(tmp_path)
    first = encoded_clip(take_store, item, make_encoding("opus"))
    first.path.unlink()
    again = encoded_clip(take_store, item, make_encoding("opus"))
    assert again.is_new
    assert again.object_id == first.object_id


def test_a_clip_with_other_bytes_is_encoded_anew(tmp_path: Path, item: ManifestEntry) -> None:
    take_store = TakeStore(tmp_path)
    first = encoded_clip(take_store, item, make_encoding("flac"))
    other = replace(item, sha256=take_store.objects.put(wav("b", LONG_ENOUGH)))
    assert encoded_clip(take_store, other, make_encoding("flac")).object_id != first.object_id


def test_a_missing_clip_is_refused(tmp_path: Path, item: ManifestEntry) -> None:
    take_store = TakeStore(tmp_path)
    take_store.objects.path(item.sha256).unlink()
    with pytest.raises(CorruptObject, match="missing from the store"):
        encoded_clip(take_store, item, make_encoding("mp3"))


def test_it_stays_as_long_as_a_version_needs_its_clip(tmp_path: Path, item: ManifestEntry) -> None:
    publish(tmp_path, FACTS, [item], ())
    take_store = TakeStore(tmp_path)
    made = encoded_clip(take_store, item, make_encoding("ogg"))
    for path in (tmp_path / "objects").rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))
    remove_unused(tmp_path, find_unused(tmp_path, tmp_path, days=0))
    assert made.path.is_file()
    (version,) = versions(tmp_path, FACTS.bank)
    (version.path / "manifest.json").rename(tmp_path / "kept.json")
    for path in sorted(version.path.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    version.path.rmdir()
    remove_unused(tmp_path, find_unused(tmp_path, tmp_path, days=0))
    assert not made.path.exists()
    assert not take_store.annotations.keys()


def test_it_goes_when_the_voice_is_revoked(tmp_path: Path, item: ManifestEntry) -> None:
    made = encoded_clip(TakeStore(tmp_path), item, make_encoding("ogg"))
    assert remove_revoked_takes(tmp_path, tmp_path, "noah").annotations == 1
    assert not made.path.exists()
