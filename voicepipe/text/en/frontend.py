"""English words → ARPAbet symbols, one group a word or mark."""

from __future__ import annotations

import re
import threading
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Protocol

from voicepipe.text.en.capitals import spell_alone
from voicepipe.text.en.dictionary import dictionary
from voicepipe.text.en.homographs import has_two_readings, read_as_noun, read_in_context
from voicepipe.text.en.normalize import verbalize
from voicepipe.text.en.tokens import (
    draw_in,
    is_letter_a,
    onset,
    prefix_sound,
    sound_made,
    split_stutter,
    spoken_tokens,
)
from voicepipe.text.records import Part, Pronounced, ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.text.account import Verbalized

# In order: `door.until` (a missing space), a word with inner ' or -, a word, dots, a mark.
_TOKEN = re.compile(
    r"[a-z]+(?:[.\-][a-z]+)*[.][a-z]{2,13}\b"
    r"|[a-z][a-z'\-]+[a-z]"
    r"|[a-z]+"
    r"|\.(?: *\.)+"
    r"|\S",
    re.IGNORECASE,
)
_FOUR_MARKS = re.compile(r"[^A-Za-z]{4}")
_LONG_MARKS = re.compile(r"([^A-Za-z])\1{3,}")
_MARKS = frozenset("!?,.-")
_POSSESSIVE = re.compile(r"[a-z]+'s")
_POSSESSIVE_END = re.compile(r"['’]s(?![A-Za-z])")
_VOICELESS = frozenset({"P", "T", "K", "F", "TH", "HH"})
_SIBILANT = frozenset({"S", "Z", "SH", "ZH", "CH", "JH"})
_SPELLED_UP_TO = 3
_LONGEST_WORD = 48
_REMEMBERED = 1 << 14
"""Words: more than a large script has, a megabyte or two."""
_TEXTS_REMEMBERED = 64
"""A line is read, and then looked through for words that no dictionary knows."""
_LETTER = re.compile("[a-z]")
_BESIDE_OTHERS = frozenset({"a", "polish"})
"""Words that `_say` reads by those around them, besides the homographs."""
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
        is_within = style is ReadingStyle.SPOKEN and bool(part.before or part.after)
        said, found = _cut_up(spell_alone(part.text) if is_within else part.text, style)
        dropped.extend(said.dropped)
        texts.append(said.text)
        tokens.extend([(token, ()) for token in found])
    written = [token for token, _ in tokens]
    words = [token.lower() for token in written]
    read = _read if style is ReadingStyle.REFERENCE else _say
    spoken = [given or read(written, words, index) for index, (_, given) in enumerate(tokens)]
    return Pronounced(
        normalized_text="".join(texts),
        units=tuple(written),
        unit_phonemes=tuple(spoken),
        dropped=tuple(dropped),
    )


@lru_cache(maxsize=_TEXTS_REMEMBERED)
def _cut_up(text: str, style: ReadingStyle) -> tuple[Verbalized, tuple[str, ...]]:
    """Write a text out, and cut it into words and marks."""
    said = verbalize(text, style)
    return said, tuple(tokenize(said.text, style))


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


def tokenize(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> list[str]:
    """Cut normalized text into words and marks."""
    if _FOUR_MARKS.search(text):
        text = _LONG_MARKS.sub(r"\1\1\1", text)
    return _TOKEN.findall(text) if style is ReadingStyle.REFERENCE else spoken_tokens(text)


def _read(written: Sequence[str], words: Sequence[str], index: int) -> tuple[str, ...]:
    """Read a token as the reference does."""
    word = words[index]
    if not re.search("[a-z]", word):
        return (word,) if word in _MARKS else (("-",) if word == "'" else ())
    if len(word) == 1:
        return ("EY1",) if written[index] == "A" else dictionary()[word]
    return read_as_noun(word) or read_word(word)


def _say(written: Sequence[str], words: Sequence[str], index: int) -> tuple[str, ...]:
    """Read a token as a person does."""
    word = words[index]
    alone = _say_anywhere(word)
    if alone is not None:
        return alone
    if word == "a":
        return ("EY1",) if is_letter_a(written, index) else dictionary()[word]
    if word == "polish" and written[index] == "Polish" and index and words[index - 1] not in _MARKS:
        return ("P", "OW1", "L", "IH0", "SH")
    return read_in_context(words, index) or say_word(word)


@lru_cache(maxsize=_REMEMBERED)
def _say_anywhere(word: str) -> tuple[str, ...] | None:
    """Read a token that sounds the same whatever stands around it; None for others."""
    if not _LETTER.search(word):
        return (word,) if word in _MARKS else ()
    if word in _BESIDE_OTHERS or has_two_readings(word):
        return None
    return dictionary()[word] if len(word) == 1 else say_word(word)


@lru_cache(maxsize=_REMEMBERED)
def say_word(word: str) -> tuple[str, ...]:
    """Read one word as people say it: sounds, stutters and drawn-out words among them.

    Args:
        word: Lower case.
    """
    sound = sound_made(word)
    if sound or word in dictionary():
        return sound or dictionary()[word]
    drawn_in = draw_in(word)
    if drawn_in:
        return say_word(drawn_in)
    if "-" in word:
        return _say_hyphened(word)
    return read_word(word)


def _say_hyphened(word: str) -> tuple[str, ...]:
    stutter = split_stutter(word)
    if stutter:
        begun, rest = stutter
        sounds = say_word(rest)
        return (*(s for part in begun for s in onset(sounds, part)), *sounds)
    parts = [part for part in word.split("-") if part.strip("'")]
    return tuple(sound for index in range(len(parts)) for sound in _say_part(parts, index))


def _say_part(parts: Sequence[str], index: int) -> tuple[str, ...]:
    part = parts[index]
    if len(part) == 1 and part.isalpha():
        return ("EY1",) if part == "a" and index == 0 else dictionary()[part]
    prefix = prefix_sound(part) if index == 0 and len(parts) > 1 else None
    return prefix or read_in_context(parts, index) or say_word(part)


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
        from voicepipe.text.en.guess import guess  # noqa: PLC0415 - numpy, for few words

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
    """List words that no dictionary lists, as they are said, in order, once each.

    Such words are spelled out (up to three letters), cut into known words, or guessed. A word of
    known parts (sixty-four, W-what) and one that is drawn out (nooo) is known.
    """
    found: dict[str, None] = {}
    _, tokens = _cut_up(text, ReadingStyle.SPOKEN)
    for token in tokens:
        if not _is_known(token.lower()):
            found.setdefault(token)
    return tuple(found)


def rules_of_tokens(tokens: Sequence[str]) -> tuple[str, ...]:
    """Say what decided each token's sound, in a few words: see `say_word`."""
    words = [token.lower() for token in tokens]
    return tuple(_rule_of(tokens, words, index) for index in range(len(words)))


def _rule_of(tokens: Sequence[str], words: Sequence[str], index: int) -> str:
    word = words[index]
    if not re.search("[a-z]", word):
        return "a mark"
    if len(word) == 1:
        is_letter = word not in {"a", "i"} or (word == "a" and is_letter_a(tokens, index))
        return "letter" if is_letter else "dictionary"
    return "the words around it" if read_in_context(words, index) else _rule_of_word(word)


def _rule_of_word(word: str) -> str:
    stem = word[:-2] if _POSSESSIVE.fullmatch(word) else word
    drawn_in = draw_in(word)
    rules = (
        (sound_made(word) is not None, "a sound people make"),
        (word in dictionary(), "dictionary"),
        (drawn_in is not None, f"drawn out: {drawn_in}"),
        ("-" in word and split_stutter(word) is not None, "stutter"),
        ("-" in word, "its parts"),
        (stem in dictionary(), "dictionary, with 's"),
        (len(word) <= _SPELLED_UP_TO, "letter by letter"),
    )
    return next((name for holds, name in rules if holds), "guessed")


@lru_cache(maxsize=_REMEMBERED)
def _is_known(word: str) -> bool:
    if len(word) == 1 or not _LETTER.search(word) or word in dictionary():
        return True
    if sound_made(word) or draw_in(word) or read_as_noun(word) is not None:
        return True
    stutter = split_stutter(word) if "-" in word else None
    if stutter:
        return _is_known(stutter[1])
    if "-" in word:
        parts = word.split("-")
        return all(_is_known(part) or prefix_sound(part) is not None for part in parts)
    return word.endswith("'s") and _is_known(word[:-2])
