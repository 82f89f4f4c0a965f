"""What a consent covers beyond bank, language and days: uses, territories, kinds, suspension."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from consent_records import actor_consent

from voicepipe.consent.gate import consent_problem, find_refusal, training_problem
from voicepipe.consent.record import ConsentKind, ConsentRecord, Use
from voicepipe.diagnostics import Severity, SourceSpan

DAY = datetime.date(2026, 6, 15)
SPAN = SourceSpan(path="voices/noah.yaml")
RECORD = actor_consent(valid_until=datetime.date(2028, 12, 31), span=SPAN)


def _code(record: ConsentRecord, **asked: object) -> str:
    question = {"bank": "harbor", "language": "en", "today": DAY, **asked}
    found = find_refusal(record, **question)  # type: ignore[arg-type]
    return "" if found is None else found[0].code


@pytest.mark.parametrize(
    ("uses", "use", "code"),
    [
        ((), Use.PRERENDER, ""),
        ((), Use.REALTIME, "VP414"),
        ((), Use.TRAINING, "VP414"),
        ((Use.PRERENDER,), Use.PRERENDER, ""),
        ((Use.PRERENDER,), Use.REALTIME, "VP414"),
        ((Use.TRAINING,), Use.PRERENDER, "VP414"),
        ((Use.PRERENDER, Use.REALTIME), Use.REALTIME, ""),
    ],
)
def test_each_use_is_agreed_to_by_name(uses: tuple[Use, ...], use: Use, code: str) -> None:
    assert _code(replace(RECORD, uses=uses), use=use) == code


def _training(record: ConsentRecord) -> str:
    problem = training_problem(
        record, voice="noah", bank="harbor", languages=["en"], today=DAY, voice_span=SPAN
    )
    return "" if problem is None else problem.code


def test_training_is_a_use_or_a_word_in_the_scope_of_an_older_record() -> None:
    assert _training(RECORD) == "VP405"
    assert _training(replace(RECORD, scope=("harbor", "training"))) == ""
    assert _training(replace(RECORD, uses=(Use.PRERENDER,))) == "VP414"
    both = replace(RECORD, uses=(Use.PRERENDER,), scope=("harbor", "training"))
    assert _training(both) == "VP414", "uses that are named are all there are"
    assert _training(replace(RECORD, uses=(Use.PRERENDER, Use.TRAINING))) == ""


@pytest.mark.parametrize(
    ("covered", "asked", "code"),
    [
        (("*",), (), ""),
        (("*",), ("DE", "JP"), ""),
        (("DE", "AT"), (), "VP415"),
        (("DE", "AT"), ("DE",), ""),
        (("DE", "AT"), ("DE", "JP"), "VP415"),
        (("DE",), ("*",), "VP415"),
    ],
)
def test_a_bank_goes_only_where_the_record_says(
    covered: tuple[str, ...], asked: tuple[str, ...], code: str
) -> None:
    assert _code(replace(RECORD, territories=covered), territories=asked) == code


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        (ConsentKind.MINOR, {}, "VP413"),
        (ConsentKind.MINOR, {"guardian": "A parent"}, ""),
        (ConsentKind.MINOR, {"guardian": "A parent", "valid_until": None}, "VP413"),
        (ConsentKind.MINOR, {"guardian": "A parent", "evidence": ""}, "VP407"),
        (ConsentKind.DECEASED, {}, "VP413"),
        (ConsentKind.DECEASED, {"estate": "The heirs"}, ""),
        (ConsentKind.PUBLIC_FIGURE, {}, "VP413"),
        (ConsentKind.PUBLIC_FIGURE, {"purpose": "A parody"}, ""),
        (ConsentKind.PUBLIC_FIGURE, {"purpose": "A parody", "scope": ("*",)}, "VP413"),
        (ConsentKind.PUBLIC_FIGURE, {"purpose": " "}, "VP413"),
    ],
)
def test_some_voices_need_more(kind: ConsentKind, given: dict[str, object], code: str) -> None:
    assert _code(replace(RECORD, kind=kind, **given)) == code  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["file", "note"])
def test_a_suspended_voice_makes_nothing_new_and_keeps_what_it_made(by: str) -> None:
    held = (
        replace(RECORD, suspended=DAY)
        if by == "file"
        else replace(RECORD, is_suspension_noted=True)
    )
    assert _code(held) == "VP412"
    assert _code(held, is_new=False) == ""
    problem = consent_problem(
        held,
        voice="noah",
        bank="harbor",
        language="en",
        today=DAY,
        voice_span=SPAN,
        is_new=False,
    )
    assert problem is not None
    assert (problem.code, problem.severity) == ("VP418", Severity.WARNING)


def test_an_end_of_consent_weighs_more_than_a_suspension() -> None:
    over = replace(RECORD, suspended=DAY, valid_until=datetime.date(2026, 2, 1))
    assert _code(over, is_new=False) == "VP404"
