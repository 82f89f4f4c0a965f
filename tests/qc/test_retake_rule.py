"""When a line is made again: while chance may still give a better sound than the best so far."""

from __future__ import annotations

from voicepipe.qc.analyser import LineFacts, VoiceFacts
from voicepipe.qc.examining import Expectation
from voicepipe.qc.findings import Fault, Findings, Reason
from voicepipe.qc.retakes import Tried, best_of, needs_another
from voicepipe.qc.thresholds import default_limits
from voicepipe.qc.verdicts import Examined, Standard, judge_findings

STANDARD = Standard(analysers=("judge",), limits=default_limits("en"))
LINE = LineFacts(
    line="a_0010", language="en", text="Hello.", said=None, voice=VoiceFacts(id="noah")
)
EXPECTED = Expectation(line=LINE, standard=STANDARD, retakes=3, retake_above=0.05)
UNLIKE = Fault(reason=Reason.UNLIKE_VOICE.value, value=0.7)
UNNATURAL = Fault(reason=Reason.UNNATURAL.value, value=1.4)
MISSING = Fault(reason=Reason.MISSING_WORDS.value, value=6.0)
OFF_SLOT = Fault(reason=Reason.OFF_SLOT.value, value=0.4)


def tried(*sounds: tuple[Fault, ...], errors: tuple[float, ...] = ()) -> list[Tried]:
    found = []
    for index, faults in enumerate(sounds):
        scores = {one.reason: one.value for one in faults}
        scores["word_error"] = errors[index] if errors else 0.0
        findings = Findings(scores=scores, faults=faults)
        examined = (Examined(analyser="judge", revision="1", findings=findings),)
        verdict = judge_findings(STANDARD, examined)
        found.append(Tried(index=index, examined=examined, verdict=verdict))
    return found


def test_what_is_wrong_with_a_voice_in_two_sounds_is_not_tried_a_third_time() -> None:
    assert needs_another(tried((UNLIKE,)), EXPECTED)
    assert not needs_another(tried((UNLIKE,), (UNLIKE,)), EXPECTED)
    assert not needs_another(tried((UNLIKE, UNNATURAL), (UNLIKE, UNNATURAL)), EXPECTED)


def test_what_one_sound_had_and_another_had_not_may_still_go_away() -> None:
    assert needs_another(tried((UNLIKE, UNNATURAL), (UNNATURAL, MISSING)), EXPECTED)
    assert needs_another(tried((UNLIKE, MISSING), (UNLIKE, MISSING)), EXPECTED)


def test_a_worse_retake_is_not_repeated_when_the_best_has_only_what_lasts() -> None:
    both = tried((UNLIKE,), (UNLIKE, MISSING))
    assert best_of(both).index == 0
    assert not needs_another(both, EXPECTED)


def test_a_line_that_is_misheard_is_made_again_until_its_best_sound_is_not() -> None:
    assert needs_another(tried((), errors=(0.2,)), EXPECTED)
    assert needs_another(tried((UNLIKE,), (UNLIKE,), errors=(0.2, 0.1)), EXPECTED)
    assert not needs_another(tried((), (), errors=(0.2, 0.0)), EXPECTED)
    assert not needs_another(tried((), (), (), (), errors=(0.2,) * 4), EXPECTED), "three at most"


def test_a_slot_that_is_missed_by_far_is_left_at_that() -> None:
    assert not needs_another(tried((OFF_SLOT,)), EXPECTED)
    assert needs_another(tried((OFF_SLOT, MISSING)), EXPECTED)
