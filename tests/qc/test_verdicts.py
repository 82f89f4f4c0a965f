"""Verdicts: what follows from findings, limits and missing analysers; and settings for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voicepipe.qc.calibration import propose_limits
from voicepipe.qc.findings import Fault, Findings, Reason
from voicepipe.qc.standards import standard_for
from voicepipe.qc.thresholds import default_limits
from voicepipe.qc.verdicts import Examined, Standard, Verdict, judge_findings
from voicepipe.settings import load_settings
from voicepipe.settings_qc import ANALYSERS, QcLimits, QcSettings

if TYPE_CHECKING:
    from pathlib import Path

BOTH = Standard(analysers=("signal", "intelligibility"), limits={Reason.GAP: 1.0})


def examined(analyser: str, *faults: Fault, not_judged: str = "") -> Examined:
    findings = Findings(scores={f"{analyser}_score": 0.5}, faults=faults, not_judged=not_judged)
    return Examined(analyser=analyser, revision="1-abc", findings=findings)


def gap(value: float) -> Fault:
    return Fault(reason="gap", value=value)


def test_a_clip_passes_when_everyone_who_is_asked_passes_it() -> None:
    found = judge_findings(BOTH, [examined("intelligibility"), examined("signal", gap(0.9))])
    assert found.verdict is Verdict.PASSED
    assert [one.analyser for one in found.analysers] == ["signal", "intelligibility"]
    assert found.scores == {"signal_score": 0.5, "intelligibility_score": 0.5}
    assert found.judged == {"signal": "passed", "intelligibility": "passed"}


def test_one_fault_over_its_limit_fails_a_clip() -> None:
    found = judge_findings(BOTH, [examined("intelligibility"), examined("signal", gap(1.1))])
    assert found.verdict is Verdict.FAILED
    assert found.reasons == ("gap",)
    assert found.judged == {"signal": "failed", "intelligibility": "passed"}


@pytest.mark.parametrize(
    "second", [(), (examined("intelligibility", not_judged="no Klingon"),)], ids=["gone", "lost"]
)
def test_a_clip_that_someone_did_not_judge_never_passes(second: tuple[Examined, ...]) -> None:
    found = judge_findings(BOTH, [examined("signal"), *second])
    assert found.verdict is Verdict.NOT_JUDGED
    assert found.judged == {"signal": "passed"}
    failed = judge_findings(BOTH, [examined("signal", gap(2)), *second])
    assert failed.verdict is Verdict.FAILED  # what is known to be wrong is wrong


def test_why_an_analyser_did_not_judge_is_said() -> None:
    why = {"intelligibility": "faster-whisper is not installed"}
    found = judge_findings(BOTH, [examined("signal")], why)
    assert found.analysers[1].why == "faster-whisper is not installed"


def test_what_a_clip_is_not_asked_for_does_not_count() -> None:
    found = judge_findings(BOTH, [examined("signal"), examined("speaker", gap(9))])
    assert found.reasons == ()


def test_a_voice_overrules_its_language_and_that_the_project(tmp_path: Path) -> None:
    (tmp_path / "voicepipe.yaml").write_text(
        "bank: harbor\nlanguages: [zh, en]\n"
        "qc:\n"
        "  limits: {gap: 2, clicks: 5, unlike_voice: 0.5}\n"
        "  languages:\n    zh: {limits: {gap: 3, hum: never}, analysers: [signal, speaker]}\n"
        "  voices:\n    old: {limits: {gap: 4}, analysers: [signal]}\n"
    )
    settings, problems = load_settings(tmp_path)
    assert settings is not None, problems
    zh = standard_for(settings.qc, language="zh", voice="young")
    old = standard_for(settings.qc, language="zh", voice="old")
    en = standard_for(settings.qc, language="en", voice="young")
    assert [one.limits[Reason.GAP] for one in (en, zh, old)] == [2, 3, 4]
    assert [one.analysers for one in (en, zh, old)] == [
        ANALYSERS,
        ("signal", "speaker"),
        ("signal",),
    ]
    assert Reason.HUM in en.limits
    assert Reason.HUM not in zh.limits
    assert en.limits[Reason.TOO_LONG] == default_limits("en")[Reason.TOO_LONG]
    assert len({one.fingerprint() for one in (en, zh, old)}) == 3


def test_every_reason_has_a_setting_and_every_setting_a_reason() -> None:
    assert set(QcLimits.model_fields) == {reason.value for reason in Reason}


@pytest.mark.parametrize(
    ("text", "wrong", "words"),
    [
        ("{limits: {gap: wide}}", "wide", 'gap: "wide" is neither a number nor never'),
        ("{limits: {clicks: nan}}", "nan", 'clicks: "nan" is neither a number nor never'),
        ("{limits: {click: 2}}", "click", 'unknown key "click" — did you mean "clicks"?'),
        ("{retakes: 21}", "21", "retakes: 21 is too large; the most is 20"),
        ("{retake_above: 2}", "2", 'retake_above: "2" is neither a share from 0 to 1 nor never'),
        ("{release: some}", "some", 'release: "some" is not full, signal or off'),
        ("{languages: {ko: {}}}", "ko", 'qc: "ko" is not one of languages'),
    ],
)
def test_a_wrong_setting_is_shown_where_it_stands(
    tmp_path: Path, text: str, wrong: str, words: str
) -> None:
    (tmp_path / "voicepipe.yaml").write_text(f"bank: harbor\nlanguages: [en]\nqc: {text}\n")
    settings, problems = load_settings(tmp_path)
    assert settings is None
    column = len("qc: ") + text.index(wrong) + 1
    assert [(problem.span.line, problem.span.column) for problem in problems] == [(3, column)]
    assert problems[0].message == words


def test_without_settings_everyone_listens_and_a_line_has_three_retakes() -> None:
    assert (QcSettings().retakes, QcSettings().analysers) == (3, ANALYSERS)


def approved(*faults: Fault) -> tuple[Findings, ...]:
    return (Findings(faults=faults),)


def test_limits_are_loosened_until_what_was_approved_passes() -> None:
    limits = {Reason.GAP: 1.0, Reason.UNNATURAL: 3.0, Reason.NOISE: -45.0, Reason.CLICKS: 2.0}
    clips = [
        approved(gap(0.5), Fault(reason="unnatural", value=2.5), Fault(reason="noise", value=-40)),
        approved(gap(0.2), gap(1.5), Fault(reason="clicks", value=2)),
        approved(gap(0.9)),
    ]
    found = {one.reason: one for one in propose_limits(clips, limits)}
    assert set(found) == {Reason.GAP, Reason.UNNATURAL, Reason.NOISE}  # two clicks pass already
    assert found[Reason.GAP].proposed == pytest.approx(1.65)
    assert found[Reason.UNNATURAL].proposed == pytest.approx(2.25)
    assert found[Reason.NOISE].proposed == pytest.approx(-36)
    assert [one.n_failed for one in found.values()] == [1, 1, 1]
    loosened = limits | {reason: one.proposed for reason, one in found.items()}
    assert propose_limits(clips, loosened) == ()
