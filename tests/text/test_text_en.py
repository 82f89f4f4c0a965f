from __future__ import annotations

import pytest

from voicepipe.text.en.frontend import pronounce, read_word, tokenize, unknown_words
from voicepipe.text.en.guess import guess
from voicepipe.text.en.normalize import verbalize
from voicepipe.text.en.numbers import say_cardinal, say_digits, say_ordinal, say_plain
from voicepipe.text.records import Part, ReadingStyle
from voicepipe.text.roman import small_roman_value

# As g2p_en 2.1 answers for its own example of a new word.
ACTIVATIONIST = "AE2 K T IH0 V EY1 SH AH0 N IH0 S T"


def sound(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> str:
    said = pronounce([Part(text=text)], style=style)
    return " ".join(p for phonemes in said.unit_phonemes for p in phonemes)


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("0", "zero"),
        ("13", "thirteen"),
        ("42", "forty-two"),
        ("100", "one hundred"),
        ("305", "three hundred five"),
        ("12000", "twelve thousand"),
        ("1234567", "one million, two hundred thirty-four thousand, five hundred sixty-seven"),
        ("1" * 37, " ".join(["one"] * 37)),
    ],
)
def test_whole_numbers_are_read_in_groups(digits: str, said: str) -> None:
    assert say_cardinal(digits) == said


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("1", "first"),
        ("12", "twelfth"),
        ("20", "twentieth"),
        ("21", "twenty-first"),
        ("101", "one hundred and first"),
        ("1003", "one thousand and third"),
    ],
)
def test_ordinals_change_their_last_word(digits: str, said: str) -> None:
    assert say_ordinal(digits) == said


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("1000", "one thousand"),
        ("1066", "ten sixty-six"),
        ("1900", "nineteen hundred"),
        ("1905", "nineteen oh five"),
        ("2000", "two thousand"),
        ("2005", "two thousand five"),
        ("2010", "twenty ten"),
        ("3000", "three thousand"),
    ],
)
def test_numbers_that_may_be_years_are_read_so(digits: str, said: str) -> None:
    assert say_plain(digits) == said


def test_digits_are_read_one_by_one() -> None:
    assert say_digits("007", zero="oh") == "oh oh seven"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("1. Run", "first, Run", id="list-item"),
        pytest.param("12. Run", "twelfth, Run", id="list-item-in-the-teens"),
        pytest.param("3 + 4 = 7", "three plus four Equals seven", id="sum"),
        pytest.param("at -5", "at negative five", id="negative"),
        pytest.param("12,000", "twelve thousand", id="commas"),
        pytest.param("4:00", "four o'clock a.m.", id="full-hour"),
        pytest.param("13:30", "one thirty p.m.", id="afternoon"),
        pytest.param("5km", "five kilometers", id="unit"),
        pytest.param("1L", "one liter", id="one-unit"),
        pytest.param("1.5h", "one point five hours", id="decimal-unit"),
        pytest.param("£7.14", "seven pounds and fourteen pence", id="pounds"),
        pytest.param("1£", "one pound", id="pound-after"),
        pytest.param("$0.05", "five cents", id="cents"),
        pytest.param("$1.01", "one dollar and one cent", id="one-dollar"),
        pytest.param("32.3$", "thirty-two dollars and thirty cents", id="dollars-after"),
        pytest.param("$0", "zero dollars", id="nothing"),
        pytest.param("$1.2.3", "one point two.three dollars", id="odd-money"),
        pytest.param("3.14", "three point one four", id="decimal"),
        pytest.param("1/2", "one half", id="half"),
        pytest.param("3/2", "three halves", id="halves"),
        pytest.param("3/4", "three fourths", id="fraction"),
        pytest.param("5/1", "five", id="over-one"),
        pytest.param("22nd", "twenty-second", id="ordinal"),
        pytest.param("20%", "twenty percent", id="percent"),
        pytest.param("café", "cafe", id="accent"),
        pytest.param("e.g. this, i.e. that", "for example this, that is that", id="latin"),
        pytest.param("NASA", "N A S A", id="capitals-apart"),
        pytest.param("wait—no", "wait, no", id="dash-is-a-pause"),
        pytest.param("don’t", "don't", id="curly-apostrophe"),
        pytest.param("你好hello。", "hello.", id="other-scripts-are-left-out"),
        pytest.param("Hello，world！", "Hello, world!", id="full-width-marks"),
        pytest.param("No!!! Why?!", "No! Why?", id="repeated-marks"),
    ],
)
def test_written_forms_are_put_into_words(written: str, said: str) -> None:
    assert verbalize(written).text == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("Dr. Hale", "Doctor Hale", id="title"),
        pytest.param("Mrs Hale", "Missus Hale", id="title-without-stop"),
        pytest.param("Oak St.", "Oak Street", id="street"),
        pytest.param("St. Mary", "Saint Mary", id="saint"),
        pytest.param("cats vs. dogs", "cats versus dogs", id="abbreviation"),
        pytest.param("no. 5", "number five", id="number"),
        pytest.param("7:45", "seven forty-five", id="time"),
        pytest.param("7:05 p.m.", "seven oh five P M", id="time-of-day"),
        pytest.param("9 am", "nine A M", id="hour"),
        pytest.param("12:00", "twelve o'clock", id="noon"),
        pytest.param("18:00", "eighteen hundred hours", id="military"),
        pytest.param("2049-03-15", "March fifteenth, twenty forty-nine", id="date"),
        pytest.param("May 4", "May fourth", id="month-and-day"),
        pytest.param("the 1990s", "the nineteen nineties", id="decade"),
        pytest.param("the 2000s", "the two thousands", id="millennium"),
        pytest.param("555-0134", "five five five, oh one three four", id="telephone"),
        pytest.param("1,204", "one thousand two hundred and four", id="thousands"),
        pytest.param("$2.5 million", "two point five million dollars", id="large-sum"),
        pytest.param("$3K", "three thousand dollars", id="short-sum"),
        pytest.param("€30.50", "thirty euros fifty", id="euros"),
        pytest.param("€1", "one euro", id="one-euro"),
        pytest.param("Louis XIV", "Louis the fourteenth", id="king"),
        pytest.param("Act III", "Act three", id="act"),
        pytest.param("Phase I", "Phase one", id="phase"),
        pytest.param("Maybe I will", "Maybe I will", id="pronoun-is-no-numeral"),
        pytest.param("salt & pepper", "salt  and  pepper", id="and"),
        pytest.param("#5", " number five", id="number-sign"),
        pytest.param("Wait: what; now", "Wait, what, now", id="colon"),
        pytest.param("the end… I could", "the end, I could", id="dots-inside"),
        pytest.param("the end…", "the end.", id="dots-at-the-end"),
        pytest.param("I was 5. Then", "I was five. Then", id="no-list-item-inside"),
    ],
)
def test_the_spoken_style_mends_what_the_reference_reads_badly(written: str, said: str) -> None:
    assert verbalize(written, ReadingStyle.SPOKEN).text == said


@pytest.mark.parametrize(("numeral", "value"), [("XIV", 14), ("IX", 9), ("IIX", None), ("", None)])
def test_roman_numerals_have_one_spelling(numeral: str, value: int | None) -> None:
    assert small_roman_value(numeral) == value


@pytest.mark.parametrize(
    ("text", "reference", "spoken"),
    [
        pytest.param("they live", "L AY1 V", "L IH1 V", id="live"),
        pytest.param("he lives", "L IH1 V Z", "L IH1 V Z", id="lives"),
        pytest.param("to record", "R EH1 K ER0 D", "R IH0 K AO1 R D", id="record-verb"),
        pytest.param("a record", "R EH1 K ER0 D", "R EH1 K ER0 D", id="record-noun"),
        pytest.param("will read", "R EH1 D", "R IY1 D", id="read-present"),
        pytest.param("I read", "R EH1 D", "R EH1 D", id="read-past"),
        pytest.param("your mouth", "M AW1 DH", "M AW1 TH", id="mouth"),
        pytest.param("content", "K AA1 N T EH0 N T", "K AA1 N T EH0 N T", id="content-noun"),
        pytest.param("am content", "K AA1 N T EH0 N T", "K AH0 N T EH1 N T", id="content"),
        pytest.param("closer", "K L OW1 Z ER0", "K L OW1 S ER0", id="closer"),
    ],
)
def test_homographs_follow_their_role_in_the_spoken_style(
    text: str, reference: str, spoken: str
) -> None:
    assert sound(text).endswith(reference)
    assert sound(text, ReadingStyle.SPOKEN).endswith(spoken)


def test_a_command_begins_with_a_verb() -> None:
    assert sound("Close the door", ReadingStyle.SPOKEN).startswith("K L OW1 Z")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        pytest.param("captain", "K AE1 P T AH0 N", id="listed"),
        pytest.param("reduce", "R IH0 D UW1 S", id="as-the-checkpoints-learned-it"),
        pytest.param("chatgpt", "CH AE1 T JH IY1 P IY1 T IY1", id="added"),
        pytest.param("xq", "EH1 K S K Y UW1", id="spelled"),
        pytest.param("a'b", "EY1 - B IY1", id="spelled-with-apostrophe"),
        pytest.param("zeldork's", " ".join((*read_word("zeldork"), "S")), id="possessive-s"),
        pytest.param(
            "zorblax's", " ".join((*read_word("zorblax"), "AH0", "Z")), id="possessive-ez"
        ),
        pytest.param("zorblam's", " ".join((*read_word("zorblam"), "Z")), id="possessive-z"),
        pytest.param("moonsword", "M UW1 N S AO1 R D", id="compound"),
    ],
)
def test_words_are_read_by_the_first_way_that_knows_them(word: str, said: str) -> None:
    assert " ".join(read_word(word)) == said


def test_a_guess_is_the_trained_network_s() -> None:
    assert guess("activationist") == tuple(ACTIVATIONIST.split())
    assert guess("ж") != ()
    assert len(guess("z" * 500)) <= 20


def test_tokens_keep_inner_marks() -> None:
    assert tokenize("Don't well-known a.m., ... door.until, 'tis") == [
        "Don't",
        "well-known",
        "a",
        ".",
        "m",
        ".",
        ",",
        "...",
        "door.until",
        ",",
        "'",
        "tis",
    ]


def test_a_capital_a_is_the_letter() -> None:
    assert sound("A") == "EY1"
    assert sound("a") == "AH0"


def test_a_given_sound_takes_the_possessive_after_it() -> None:
    parts = [Part(text="Mario", phonemes=("M", "OW0")), Part(text="’s hat"), Part(text="!")]
    said = pronounce(parts)
    assert said.units == ("Mario’s", "hat", "!")
    assert said.unit_phonemes[0] == ("M", "OW0", "Z")


def test_two_given_sounds_stand_side_by_side() -> None:
    said = pronounce([Part(text="A", phonemes=("EY1",)), Part(text="B", phonemes=("B",))])
    assert said.unit_phonemes == (("EY1",), ("B",))


def test_words_no_dictionary_lists_are_reported() -> None:
    assert unknown_words("Captain Zorblax's crew met Qiyana.") == ("Zorblax's", "Qiyana")
    assert unknown_words("The sixty-four were well-known; re-entry was not to Zorg-9.") == ("Zorg",)


def test_numbers_are_known_words_however_they_are_written() -> None:
    guessed = {
        word
        for number in range(0, 3_000, 7)
        for text in (f"This is sentence number {number} of scene {number % 97}.", f"{number}%")
        for word in unknown_words(text)
    }
    assert guessed == set()
    assert unknown_words("Twenty-nine, thirty-two, ninety-first.") == ()
