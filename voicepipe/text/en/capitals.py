"""Which English words in capitals are words, and which are said letter by letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voicepipe.text.en.dictionary import dictionary, is_initialism
from voicepipe.text.en.tokens import draw_in, sound_made

if TYPE_CHECKING:
    from collections.abc import Sequence

# A capital inside a word, a.m, J. R.: begun with what is rare, for what is common is tried often.
_CAPITALS = re.compile(r"[A-Z](?<=\S[A-Z])|\.(?:(?<=\b[a-z]\.)[a-z]\b|(?<=\b[A-Z]\.) [A-Z]\.)")
_AFTER_SENTENCE = re.compile(r"(?<=[.!?])(?=\s)")
_WORD = re.compile(r"[A-Za-z][A-Za-z']*")
_ALONE = re.compile(r"([^A-Za-z]*)([A-Z]+)([^A-Za-z]*)")
_JOINED = re.compile(r"(?<=[^\s])([A-Z])")
_DOTTED = re.compile(
    r"\b[A-Z](?:\.[A-Z])+(?![a-z])\.?|\b[A-Z]\.(?:\s[A-Z]\.)+|\b[ap]\.m\b\.?|\bPh\.D\.?"
)
_NEXT_SENTENCE = re.compile(
    r"\s+(?:[A-Z]\.\s?[A-Z]\.|(?:He|She|It|They|We|You|I|The|This|That|There|But|And|Then|So|What|Who"
    r"|Why|How|Where|When|If|No|Yes|My|His|Her|Our|Your|Their)\b)"
)
_FEWEST_GUESSED = 4
"""Letters a word in capitals that no dictionary lists must have to be a name that is shouted."""
_MOST_CONSONANTS = 3
_LEAST_VOWELS = 0.25
_LETTERS_ALWAYS = frozenset({"id", "led", "eta", "mia", "mit", "sas", "ai", "ac", "dc", "et", "bc"})
_LETTERS_ALWAYS |= {
    "sos",
    "ufo",
    "uav",
    "rpg",
    "er",
    "la",
    "pa",
    "ip",
    "ui",
    "io",
    "os",
    "ios",
    "est",
}
_WORDS_WHEN_SHOUTED = frozenset({"la", "pa", "er", "led", "mia"})
_LETTERS_AFTER = {
    "us": frozenset({"the"}),
    "it": frozenset({"the", "in", "an", "our", "your"}),
    "who": frozenset({"the"}),
    "am": frozenset(),
    "ad": frozenset(),
}
_LETTERS_BEFORE = {
    "us": frozenset(
        ["army", "navy", "government", "president", "marines", "senate", "embassy", "citizen"]
    ),
    "it": frozenset(["department", "guy", "guys", "team", "support", "crowd"]),
}


def say_capitals(text: str) -> str:
    """Put spaces between letters that are said one by one, and leave words in capitals whole.

    A word of the dictionary is a word however it is written, but initials of two readings (US, IT)
    are letters where the words around say so. What no dictionary lists is said letter by letter,
    unless it can be pronounced and everything around it is in capitals too.
    """
    if not _CAPITALS.search(text):
        return text
    return "".join(map(_say_sentence, _AFTER_SENTENCE.split(_DOTTED.sub(_join_initials, text))))


def spell_alone(text: str) -> str:
    """Spell initials that stand alone in a line of another language: ITの会社 is no *it*."""
    match = _ALONE.fullmatch(text)
    if match is None or match[2].lower() not in _LETTERS_AFTER:
        return text
    return f"{match[1]}{' '.join(match[2])}{match[3]}"


def _say_sentence(text: str) -> str:
    tokens = list(_WORD.finditer(text))
    words = [token[0] for token in tokens]
    pieces, end = [], 0
    for index, token in enumerate(tokens):
        pieces.append(text[end : token.start()])
        pieces.append(_say(words, index))
        end = token.end()
    return "".join([*pieces, text[end:]])


def _join_initials(match: re.Match[str]) -> str:
    letters = re.sub(r"[^A-Za-z]", "", match[0])
    spelled = " ".join(letters.upper())
    is_last = match.end() == len(match.string) or _NEXT_SENTENCE.match(match.string, match.end())
    return f"{spelled}." if match[0].endswith(".") and is_last else spelled


def _say(words: Sequence[str], index: int) -> str:
    word = words[index]
    if not any(c.isupper() for c in word[1:]):
        return word
    stem = re.sub(r"'?s$", "", word)
    if stem != word and stem.isupper() and len(stem) > 1 and word.lower() not in dictionary():
        return f"{' '.join(stem)}'s" if _is_spelled(stem, words, index) else word
    if word.replace("'", "").isupper():
        return " ".join(word) if _is_spelled(word, words, index) else word
    return word if word.lower() in dictionary() else _JOINED.sub(r" \1", word)


def _is_spelled(word: str, words: Sequence[str], index: int) -> bool:
    lowered = word.lower()
    is_shouted = _is_shouted(words, index)
    if lowered in _LETTERS_ALWAYS:
        return not (is_shouted and lowered in _WORDS_WHEN_SHOUTED)
    if lowered in _LETTERS_AFTER:
        return not is_shouted and _has_two_readings(words, index)
    if lowered in dictionary():
        return is_initialism(lowered)
    if "'" in word or sound_made(lowered) or draw_in(lowered):
        return False
    return not (_can_be_said(lowered) and (is_shouted or len(words) == 1 or len(word) > 5))


def _has_two_readings(words: Sequence[str], index: int) -> bool:
    word = words[index].lower()
    before = words[index - 1].lower() if index else ""
    after = words[index + 1].lower() if index + 1 < len(words) else ""
    return before in _LETTERS_AFTER[word] or after in _LETTERS_BEFORE.get(word, frozenset())


def _is_shouted(words: Sequence[str], index: int) -> bool:
    """Whether a neighbour in the sentence is in capitals, and is no initials."""
    neighbours = [*words[max(0, index - 2) : index], *words[index + 1 : index + 3]]
    return any(
        len(word) > 1 and word.replace("'", "").isupper() and not _is_known_initials(word.lower())
        for word in neighbours
    )


def _is_known_initials(word: str) -> bool:
    return word in _LETTERS_ALWAYS or word not in dictionary() or is_initialism(word)


def _can_be_said(word: str) -> bool:
    runs = re.findall("[bcdfghjklmnpqrstvwxz]+", word)
    return (
        len(word) >= _FEWEST_GUESSED
        and sum(letter in "aeiouy" for letter in word) >= _LEAST_VOWELS * len(word)
        and max(map(len, runs), default=0) <= _MOST_CONSONANTS
    )
