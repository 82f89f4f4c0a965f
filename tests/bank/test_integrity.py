"""Published files are looked at every time, and damaged versions are put back."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bank_builders import FACTS, published, stored

from voicepipe.bank.integrity import damage_told, look_at_files, settle
from voicepipe.bank.publish import Published, published_as_is
from voicepipe.bank.repair import repair_version
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.verify import verify_versions
from voicepipe.bank.versions import resolve, versions
from voicepipe.errors import CorruptObject, EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry


def _cut(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"")
    path.chmod(0o444)


def _edit(path: Path) -> None:
    path.chmod(0o644)
    with path.open("r+b") as stream:
        stream.seek(60)
        stream.write(b"####")
    path.chmod(0o444)


def _edit_dated_back(path: Path) -> None:
    before = path.stat().st_mtime_ns
    path.chmod(0o644)
    with path.open("r+b") as stream:
        stream.seek(60)
        stream.write(b"####")
    os.utime(path, ns=(before, before))  # the mode still tells


def _replace(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-4] + b"####")


def _remove(path: Path) -> None:
    path.unlink()


def _link(path: Path) -> None:
    aside = path.with_name("aside")
    path.rename(aside)
    path.symlink_to(aside)


DAMAGES = (_cut, _edit, _edit_dated_back, _replace, _remove, _link)


@pytest.fixture
def bank(tmp_path: Path) -> tuple[Path, list[ManifestEntry], Published]:
    items = [stored(tmp_path, "a"), stored(tmp_path, "b", position=1)]
    return tmp_path, items, published(tmp_path, items)


def test_a_version_as_published_is_not_read(
    bank: tuple[Path, list[ManifestEntry], Published],
) -> None:
    _, _, result = bank
    found = look_at_files(result.path, result.manifest)
    assert (found.damaged, found.doubtful) == ({}, ())


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_every_time_and_repaired_from_the_store(
    bank: tuple[Path, list[ManifestEntry], Published], damage: Callable[[Path], None]
) -> None:
    out, items, result = bank
    damage(result.path / items[0].file)
    found = look_at_files(result.path, result.manifest)
    assert list(found.damaged) == [items[0].file]
    assert published_as_is(out, FACTS, result.manifest) is None
    told = damage_told(result.manifest, found.damaged)
    assert "main v0001: 1 published file not as published: en/bridge/a.wav" in told.message
    assert "voicepipe bank repair v0001" in told.remedy

    outcome = repair_version(out, resolve(out, "main"), is_revoked=lambda *_: False)
    assert (outcome.files, outcome.objects, outcome.left) == ((items[0].file,), (), ())
    (result.path / "en/bridge/aside").unlink(missing_ok=True)
    assert verify_versions(out, versions(out, "main")).is_intact
    again = look_at_files(result.path, result.manifest)
    assert (again.damaged, again.doubtful) == ({}, ())
    assert published_as_is(out, FACTS, result.manifest) is not None


def test_a_version_whose_files_are_dated_anew_is_read_once(
    bank: tuple[Path, list[ManifestEntry], Published],
) -> None:
    out, items, result = bank
    for item in items:
        os.utime(result.path / item.file)
        (result.path / item.file).chmod(0o644)
    found = look_at_files(result.path, result.manifest)
    assert (found.damaged, len(found.doubtful)) == ({}, 2)
    assert published_as_is(out, FACTS, result.manifest, settles=True) is not None
    assert look_at_files(result.path, result.manifest).doubtful == ()


def test_settling_leaves_what_it_may_not_touch(
    bank: tuple[Path, list[ManifestEntry], Published],
) -> None:
    _, _, result = bank
    settle(result.path, result.manifest, ("en/bridge/no_such.wav",))
    assert look_at_files(result.path, result.manifest).damaged == {}


def test_a_damaged_version_is_followed_by_a_sound_one(
    bank: tuple[Path, list[ManifestEntry], Published],
) -> None:
    out, items, result = bank
    _edit(result.path / items[0].file)
    second = published(out, items)
    assert (second.version, second.is_new) == ("v0002", True)
    assert look_at_files(second.path, second.manifest).damaged == {}
    assert verify_versions(out, [resolve(out, "main")]).is_intact


def test_an_edit_that_reaches_two_versions_is_repaired_in_both(
    bank: tuple[Path, list[ManifestEntry], Published],
) -> None:
    out, items, first = bank
    second = published(out, items[:1])
    _edit(second.path / items[0].file)
    if not look_at_files(first.path, first.manifest).damaged:
        pytest.skip("this disk shares blocks: each version has a file of its own")
    for version in versions(out, "main"):
        repair_version(out, version, is_revoked=lambda *_: False)
    assert verify_versions(out, versions(out, "main")).is_intact


@pytest.mark.parametrize("is_lost", [True, False])
def test_a_stored_object_is_made_again_from_a_published_file(
    bank: tuple[Path, list[ManifestEntry], Published], *, is_lost: bool
) -> None:
    out, items, _ = bank
    path = ObjectStore(out).path(items[0].sha256)
    _remove(path) if is_lost else _edit(path)
    outcome = repair_version(out, resolve(out, "main"), is_revoked=lambda *_: False)
    assert (outcome.files, outcome.objects, outcome.left) == ((), (items[0].sha256,), ())
    assert ObjectStore(out).is_whole(items[0].sha256)


def test_what_is_nowhere_is_named(bank: tuple[Path, list[ManifestEntry], Published]) -> None:
    out, items, result = bank
    _cut(result.path / items[0].file)
    _remove(ObjectStore(out).path(items[0].sha256))
    outcome = repair_version(out, resolve(out, "main"), is_revoked=lambda *_: False)
    assert [(file, "nowhere" in why) for file, why in outcome.left] == [(items[0].file, True)]


def test_a_revoked_voice_is_not_brought_back(
    bank: tuple[Path, list[ManifestEntry], Published],
) -> None:
    out, items, result = bank
    _remove(result.path / items[0].file)
    _remove(ObjectStore(out).path(items[1].sha256))
    outcome = repair_version(out, resolve(out, "main"), is_revoked=lambda *_: True)
    assert (outcome.files, outcome.objects) == ((), ())
    assert [(file, "revoked" in why) for file, why in outcome.left] == [(items[0].file, True)]
    assert not ObjectStore(out).has(items[1].sha256)


def test_the_table_beside_the_manifest_is_repaired_too(
    bank: tuple[Path, list[ManifestEntry], Published],
) -> None:
    out, _, result = bank
    before = (result.path / "manifest.csv").read_bytes()
    _remove(result.path / "manifest.csv")
    outcome = repair_version(out, resolve(out, "main"), is_revoked=lambda *_: False)
    assert outcome.files == ("manifest.csv",)
    assert (result.path / "manifest.csv").read_bytes() == before


def test_a_damaged_manifest_cannot_be_repaired(
    bank: tuple[Path, list[ManifestEntry], Published],
) -> None:
    out, _, result = bank
    _cut(result.path / "manifest.json")
    with pytest.raises(EnvironmentFault):
        repair_version(out, resolve(out, "main"), is_revoked=lambda *_: False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"duration_s": 1.0}, "instead of 1.000 s"),
        ({"sample_rate": 44_100}, "instead of 1 of 44100 Hz"),
        ({"bit_depth": 16}, "and 16 bits"),
    ],
)
def test_a_clip_that_is_not_what_its_record_says_is_not_published(
    tmp_path: Path, changes: dict[str, float], words: str
) -> None:
    item = replace(stored(tmp_path, "a"), **changes)  # type: ignore[arg-type] # by name
    with pytest.raises(CorruptObject, match=words):
        published(tmp_path, [item])


def test_a_text_under_a_right_hash_is_not_published(tmp_path: Path) -> None:
    text = ObjectStore(tmp_path).put(b"this is a text and no sound")
    item = replace(stored(tmp_path, "a"), sha256=text)
    with pytest.raises(CorruptObject, match="no whole WAV file"):
        published(tmp_path, [item])
    assert not versions(tmp_path, "main")
