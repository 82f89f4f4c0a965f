"""A withdrawal leaves a certificate: every file that went, by hash, and every one still out."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import orjson
import pytest
from small_project import Bench

from cli.main import run
from voicepipe.audio.encodings import encode, make_encoding
from voicepipe.bank.collect import find_unused, remove_unused
from voicepipe.bank.lock import bank_lock
from voicepipe.errors import BankLocked, EnvironmentFault, InputError, UsageError
from voicepipe.pipeline.certificate import (
    Certificate,
    CertificateCheck,
    certificates_of,
    check_certificate,
    find_certificate,
    log_beside,
)
from voicepipe.pipeline.export_ledger import FOLDER, export_notes
from voicepipe.pipeline.exporting import ExportRequest, prepare_export, write_prepared
from voicepipe.pipeline.play_building import build_play
from voicepipe.pipeline.production import read_production
from voicepipe.pipeline.removal_inventory import FOLDER as REMOVING
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.revocation import RevocationReport, revoke_voice
from voicepipe.pipeline.suspension import Statement
from voicepipe.settings_export import ExportSettings

DAY = datetime.date(2026, 3, 1)
OFFICE = Statement(by="Office", note="she asked for it")


def _revoke(bench: Bench, *, store: str = "", **more: object) -> RevocationReport:
    settings = bench.project().settings
    return revoke_voice(
        bench.root,
        settings,
        "ann",
        date=DAY,
        store=store,
        statement=OFFICE,
        **more,  # type: ignore[arg-type]
    )


def _made(done: RevocationReport) -> Certificate:
    assert done.certificate is not None
    return done.certificate


def _checked(bench: Bench, made: Certificate | None = None) -> CertificateCheck:
    found = made or find_certificate(bench.root / "voices", "ann")
    log = log_beside(bench.root / "voices/ann.consent.jsonl")
    return check_certificate(bench.root, found, log)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _export(bench: Bench, to: Path | None, form: str = "wav") -> None:
    target = ExportSettings(target="generic", encoding=form)
    write_prepared(prepare_export(bench.root, ExportRequest(target=target, folder=to)))


def test_every_file_that_went_is_named_with_its_hash(rendered: Bench) -> None:
    _export(rendered, None, "ogg")  # its encoded clips lie in the store, too
    before = _hashes(rendered.root)
    facts = _made(_revoke(rendered)).facts
    after = _hashes(rendered.root)
    went = {name: sha256 for name, sha256 in before.items() if name not in after}
    assert went
    assert {row["where"]: row["sha256"] for row in facts["removed"]} == went
    kinds = {row["kind"] for row in facts["removed"]}
    assert kinds == {"object", "take", "clip", "annotation"}
    assert (facts["voice"], facts["date"], facts["by"]) == ("ann", "2026-03-01", "Office")
    assert facts["consents"] == ["ann-consent"]
    assert not (rendered.root / "out" / REMOVING).exists()


def test_it_names_what_is_kept_and_what_a_person_has_to_take_down(rendered: Bench) -> None:
    _export(rendered, None)
    facts = _made(_revoke(rendered)).facts
    assert "voices/ann.yaml" in {row["where"] for row in facts["kept"]}
    paths = {row["path"] for row in facts["takedown"]}
    assert len(paths) == 8
    assert {row["line"] for row in facts["takedown"]} == {"hall_0010", "hall_0030"}
    for row in facts["takedown"]:
        path = rendered.root / row["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]


def test_it_holds_and_the_log_names_it(rendered: Bench) -> None:
    made = _made(_revoke(rendered))
    checked = _checked(rendered)
    assert checked.holds
    assert checked.certificate.hash == made.hash
    assert len(checked.still_out) == 4
    log = log_beside(rendered.root / "voices/ann.consent.jsonl")
    assert [entry.change.value for entry in log.entries] == ["revoked", "certified"]
    assert made.facts["consent_log"]["head"] == log.entries[0].hash
    assert made.hash in log.entries[1].note
    text = made.text_path.read_text("utf-8")
    assert all(row["sha256"] in text for row in made.facts["removed"])
    (rendered.root / checked.still_out[0]).unlink()
    assert len(_checked(rendered).still_out) == 3


@pytest.mark.parametrize("edit", ["removed", "text", "log", "log gone"])
def test_an_edit_shows(rendered: Bench, edit: str) -> None:
    made = _made(_revoke(rendered))
    log = rendered.root / "voices/ann.consent.jsonl"
    if edit == "removed":
        facts = dict(made.facts)
        facts["removed"] = facts["removed"][1:]
        made.path.write_bytes(orjson.dumps(facts))
    if edit == "text":
        made.text_path.write_text(made.text_path.read_text("utf-8").replace("take", "cake"))
    if edit == "log":
        log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
    if edit == "log gone":
        log.unlink()
    assert not _checked(rendered).holds


def test_what_comes_back_shows(rendered: Bench) -> None:
    aside = shutil.copytree(rendered.root / "out", rendered.root.parent / "aside")
    _revoke(rendered)
    shutil.copytree(aside / "takes", rendered.root / "out/takes", dirs_exist_ok=True)
    checked = _checked(rendered)
    assert not checked.faults
    assert len(checked.back) == 4
    assert not checked.holds


def test_a_second_run_that_finds_nothing_writes_none(rendered: Bench) -> None:
    first = _made(_revoke(rendered))
    again = _revoke(rendered)
    assert not again.is_certificate_new
    assert _made(again).hash == first.hash


def test_a_later_one_follows_from_the_first(rendered: Bench) -> None:
    aside = shutil.copytree(rendered.root / "out", rendered.root.parent / "aside")
    first = _made(_revoke(rendered))
    shutil.copytree(aside / "takes", rendered.root / "out/takes", dirs_exist_ok=True)
    second = _made(_revoke(rendered))
    assert second.facts["previous"] == first.hash
    assert second.path != first.path
    assert [one.hash for one in certificates_of(first.path.parent, "ann")] == [
        first.hash,
        second.hash,
    ]
    assert _checked(rendered, second).holds
    first.path.unlink()
    assert not _checked(rendered, second).holds


def test_a_removal_that_had_to_wait_is_certified_whole(rendered: Bench, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    store = f"file://{tmp_path}/store"
    rendered.render(RenderOptions(store=store))
    shared = _hashes(tmp_path / "store")
    with bank_lock(rendered.root / "out", "voicepipe render"), pytest.raises(BankLocked):
        _revoke(rendered, store=store)
    assert not list((rendered.root / "voices").glob("*.removal-*"))
    left = _hashes(tmp_path / "store")
    facts = _made(_revoke(rendered, store=store)).facts
    went = {sha256 for name, sha256 in shared.items() if name not in left}
    assert went
    assert {row["sha256"] for row in facts["removed"] if row["store"]} == went
    assert {row["kind"] for row in facts["removed"] if not row["store"]} >= {"take", "clip"}


def test_a_store_that_cannot_be_reached_is_named_and_certified_later(
    rendered: Bench, tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    store = f"file://{tmp_path}/store"
    rendered.render(RenderOptions(store=store))
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    with pytest.raises(EnvironmentFault, match="not in the shared store"):
        _revoke(rendered)
    (first,) = certificates_of(rendered.root / "voices", "ann")
    assert first.facts["remains"]
    (tmp_path / "elsewhere").rename(tmp_path / "store")
    second = _made(_revoke(rendered))
    assert second.facts["remains"] == []
    assert any(row["store"] for row in second.facts["removed"])


def test_no_collection_removes_it(rendered: Bench) -> None:
    made = _made(_revoke(rendered))
    out = rendered.root / "out"
    remove_unused(out, find_unused(out, rendered.root, days=-1))
    assert made.path.is_file()
    assert _checked(rendered).holds


def test_it_goes_where_a_person_says(rendered: Bench, tmp_path: Path) -> None:
    made = _made(_revoke(rendered, certificates=tmp_path / "papers"))
    assert made.path.parent == tmp_path / "papers"
    assert _checked(rendered, find_certificate(Path(), str(made.path))).holds
    with pytest.raises(UsageError, match="there is no certificate"):
        find_certificate(rendered.root / "voices", "ann")


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ann.removal-2026-03-01.json"
    for content in (b"", b"[]", b'{"kind": "certificate of removal", "removed": 7}'):
        path.write_bytes(content)
        with pytest.raises(InputError, match="no certificate"):
            find_certificate(tmp_path, "ann")


def test_a_voice_whose_file_is_gone_is_certified_all_the_same(rendered: Bench) -> None:
    (rendered.root / "voices/ann.yaml").unlink()
    made = _made(_revoke(rendered))
    assert made.facts["consent_log"]["head"] is None
    assert len(made.facts["removed"]) == 16
    assert _checked(rendered).holds


@pytest.mark.parametrize("strips", [False, True])
def test_all_that_was_planted_is_found(rendered: Bench, tmp_path: Path, *, strips: bool) -> None:
    """In versions, in exports by name and by `--to`, on a page, and in archives that shipped."""
    rendered.edit("voicepipe.yaml", "bank: small", "bank: small\nexport: [{target: renpy}]")
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    rendered.render()
    for to in (None, tmp_path / "game/audio"):
        _export(rendered, to, "ogg")
    build_play(read_production(rendered.root), tmp_path / "page", on_clip=lambda _: None)
    out = rendered.root / "out"
    clip = next(iter((out / "banks/small/v0002/en/hall").glob("hall_0030.wav")))
    planted = {"ogg": 8, "page": 4, "zip": 2, "version": 8}
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    with zipfile.ZipFile(shipped / "game.zip", "w") as archive:
        archive.write(clip, "data/a.wav")
        content = encode(clip.read_bytes(), make_encoding("mp3"), key="0" * 64)
        archive.writestr("data/b.mp3", content)
        archive.writestr("data/c.txt", "nothing")
    if strips:  # somebody's tool took the metadata out: the list of the export still knows
        for path in (tmp_path / "game/audio").rglob("*.ogg"):
            path.write_bytes(path.read_bytes().replace(b"VOICEPIPE_", b"NOBODYSXX_"))
    done = _revoke(rendered, shipped=[shipped])
    assert len(done.published) == planted["version"]
    found = [file.export for file in done.copies.files]
    assert found.count("generic") == planted["ogg"]
    assert found.count("play") == planted["page"]
    assert found.count("shipped") == planted["zip"]
    assert not done.copies.unreachable
    assert {file.line for file in done.copies.files} == {"hall_0010", "hall_0030"}


def test_an_export_that_is_gone_is_named_as_unreachable(rendered: Bench, tmp_path: Path) -> None:
    _export(rendered, tmp_path / "disc")
    (note,) = export_notes(rendered.root / "out")
    assert (note.export, note.path, note.version) == ("generic", f"{tmp_path}/disc", "v0001")
    assert note.voices == {"ann": 4, "bob": 2}
    assert note.list_sha256 == _hashes(tmp_path / "disc")[".voicepipe-generic.json"]
    shutil.rmtree(tmp_path / "disc")
    done = _revoke(rendered)
    (gone,) = done.copies.unreachable
    assert (gone.path, gone.version, gone.n_clips) == (f"{tmp_path}/disc", "v0001", 4)
    assert f"unreachable: {tmp_path}/disc" in _made(done).text_path.read_text("utf-8")
    assert json.loads(done.lists[1].read_bytes())["unreachable"][0]["path"] == f"{tmp_path}/disc"


def test_a_relative_place_is_noted_as_seen_from_the_project(
    rendered: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (rendered.root / "scripts_in").is_dir()
    monkeypatch.chdir(rendered.root / "scripts_in")
    _export(rendered, Path("../../game"))
    (note,) = export_notes(rendered.root / "out")
    assert note.path == "../game"
    assert (note.folder(rendered.root) / "en").is_dir()
    rendered.root.rename(tmp_path / "moved")
    assert note.folder(tmp_path / "moved").is_dir()


def test_a_damaged_note_stops_the_list_and_not_the_block(rendered: Bench) -> None:
    _export(rendered, None)
    (note,) = (rendered.root / "out" / FOLDER).iterdir()
    note.write_bytes(b"{}")
    with pytest.raises(EnvironmentFault, match="where clips were exported to is not known"):
        _revoke(rendered)
    with pytest.raises(InputError):
        rendered.render()


def test_the_command_writes_and_checks_it(
    rendered: Bench, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(rendered.root / "out/banks/small/v0001/en", tmp_path / "shipped")

    def given(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            run(["-C", str(rendered.root), "voices", *words])
        assert isinstance(ended.value.code, int)
        return ended.value.code, capfd.readouterr().out

    words = ("revoke", "ann", "--confirm", "ann", "--by", "Office", "--shipped")
    code, said = given(*words, str(tmp_path / "shipped"), "--json")
    document = json.loads(said)
    assert code == 0
    assert {row["version"] for row in document["exported"]} == {"export shipped"}
    assert document["certificate"].startswith("voices/ann.removal-")
    code, said = given("certificate", "ann", "--json")
    assert (code, json.loads(said)["holds"]) == (0, True)
    assert json.loads(said)["sha256"] == document["certificate_sha256"]
    path = rendered.root / document["certificate"]
    path.write_text(path.read_text("utf-8").replace('"Office"', '"Nobody"'), "utf-8")
    code, said = given("certificate", str(path))
    assert code == 1
    assert said.endswith("it does not hold\n")
    code, _ = given("revoke", "ann", "--confirm", "ann", "--shipped", str(tmp_path / "nowhere"))
    assert code == 2
