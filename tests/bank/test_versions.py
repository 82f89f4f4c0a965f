from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bank_builders import entry, manifest_of, published, stored

from voicepipe.bank.compare import Change, compare_versions
from voicepipe.bank.layout import work_folder
from voicepipe.bank.manifest_io import manifest_json
from voicepipe.bank.overview import list_versions
from voicepipe.bank.pins import remove_version
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.verify import Fault, verify_versions
from voicepipe.bank.versions import (
    Version,
    banks,
    content_of,
    latest,
    load_latest,
    load_version,
    resolve,
    versions,
)
from voicepipe.errors import CorruptObject, EnvironmentFault, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry


@pytest.fixture
def two_versions(tmp_path: Path) -> tuple[Path, list[ManifestEntry]]:
    items = [stored(tmp_path, "a"), stored(tmp_path, "b", position=1)]
    published(tmp_path, items[:1])
    published(tmp_path, items)
    return tmp_path, items


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("asked", "name"),
    [("latest", "v0002"), ("v1", "v0001"), ("1", "v0001"), ("v0002", "v0002"), ("2", "v0002")],
)
def test_versions_are_found_by_every_spelling(
    two_versions: tuple[Path, list[ManifestEntry]], asked: str, name: str
) -> None:
    assert resolve(two_versions[0], "main", asked).name == name


def test_a_version_is_found_by_the_beginning_of_its_content(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, _ = two_versions
    for version in versions(out, "main"):
        content = content_of(version)
        assert resolve(out, "main", content[:12]) == version
        assert resolve(out, "main", content.upper()) == version
        assert load_version(version).content_sha256 == content


def test_a_beginning_that_fits_two_versions_is_reported(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    first = published(tmp_path, [item])
    (first.path / item.file).unlink()
    published(tmp_path, [item])
    with pytest.raises(UsageError, match="2 versions: v0001, v0002"):
        resolve(tmp_path, "main", first.manifest.content_sha256[:10])


@pytest.mark.parametrize("asked", ["v7", "999", "abc", "abcdef12", "", "../v0001", "v00x1"])
def test_unknown_versions_are_refused_with_those_there_are(
    two_versions: tuple[Path, list[ManifestEntry]], asked: str
) -> None:
    with pytest.raises(UsageError, match="no version") as caught:
        resolve(two_versions[0], "main", asked)
    assert "v0001, v0002" in caught.value.remedy


def test_a_bank_without_versions_says_which_there_are(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, _ = two_versions
    assert banks(out) == ("main",)
    with pytest.raises(UsageError, match="other") as caught:
        resolve(out, "other")
    assert "main" in caught.value.remedy
    assert latest(out, "other") is None
    assert load_latest(out, "other") is None
    assert banks(out / "nowhere") == ()
    with pytest.raises(UsageError, match="cannot be the name"):
        versions(out, "../main")


def test_a_lost_pointer_means_the_newest(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, _ = two_versions
    for content in (b"", b"v9999", b"\xff\xff", b"x" * 10_000):
        overwrite(out / "banks/main/latest", content)
        newest = latest(out, "main")
        assert newest is not None
        assert newest.name == "v0002"
    (out / "banks/main/latest").unlink()
    assert resolve(out, "main").name == "v0002"


def test_a_folder_with_another_versions_manifest_is_refused(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, _ = two_versions
    first, second = versions(out, "main")
    overwrite(first.path / "manifest.json", (second.path / "manifest.json").read_bytes())
    with pytest.raises(CorruptObject, match="manifest of main v0002"):
        load_version(first)


def test_listing_tells_sums_and_faults(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    first, second = list_versions(out, "main")
    assert (first.n_clips, second.n_clips, second.is_latest) == (1, 2, True)
    assert second.duration_s == sum(item.duration_s for item in items)
    assert second.size_bytes > first.size_bytes > 0
    overwrite(first.version.path / "manifest.json", b"{")
    damaged, sound = list_versions(out, "main")
    assert "not a valid manifest" in damaged.fault
    assert not sound.fault


def test_versions_are_compared_line_by_line() -> None:
    old = manifest_of([entry("a"), entry("b"), entry("c"), entry("d")])
    changed = replace(
        entry("b"), sha256="0" * 64, text="Other", inputs={**entry("b").inputs, "text": "t2"}
    )
    moved = replace(entry("c"), position=99, script="s.yaml:9:9")
    new = manifest_of([entry("a"), changed, moved, entry("e")], version="v0002")
    found = compare_versions(old, new)
    assert (found.before, found.after) == ("v0001", "v0002")
    assert [(item.line, item.change) for item in found.changes] == [
        ("a", Change.UNCHANGED),
        ("b", Change.MODIFY),
        ("c", Change.UNCHANGED),
        ("d", Change.DELETE),
        ("e", Change.ADD),
    ]
    (modified,) = found.of(Change.MODIFY)
    assert modified.what == ("sound", "text", "text changed")


def test_what_was_published_is_sound(two_versions: tuple[Path, list[ManifestEntry]]) -> None:
    out, _ = two_versions
    outcome = verify_versions(out, versions(out, "main"))
    assert outcome.is_intact
    assert outcome.n_files == 3
    nodes = {path.stat().st_ino for path in out.rglob("*.wav")}
    assert outcome.n_hashed == len(nodes)  # links of one file are read once
    assert len(nodes) >= 6  # two takes, two stored clips, two published ones at least
    assert verify_versions(out, versions(out, "main"), deep=False).n_hashed == 0


def faults_of(out: Path, *, deep: bool = True) -> set[tuple[Fault, str, str]]:
    outcome = verify_versions(out, versions(out, "main"), deep=deep)
    assert not outcome.is_intact
    return {(f.fault, f.version, f.path.name) for f in outcome.findings}


def test_missing_and_surplus_files_are_found(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    folder = out / "banks/main/v0002"
    (folder / items[0].file).unlink()
    (folder / "manifest.csv").unlink()
    (folder / "en/notes.txt").write_text("mine")
    assert faults_of(out, deep=False) == {
        (Fault.MISSING, "v0002", "a.wav"),
        (Fault.MISSING, "v0002", "manifest.csv"),
        (Fault.SURPLUS, "v0002", "notes.txt"),
    }


def test_bytes_altered_in_a_published_file_are_found_and_the_store_stays_whole(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    path = out / "banks/main/v0002" / items[0].file
    content = path.read_bytes()
    overwrite(path, content[:-1] + bytes([content[-1] ^ 1]))
    is_shared = path.samefile(out / "banks/main/v0001" / items[0].file)
    assert faults_of(out) == {
        (Fault.ALTERED, version, "a.wav")
        for version in (("v0001", "v0002") if is_shared else ("v0002",))
    }


def test_a_file_cut_short_is_found_without_reading(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    path = out / "banks/main/v0002" / items[1].file
    overwrite(path, path.read_bytes()[:50])
    assert (Fault.ALTERED, "v0002", "b.wav") in faults_of(out, deep=False)


def test_a_link_to_the_wrong_object_is_found(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    folder = out / "banks/main/v0002"
    (folder / items[0].file).unlink()
    (folder / items[0].file).hardlink_to(folder / items[1].file)
    assert faults_of(out) == {(Fault.ALTERED, "v0002", "a.wav")}


def test_a_folder_in_place_of_a_clip_is_found(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    path = out / "banks/main/v0002" / items[0].file
    path.unlink()
    path.mkdir()
    assert (Fault.MISSING, "v0002", "a.wav") in faults_of(out)


def test_an_object_gone_from_the_store_is_found(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    ObjectStore(out).path(items[1].sha256).unlink()
    assert faults_of(out) == {(Fault.OBJECT_MISSING, "v0002", "b.wav")}


def test_a_file_in_a_revoked_voice_is_named_as_such(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    ObjectStore(out).path(items[1].sha256).unlink()
    ended = (items[1].voice, items[1].consent)
    seen = verify_versions(out, versions(out, "main")[1:], is_revoked=lambda *whose: whose == ended)
    found = {(finding.fault, finding.path.name) for finding in seen.findings}
    # Both are of that voice; that one of them has left the store is as it should be.
    assert found == {(Fault.REVOKED, "a.wav"), (Fault.REVOKED, "b.wav")}


def test_a_damaged_manifest_is_a_finding_and_the_rest_is_still_looked_at(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    overwrite(out / "banks/main/v0001/manifest.json", b"{}")
    (out / "banks/main/v0002" / items[0].file).unlink()
    assert faults_of(out) == {
        (Fault.MANIFEST, "v0001", "manifest.json"),
        (Fault.MISSING, "v0002", "a.wav"),
    }


def test_an_edited_entry_is_found_by_the_content_hash(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, _ = two_versions
    first = versions(out, "main")[0]
    manifest = load_version(first)
    edited = replace(manifest, entries=(replace(manifest.entries[0], text="Edited"),))
    overwrite(first.path / "manifest.json", manifest_json(edited))
    assert (Fault.MANIFEST, "v0001", "manifest.json") in faults_of(out)


def test_the_latest_version_is_removed_only_when_asked(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, _ = two_versions
    first, second = versions(out, "main")
    with pytest.raises(UsageError, match="latest"):
        remove_version(out, second)
    assert remove_version(out, second, even_latest=True) == first
    assert versions(out, "main") == (first,)
    assert resolve(out, "main") == first
    assert not list(work_folder(out).iterdir())


def test_a_removed_number_never_comes_back(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    remove_version(out, resolve(out, "main"), even_latest=True)
    with pytest.raises(UsageError, match="v0002 was removed"):
        resolve(out, "main", "v2")
    assert published(out, items).version == "v0003"


def test_an_older_version_goes_and_the_pointer_stays(
    two_versions: tuple[Path, list[ManifestEntry]],
) -> None:
    out, items = two_versions
    first, second = versions(out, "main")
    overwrite(first.path / "manifest.json", b"damaged")
    assert remove_version(out, first) == second
    assert ObjectStore(out).ids() >= {item.sha256 for item in items}
    assert remove_version(out, second, even_latest=True) is None
    assert latest(out, "main") is None
    assert published(out, items).version == "v0003"


def test_a_version_without_a_manifest_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "banks/main/v0001"
    path.mkdir(parents=True)
    version = Version(bank="main", name="v0001", number=1, path=path)
    with pytest.raises(EnvironmentFault, match=r"manifest\.json"):
        load_version(version)
