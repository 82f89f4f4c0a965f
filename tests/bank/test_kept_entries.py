"""Entries that were read before are those of the manifest, whatever became of either."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bank_builders import CREATED, FACTS, published, stored

from voicepipe.bank import kept_entries, manifest_io, manifest_stream
from voicepipe.bank.kept_entries import KEPT_ENTRIES, KeptEntries
from voicepipe.bank.latest_version import LatestVersion
from voicepipe.bank.manifest_io import load_manifest, manifest_json
from voicepipe.bank.publish import publish
from voicepipe.bank.versions import load_latest, versions
from voicepipe.errors import CorruptObject
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.publish import Published


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A row for every manifest whose entries are read."""
    rows: list[int] = []
    streamed = manifest_stream.streamed_manifest

    def counted(*arguments: object, **named: object) -> object:
        rows.append(1)
        return streamed(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(manifest_io, "streamed_manifest", counted)
    return rows


def entries_of(out: Path, scenes: str = "abc") -> list[ManifestEntry]:
    return [
        replace(
            stored(out, f"{scene}_00{n}0", position=100 * ord(scene) + n),
            scene=scene,
            text=f"Line {n}.",
            inputs={"text": f"{scene}{n}", "voice": "same"},
            scores={"words": n / 7, "sounds": n / 9} if n % 2 else {},
        )
        for scene in scenes
        for n in range(1, 5)
    ]


def documents(cache: Path) -> dict[bytes, bytes]:
    with sqlite3.connect(cache / KEPT_ENTRIES.file_name) as rows:
        found = dict(rows.execute("SELECT key, manifest_piece FROM manifest_pieces"))
    rows.close()
    return found


def latest(out: Path) -> BankManifest:
    manifest = load_latest(out, FACTS.bank)
    assert manifest is not None
    assert manifest == load_manifest(
        out / "banks" / FACTS.bank / manifest.version / "manifest.json"
    )
    return manifest


def test_a_version_is_read_once(tmp_path: Path, cache: Path, read: list[int]) -> None:
    published(tmp_path, entries_of(tmp_path))
    (cache / KEPT_ENTRIES.file_name).unlink()
    first = latest(tmp_path)
    read.clear()
    again = load_latest(tmp_path, FACTS.bank)
    assert not read
    assert again == first
    assert manifest_json(first) == manifest_json(again)


def test_a_published_version_need_not_be_read(tmp_path: Path, read: list[int]) -> None:
    result = published(tmp_path, entries_of(tmp_path))
    assert load_latest(tmp_path, FACTS.bank) == result.manifest
    assert not read
    assert latest(tmp_path) == result.manifest


def after(out: Path, entries: list[ManifestEntry], known: BankManifest) -> Published:
    last = LatestVersion(out, versions(out, FACTS.bank)[-1], known)
    result = publish(out, FACTS, entries, created=CREATED, known=last)
    assert latest(out) == result.manifest
    return result


@pytest.mark.parametrize(
    ("name", "n_pieces"),
    [("a text", 1), ("one more", 1), ("one fewer", 1), ("a new scene", 1), ("all notes", 3)],
)
def test_a_version_adds_what_it_does_not_share_with_the_last(
    name: str, n_pieces: int, tmp_path: Path, cache: Path, read: list[int]
) -> None:
    known = published(tmp_path, entries_of(tmp_path)).manifest
    old = list(known.entries)
    edits = {
        "a text": [*old[:5], replace(old[5], text="Other."), *old[6:]],
        "one more": [
            *old,
            replace(stored(tmp_path, "b_9990", position=100 * ord("b") + 2), scene="b"),
        ],
        "one fewer": [*old[:5], *old[6:]],
        "a new scene": [*old, *entries_of(tmp_path, "d")],
        "all notes": [replace(one, note="x") for one in old],
    }
    before = documents(cache)
    result = after(tmp_path, edits[name], known)
    new = documents(cache).keys() - before.keys()
    assert len(new) == 1 + n_pieces, "the version besides"
    read.clear()
    assert load_latest(tmp_path, FACTS.bank) == result.manifest
    assert not read


def outcome(path: Path, kept: KeptEntries | None) -> str:
    try:
        return repr(load_manifest(path, kept=kept))
    except CorruptObject as error:
        return error.message


def test_a_manifest_that_was_edited_is_refused_as_ever(tmp_path: Path) -> None:
    result = published(tmp_path, entries_of(tmp_path))
    path = result.path / "manifest.json"
    path.chmod(0o644)
    whole = path.read_bytes()
    for old, new in ((b"Line 3.", b"Line 4."), (b'"take":1', b'"take":0'), (b"\n],\n", b"\n] ,\n")):
        assert old in whole
        path.write_bytes(whole.replace(old, new, 1))
        assert outcome(path, KeptEntries()) == outcome(path, None)
    path.write_bytes(whole.replace(b'"bit_depth": 24', b'"bit_depth": 16'))
    assert load_manifest(path, kept=KeptEntries()).bit_depth == 16


def test_documents_that_are_not_as_they_were_kept_are_made_again(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = published(tmp_path, entries_of(tmp_path))
    kept = documents(cache)
    other = max(kept.values(), key=len)
    for lie in (b"", b"[]", other, other[:-1], other[:40] + b"\0" + other[41:]):
        with sqlite3.connect(cache / KEPT_ENTRIES.file_name) as rows:
            changed = [(lie, key) for key in kept]
            rows.executemany("UPDATE manifest_pieces SET manifest_piece = ? WHERE key = ?", changed)
        rows.close()
        assert load_latest(tmp_path, FACTS.bank) == result.manifest
    monkeypatch.setattr(kept_entries, "program_revision", lambda: "another")
    assert KeptEntries().of(result.manifest.content_sha256) is None
    assert load_latest(tmp_path, FACTS.bank) == result.manifest


def test_a_kept_entry_leads_out_of_no_folder(tmp_path: Path) -> None:
    result = published(tmp_path, entries_of(tmp_path))
    entries = list(result.manifest.entries)
    entries[0] = replace(entries[0], file="../../out.wav")
    KeptEntries().keep(replace(result.manifest, entries=tuple(entries)))
    assert KeptEntries().of(result.manifest.content_sha256) == entries
    assert load_latest(tmp_path, FACTS.bank) == result.manifest
