from __future__ import annotations

import csv
import datetime
import json
from typing import TYPE_CHECKING

import pytest
from published_banks import publish_lines, store_line
from voice_builders import SETTINGS, SYNTHETIC, write_project

from voicepipe.bank.lock import bank_lock
from voicepipe.bank.take_store import TakeStore
from voicepipe.consent.gate import refusal
from voicepipe.errors import BankLocked, EnvironmentFault, UsageError
from voicepipe.pipeline.revocation import revoke_voice
from voicepipe.voices.catalog import load_catalog
from voicepipe.voices.voice import VoiceId

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime.date(2026, 6, 15)


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    text = f"engine: scratch  # for now\n{SYNTHETIC}"
    write_project(tmp_path, {"voices/ada.yaml": text, "voices/noah.yaml": text})
    return tmp_path


def _voices_of_takes(root: Path) -> list[str]:
    return sorted(record.voice for record in TakeStore(root / "out").takes.records())


def test_a_revoked_voice_is_blocked_forgotten_and_listed(root: Path) -> None:
    publish_lines(root / "out", a_0010="noah", a_0020="ada", a_0030="noah")
    store_line(root / "out", "b_0010", "noah")
    done = revoke_voice(root, SETTINGS, "noah", date=DAY)
    assert done.is_newly_revoked
    assert done.removed is not None
    assert (done.removed.takes, done.removed.clips) == (3, 3)
    assert _voices_of_takes(root) == ["ada"]
    assert [file.line for file in done.published] == ["a_0010", "a_0030"]
    catalog, problems = load_catalog(root, SETTINGS)
    assert problems == ()
    consent = catalog.voices[VoiceId("noah")].consent
    assert refusal(consent, bank="harbor", language="en", today=DAY) is not None


def test_the_lists_name_every_published_file(root: Path) -> None:
    out = root / "out"
    publish_lines(out, a_0010="noah", a_0020="ada")
    publish_lines(out, a_0010="noah", a_0020="ada", a_0030="noah")
    done = revoke_voice(root, SETTINGS, "noah", date=DAY)
    as_csv, as_json = done.lists
    assert as_csv.name == "revocation-noah-2026-06-15.csv"
    with as_csv.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["version"], row["line"]) for row in rows] == [
        ("v0001", "a_0010"),
        ("v0002", "a_0010"),
        ("v0002", "a_0030"),
    ]
    assert list(rows[0]) == ["bank", "version", "file", "sha256", "line", "language"]
    document = json.loads(as_json.read_bytes())
    assert (document["schema"], document["voice"], document["date"]) == (1, "noah", "2026-06-15")
    assert all((out / file["path"]).is_file() for file in document["files"])
    assert [{k: f[k] for k in rows[0]} for f in document["files"]] == rows


def test_doing_it_again_changes_nothing_and_lists_the_same(root: Path) -> None:
    publish_lines(root / "out", a_0010="noah")
    first = revoke_voice(root, SETTINGS, "noah", date=DAY)
    second = revoke_voice(root, SETTINGS, "noah", date=DAY)
    assert not second.is_newly_revoked
    assert second.published == first.published
    assert second.removed is not None
    assert second.removed.takes == 0


def test_a_project_that_never_rendered_gets_the_date_and_a_note(root: Path) -> None:
    done = revoke_voice(root, SETTINGS, "noah", date=DAY)
    assert (done.is_newly_revoked, done.removed, done.lists) == (True, None, ())
    (note,) = (path for path in (root / "out").rglob("*") if path.is_file())
    assert json.loads(note.read_bytes())["consents"] == ["nobody"]
    assert "  revoked: 2026-06-15\n" in (root / "voices/noah.yaml").read_text("utf-8")


def test_a_voice_whose_file_is_gone_can_still_be_purged(root: Path) -> None:
    publish_lines(root / "out", a_0010="noah")
    (root / "voices/noah.yaml").unlink()
    done = revoke_voice(root, SETTINGS, "noah", date=DAY)
    assert not done.is_newly_revoked
    assert _voices_of_takes(root) == []
    assert len(done.published) == 1


@pytest.mark.parametrize("name", ["noha", "cast", "../voices/noah", ""])
def test_an_unknown_voice_is_refused(root: Path, name: str) -> None:
    (root / "voices/cast.yaml").write_text("captain: noah\n", "utf-8")
    publish_lines(root / "out", a_0010="noah")
    with pytest.raises(UsageError, match="there is no voice") as caught:
        revoke_voice(root, SETTINGS, name, date=DAY)
    assert caught.value.remedy == "voices are ada, noah"
    assert _voices_of_takes(root) == ["noah"]


def test_while_a_render_runs_the_voice_is_blocked_and_the_purge_waits(root: Path) -> None:
    publish_lines(root / "out", a_0010="noah")
    with bank_lock(root / "out", "voicepipe render"), pytest.raises(BankLocked):
        revoke_voice(root, SETTINGS, "noah", date=DAY)
    assert "revoked: 2026-06-15" in (root / "voices/noah.yaml").read_text("utf-8")
    assert _voices_of_takes(root) == ["noah"]
    revoke_voice(root, SETTINGS, "noah", date=DAY)
    assert _voices_of_takes(root) == []


def test_an_output_that_is_no_folder_does_not_pass_for_an_empty_one(root: Path) -> None:
    (root / "out").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match="is blocked, but out is not a folder"):
        revoke_voice(root, SETTINGS, "noah", date=DAY)
    consent = load_catalog(root, SETTINGS)[0].voices[VoiceId("noah")].consent
    assert refusal(consent, bank="harbor", language="en", today=DAY) is not None
