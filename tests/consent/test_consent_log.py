"""The log of a consent: lines are added, and none is edited or taken out without a trace."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from consent_records import synthetic_consent

from voicepipe.consent.log import Change, append_to_log, read_log, record_facts
from voicepipe.consent.record import Use
from voicepipe.diagnostics import SourceSpan
from voicepipe.errors import EnvironmentFault

RECORD = synthetic_consent(
    id="ada-1",
    who="Nobody",
    uses=(Use.PRERENDER,),
    span=SourceSpan(path="voices/ada.yaml", line=3),
)


@pytest.fixture(name="log")
def _log(tmp_path: Path) -> Path:
    path = tmp_path / "ada.consent.jsonl"
    held = replace(RECORD, suspended=datetime.date(2026, 5, 1))
    for record, change in (
        (RECORD, Change.RECORDED),
        (held, Change.SUSPENDED),
        (RECORD, Change.RESUMED),
    ):
        append_to_log(path, record, change, at="2026-05-01T10:00:00Z", by="Office", note="…")
    return path


def test_each_line_tells_what_the_record_said_then(log: Path) -> None:
    read = read_log(log)
    assert [one.change for one in read.entries] == [
        Change.RECORDED,
        Change.SUSPENDED,
        Change.RESUMED,
    ]
    assert [one.is_suspended for one in read.entries] == [False, True, False]
    assert dict(read.entries[0].record) == record_facts(RECORD)
    assert not read.broken_line


def test_a_record_is_the_same_wherever_it_is_written(log: Path) -> None:
    moved = replace(RECORD, span=SourceSpan(path="voices/other.yaml", line=90), is_noted=True)
    assert record_facts(moved) == dict(read_log(log).entries[0].record)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_edited_line_is_named(log: Path, number: int) -> None:
    lines = log.read_text("utf-8").splitlines(keepends=True)
    lines[number - 1] = lines[number - 1].replace('"Office"', '"Nobody"')
    log.write_text("".join(lines), "utf-8")
    assert read_log(log).broken_line == number
    assert "edited" in read_log(log).fault


@pytest.mark.parametrize(("taken", "named"), [(1, 1), (2, 2)])
def test_a_line_taken_out_is_missed(log: Path, taken: int, named: int) -> None:
    lines = log.read_text("utf-8").splitlines(keepends=True)
    del lines[taken - 1]
    log.write_text("".join(lines), "utf-8")
    assert read_log(log).broken_line == named


@pytest.mark.parametrize(
    "content", ["[]\n", "{}\n", "\n", "nonsense\n", '{"schema": 99}\n', '{"schema":1,"hash":3}\n']
)
def test_other_content_is_no_log(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ada.consent.jsonl"
    path.write_text(content, "utf-8")
    assert read_log(path).broken_line == 1


def test_nothing_is_added_to_a_broken_log(log: Path) -> None:
    edited = log.read_text("utf-8").replace("resumed", "revoked")
    log.write_text(edited, "utf-8")
    with pytest.raises(EnvironmentFault, match="line 3"):
        append_to_log(log, RECORD, Change.RECORDED, at="2026-06-01T10:00:00Z", by="Office")
    assert log.read_text("utf-8") == edited


def test_a_log_without_a_last_line_end_goes_on(log: Path) -> None:
    log.write_bytes(log.read_bytes().rstrip(b"\n"))
    append_to_log(log, RECORD, Change.RECORDED, at="2026-06-01T10:00:00Z", by="Office")
    assert len(read_log(log).entries) == 4
    assert not read_log(log).broken_line
