"""The file of a review: somebody else's browser wrote it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from small_project import Bench

from voicepipe.errors import InputError
from voicepipe.pipeline.production import read_production
from voicepipe.pipeline.review_file import load_review_file
from voicepipe.pipeline.reviewing import take_in

if TYPE_CHECKING:
    from pathlib import Path

SOUND = "0" * 64


def _write(path: Path, *rows: dict[str, Any], **head: Any) -> Path:
    document = {"schema": 1, "what": "voicepipe review", "bank": "small", "decisions": rows}
    path.write_text(json.dumps(document | head), "utf-8")
    return path


def _row(**changes: Any) -> dict[str, Any]:
    row = {"decision": "approve", "line": "hall_0010", "language": "en", "sound": SOUND}
    return row | changes


def test_changed_sounds_and_unknown_lines_are_refused_by_name_and_the_others_kept(
    rendered: Bench, tmp_path: Path
) -> None:
    production = read_production(rendered.root)
    now = {one.key: one.entry.sha256 for one in production.produced if one.entry}
    path = _write(
        tmp_path / "review.json",
        _row(sound=now["hall_0010", "en"]),
        _row(language="de"),
        _row(line="hall_0011"),
        _row(decision="note", words="  two\n spaces ", sound=""),
    )
    decided = take_in(production, load_review_file(path, bank="small"), command="test")
    assert [one.verb.value for one in decided.applied] == ["approve", "note"]
    assert decided.applied[1].words == "two spaces"
    refused = [(one.request.line, one.request.language, one.reason) for one in decided.refused]
    assert refused[0][:2] == ("hall_0010", "de")
    assert "sounds otherwise now" in refused[0][2]
    assert 'no line "hall_0011"' in refused[1][2]


@pytest.mark.parametrize(
    ("rows", "head", "fault"),
    [
        ((), {"what": "a letter"}, 'it says "a letter"'),
        ((), {"schema": 2}, "schema 2"),
        ((), {"bank": "other"}, 'it reviews "other"'),
        ((), {"more": 1}, "unknown field"),
        ((_row(decision="aprove"),), {}, 'did you mean "approve"'),
        ((_row(sound="abc"),), {}, "not the sha256"),
        ((_row(sound=""),), {}, "which sound was heard"),
        ((_row(words="x" * 501),), {}, "<= 500"),
        ((_row(line=7),), {}, "Expected `str`"),
    ],
)
def test_a_file_that_is_no_review_is_refused_whole(
    tmp_path: Path, rows: tuple[dict[str, Any], ...], head: dict[str, Any], fault: str
) -> None:
    path = _write(tmp_path / "review.json", *rows, **head)
    with pytest.raises(InputError) as refused:
        load_review_file(path, bank="small")
    assert fault in refused.value.message


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_document_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "review.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not the file of a review"):
        load_review_file(path, bank="small")
