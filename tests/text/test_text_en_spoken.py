"""English as people say it: what is written in dialogue, and the sounds of its words."""

from __future__ import annotations

import pytest

from voicepipe.text.en.dictionary import dictionary
from voicepipe.text.en.frontend import say_word, tokenize, unknown_words
from voicepipe.text.en.normalize import verbalize
from voicepipe.text.en.numbers import say_cardinal, say_ordinal, say_plain
from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle


def said(text: str) -> str:
    return verbalize(text, ReadingStyle.SPOKEN).text


def sound(text: str) -> str:
    read = utterance(text, "en", style=ReadingStyle.SPOKEN, pads_short=False)
    return " ".join(p for p in read.phonemes if p not in set(",.!?-"))


@pytest.mark.parametrize(
    ("shouted", "plain"),
    [
        ("NO!", "no!"),
        ("GET OUT OF MY HOUSE!", "get out of my house!"),
        ("I said NOW.", "I said now."),
        ("DON'T YOU DARE!", "don't you dare!"),
        ("WHAT A DAY!", "what a day!"),
        ("HELP US!", "help us!"),
        ("DO IT!", "do it!"),
        ("This is IT!", "This is it!"),
        ("I am THE boss.", "I am the boss."),
        ("YESSSS!", "yes!"),
        ("MCCOY met O'Brien.", "McCoy met o'brien."),
        ("NASA called.", "nasa called."),
    ],
)
def test_words_in_capitals_are_words(shouted: str, plain: str) -> None:
    assert sound(shouted) == sound(plain)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("The FBI came.", "The F B I came."),
        ("the IT guy", "the I T guy"),
        ("the US army", "the U S army"),
        ("an NPC, two NPCs", "an N P C, two N P C's"),
        ("Show your ID!", "Show your I D!"),
        ("AI and HP", "A I and H P"),
        ("the U.S. Navy, at 7 a.m.", "the U S Navy, at seven A M"),
        ("a DataPad page", "a Data Pad page"),
        ("the MMORPG", "the M M O R P G"),
        ("at 9 EST", "at nine E S T"),
        ("MI6, a B-52, CO2", "M I six, a B fifty-two, C O two"),
        ("He has a Ph.D.", "He has a P H D."),
    ],
)
def test_initials_are_said_letter_by_letter(written: str, words: str) -> None:
    assert said(written) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Wait - no", "Wait, no"),
        ("wait -- no", "wait, no"),
        ("at 5 - no, 6", "at five, no, six"),
        ("- Who is it?", "Who is it?"),
        ("well-known", "well-known"),
        ("5 - 3 = 2", "five minus three Equals two"),
        ("What is 5 - 3?", "What is five minus three?"),
        ("5-3=2", "five minus three Equals two"),
        ("3−2", "three minus two"),
        ("It's -5 outside", "It's minus five outside"),
        ("−5°C", "minus five degrees celsius"),
        ("10-15 people", "ten to fifteen people"),
        ("10 - 15 people", "ten to fifteen people"),
        ("1990–1995", "nineteen ninety to nineteen ninety-five"),
        ("we won 3-1", "we won three to one"),
        ("50-50", "fifty fifty"),
        ("room 3-202", "room three, two oh two"),
        ("555-0134", "five five five, oh one three four"),
    ],
)
def test_a_hyphen_is_a_minus_only_in_arithmetic(written: str, words: str) -> None:
    assert said(written) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("24/7", "twenty-four seven"),
        ("9/11", "nine eleven"),
        ("50/50", "fifty fifty"),
        ("7/10", "seven out of ten"),
        ("1/3, 3/4", "one third, three quarters"),
        ("½ cup, 1½ cups, 2 1/2", "one half cup, one and a half cups, two and one half"),
        ("3/15/2049", "March fifteenth, twenty forty-nine"),
        ("15/3/2049", "March fifteenth, twenty forty-nine"),
        ("2049/3/15", "March fifteenth, twenty forty-nine"),
        ("on 3/15", "on March fifteenth"),
        ("the 4th of July", "the fourth of July"),
        ("The 2nd of May", "The second of May"),
        ("15 March", "the fifteenth of March"),
        ("Dec. 25", "December twenty-fifth"),
        ("the '90s, the 80s, 80's", "the nineties, the eighties, eighties"),
        ("the class of '99", "the class of ninety-nine"),
        ("for 90s", "for ninety seconds"),
        ("0630 hours", "oh six thirty hours"),
        ("3:2", "three to two"),
        ("7:45", "seven forty-five"),
        ("5km/h, 5 km", "five kilometers per hour, five kilometers"),
        ("5 ft, 30 sec, 60fps", "five feet, thirty seconds, sixty frames per second"),
        ("6'2\"", "six foot two"),
        ("¥500", "five hundred yen"),
        ("£3m", "three million pounds"),
        ("$1,234.56", "one thousand two hundred and thirty-four dollars and fifty-six cents"),
        ("$20-30", "twenty to thirty dollars"),
        ("-$5", "minus five dollars"),
        ("5€, 50¢", "five euros, fifty cents"),
        ("a $5 bill", "a five dollar bill"),
        ("$5/hr", "five dollars per hour"),
        ("1,234.56", "one thousand two hundred and thirty-four point five six"),
        ("code 007", "code oh oh seven"),
        ("the code is 4821", "the code is four eight two one"),
        ("Call 911!", "Call nine one one!"),
        ("call 300 men", "call three hundred men"),
        ("No.5", "number five"),
        ("the No. 5 bus", "the number five bus"),
        ("No. 5 minutes.", "No. five minutes."),
        ("#1", " number one"),
        ("1,000th", "one thousandth"),
        ("at 7. 5 men", "at seven. five men"),
        ("v2.0.1", "v two point zero point one"),
        ("in 1847", "in eighteen forty-seven"),
        ("1847 credits", "one thousand eight hundred and forty-seven credits"),
        ("62%, 5‰", "sixty-two percent, five per mille"),
        ("3x4, 5 × 3, 2^3", "three by four, five times three, two to the power of three"),
        ("R&D, C#, A+", "R and D, C sharp, A plus "),
        ("and/or", "and or"),
        ("w/o me", "without me"),
        ("said:no", "said, no"),
        ("door.until", "door. until"),
        ("mind...thoughts", "mind, thoughts"),
        ("Hello , world !", "Hello, world!"),
        ("www.foo.com/bar", "W W W dot foo dot com slash bar"),
        ("https://foo.com/", "foo dot com"),
        ("mara@harbor.com", "mara at harbor dot com"),
        ("file.txt", "file dot txt"),
        ("Louis XIV's", "Louis the fourteenth's"),
        ("Chapter Ⅳ", "Chapter four"),
        ("Mr. and Mrs. Hale", "Mister and Missus Hale"),
        ("Straße, Łódź, Zoë", "Strasse, Lodz, Zoe"),
        ("π and Ω", "pi and omega"),
    ],
)
def test_figures_are_said_as_people_say_them(written: str, words: str) -> None:
    assert said(written) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("light\non", "light on"),
        ("light\ton", "light on"),
        ("light\u2011on", "light-on"),
        ("light/on", "light on"),
        ("light;on", "light, on"),
        ("light(on)", "light on"),
        ("light_on", "light on"),
        ("light😀on", "light on"),
    ],
)
def test_what_separates_words_never_joins_them(text: str, words: str) -> None:
    read = utterance(text, "en", style=ReadingStyle.SPOKEN, pads_short=False)
    assert read.normalized_text.strip() == words


def test_every_number_to_9999_is_made_of_words_the_dictionary_has() -> None:
    numbers = map(str, range(10_000))
    names = {name for n in numbers for name in (say_cardinal(n), say_ordinal(n), say_plain(n))}
    parts = {p for name in names for token in tokenize(name) for p in token.split("-")}
    lacking = {part for part in parts if part.isalpha() and part not in dictionary()}
    assert lacking == {"zeroth"}
    assert say_word("zeroth") == ("Z", "IH1", "R", "OW0", "TH")
    words = {token for name in names for token in tokenize(name) if "-" in token}
    for word in words:
        tens, ones = word.split("-")
        assert say_word(word) in {
            (*dictionary()[tens], *dictionary()[ones]),
            dictionary().get(word),
        }


def test_34_men_is_not_guessed() -> None:
    assert sound("34 men") == "TH ER1 D IY2 F AO1 R M EH1 N"
    assert unknown_words("29, 32, 34, 36 and 134 men, the 32nd floor") == ()


@pytest.mark.parametrize(
    ("text", "word", "said_as"),
    [
        ("Lead the way.", 0, "L IY1 D"),
        ("You lead us.", 1, "L IY1 D"),
        ("A lead pipe.", 1, "L EH1 D"),
        ("It is made of lead.", 4, "L EH1 D"),
        ("Take a bow.", 2, "B AW1"),
        ("Bow to the king.", 0, "B AW1"),
        ("A bow and arrow.", 1, "B OW1"),
        ("Draw your bow!", 2, "B OW1"),
        ("The bow of the ship.", 1, "B AW1"),
        ("She is a rebel.", 3, "R EH1 B AH0 L"),
        ("We rebel against them.", 1, "R IH0 B EH1 L"),
        ("Long live the king!", 1, "L IH1 V"),
        ("We live here.", 1, "L IH1 V"),
        ("Live ammo only.", 0, "L AY1 V"),
        ("We are going live.", 3, "L AY1 V"),
        ("A live wire.", 1, "L AY1 V"),
        ("Ava lives here.", 1, "L IH1 V Z"),
        ("It saved nine lives.", 3, "L AY1 V Z"),
        ("Did she read it?", 2, "R IY1 D"),
        ("Please read this.", 1, "R IY1 D"),
        ("I have read it.", 2, "R EH1 D"),
        ("He read the letter.", 1, "R EH1 D"),
        ("The wind is cold.", 1, "W IH1 N D"),
        ("Please wind the clock.", 1, "W AY1 N D"),
        ("Don't tear it.", 1, "T EH1 R"),
        ("A tear fell.", 1, "T IH1 R"),
        ("She was in tears.", 3, "T IH1 R Z"),
        ("Close the door!", 0, "K L OW1 Z"),
        ("Ava, close your eyes.", 1, "K L OW1 Z"),
        ("Stay close to me.", 1, "K L OW1 S"),
        ("That was close.", 2, "K L OW1 S"),
        ("Wait a minute.", 2, "M IH1 N AH0 T"),
        ("In minute detail.", 1, "M AY0 N UW1 T"),
        ("Present the case.", 0, "P R IY0 Z EH1 N T"),
        ("A present for you.", 1, "P R EH1 Z AH0 N T"),
        ("Did you record it?", 2, "R IH0 K AO1 R D"),
        ("She records everything.", 1, "R IH0 K AO1 R D Z"),
        ("An old record.", 2, "R EH1 K ER0 D"),
        ("Use the key.", 0, "Y UW1 Z"),
        ("It's no use.", 2, "Y UW1 S"),
        ("I used to sing.", 1, "Y UW1 S T"),
        ("I used it.", 1, "Y UW1 Z D"),
        ("A deep wound.", 2, "W UW1 N D"),
        ("We wound up here.", 1, "W AW1 N D"),
        ("He dove into it.", 1, "D OW1 V"),
        ("A white dove.", 2, "D AH1 V"),
        ("Resume the mission.", 0, "R IH0 Z UW1 M"),
        ("Send your resume.", 2, "R EH1 Z AH0 M EY2"),
        ("Oh, excuse me.", 1, "IH0 K S K Y UW1 Z"),
        ("No excuse.", 1, "IH0 K S K Y UW1 S"),
        ("A storm is coming.", 0, "AH0"),
        ("A, B and C.", 0, "EY1"),
        ("It is plan A.", 3, "EY1"),
        ("Take vitamin A now.", 2, "EY1"),
        ("A-7 it is.", 0, "EY1 S EH1 V AH0 N"),
        ("I speak Polish.", 2, "P OW1 L IH0 SH"),
        ("Polish the floor.", 0, "P AA1 L IH0 SH"),
    ],
)
def test_the_words_around_decide_a_word_s_sound(text: str, word: int, said_as: str) -> None:
    read = utterance(text, "en", style=ReadingStyle.SPOKEN, pads_short=False)
    words = [
        " ".join(phonemes)
        for unit, phonemes in _units(read.units, read.word2ph, read.phonemes)
        if unit[0].isalpha()
    ]
    assert words[word] == said_as


def _units(
    units: tuple[str, ...], counts: tuple[int, ...], phonemes: tuple[str, ...]
) -> list[tuple[str, tuple[str, ...]]]:
    found, start = [], 0
    for unit, count in zip(units, counts, strict=True):
        found.append((unit, phonemes[start : start + count]))
        start += count
    return found


@pytest.mark.parametrize(
    ("text", "said_as"),
    [
        ("W-what?", "W W AH1 T"),
        ("Wh-who?", "HH HH UW1"),
        ("B-b-but", "B B B AH1 T"),
        ("S-sorry", "S S AA1 R IY0"),
        ("Ju-just", "JH AH1 JH AH1 S T"),
        ("I-I'm", "AY1 AY1 M"),
        ("T... T... trust", "T T T R AH1 S T"),
        ("T-shirt", "T IY1 SH ER2 T"),
        ("re-entry", "R IY0 EH1 N T R IY0"),
        ("no-nonsense", "N OW1 N AA1 N S EH0 N S"),
        ("well-known", "W EH1 L N OW1 N"),
        ("Nooooo!", "N OW1"),
        ("Hmmmm.", "HH AH0 M"),
        ("Psst!", "P S T"),
        ("hahaha", "HH AA1 HH AA1 HH AA1"),
        ("Get 'em", "G EH1 T AH0 M"),
        ("goin' home", "G OW1 AH0 N HH OW1 M"),
        ("'Hello,' he said", "HH AH0 L OW1 HH IY1 S EH1 D"),
        ("the dogs' bowl", "DH AH0 D AO1 G Z B OW1 L"),
    ],
)
def test_stutters_and_noises_sound_as_they_are_made(text: str, said_as: str) -> None:
    assert sound(text) == said_as


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("mind...thoughts", ()),
        ("sixty-four well-known men", ()),
        ("W-what? Nooo! Hmmm.", ()),
        ("$5 on 3/15/2049", ()),
        ("Zorblax's ship", ("Zorblax's",)),
        ("half-Zorblax", ("half-Zorblax",)),
    ],
)
def test_notes_look_at_what_is_spoken(text: str, unknown: tuple[str, ...]) -> None:
    assert unknown_words(text) == unknown
