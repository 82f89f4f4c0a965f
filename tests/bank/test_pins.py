from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bank_builders import clip_of, digest, published, stored, wav
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicepipe.bank.collect import find_unused, remove_unused
from voicepipe.bank.decisions import Decisions
from voicepipe.bank.decisions_file import load_decisions, save_decisions
from voicepipe.bank.layout import quarantine_folder
from voicepipe.bank.pins import pin_lines, remove_version, unpin_lines
from voicepipe.bank.revocation import carried_by, remove_revoked_takes
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import resolve, versions
from voicepipe.errors import CorruptObject, EnvironmentFault, UsageError

if TYPE_CHECKING:
    from pathlib import Path

DAY_S = 86_400
LATER = time.time() + 1000 * DAY_S


def test_lines_are_pinned_to_the_takes_they_have_in_every_language(tmp_path: Path) -> None:
    english, chinese = stored(tmp_path, "a"), stored(tmp_path, "a", language="zh")
    published(tmp_path, [english, chinese])
    version = resolve(tmp_path, "main")
    pinned = pin_lines(tmp_path, tmp_path, version, ["a"])
    assert [(p.line, p.language, p.take_key) for p in pinned] == [
        ("a", "en", english.take_key),
        ("a", "zh", chinese.take_key),
    ]
    assert load_decisions(tmp_path, tmp_path).pins() == {english.take_key, chinese.take_key}
    (let_go,) = unpin_lines(tmp_path, tmp_path, ["a"], ["zh"])
    assert let_go.take_key == chinese.take_key
    assert load_decisions(tmp_path, tmp_path).pins() == {english.take_key}


def test_a_line_can_be_pinned_to_an_older_version_s_take(tmp_path: Path) -> None:
    old = stored(tmp_path, "a")
    published(tmp_path, [old])
    published(tmp_path, [stored(tmp_path, "a", take_key=digest("2"), clip_key=digest("3"))])
    (pinned,) = pin_lines(tmp_path, tmp_path, resolve(tmp_path, "main", "v1"), ["a"], ["en"])
    assert pinned.take_key == old.take_key


def test_what_cannot_be_pinned_says_why_and_nothing_is_pinned(tmp_path: Path) -> None:
    human = stored(tmp_path, "human", source="recorded")
    gone = stored(tmp_path, "gone")
    good = stored(tmp_path, "good")
    published(tmp_path, [human, gone, good])
    TakeStore(tmp_path).takes.remove(gone.take_key)
    version = resolve(tmp_path, "main")
    with pytest.raises(UsageError, match="recording"):
        pin_lines(tmp_path, tmp_path, version, ["good", "human"])
    with pytest.raises(EnvironmentFault, match="not in"):
        pin_lines(tmp_path, tmp_path, version, ["good", "gone"])
    with pytest.raises(UsageError, match='did you mean "good"'):
        pin_lines(tmp_path, tmp_path, version, ["goood"])
    with pytest.raises(UsageError, match="none of these lines in fr"):
        pin_lines(tmp_path, tmp_path, version, ["good"], ["fr"])
    with pytest.raises(UsageError, match="not pinned"):
        unpin_lines(tmp_path, tmp_path, ["good"])
    assert load_decisions(tmp_path, tmp_path) == Decisions()


def collected_keys(out: Path, **options: float) -> set[str]:
    return {item.key for item in find_unused(out, out, **options).unused}


def test_only_what_no_version_uses_is_collected(tmp_path: Path) -> None:
    used, unused = stored(tmp_path, "a"), stored(tmp_path, "b")
    published(tmp_path, [used])
    take_store = TakeStore(tmp_path)
    unused_take = take_store.find_take(unused.take_key)
    assert unused_take is not None
    expected = {unused.take_key, unused.clip_key, unused.sha256, unused_take.object_id}
    found = find_unused(tmp_path, tmp_path, now=LATER)
    assert {item.key for item in found.unused} == expected
    assert found.size_bytes == sum(item.path.stat().st_size for item in found.unused)
    assert {item.what for item in found.unused if item.kind == "take"} == {"b en noah"}
    assert take_store.find_clip(unused.clip_key) is not None, "listing removes nothing"
    assert remove_unused(tmp_path, found) == 4
    assert take_store.find_clip(unused.clip_key) is None
    assert take_store.find_clip(used.clip_key) is not None
    assert take_store.find_take(used.take_key) is not None
    assert not find_unused(tmp_path, tmp_path, now=LATER).unused
    assert not published(tmp_path, [used]).is_new


def test_what_is_young_stays(tmp_path: Path) -> None:
    stored(tmp_path, "a")
    assert not find_unused(tmp_path, tmp_path, days=30).unused
    assert find_unused(tmp_path, tmp_path, days=30, now=time.time() + 31 * DAY_S).unused


def test_a_young_record_keeps_its_old_object(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path)
    for object_id in take_store.objects.ids():
        os.utime(take_store.objects.path(object_id), (0, 0))
    assert not find_unused(tmp_path, tmp_path).unused
    take_store.clips.remove(item.clip_key)
    assert collected_keys(tmp_path) == {item.sha256}


def test_a_removed_version_frees_its_takes_when_collected(tmp_path: Path) -> None:
    old = stored(tmp_path, "a")
    published(tmp_path, [old])
    new = stored(tmp_path, "a", take_key=digest("2"), clip_key=digest("3"))
    published(tmp_path, [new])
    assert not find_unused(tmp_path, tmp_path, now=LATER).unused
    remove_version(tmp_path, resolve(tmp_path, "main", "v1"))
    assert old.take_key in collected_keys(tmp_path, now=LATER)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pinned=st.sets(st.sampled_from("abcd")), listed=st.sets(st.sampled_from("abcd")))
def test_collecting_never_drops_a_pinned_take(
    tmp_path_factory: pytest.TempPathFactory, pinned: set[str], listed: set[str]
) -> None:
    out = tmp_path_factory.mktemp("out")
    items = {line: stored(out, line) for line in "abcd"}
    published(out, [items[line] for line in sorted(listed)])
    decisions = Decisions()
    for line in pinned:
        decisions = decisions.with_pin(line, "en", items[line].take_key)
    save_decisions(out, decisions)
    found = find_unused(out, out, days=0, now=LATER)
    assert found.kept_pins == len(pinned)
    remove_unused(out, found)
    take_store = TakeStore(out)
    for line, item in items.items():
        kept = take_store.find_take(item.take_key) is not None
        assert kept == (line in pinned | listed)
    for version in versions(out, "main"):
        assert version.path.is_dir()


def test_nothing_is_collected_when_nobody_can_know_what_is_needed(tmp_path: Path) -> None:
    path = published(tmp_path, [stored(tmp_path, "a")]).path / "manifest.json"
    path.chmod(0o644)
    path.write_bytes(b"{}")
    with pytest.raises(CorruptObject):
        find_unused(tmp_path, tmp_path, now=LATER)
    (tmp_path / "decisions.json").write_text("{")
    with pytest.raises(EnvironmentFault, match="decisions"):
        find_unused(tmp_path, tmp_path, now=LATER)


def test_old_quarantined_files_are_collected(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path, report=lambda _: None)
    path = take_store.objects.path(item.sha256)
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    with pytest.raises(CorruptObject):
        take_store.objects.read(item.sha256)
    assert not find_unused(tmp_path, tmp_path).unused
    kinds = {found.kind for found in find_unused(tmp_path, tmp_path, now=LATER).unused}
    assert kinds == {"take", "clip", "object", "quarantine"}
    remove_unused(tmp_path, find_unused(tmp_path, tmp_path, now=LATER))
    assert not list(quarantine_folder(tmp_path).iterdir())


def test_a_revoked_voice_leaves_the_store_and_the_published_files_are_listed(
    tmp_path: Path,
) -> None:
    mine, theirs = stored(tmp_path, "a"), stored(tmp_path, "b", voice="ada")
    published(tmp_path, [mine])
    published(tmp_path, [mine, theirs])
    save_decisions(tmp_path, Decisions().with_pin("a", "en", mine.take_key))
    carried = carried_by(tmp_path, "noah")
    assert [(f.bank, f.version, f.file, f.line, f.language) for f in carried] == [
        ("main", "v0001", "en/bridge/a.wav", "a", "en"),
        ("main", "v0002", "en/bridge/a.wav", "a", "en"),
    ]
    removed = remove_revoked_takes(tmp_path, tmp_path, "noah")
    assert (removed.takes, removed.clips, removed.objects) == (1, 1, 2)
    assert removed.size_bytes > 0
    assert removed.pins == (("a", "en"),)
    assert removed.still_published == carried
    assert all(file.path.is_file() for file in carried)
    take_store = TakeStore(tmp_path)
    assert take_store.find_take(mine.take_key) is None
    assert take_store.find_clip(mine.clip_key) is None
    assert mine.sha256 not in take_store.objects.ids()
    assert take_store.find_clip(theirs.clip_key) is not None
    assert load_decisions(tmp_path, tmp_path).pins() == frozenset()
    again = remove_revoked_takes(tmp_path, tmp_path, "noah")
    assert (again.takes, again.clips, again.objects, again.pins) == (0, 0, 0, ())


def test_clips_made_from_a_revoked_voice_s_take_go_whatever_they_are_called(
    tmp_path: Path,
) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path)
    take_store.clips.put(replace(clip_of(item), voice="another"))
    assert remove_revoked_takes(tmp_path, tmp_path, "noah").clips == 1
    assert not take_store.objects.has(item.sha256)


def test_bytes_another_voice_also_has_stay(tmp_path: Path) -> None:
    mine = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path)
    other = replace(clip_of(mine), key=digest("k"), take_key=digest("t"), voice="ada")
    take_store.clips.put(other)
    remove_revoked_takes(tmp_path, tmp_path, "noah")
    assert take_store.find_clip(other.key) is not None


def test_quarantined_bytes_of_a_revoked_voice_go_too(tmp_path: Path) -> None:
    item = stored(tmp_path, "a")
    take_store = TakeStore(tmp_path, report=lambda _: None)
    path = take_store.objects.path(item.sha256)
    path.chmod(0o644)
    path.write_bytes(wav("damaged"))
    with pytest.raises(CorruptObject):
        take_store.objects.check(item.sha256)
    assert list(quarantine_folder(tmp_path).iterdir())
    remove_revoked_takes(tmp_path, tmp_path, "noah")
    assert not list(quarantine_folder(tmp_path).iterdir())


def test_a_list_with_a_hole_is_no_list(tmp_path: Path) -> None:
    path = published(tmp_path, [stored(tmp_path, "a")]).path / "manifest.json"
    path.chmod(0o644)
    path.write_bytes(b"{}")
    with pytest.raises(CorruptObject):
        carried_by(tmp_path, "noah")


@pytest.mark.parametrize("n_versions", [1, 2])
def test_latest_names_a_whole_version_or_none_when_a_removal_is_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_versions: int
) -> None:
    for number in range(n_versions):
        published(tmp_path, [stored(tmp_path, f"a_{number}")])
    doomed = resolve(tmp_path, "main")

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("voicepipe.bank.pins.with_retries", killed)
    with pytest.raises(KeyboardInterrupt):
        remove_version(tmp_path, doomed, even_latest=True)
    pointer = tmp_path / "banks/main/latest"
    if n_versions == 1:
        assert not pointer.exists()
    else:
        assert pointer.read_text("utf-8") == "v0001\n"
    monkeypatch.undo()
    remove_version(tmp_path, doomed, even_latest=True)
    assert [version.name for version in versions(tmp_path, "main")] == ["v0001"][: n_versions - 1]
