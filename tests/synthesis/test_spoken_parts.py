"""From the text of a line to what is spoken in one breath."""

from __future__ import annotations

import pytest

from voicepipe.errors import UsageError
from voicepipe.screenplay.line import Segment
from voicepipe.synthesis.parts import Reading, has_words, read_aloud, spoken_parts
from voicepipe.text.languages import Language
from voicepipe.text.lexicon import EMPTY_LEXICON, Lexicon, LexiconEntry
from voicepipe.text.spelling import SpellingError, parse_spelling

EN = Reading(language=Language.EN, symbols="v2", lexicon=EMPTY_LEXICON)
ZH = Reading(language=Language.ZH, symbols="v2", lexicon=EMPTY_LEXICON)
JA = Reading(language=Language.JA, symbols="v2", lexicon=EMPTY_LEXICON)


def test_a_plain_line_is_one_part_that_ends_with_a_mark() -> None:
    (part,) = spoken_parts([Segment(text="We are late")], EN)
    assert part.utterance.phonemes[-1] == "."
    assert part.pause_after_ms == 0
    (closed,) = spoken_parts([Segment(text="我们迟到了")], ZH)
    assert closed.utterance.phonemes[-1] == "."
    (asked,) = spoken_parts([Segment(text='"Late?"')], EN)
    assert asked.utterance.phonemes[-1] == "?"


def test_a_pause_parts_a_line_exactly() -> None:
    segments = [Segment(text="Wait.", pause_after_ms=400), Segment(text=" Nobody moves.")]
    first, second = spoken_parts(segments, EN)
    assert (first.pause_after_ms, first.is_written_pause) == (400, True)
    assert (second.pause_after_ms, second.is_written_pause) == (0, False)


def test_segments_spoken_alike_stay_together_with_their_respellings() -> None:
    segments = [Segment(text="We met "), Segment(text="Mario", say="MAH-ree-oh"), Segment(text=".")]
    (part,) = spoken_parts(segments, EN)
    assert [entry.word for entry in part.utterance.applied] == ["Mario"]
    assert "AA1" in part.utterance.phonemes


@pytest.mark.parametrize("change", [{"speed": 1.2}, {"emotion": "sad"}, {"pitch_semitones": 2.0}])
def test_another_delivery_is_another_part(change: dict[str, float | str]) -> None:
    segments = [Segment(text="Run, "), Segment(text="or stay here.", **change)]  # type: ignore[arg-type]
    first, second = spoken_parts(segments, EN)
    assert not first.is_written_pause
    assert first.pause_after_ms == 220  # as long as a comma
    assert {name: getattr(second, name) for name in change} == change


def test_parts_without_words_become_pauses() -> None:
    segments = [
        Segment(text="", pause_after_ms=900),
        Segment(text="Go.", pause_after_ms=300),
        Segment(text="…", pause_after_ms=200),
        Segment(text="Now."),
    ]
    first, second = spoken_parts(segments, EN)
    assert first.pause_after_ms == 500
    assert second.utterance.normalized_text.endswith("Now.")
    assert spoken_parts([Segment(text="…!?")], EN) == ()
    assert spoken_parts([], EN) == ()


def test_a_long_line_is_cut_at_its_sentences() -> None:
    text = "The doors are open and the engine is cold. " * 12
    parts = spoken_parts([Segment(text=text, pause_after_ms=0)], EN)
    assert len(parts) > 1
    assert all(part.pause_after_ms == 420 for part in parts[:-1])
    assert not any(part.is_written_pause for part in parts)
    spoken = "".join(part.utterance.text for part in parts)
    assert spoken.count("engine") == 12


def test_a_long_line_keeps_its_respelling_whole() -> None:
    words = "The doors are open and the engine is cold. " * 6
    segments = [
        Segment(text=words + "Ask "),
        Segment(text="Siobhan", say="shi-VAWN"),
        Segment(text=" then. " + words),
    ]
    parts = spoken_parts(segments, EN)
    assert len(parts) > 1
    applied = [entry.word for part in parts for entry in part.utterance.applied]
    assert applied == ["Siobhan"]


def test_the_lexicon_and_the_speaker_count() -> None:
    entry = LexiconEntry(
        word="Ararat",
        language=Language.EN,
        spelling=parse_spelling("AIR-uh-rat", Language.EN),
        speaker="noah",
    )
    lexicon = Lexicon(entries=(entry,))
    mine = Reading(language=Language.EN, symbols="v2", lexicon=lexicon, speaker="noah")
    other = Reading(language=Language.EN, symbols="v2", lexicon=lexicon, speaker="mara")
    segments = [Segment(text="To Ararat.")]
    assert spoken_parts(segments, mine)[0].utterance.applied
    assert not spoken_parts(segments, other)[0].utterance.applied


def test_short_texts_get_a_carrier_and_transcripts_do_not() -> None:
    (part,) = spoken_parts([Segment(text="嗯。")], ZH)
    assert part.utterance.phonemes[0] == "."
    transcript = read_aloud([("嗯。", None)], ZH, pads_short=False)
    assert transcript.phonemes[0] != "."
    assert has_words(transcript)


def test_what_cannot_be_read_is_said_so() -> None:
    v1 = Reading(language=Language.KO, symbols="v1", lexicon=EMPTY_LEXICON)
    with pytest.raises(UsageError, match="v1"):
        spoken_parts([Segment(text="안녕하세요.")], v1)
    with pytest.raises(SpellingError):
        spoken_parts([Segment(text="重庆", say="zhx4 qing4")], ZH)


@pytest.mark.parametrize(
    ("reading", "before", "word", "after", "sounds"),
    [
        ("en", "I never said you ", "took", " the money.", "T UH1 K"),
        ("en", "", "No", ", it was 5 o'clock.", "N OW1"),
        ("en", "You lost ", "three", " of them?", "TH R IY1"),
        ("zh", "我没有说", "你", "拿了钱。", "n i3"),
        ("ja", "それは", "わたし", "じゃない。", "w a [ t a sh i"),
    ],
)
def test_stress_knows_its_phonemes_and_changes_no_reading(
    reading: str, before: str, word: str, after: str, sounds: str
) -> None:
    how = {"en": EN, "zh": ZH, "ja": JA}[reading]
    segments = [Segment(text=before), Segment(text=word, is_stressed=True), Segment(text=after)]
    (part,) = spoken_parts(segments, how)
    (plain,) = spoken_parts([Segment(text=before + word + after)], how)
    assert part.utterance == plain.utterance
    ((first, end),) = part.stressed
    assert " ".join(part.utterance.phonemes[first:end]) == sounds
    assert not plain.stressed


def test_stress_about_no_sound_is_empty() -> None:
    segments = [Segment(text="Oh"), Segment(text=",", is_stressed=True), Segment(text=" no, no.")]
    (part,) = spoken_parts(segments, EN)
    assert part.stressed == ((0, 0),)


def test_stress_is_found_in_whichever_clause_of_a_long_line_it_stands() -> None:
    words = "and the boat goes on, and the night goes on, and nobody sees it, " * 6
    segments = [
        Segment(text=words + "and "),
        Segment(text="Mary", is_stressed=True),
        Segment(text=" sleeps. " + words),
    ]
    parts = spoken_parts(segments, EN)
    assert len(parts) > 1
    ((phonemes, place),) = [(p.utterance.phonemes, one) for p in parts for one in p.stressed]
    assert phonemes[slice(*place)] == ("M", "EH1", "R", "IY0")
