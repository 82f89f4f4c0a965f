"""Korean → letters as symbols, words apart by `空`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voicepipe.text.ko.analyser import analyse
from voicepipe.text.ko.jamo import coda_of, split_syllables, to_letters
from voicepipe.text.ko.normalize import STEPS, verbalize
from voicepipe.text.ko.numbers import say_digits, say_native, say_sino
from voicepipe.text.ko.sound import SOUND_RULES
from voicepipe.text.punctuation import FULL_WIDTH, SPOKEN
from voicepipe.text.records import Pronounced, ReadingStyle
from voicepipe.text.steps import Step, because, rewrite, rules_of_stretches, rules_that_change
from voicepipe.text.symbols import SymbolVersion, symbol_table
from voicepipe.text.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.text.records import Part

_LETTER_NAMES = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        [
            "에이",
            "비",
            "시",
            "디",
            "이",
            "에프",
            "지",
            "에이치",
            "아이",
            "제이",
            "케이",
            "엘",
            "엠",
            "엔",
            "오",
            "피",
            "큐",
            "아르",
            "에스",
            "티",
            "유",
            "브이",
            "더블유",
            "엑스",
            "와이",
            "제트",
        ],
        strict=True,
    )
)
_MARKS = {
    **FULL_WIDTH,
    " ": "空",
}
_SPOKEN_MARKS = {**_MARKS, **SPOKEN}
_OTHER = "停"
"""What stands for a sign that has no symbol: a stop."""
_NATIVE_COUNTERS = (
    "군데 권 개 그루 닢 대 두 마리 모 모금 뭇 발 발짝 방 번 벌 보루 살 수 술 시 쌈 움큼 정 짝 채 척"
    " 첩 축 켤레 톨 통"
)
_COUNTED = re.compile(r"(\d[\d,]*)([ㄱ-힣]+)/B")
_STEM_CODAS = frozenset("ᆫᆬᆷᆱᆰᆲᆴ")
_LETTER = re.compile("[\u3131-\u3163]$")
_LATERAL = re.compile("([ㅇㄹ]ㅡㄹ) ㄹ")
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]+")


def pronounce(parts: Sequence[Part], *, style: ReadingStyle = ReadingStyle.REFERENCE) -> Pronounced:
    """Read Korean.

    Args:
        parts: The text in order; a part with phonemes is one unit, whatever it holds.
        style: See `ReadingStyle`.

    Returns:
        One unit a part. A part that ends in a letter gets a full stop at the very end.
    """
    dropped: list[str] = []
    units: list[tuple[str, str, tuple[str, ...]]] = []
    for index, part in enumerate(parts):
        if part.phonemes:
            units.append((part.text, part.text, part.phonemes))
            continue
        said = verbalize(part.text, style)
        dropped.extend(said.dropped)
        is_last = index == len(parts) - 1
        units.append((said.text, said.text, tuple(_read(said.text, style, ends_here=is_last))))
    return Pronounced(
        normalized_text="".join(text for text, _, _ in units),
        units=tuple(unit for _, unit, _ in units),
        unit_phonemes=tuple(phonemes for _, _, phonemes in units),
        dropped=tuple(dropped),
    )


def _read(text: str, style: ReadingStyle, *, ends_here: bool) -> Iterator[str]:
    marks = _MARKS if style is ReadingStyle.REFERENCE else _SPOKEN_MARKS
    known = symbol_table(SymbolVersion.V2).ids
    letters = say_letters(text)
    if ends_here and _LETTER.search(letters):
        letters += "."
    for letter in letters:
        symbol = marks.get(letter, letter)
        yield symbol if symbol in known else _OTHER


def say_letters(text: str) -> str:
    """Rewrite Korean text by its sound, letter by letter."""
    return rewrite(text, _LETTERS)


def rules_of_units(units: Sequence[str], written: str) -> tuple[str, ...]:
    """Say in a few words what decided the sound of each unit, for people.

    Args:
        units: As `pronounce` answers them, read as spoken.
        written: The text they were read from.
    """
    rules = []
    for unit, made in zip(units, rules_of_stretches(written, STEPS, units), strict=True):
        heard = rules_that_change(unit, _LETTERS)
        is_word = any(character.isalpha() for character in unit)
        is_known = is_word and not unknown_words(unit)
        known = "dictionary" if is_known else "no dictionary has it"
        rules.append(because((*made, *heard), known if is_word else "a mark"))
    return tuple(rules)


def _name_letters(text: str) -> str:
    for letter, name in _LETTER_NAMES.items():
        text = text.replace(letter, name).replace(letter.upper(), name)
    return text


def _say_listed_words(text: str) -> str:
    for spelled, said in table("ko_words").items():
        text = text.replace(spelled, said)
    return text


def _say_numbers(tagged: str) -> str:
    def say(match: re.Match[str]) -> str:
        number, counter = match.groups()
        read = say_native if counter in _NATIVE_COUNTERS else say_sino
        return f"{read(number)}{counter}/B"

    return re.sub(r"\d", lambda match: say_digits(match[0]), _COUNTED.sub(say, tagged))


def _tag(text: str) -> str:
    """Mark stems, endings and counters, which the sound rules look at."""
    words = analyse(text)
    if text.replace(" ", "") != "".join(word.text for word in words):
        return text
    roles = iter([role for word in words for role in _roles(word.text, word.tag)])
    return "".join(c if c == " " else c + _mark(c, next(roles)) for c in text)


def _roles(word: str, tag: str) -> str:
    last = tag.rsplit("+", maxsplit=1)[-1]
    return "_" * (len(word) - 1) + ("B" if last == "NNBC" else last[:1])


def _mark(character: str, role: str) -> str:
    if role == "E":
        return "/E" if coda_of(character) == "ᆯ" else ""
    if role == "V":
        return "/P" if coda_of(character) in _STEM_CODAS else ""
    return "/B" if role == "B" else ""


_LETTERS = (
    Step(rule="letters by name", rewrite=_name_letters),
    Step(rule="list of words", rewrite=_say_listed_words),
    Step(rule="", rewrite=_tag),
    Step(rule="number before a counter", rewrite=_say_numbers),
    Step(rule="", rewrite=split_syllables),
    *SOUND_RULES,
    Step(rule="", rewrite=to_letters),
    Step(
        rule="ㄹ after ㅡㄹ is ㄴ",
        rewrite=lambda letters: _LATERAL.sub("\\1 ㄴ", letters),
    ),
)


def unknown_words(text: str) -> tuple[str, ...]:
    """List words the Korean dictionary lacks and has to guess, in order, once each.

    Hangul is read as it is spelled whether a dictionary lists a word or not.
    """
    found: dict[str, None] = {}
    for word in analyse(verbalize(text, ReadingStyle.SPOKEN).text):
        is_listed = word.tag.split("+")[0] not in {"UNKNOWN", "UNA", "NA", "NAP"}
        if not is_listed and not _HANGUL.fullmatch(word.text):
            found.setdefault(word.text)
    return tuple(found)
