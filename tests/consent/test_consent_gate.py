from __future__ import annotations

import datetime
import itertools
from dataclasses import replace

import pytest
from consent_records import actor_consent

from voicepipe.consent.codes import CODES
from voicepipe.consent.gate import consent_problem, day_of_change, refusal
from voicepipe.consent.record import ConsentKind, ConsentRecord
from voicepipe.diagnostics import Severity, SourceSpan

TODAY = datetime.date(2026, 6, 15)
DAY = datetime.timedelta(days=1)
VOICE = SourceSpan(path="voices/noah.yaml")
RECORD = actor_consent(scope=("harbor", "lighthouse"), languages=("zh", "en"))


def _ask(
    record: ConsentRecord | None,
    *,
    bank: str = "harbor",
    language: str = "zh",
    today: datetime.date = TODAY,
) -> str | None:
    return refusal(record, bank=bank, language=language, today=today)


def test_what_the_record_covers_is_allowed() -> None:
    for bank in RECORD.scope:
        for language in RECORD.languages:
            assert _ask(RECORD, bank=bank, language=language) is None


@pytest.mark.parametrize("day", [RECORD.valid_from, RECORD.valid_until])
def test_first_and_last_day_are_included(day: datetime.date) -> None:
    assert _ask(RECORD, today=day) is None


def test_a_record_without_an_end_never_runs_out() -> None:
    assert _ask(replace(RECORD, valid_until=None), today=datetime.date.max) is None


def test_a_star_covers_any_bank_and_any_language() -> None:
    anywhere = replace(RECORD, scope=("*",), languages=("*",))
    assert _ask(anywhere, bank="another", language="ja") is None


def test_a_synthetic_voice_needs_no_paper() -> None:
    nobody = replace(RECORD, kind=ConsentKind.SYNTHETIC, evidence="", evidence_sha256="")
    assert _ask(nobody) is None


@pytest.mark.parametrize(
    ("record", "asked", "code", "words"),
    [
        (None, {}, "VP401", "no consent is recorded"),
        (replace(RECORD, revoked=TODAY), {}, "VP402", "revoked on 2026-06-15"),
        (replace(RECORD, revoked=TODAY - DAY), {}, "VP402", "revoked on"),
        (replace(RECORD, revoked=TODAY + DAY), {}, "VP402", "revoked as of 2026-06-16"),
        (RECORD, {"today": RECORD.valid_from - DAY}, "VP403", "begins on 2026-01-01"),
        (RECORD, {"today": datetime.date(2027, 1, 1)}, "VP404", "ended with 2026-12-31"),
        (RECORD, {"bank": "harbour"}, "VP405", "it covers harbor, lighthouse"),
        (replace(RECORD, scope=()), {}, "VP405", "it covers nothing"),
        (RECORD, {"language": "ja"}, "VP406", "it covers zh, en"),
        (replace(RECORD, languages=()), {}, "VP406", "it covers none"),
        (replace(RECORD, evidence=""), {}, "VP407", "names no evidence"),
        (replace(RECORD, evidence_sha256=""), {}, "VP407", "names no evidence"),
    ],
)
def test_anything_else_is_refused_with_its_code(
    record: ConsentRecord | None, asked: dict[str, object], code: str, words: str
) -> None:
    question: dict[str, object] = {"bank": "harbor", "language": "zh", "today": TODAY, **asked}
    reason = refusal(record, **question)  # type: ignore[arg-type]
    assert reason is not None
    assert words in reason
    problem = consent_problem(record, voice="noah", voice_span=VOICE, **question)  # type: ignore[arg-type]
    assert problem is not None
    assert problem.code == code
    assert problem.severity is Severity.ERROR
    assert problem.message == f'voice "noah": {reason}'
    assert problem.help
    assert problem.span == (VOICE if record is None else RECORD.span)


def test_a_revocation_outweighs_everything_else() -> None:
    hopeless = replace(RECORD, revoked=TODAY, scope=(), languages=(), evidence="")
    assert "revoked" in (_ask(hopeless, today=datetime.date(2030, 1, 1)) or "")


@pytest.mark.parametrize(("left", "warned"), [(31, False), (30, True), (0, True)])
def test_the_last_thirty_days_are_announced_and_stop_nothing(left: int, warned: bool) -> None:
    record = replace(RECORD, valid_until=TODAY + left * DAY)
    assert _ask(record) is None
    problem = consent_problem(
        record, voice="noah", bank="harbor", language="zh", today=TODAY, voice_span=VOICE
    )
    assert (problem is not None) is warned
    if problem is not None:
        assert (problem.code, problem.severity) == ("VP411", Severity.WARNING)
        assert f"{left} days are left" in problem.message


def test_codes_are_unique_and_explained() -> None:
    assert len({info.code for info in CODES}) == len(CODES)
    assert all(info.code.startswith("VP4") and len(info.explanation) > 40 for info in CODES)


@pytest.mark.parametrize("until", [None, datetime.date(2026, 8, 1), datetime.date(2026, 1, 5)])
@pytest.mark.parametrize("revoked", [None, datetime.date(2026, 4, 1)])
def test_nothing_changes_before_the_day_that_is_named(
    until: datetime.date | None, revoked: datetime.date | None
) -> None:
    record = replace(RECORD, valid_until=until, revoked=revoked)

    def answer(day: datetime.date) -> str:
        problem = consent_problem(
            record, voice="noah", bank="harbor", language="zh", today=day, voice_span=VOICE
        )
        return "" if problem is None else problem.code

    days = [datetime.date(2025, 12, 1) + number * DAY for number in range(400)]
    for today in days:
        change = day_of_change(record, today)
        same = [day for day in days if today <= day and (change is None or day < change)]
        assert {answer(day) for day in same} == {answer(today)}
    if revoked is None:
        named = {day_of_change(record, today) for today in days} - {None}
        turns = {b for a, b in itertools.pairwise(days) if answer(a) != answer(b)}
        assert turns <= named


def test_the_ends_of_the_calendar_are_no_trouble() -> None:
    ends = replace(RECORD, valid_from=datetime.date.min, valid_until=datetime.date.max)
    assert day_of_change(ends, datetime.date.max) is None
    starts = replace(RECORD, valid_from=datetime.date.min, valid_until=datetime.date.min)
    assert day_of_change(starts, datetime.date.min) == datetime.date.min + DAY
