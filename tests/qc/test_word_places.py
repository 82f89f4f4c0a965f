"""What differs is marked where it stands: in the line as written, and in what was heard."""

from __future__ import annotations

import pytest

from voicepipe.qc.analyser import LineFacts, VoiceFacts
from voicepipe.qc.comparison import compare
from voicepipe.qc.findings import Fault
from voicepipe.qc.spoken_units import units_of
from voicepipe.qc.whisper import Heard
from voicepipe.qc.word_faults import Listened, word_findings
from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle, Utterance


def _read(text: str, language: str) -> Utterance:
    return utterance(text, language, style=ReadingStyle.SPOKEN, pads_short=False)


def _faults(language: str, text: str, heard: str) -> list[Fault]:
    line = LineFacts(
        line="a_0010",
        language=language,
        text=text,
        said=_read(text, language),
        voice=VoiceFacts(id="noah"),
    )
    assert line.said is not None
    said = _read(heard, language)
    listened = Listened(
        heard=Heard(text=heard, pieces=(), languages={}, confidence=1.0),
        said=said,
        comparison=compare(units_of(line.said), units_of(said)),
    )
    return [*word_findings(listened, line, 3.0, 3.0).faults]


@pytest.mark.parametrize(
    ("language", "text", "heard", "words"),
    [
        (
            "en",
            "The captain waited for 25 days, alone.",
            "The captain waited for days alone.",
            "25",
        ),
        ("en", "No, no, “$40” is too much!", "No, no, is too much!", "$40"),
        ("zh", "你终究还是选择了怀疑。", "你终究选择了怀疑。", "还是"),
        ("ja", "遠いほうへ船が進んでいる。", "遠いほうへ進んでいる。", "船が"),
        ("ko", "배가 먼 곳으로 갑니다.", "배가 갑니다.", "먼 곳으로"),
        ("yue", "我哋今晚一齊出海。", "我哋一齊出海。", "今晚"),
    ],
)
def test_missing_words_are_marked_as_they_are_written(
    language: str, text: str, heard: str, words: str
) -> None:
    missing = [f for f in _faults(language, text, heard) if f.reason == "missing_words"]
    assert [text[slice(*place)] for fault in missing for place in fault.places] == [words]
    assert all(start == end for fault in missing for start, end in fault.heard_places)


@pytest.mark.parametrize(
    ("language", "text", "heard", "wrong", "instead"),
    [
        ("en", "Lower the anchor now.", "Lower the curtains now.", "anchor", "curtains"),
        ("zh", "快把引擎关掉。", "快把大门关掉。", "引擎", "大门"),
        ("ja", "早く扉を閉めろ。", "早く窓を閉めろ。", "扉", "窓"),
    ],
)
def test_exchanged_words_are_marked_on_both_sides(
    language: str, text: str, heard: str, wrong: str, instead: str
) -> None:
    (fault,) = [f for f in _faults(language, text, heard) if f.reason == "wrong_words"]
    assert wrong in "".join(text[slice(*place)] for place in fault.places)
    assert instead in "".join(heard[slice(*place)] for place in fault.heard_places)


def test_added_words_are_marked_between_those_of_the_line() -> None:
    text, heard = "Stop the ship.", "Stop the very old ship."
    (fault,) = [f for f in _faults("en", text, heard) if f.reason == "added_words"]
    assert [text[:start] for start, end in fault.places if start == end] == ["Stop the "]
    assert [heard[slice(*place)] for place in fault.heard_places] == ["very old"]


def test_a_line_that_is_heard_as_written_has_no_marks() -> None:
    faults = _faults("ja", "第三ハッチの気圧が下がっています。", "第3ハッチの気圧が下がっています")
    assert [fault.places for fault in faults if fault.places] == []
