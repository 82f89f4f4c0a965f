"""English words → ARPAbet symbols, one group a word or mark."""

from __future__ import annotations

import re
import threading
from functools import cache
from typing import TYPE_CHECKING, Protocol

from voicepipe.text.en.dictionary import dictionary
from voicepipe.text.en.guess import guess
from voicepipe.text.en.homographs import read_as_noun, read_in_context
from voicepipe.text.en.normalize import normalize, verbalize
from voicepipe.text.records import Part, Pronounced, ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# In order: `door.until` (a missing space), a word with inner ' or -, a word, dots, a mark.
_TOKEN = re.compile(
    r"[a-z]+(?:[.\-][a-z]+)*[.][a-z]{2,13}\b"
    r"|[a-z][a-z'\-]+[a-z]"
    r"|[a-z]+"
    r"|\.(?: *\.)+"
    r"|\S",
    re.IGNORECASE,
)
_LONG_MARKS = re.compile(r"([^A-Za-z])\1{3,}")
_MARKS = frozenset("!?,.-")
_POSSESSIVE = re.compile(r"[a-z]+'s")
_POSSESSIVE_END = re.compile(r"['’]s(?![A-Za-z])")
_VOICELESS = frozenset({"P", "T", "K", "F", "TH", "HH"})
_SIBILANT = frozenset({"S", "Z", "SH", "ZH", "CH", "JH"})
_SPELLED_UP_TO = 3
_LONGEST_WORD = 48
_LOCK = threading.Lock()


class _Segmenter(Protocol):
    def segment(self, text: str) -> list[str]: ...


def pronounce(parts: Sequence[Part], *, style: ReadingStyle = ReadingStyle.REFERENCE) -> Pronounced:
    """Read English.

    Args:
        parts: The text in order; a part with phonemes is one unit, whatever it holds.
        style: See `ReadingStyle`.

    Returns:
        One unit a word or mark; a lone apostrophe is read as a dash, dots in a row not at all.
    """
    tokens: list[tuple[str, tuple[str, ...]]] = []
    texts: list[str] = []
    dropped: list[str] = []
    for part in _join_possessives(parts):
        if part.phonemes:
            texts.append(part.text)
            tokens.append((part.text, part.phonemes))
            continue
        said = verbalize(part.text, style)
        dropped.extend(said.dropped)
        texts.append(said.text)
        tokens.extend((token, ()) for token in tokenize(said.text))
    words = [token.lower() for token, _ in tokens]
    spoken = [
        given or _read(token, words, index, style) for index, (token, given) in enumerate(tokens)
    ]
    return Pronounced(
        normalized_text="".join(texts),
        units=tuple(token for token, _ in tokens),
        unit_phonemes=tuple(spoken),
        dropped=tuple(dropped),
    )


def _join_possessives(parts: Sequence[Part]) -> Iterator[Part]:
    """Give the `'s` after a word with a given sound to that word."""
    pending: Part | None = None
    for part in parts:
        ending = _POSSESSIVE_END.match(part.text)
        if pending and not part.phonemes and ending:
            said = add_possessive(pending.phonemes)
            yield Part(text=pending.text + ending[0], phonemes=said)
            pending, part = None, Part(text=part.text[ending.end() :])  # noqa: PLW2901
        if pending:
            yield pending
        pending = part if part.phonemes else None
        if not part.phonemes:
            yield part
    if pending:
        yield pending


def tokenize(text: str) -> list[str]:
    """Cut normalized text into words and marks."""
    return _TOKEN.findall(_LONG_MARKS.sub(r"\1\1\1", text))


def _read(token: str, words: Sequence[str], index: int, style: ReadingStyle) -> tuple[str, ...]:
    word = words[index]
    if not re.search("[a-z]", word):
        return (word,) if word in _MARKS else (("-",) if word == "'" else ())
    if len(word) == 1:
        return ("EY1",) if token == "A" else dictionary()[word]  # noqa: S105 - a word, no secret
    if style is ReadingStyle.SPOKEN:
        homograph = read_in_context(words, index)
    else:
        homograph = read_as_noun(word)
    return homograph or read_word(word)


def read_word(word: str) -> tuple[str, ...]:
    """Read one word by itself: dictionary, letters, possessive, parts, and last a guess.

    Args:
        word: Lower case.

    Returns:
        ARPAbet with stress digits.
    """
    if len(word) > 1 and word in dictionary():
        return dictionary()[word]
    if len(word) <= _SPELLED_UP_TO:
        return tuple(symbol for letter in word for symbol in _spell(letter))
    if _POSSESSIVE.fullmatch(word):
        return add_possessive(read_word(word[:-2]))
    parts = _segment(word[:_LONGEST_WORD])
    if len(parts) == 1 or not parts:
        return guess(word)
    return tuple(symbol for part in parts for symbol in read_word(part))


def _spell(letter: str) -> tuple[str, ...]:
    if letter == "a":
        return ("EY1",)
    return dictionary()[letter] if letter.isalpha() else ("-",)


def add_possessive(stem: tuple[str, ...]) -> tuple[str, ...]:
    """Add the sound of `'s` to a word's ARPAbet."""
    last = stem[-1] if stem else ""
    if last in _VOICELESS:
        return (*stem, "S")
    return (*stem, "AH0", "Z") if last in _SIBILANT else (*stem, "Z")


@cache
def _loaded_segmenter() -> _Segmenter:
    import wordsegment  # noqa: PLC0415 - ten megabytes of counts, a second

    segmenter: _Segmenter = wordsegment.Segmenter()
    segmenter.load()  # type: ignore[attr-defined]
    return segmenter


def _segment(word: str) -> list[str]:
    with _LOCK:
        return _loaded_segmenter().segment(word)


def unknown_words(text: str) -> tuple[str, ...]:
    """List words that no dictionary lists, as written, in order, once each.

    Such words are spelled out (up to three letters), cut into known words, or guessed.
    """
    found: dict[str, None] = {}
    for token in tokenize(normalize(text)):
        word = token.lower()
        is_listed = word in dictionary() or read_as_noun(word) is not None
        if len(word) > 1 and re.search("[a-z]", word) and not is_listed:
            stem = word[:-2] if word.endswith("'s") else word
            if stem not in dictionary() and not _is_read_in_halves(stem):
                found.setdefault(token)
    return tuple(found)


def _is_read_in_halves(word: str) -> bool:
    """Whether a word like sixty-four sounds as the listed words that its hyphens join."""
    halves = word.split("-")
    if len(halves) == 1 or not all(half in dictionary() for half in halves):
        return False
    return read_word(word) == tuple(symbol for half in halves for symbol in read_word(half))
