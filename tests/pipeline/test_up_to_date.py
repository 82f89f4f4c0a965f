"""Answering at once when nothing changed, and never when anything did."""

from __future__ import annotations

import datetime
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from small_project import ENGINES, VOICE, Bench

import voicepipe
from voicepipe.bank.decisions_file import load_decisions, save_decisions
from voicepipe.bank.lock import bank_lock
from voicepipe.errors import BankLocked, EnvironmentFault, UsageError
from voicepipe.installation import installed_libraries
from voicepipe.pipeline import permissions
from voicepipe.pipeline.render import input_fingerprint, up_to_date
from voicepipe.pipeline.render.rendering import (
    RenderOptions,
    RenderReport,
    nothing_done,
    render_project,
)
from voicepipe.pipeline.render.up_to_date import (
    NOTE_NAME,
    UpToDateBank,
    find_up_to_date,
    find_up_to_date_for_render,
    take_snapshot,
)
from voicepipe.pipeline.selection import select
from voicepipe.workers.events import RenderEvent


def _render(bench: Bench, *, interrupt: Callable[[], None] = lambda: None) -> RenderReport:
    """Render as the command does; `interrupt` comes once the project has been read."""
    snapshot = take_snapshot(bench.root)
    assert snapshot is not None
    project = bench.project()
    interrupt()
    options = RenderOptions(engines=ENGINES, jobs=1)
    return render_project(project, options, on_event=lambda _: None, snapshot=snapshot)


def _up_to_date(root: Path, *, release: bool = False) -> UpToDateBank | None:
    snapshot = take_snapshot(root, release=release)
    return None if snapshot is None else find_up_to_date(snapshot)


@pytest.fixture
def noted(rendered: Bench) -> Bench:
    """A rendered project whose last render left its note."""
    (rendered.root / "notes.txt").write_text("read by nothing", "utf-8")
    (rendered.root / "voices/ann.wav").write_bytes(bytes(100))
    _render(rendered)
    assert _up_to_date(rendered.root) is not None
    return rendered


def test_what_is_recalled_is_what_a_render_would_say(noted: Bench) -> None:
    found = _up_to_date(noted.root)
    assert found is not None
    assert nothing_done(found.published) == noted.render()
    assert found.n_warnings == noted.project().n_warnings


def test_the_render_that_makes_a_bank_notes_it(bench: Bench) -> None:
    assert _up_to_date(bench.root) is None
    report = _render(bench)
    assert report.rendered == 6
    found = _up_to_date(bench.root)
    assert found is not None
    assert report.published is not None
    assert found.published.version == report.published.version


def _write(name: str, content: str = "x") -> Callable[[Path], object]:
    def change(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, "utf-8")

    return change


def _edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda root: Bench(root).edit(name, old, new)


def _decide(root: Path) -> None:
    save_decisions(root, load_decisions(root, root / "out").with_retake("hall_0010", "en"))


def _first(root: Path, pattern: str) -> Path:
    return sorted((root / "out").glob(pattern))[0]


def _keep_size_and_date(root: Path) -> None:
    path = root / "voices/ann.wav"
    status = path.stat()
    path.write_bytes(bytes(99) + b"\x01")
    assert path.stat().st_size == status.st_size
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a text": _edit("scripts_in/hall.yaml", "Good evening.", "Good morning."),
    "a comment": _edit("scripts_in/hall.yaml", "scene: hall", "scene: hall # big"),
    "a new script": _write("scripts_in/b.yaml", "scene: b\nnodes: {}\n"),
    "a new translation": _write("scripts_in/loc/en.csv", "line,text\n"),
    "a script gone": lambda root: (root / "scripts_in/hall.yaml").unlink(),
    "settings": _edit("voicepipe.yaml", "bit_depth: 16", "bit_depth: 24"),
    "settings gone": lambda root: (root / "voicepipe.yaml").unlink(),
    "the bank's name": _edit("voicepipe.yaml", "bank: small", "bank: other"),
    "a voice": _edit("voices/ann.yaml", "kind: synthetic", "kind: synthetic # ?"),
    "consent withdrawn": _edit(
        "voices/ann.yaml", "from: 2020", "revoked: 2026-01-01\n  from: 2020"
    ),
    "a new voice": _write("voices/eve.yaml", VOICE.replace("{name}", "eve")),
    "a clip's bytes, not its size or date": _keep_size_and_date,
    "a lexicon": _write("lexicon.yaml", "words: []\n"),
    "a lock of models": _write("models.lock", "{}"),
    "a model": _write("models/x/model.safetensors"),
    "a recording": _write("overrides/en/hall_0010.wav"),
    "a file read by nothing": _write("notes.txt", "still read by nothing"),
    "a retake": _decide,
    "no version": lambda root: shutil.rmtree(root / "out/banks"),
    "a newer version": lambda root: _publish_again(root / "out/banks/small"),
    "a published file gone": lambda root: _first(root, "banks/small/v0001/*/*/*.wav").unlink(),
    "a clip's record gone": lambda root: _first(root, "clips/*/*.json").unlink(),
    "all sound gone": lambda root: shutil.rmtree(root / "out/objects"),
}


def _publish_again(bank: Path) -> None:
    shutil.copytree(bank / "v0001", bank / "v0002")
    manifest = bank / "v0002/manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(manifest.read_text("utf-8").replace('"v0001"', '"v0002"'), "utf-8")
    (bank / "latest").write_text("v0002\n", "utf-8")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_changes_is_looked_into(noted: Bench, change: Callable[[Path], object]) -> None:
    change(noted.root)
    assert _up_to_date(noted.root) is None


@pytest.mark.parametrize("name", ["decisions.json", "banks/small/v0001/manifest.json"])
def test_damage_in_the_output_folder_is_told(noted: Bench, name: str) -> None:
    path = noted.root / "out" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text("{", "utf-8")
    with pytest.raises(EnvironmentFault, match=path.name):
        _up_to_date(noted.root)


def test_every_missing_sound_is_missed(noted: Bench) -> None:
    lost = sorted((noted.root / "out/objects").glob("*/*.wav"))
    held = {entry.sha256 for entry in noted.entries().values()}  # type: ignore[attr-defined]
    for path in lost:
        content = path.read_bytes()
        path.unlink()
        assert (_up_to_date(noted.root) is None) == (path.stem in held)
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        (input_fingerprint, "installed_libraries", lambda: ["torch-99.0.dist-info"]),
        (sys, "version", "4.0"),
        (sys, "platform", "amiga"),
    ],
)
def test_another_library_or_interpreter_is_looked_into(
    noted: Bench, monkeypatch: pytest.MonkeyPatch, place: object, name: str, value: object
) -> None:
    monkeypatch.setattr(place, name, value)
    assert _up_to_date(noted.root) is None


def _on(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setattr(permissions, "utc_today", lambda: datetime.date.fromisoformat(day))


def test_a_note_holds_until_a_consent_begins_or_ends(
    noted: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _on(monkeypatch, "2999-01-01")
    assert _up_to_date(noted.root) is not None
    _on(monkeypatch, "2021-01-01")
    assert _up_to_date(noted.root) is not None, "the version's own day counts, not the clock's"
    monkeypatch.undo()

    noted.edit("voices/bob.yaml", "from: 2020-01-01", "from: 2020-01-01\n  until: 2900-12-31")
    _render(noted)
    _on(monkeypatch, "2900-11-30")
    assert _up_to_date(noted.root) is not None
    _on(monkeypatch, "2900-12-01")
    assert _up_to_date(noted.root) is None, "a warning is due"


def test_another_voicepipe_is_looked_into(
    noted: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "voicepipe").mkdir()
    program = tmp_path / "voicepipe/__init__.py"
    program.touch()
    monkeypatch.setattr(voicepipe, "__file__", str(program))
    assert _up_to_date(noted.root) is None
    _render(noted)
    assert _up_to_date(noted.root) is not None
    program.write_text("REVISION = 2\n", "utf-8")
    assert _up_to_date(noted.root) is None


def test_installed_libraries_are_named_with_their_versions() -> None:
    names = installed_libraries()
    assert any(name.startswith("orjson-") for name in names)
    assert any(name.lower().startswith("pyyaml-") for name in names)


def test_a_library_that_brings_others_along_when_it_loads_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = installed_libraries()
    brought = tmp_path / "site-packages/toolbox/_vendor"
    (brought / "hammer-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(brought)
    assert installed_libraries() == before
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/saw-1.0.dist-info").mkdir(parents=True)
    assert "saw-1.0.dist-info" in installed_libraries()


def test_a_release_is_held_to_its_own_note(noted: Bench) -> None:
    assert _up_to_date(noted.root, release=True) is None


def test_an_edit_while_a_render_goes_on_is_not_lost(noted: Bench) -> None:
    (noted.root / "out" / NOTE_NAME).unlink()

    def edit() -> None:
        noted.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")

    _render(noted, interrupt=edit)
    assert _up_to_date(noted.root) is None
    noted.edit("scripts_in/hall.yaml", "Good morning.", "Good evening.")
    assert _up_to_date(noted.root) is None
    assert _render(noted).rendered == 0


def test_a_bank_that_is_not_whole_is_not_noted(noted: Bench) -> None:
    noted.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    noted.edit("scripts_in/hall.yaml", "It was.", "It is.")
    snapshot = take_snapshot(noted.root)
    project = noted.project()
    options = RenderOptions(engines=ENGINES, jobs=1, selection=select(project, lines=["hall_0010"]))
    report = render_project(project, options, on_event=lambda _: None, snapshot=snapshot)
    assert (report.rendered, report.outdated) == (1, 1)
    assert _up_to_date(noted.root) is None


def test_files_out_of_sight_leave_no_note(noted: Bench) -> None:
    (noted.root / "scripts_in").rename(noted.root / ".scripts")
    noted.edit("voicepipe.yaml", "bank: small", "scripts: .scripts\nbank: small")
    assert take_snapshot(noted.root) is None
    noted.edit("voicepipe.yaml", "scripts: .scripts", "lexicon: out/words.yaml")
    (noted.root / ".scripts").rename(noted.root / "scripts_in")
    assert take_snapshot(noted.root) is None


def test_a_clip_out_of_sight_leaves_no_note(noted: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    (noted.root / "out" / NOTE_NAME).unlink()
    monkeypatch.setattr(up_to_date, "_files_of", lambda _: iter(["voices/.hidden/ann.wav"]))
    _render(noted)
    assert not (noted.root / "out" / NOTE_NAME).exists()


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are Unicode here")
def test_a_file_whose_name_is_no_unicode_is_no_trouble(noted: Bench) -> None:
    Path(os.fsdecode(os.fsencode(noted.root) + b"/caf\xe9.txt")).touch()
    assert _up_to_date(noted.root) is None
    _render(noted)
    assert _up_to_date(noted.root) is not None


def test_errors_are_told_before_anyone_else_s_lock(noted: Bench) -> None:
    noted.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    snapshot = take_snapshot(noted.root)
    assert snapshot is not None
    with bank_lock(noted.root / "out", "somebody else"):
        assert find_up_to_date_for_render(snapshot) is None


def test_a_fresh_copy_of_the_same_files_is_recognised(noted: Bench, tmp_path: Path) -> None:
    shutil.copytree(noted.root, tmp_path / "copy", copy_function=shutil.copyfile)
    assert _up_to_date(tmp_path / "copy") is not None


def test_a_render_recalls_under_the_lock_and_mends_the_pointer(noted: Bench) -> None:
    pointer = noted.root / "out/banks/small/latest"
    pointer.write_text("v0099\n", "utf-8")
    snapshot = take_snapshot(noted.root)
    assert snapshot is not None
    with bank_lock(noted.root / "out", "somebody else"), pytest.raises(BankLocked):
        find_up_to_date_for_render(snapshot)
    assert find_up_to_date_for_render(snapshot) is not None
    assert pointer.read_text("utf-8") == "v0001\n"


def test_what_is_not_shared_yet_is_still_to_do(noted: Bench, tmp_path: Path) -> None:
    snapshot = take_snapshot(noted.root)
    assert snapshot is not None
    (tmp_path / "shared").mkdir()
    url = f"file://{(tmp_path / 'shared').as_posix()}"
    assert find_up_to_date_for_render(snapshot, store=url) is None
    assert find_up_to_date_for_render(snapshot, store=url, push=False) is not None
    options = RenderOptions(engines=ENGINES, jobs=1, store=url)
    events: list[RenderEvent] = []
    render_project(noted.project(), options, on_event=events.append)
    assert find_up_to_date_for_render(snapshot, store=url) is not None
    with pytest.raises(UsageError):
        find_up_to_date_for_render(snapshot, store="nonsense")


@given(place=st.integers(0, 10**6), byte=st.integers(0, 255))
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_note_is_no_note(noted: Bench, place: int, byte: int) -> None:
    path = noted.root / "out" / NOTE_NAME
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    kept = path.read_bytes()
    path.write_bytes(content)
    try:
        found = _up_to_date(noted.root)
    finally:
        path.write_bytes(kept)
    assert found is None or found.published.version == "v0001"


def test_a_note_of_a_newer_release_is_neither_used_nor_replaced(noted: Bench) -> None:
    path = noted.root / "out" / NOTE_NAME
    path.write_bytes(b'{"schema": 99}')
    assert _up_to_date(noted.root) is None
    _render(noted)
    assert path.read_bytes() == b'{"schema": 99}'


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{}", b"\xff", b'{"schema": 0}'])
def test_what_is_no_note_is_none(noted: Bench, content: bytes) -> None:
    path = noted.root / "out" / NOTE_NAME
    path.write_bytes(content)
    assert _up_to_date(noted.root) is None
    _render(noted)
    assert orjson.loads(path.read_bytes())["version"] == "v0001"


def test_a_stamp_under_its_earlier_name_goes_when_a_new_one_is_written(rendered: Bench) -> None:
    earlier = rendered.root / "out" / "standing.json"
    earlier.write_text("{}", "utf-8")
    _render(rendered)
    assert not earlier.exists()
    assert (rendered.root / "out" / NOTE_NAME).is_file()
