"""Findings are kept as JSON, and limits decide later which of them count."""

from __future__ import annotations

import orjson
import pytest

from voicepipe.errors import CorruptObject, MadeByNewer
from voicepipe.qc.findings import Fault, Findings, Reason, findings_json, read_findings
from voicepipe.qc.thresholds import LIMITS, counting_faults, default_limits

FOUND = Findings(
    scores={"word_error": 0.25},
    faults=(
        Fault(
            reason="missing_words", value=4, start_s=0.5, end_s=0.75, expected="the door", heard=""
        ),
    ),
    heard="open now",
)


def test_findings_survive_being_stored() -> None:
    assert read_findings(findings_json(FOUND), "here") == FOUND


def test_fields_of_a_later_release_are_passed_over() -> None:
    document = orjson.loads(findings_json(FOUND)) | {"mood": "calm"}
    assert read_findings(orjson.dumps(document), "here") == FOUND


def test_findings_of_a_newer_schema_are_refused_by_name() -> None:
    with pytest.raises(MadeByNewer, match="newer voicepipe"):
        read_findings(b'{"schema": 99}', "here")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"schema": 1, "scores": {"a": "b"}}'])
def test_what_is_no_findings_is_told_as_damage(content: bytes) -> None:
    with pytest.raises(CorruptObject, match="here"):
        read_findings(content, "here")


def test_every_reason_has_a_limit_in_every_language() -> None:
    for language in ("en", "zh-Hant", "ja", "ko", "yue", "es"):
        assert default_limits(language).keys() == LIMITS.keys() == set(Reason)


def test_only_values_beyond_their_limit_count() -> None:
    low = Fault(reason="unlike_voice", value=0.4)
    high = Fault(reason="unlike_voice", value=0.95)
    found = Findings(faults=(low, high))
    assert counting_faults(found, {Reason.UNLIKE_VOICE: 0.7}) == (low,)
    assert counting_faults(found, {}) == ()


def test_a_reason_that_a_later_release_added_counts() -> None:
    unknown = Fault(reason="out_of_tune", value=1)
    assert counting_faults(Findings(faults=(unknown,)), default_limits("en")) == (unknown,)
