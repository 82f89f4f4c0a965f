from __future__ import annotations

import csv
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import pytest
from bank_builders import CREATED, FACTS, entry, published, stored
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicepipe.bank import latest_version
from voicepipe.bank.integrity import look_at_files
from voicepipe.bank.latest_version import load_latest_version
from voicepipe.bank.layout import work_folder
from voicepipe.bank.manifest_io import load_manifest
from voicepipe.bank.publish import files_in, publish
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.versions import latest, load_latest, versions
from voicepipe.errors import CorruptObject, EnvironmentFault
from voicepipe.hashing import sha256_of_file

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from voicepipe.bank.integrity import Integrity
    from voicepipe.bank.manifest import BankManifest, ManifestEntry


def spoil(path: Path) -> None:
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:-1])


def two_lines(out: Path) -> list[ManifestEntry]:
    return [stored(out, "a_0010"), stored(out, "a_0020", position=1)]


def test_a_version_holds_clips_manifest_and_table(tmp_path: Path) -> None:
    entries = two_lines(tmp_path)
    result = published(tmp_path, entries)
    assert (result.version, result.is_new) == ("v0001", True)
    assert files_in(result.path) == {
        "en/bridge/a_0010.wav",
        "en/bridge/a_0020.wav",
        "manifest.json",
        "manifest.csv",
    }
    for item in entries:
        file = result.path / item.file
        assert sha256_of_file(file) == item.sha256
        assert not file.samefile(ObjectStore(tmp_path).path(item.sha256))
    assert (tmp_path / "banks/main/latest").read_text() == "v0001\n"
    assert not list(work_folder(tmp_path).iterdir())


def test_the_manifest_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    failed = [{"line": "a_0090", "language": "en", "reason": "no end", "script": "s.yaml:1:1"}]
    result = publish(tmp_path, FACTS, two_lines(tmp_path), failed, created=CREATED)
    manifest = load_manifest(result.path / "manifest.json")
    assert manifest == result.manifest
    assert manifest.failed == tuple(failed)
    assert manifest.created == CREATED
    assert [item.size_bytes for item in manifest.entries] == [
        (result.path / item.file).stat().st_size for item in manifest.entries
    ]
    with (result.path / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["line"] for row in rows] == ["a_0010", "a_0020"]
    assert orjson.loads(rows[0]["tags"]) == ["storm"]


def test_entries_are_sorted_by_language_position_line(tmp_path: Path) -> None:
    entries = [
        stored(tmp_path, "b", position=0, language="zh"),
        stored(tmp_path, "c", position=5),
        stored(tmp_path, "a", position=5),
        stored(tmp_path, "z", position=1),
    ]
    manifest = published(tmp_path, entries).manifest
    assert [(e.language, e.line) for e in manifest.entries] == [
        ("en", "z"),
        ("en", "a"),
        ("en", "c"),
        ("zh", "b"),
    ]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.sets(st.sampled_from("abcdefgh"), min_size=1), seed=st.randoms())
def test_publishing_the_same_again_makes_no_version(
    tmp_path_factory: pytest.TempPathFactory, lines: set[str], seed: Random
) -> None:
    out = tmp_path_factory.mktemp("out")
    entries = [stored(out, line) for line in lines]
    first = published(out, entries)
    seed.shuffle(entries)
    again = published(out, entries)
    assert (again.version, again.is_new) == (first.version, False)
    assert again.manifest == first.manifest
    assert len(versions(out, "main")) == 1


def test_a_change_makes_the_next_version_and_leaves_the_old_one(tmp_path: Path) -> None:
    entries = two_lines(tmp_path)
    first = published(tmp_path, entries)
    before = (first.path / "manifest.json").read_bytes()
    second = published(tmp_path, entries[:1])
    assert second.version == "v0002"
    assert (first.path / "manifest.json").read_bytes() == before
    newest = latest(tmp_path, "main")
    assert newest is not None
    assert newest.name == "v0002"


def test_a_mended_failure_makes_a_new_version(tmp_path: Path) -> None:
    entries = two_lines(tmp_path)
    failed = [{"line": "x", "language": "en", "reason": "no end", "script": "s:1:1"}]
    publish(tmp_path, FACTS, entries, failed)
    other_words = [{**failed[0], "reason": "another"}]
    assert not publish(tmp_path, FACTS, entries, other_words).is_new
    assert publish(tmp_path, FACTS, entries).is_new


@pytest.mark.parametrize("damage", ["missing", "altered"])
def test_nothing_is_published_when_an_object_is_not_sound(tmp_path: Path, damage: str) -> None:
    entries = two_lines(tmp_path)
    first = published(tmp_path, entries[:1])
    path = ObjectStore(tmp_path).path(entries[1].sha256)
    if damage == "missing":
        path.unlink()
    else:
        spoil(path)
    with pytest.raises(CorruptObject, match=f"nothing was published.*{entries[1].sha256[:12]}"):
        published(tmp_path, entries)
    assert [version.name for version in versions(tmp_path, "main")] == [first.version]
    assert load_latest(tmp_path, "main") == first.manifest
    assert not list(work_folder(tmp_path).iterdir())


def test_an_object_altered_after_its_version_is_found_when_published_again(tmp_path: Path) -> None:
    entries = two_lines(tmp_path)
    published(tmp_path, entries)
    path = ObjectStore(tmp_path).path(entries[0].sha256)
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:-1] + b"!")  # same length: only the time of writing tells
    with pytest.raises(CorruptObject, match="nothing was published"):
        published(tmp_path, entries)


def test_a_version_that_lost_a_file_is_published_anew(tmp_path: Path) -> None:
    entries = two_lines(tmp_path)
    first = published(tmp_path, entries)
    (first.path / entries[0].file).unlink()
    assert published(tmp_path, entries).version == "v0002"


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders whose files are looked at."""
    found: list[Path] = []

    def counted(folder: Path, manifest: BankManifest) -> Integrity:
        found.append(folder)
        return look_at_files(folder, manifest)

    monkeypatch.setattr(latest_version, "look_at_files", counted)
    return found


@pytest.mark.parametrize("age_s", [0.0, 31.0])
def test_files_are_looked_at_again_once_that_was_long_ago(
    age_s: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: list[Path]
) -> None:
    entries = two_lines(tmp_path)
    first = published(tmp_path, entries)
    known = load_latest_version(tmp_path, FACTS.bank)
    assert known is not None
    known.find_out()
    later = time.monotonic() + age_s
    monkeypatch.setattr("voicepipe.bank.integrity.time.monotonic", lambda: later)
    again = publish(tmp_path, FACTS, entries, known=known)
    assert not again.is_new
    assert looks == [first.path] * (2 if age_s else 1)
    publish(tmp_path, FACTS, entries)
    assert len(looks) == 2 + bool(age_s), "nobody looked at the version that was read here"


def test_a_version_is_the_same_whatever_was_found_out_ahead(tmp_path: Path) -> None:
    made = {}
    for name in ("at once", "ahead"):
        out = tmp_path / name
        entries = two_lines(out)
        first = publish(out, FACTS, entries, created=CREATED)
        known = load_latest_version(out, FACTS.bank)
        assert known is not None
        if name == "ahead":
            known.find_out()
        kept = [*known.manifest.entries, stored(out, "a_0030", position=2)]
        second = publish(out, FACTS, kept, created=CREATED, known=known)
        made[name] = [(second.path / file).read_bytes() for file in sorted(files_in(second.path))]
        assert len(made[name]) == 5
        for one in entries:
            assert (second.path / one.file).samefile(first.path / one.file)
    assert made["ahead"] == made["at once"]


def test_an_object_that_was_found_damaged_ahead_is_not_published(tmp_path: Path) -> None:
    entries = two_lines(tmp_path)
    published(tmp_path, entries)
    spoil(ObjectStore(tmp_path).path(entries[0].sha256))
    known = load_latest_version(tmp_path, FACTS.bank)
    assert known is not None
    known.find_out()
    with pytest.raises(CorruptObject, match="nothing was published"):
        publish(tmp_path, FACTS, entries[:1], known=known)
    assert publish(tmp_path, FACTS, entries[1:], known=known).is_new, "nobody asks for it now"


def test_an_object_that_was_missing_ahead_may_have_been_made_meanwhile(tmp_path: Path) -> None:
    entries = two_lines(tmp_path)
    published(tmp_path, entries)
    path = ObjectStore(tmp_path).path(entries[0].sha256)
    path.rename(tmp_path / "away")
    known = load_latest_version(tmp_path, FACTS.bank)
    assert known is not None
    known.find_out()
    with pytest.raises(CorruptObject, match="1 clips are missing"):
        publish(tmp_path, FACTS, entries[:1], known=known)
    (tmp_path / "away").rename(path)
    assert publish(tmp_path, FACTS, entries[:1], known=known).is_new


def test_a_damaged_manifest_does_not_block_the_next_version(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    entries = two_lines(tmp_path)
    path = published(tmp_path, entries).path / "manifest.json"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:100])
    assert published(tmp_path, entries).version == "v0002"
    assert "v0001" in caplog.text


def test_a_pointer_left_behind_is_moved_on(tmp_path: Path) -> None:
    entries = two_lines(tmp_path)
    published(tmp_path, entries[:1])
    published(tmp_path, entries)
    (tmp_path / "banks/main/latest").write_text("v0001\n")
    assert not published(tmp_path, entries).is_new
    assert (tmp_path / "banks/main/latest").read_text() == "v0002\n"


@pytest.mark.parametrize(
    "file",
    [
        "../../evil.wav",
        "/en/bridge/a.wav",
        "en/bridge/a:b.wav",
        "en\\bridge\\a.wav",
        "en/con/a.wav",
        "en/bridge/nul.wav",
        "en/bridge /a.wav",
        "en/bridge/a.mp3",
        "en/a.wav",
        "en/.hidden/a.wav",
        "en/bridge/a\n.wav",
    ],
)
def test_a_path_that_some_system_refuses_is_not_published(tmp_path: Path, file: str) -> None:
    item = stored(tmp_path, "a_0010", file=file)
    with pytest.raises(EnvironmentFault, match="lawful on every system"):
        published(tmp_path, [item])
    assert not versions(tmp_path, "main")


def test_names_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    entries = [
        stored(tmp_path, "a", file="en/bridge/a.wav"),
        stored(tmp_path, "b", file="en/bridge/A.wav"),
    ]
    with pytest.raises(EnvironmentFault, match="same file"):
        published(tmp_path, entries)


def test_a_silent_clip_without_a_peak_is_refused(tmp_path: Path) -> None:
    item = stored(tmp_path, "a", peak_dbtp=float("-inf"))
    with pytest.raises(EnvironmentFault, match=r"peak_dbtp: not a finite number"):
        published(tmp_path, [item])


def test_a_file_in_place_of_the_bank_is_explained(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    (tmp_path / "banks").write_text("in the way")
    with pytest.raises(EnvironmentFault, match="banks") as caught:
        published(tmp_path, [item])
    assert caught.value.remedy


def test_an_object_shared_by_two_lines_is_published_twice(tmp_path: Path) -> None:
    first = stored(tmp_path, "a")
    second = replace(entry("b"), sha256=first.sha256)
    result = published(tmp_path, [first, second])
    assert (result.path / first.file).samefile(result.path / second.file)


def test_a_version_with_an_odd_date_is_read_again_object_by_object(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    publish(tmp_path, FACTS, [item], created="yesterday")
    spoil(ObjectStore(tmp_path).path(item.sha256))
    with pytest.raises(CorruptObject):
        publish(tmp_path, FACTS, [item])


def test_languages_added_to_the_project_make_a_new_version(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    publish(tmp_path, FACTS, [item])
    assert publish(tmp_path, replace(FACTS, languages=("en", "zh")), [item]).is_new


def test_many_damaged_objects_are_counted(tmp_path: Path) -> None:
    items = [entry(f"l{n}", position=n) for n in range(9)]
    with pytest.raises(CorruptObject, match=r"9 clips are missing.* and 4 more"):
        published(tmp_path, items)


def test_an_empty_bank_can_be_published(tmp_path: Path) -> None:
    result = published(tmp_path, [])
    assert result.is_new
    assert load_latest(tmp_path, "main") == result.manifest


def test_removed_folders_of_a_version_make_a_new_one(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    first = published(tmp_path, [item])
    (first.path / item.file).unlink()
    (first.path / "en/bridge").rmdir()
    assert published(tmp_path, [item]).is_new
