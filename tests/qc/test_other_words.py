"""A clip that says something else is told from one that says a part of its line."""

from __future__ import annotations

import pytest

from voicepipe.qc.analyser import LineFacts, VoiceFacts
from voicepipe.qc.comparison import compare
from voicepipe.qc.findings import Findings, Reason
from voicepipe.qc.spoken_units import units_of
from voicepipe.qc.thresholds import counting_faults, default_limits
from voicepipe.qc.whisper import Heard
from voicepipe.qc.word_faults import Listened, word_findings
from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle, Utterance

TEXT = "The envelope held a ransom note written in eyeliner."


def _read(text: str, language: str = "en") -> Utterance:
    return utterance(text, language, style=ReadingStyle.SPOKEN, pads_short=False)


def _found(
    heard: str,
    spoken_s: float,
    languages: dict[str, float] | None = None,
    *,
    text: str = TEXT,
    language: str = "en",
) -> Findings:
    voice = VoiceFacts(id="noah")
    said = _read(text, language)
    line = LineFacts(line="a_0010", language=language, text=text, said=said, voice=voice)
    assert line.said is not None
    said = _read(heard, language)
    listened = Listened(
        heard=Heard(text=heard, pieces=(), languages=languages or {}, confidence=1.0),
        said=said,
        comparison=compare(units_of(line.said), units_of(said)),
    )
    return word_findings(listened, line, spoken_s + 0.2, spoken_s)


def _reasons(found: Findings) -> set[str]:
    return {fault.reason for fault in counting_faults(found, default_limits("en"))}


@pytest.mark.parametrize("heard", ["And", "Then ill unto ends to remain nor do tin"])
def test_a_clip_that_speaks_all_the_while_and_is_not_understood_says_wrong_words(
    heard: str,
) -> None:
    assert Reason.WRONG_WORDS.value in _reasons(_found(heard, 3.3))


@pytest.mark.parametrize(
    ("heard", "spoken_s"), [("The envelope held a", 1.3), ("The envelope held a note.", 1.9)]
)
def test_a_part_of_a_line_lacks_words_and_has_none_that_are_wrong(
    heard: str, spoken_s: float
) -> None:
    found = _reasons(_found(heard, spoken_s))
    assert Reason.MISSING_WORDS.value in found
    assert Reason.WRONG_WORDS.value not in found


def test_a_line_that_is_understood_is_right_however_slowly_it_is_spoken() -> None:
    assert _reasons(_found("The envelope held a ransom note written in eyeliner.", 5.0)) == set()


def test_an_accent_that_sounds_like_several_languages_is_none_of_the_lines_own() -> None:
    languages = {"en": 0.1, "es": 0.4, "pt": 0.3, "it": 0.2}
    other = _found("La noche es larga y no quiere acabar nunca", 3.3, languages)
    assert Reason.WRONG_LANGUAGE.value in _reasons(other)
    own = _found("The envelope held a ransom note written in eyeliner.", 3.3, languages)
    assert Reason.WRONG_LANGUAGE.value not in _reasons(own)


def test_words_written_in_another_language_tell_it_where_the_ear_is_undecided() -> None:
    languages = {"zh": 0.54, "en": 0.46}
    line = {"text": "房东无故涨租，我们可以仲裁。", "language": "zh"}
    other = _found("My umbrella gave up somewhere, new the pharmacy", 2.5, languages, **line)
    assert Reason.WRONG_LANGUAGE.value in _reasons(other)
    own = _found("房东无故涨组我们可以重裁", 2.5, languages, **line)
    assert Reason.WRONG_LANGUAGE.value not in _reasons(own)


def test_a_line_with_words_of_another_language_is_in_both() -> None:
    languages = {"zh": 0.3, "en": 0.7}
    mixed = {"text": "打开Netflix看电影吧。", "language": "zh"}
    found = _found("打开Netflix看电视吧", 2.0, languages, **mixed)
    assert Reason.WRONG_LANGUAGE.value not in _reasons(found)
