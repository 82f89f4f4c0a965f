"""Stamps, clocks and notes in the output folder: they may end a consent, and never lengthen one."""

from __future__ import annotations

import datetime
import shutil

import orjson
import pytest
from consent_ways import (
    ANN,
    ENDS,
    Guard,
    end,
    withdraw_and_restore,
)
from small_project import ENGINES, Bench

from voicepipe.bank.versions import published_day
from voicepipe.errors import EnvironmentFault, InputError
from voicepipe.pipeline import permissions
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.pipeline.render.saying import consent_findings, voice_named
from voicepipe.pipeline.render.up_to_date import NOTE_NAME, find_up_to_date, take_snapshot
from voicepipe.pipeline.train.checks import load_training_voice, require_consent


def test_a_restored_voice_does_not_stand_as_noted(rendered: Bench) -> None:
    _stamped(rendered)
    assert _stands(rendered)
    note = rendered.root / "out" / NOTE_NAME
    kept = note.read_bytes()
    banks = shutil.copytree(rendered.root / "out", rendered.root.parent / "aside")
    withdraw_and_restore(rendered)
    revoked = shutil.copytree(rendered.root / "out/withdrawn", banks / "withdrawn")
    assert any(revoked.iterdir())
    shutil.rmtree(rendered.root / "out")
    banks.rename(rendered.root / "out")
    assert note.read_bytes() == kept, "everything is as it was, but for the note of revocation"
    assert not _stands(rendered)


def test_a_clock_set_back_revives_nothing(rendered: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard(rendered)
    published = published_day(rendered.root / "out", "small")
    assert published is not None
    last = published - datetime.timedelta(days=1)
    rendered.edit(ANN, "from: 2020-01-01", f"from: 2020-01-01\n  until: {last}")
    monkeypatch.setattr(permissions, "utc_today", lambda: last - datetime.timedelta(days=9))
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    guard.refused("VP404")


def _stamped(bench: Bench) -> None:
    snapshot = take_snapshot(bench.root)
    options = RenderOptions(engines=ENGINES, jobs=1)
    render_project(bench.project(), options, on_event=lambda _: None, snapshot=snapshot)


def _stands(bench: Bench) -> bool:
    snapshot = take_snapshot(bench.root)
    assert snapshot is not None
    return find_up_to_date(snapshot) is not None


@pytest.mark.parametrize("how", [how for how in ENDS if how != "another record"])
def test_a_stamp_that_claims_the_ended_voice_s_file_is_not_believed(
    rendered: Bench, how: str
) -> None:
    """The stamp is made to name the file as it is now; nothing else in it gives it away."""
    _stamped(rendered)
    note = rendered.root / "out" / NOTE_NAME
    end(rendered, how)
    snapshot = take_snapshot(rendered.root)
    assert snapshot is not None
    said = orjson.loads(note.read_bytes())
    now = orjson.loads(orjson.dumps(snapshot.input_fingerprint))
    note.write_bytes(orjson.dumps({**said, "input_fingerprint": now, "until": None}))
    again = take_snapshot(rendered.root)
    assert again is not None
    assert again.is_as_noted, "the stamp is a good forgery"
    assert find_up_to_date(again) is None


def test_a_stamp_does_not_outlive_a_consent(
    rendered: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered.edit(ANN, "from: 2020-01-01", "from: 2020-01-01\n  until: 2900-12-31")
    _stamped(rendered)
    note = rendered.root / "out" / NOTE_NAME
    said = orjson.loads(note.read_bytes())
    day = datetime.date(2901, 1, 1)
    monkeypatch.setattr(permissions, "utc_today", lambda: day)
    for since in (said["since"], str(day), "2999-01-01"):
        note.write_bytes(orjson.dumps({**said, "since": since, "until": None}))
        assert not _stands(rendered)


def test_no_sentence_is_said_in_a_voice_whose_revocation_was_undone(rendered: Bench) -> None:
    withdraw_and_restore(rendered)
    settings = rendered.project().settings
    voice, _ = voice_named(rendered.root, settings, "ann")
    (found,) = consent_findings(rendered.root, settings, voice, "en")
    assert found.code == "VP402"


def test_no_model_is_trained_on_a_voice_whose_revocation_was_undone(rendered: Bench) -> None:
    rendered.edit(ANN, 'scope: ["*"]', 'scope: ["*", training]')
    subject = load_training_voice(rendered.root, "ann")
    assert require_consent(subject, ("en",)) is None
    withdraw_and_restore(rendered)
    with pytest.raises(InputError) as caught:
        require_consent(load_training_voice(rendered.root, "ann"), ("en",))
    assert [problem.code for problem in caught.value.diagnostics] == ["VP402"]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"voice": "ann", "consents": [7]}'])
def test_a_damaged_note_of_a_revocation_lets_nothing_pass(rendered: Bench, content: bytes) -> None:
    withdraw_and_restore(rendered)
    (note,) = (rendered.root / "out/withdrawn").iterdir()
    note.write_bytes(content)
    with pytest.raises(EnvironmentFault, match="is damaged"):
        rendered.render()
    assert not _stands_or_fault(rendered)


def _stands_or_fault(bench: Bench) -> bool:
    try:
        return _stands(bench)
    except EnvironmentFault:
        return False
