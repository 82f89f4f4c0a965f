"""Which words a clip is better explained without, and which speech nothing explains."""

from __future__ import annotations

import pytest

from voicepipe.qc.analyser import LineFacts, VoiceClip, VoiceFacts
from voicepipe.qc.comparison import compare
from voicepipe.qc.findings import Fault
from voicepipe.qc.left_out import best_left_out
from voicepipe.qc.spoken_units import units_of
from voicepipe.qc.unexplained import Unexplained, overlong_pieces
from voicepipe.qc.whisper import Heard, Piece
from voicepipe.qc.word_faults import Listened, word_findings
from voicepipe.text.frontend import utterance
from voicepipe.text.languages import Language
from voicepipe.text.records import ReadingStyle, Utterance
from voicepipe.text.written_words import written_words

TEXT = "Proceed through the turnstile, please."


def _read(text: str) -> Utterance:
    return utterance(text, "en", style=ReadingStyle.SPOKEN, pads_short=False)


def _heard(text: str) -> Heard:
    return Heard(text=text, pieces=(), languages={}, confidence=1.0)


def _line() -> LineFacts:
    clip = VoiceClip(path=__file__, sha256="0" * 64, transcript="I am sorry.", language="en")  # type: ignore[arg-type]
    voice = VoiceFacts(id="noah", clips=(clip,))
    return LineFacts(line="a_0010", language="en", text=TEXT, said=_read(TEXT), voice=voice)


def _missing(heard: str, gains: dict[str, float]) -> list[Fault]:
    """Faults of a clip that explains the line with -100 nats, and less well without most words."""
    line, said = _line(), _read(heard)
    assert line.said is not None

    def fit(text: str) -> float:
        if all(word in text for word in ("Proceed", "through", "the", "turnstile", "please")):
            return -100.0
        return next((value for words, value in gains.items() if words not in text), -150.0)

    listened = Listened(
        heard=_heard(heard),
        said=said,
        comparison=compare(units_of(line.said), units_of(said)),
        fit=fit,
    )
    faults = word_findings(listened, line, 2.0, 2.0).faults
    return [fault for fault in faults if fault.reason == "missing_words" and fault.value]


def test_a_word_that_was_heard_as_another_is_missing_if_the_clip_fits_better_without() -> None:
    heard = "Take it through the turnstile, please."
    (fault,) = _missing(heard, {"Proceed": -90.0})
    assert (fault.expected, fault.places) == ("Proceed", ((0, 7),))
    assert fault.value >= 6
    assert not _missing(heard, {"Proceed": -97.0}), "a little is chance"


def test_a_word_that_was_not_written_down_is_there_if_the_clip_needs_it() -> None:
    heard = "Proceed through the, please."
    assert [fault.expected for fault in _missing(heard, {"turnstile": -100.0})] == ["turnstile"]
    assert not _missing(heard, {})


def test_words_far_from_any_doubt_are_not_tried() -> None:
    said = _read(TEXT)
    tried: list[str] = []

    def fit(text: str) -> float:
        tried.append(text)
        return 0.0

    words = written_words(TEXT, (said,), Language.EN)
    assert best_left_out(fit, TEXT, words, []) is None
    found = best_left_out(fit, TEXT, words, [(0, 3)])
    assert found is not None
    assert TEXT[found.start : found.end] == "Proceed"
    assert all("turnstile please." in text for text in tried), "marks inside are left to the model"


@pytest.mark.parametrize(("ends", "n_found"), [((0.4, 1.2), 0), ((0.9, 1.2), 1), ((0.4, 1.4), 1)])
def test_a_token_that_takes_too_long_hides_something(
    ends: tuple[float, float], n_found: int
) -> None:
    pieces = (
        Piece(text="Pro", start_s=0.0, end_s=ends[0]),
        Piece(text="ceed", start_s=ends[0], end_s=ends[1]),
    )
    heard = Heard(text="Proceed", pieces=pieces, languages={}, confidence=1.0)
    assert len(list(overlong_pieces(heard))) == n_found


@pytest.mark.parametrize(
    ("besides", "reason"), [("Sorry.", "reference_leak"), ("Camels.", "added_words")]
)
def test_what_is_heard_besides_is_a_leak_or_added(besides: str, reason: str) -> None:
    line, said = _line(), _read(TEXT)
    assert line.said is not None
    listened = Listened(
        heard=_heard(TEXT), said=said, comparison=compare(units_of(line.said), units_of(said))
    )
    own = units_of(_read("Proceed"))
    extra = Unexplained(
        start_s=0.0, end_s=1.0, units=units_of(_read(f"{besides} Proceed")), own=own
    )
    found = word_findings(listened, line, 2.0, 2.0, [extra])
    assert [(f.reason, f.start_s, f.end_s) for f in found.faults if f.value] == [(reason, 0.0, 1.0)]
