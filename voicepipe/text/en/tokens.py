"""How single English words are read aloud: stutters, hyphens, drawn-out words, the word `a`."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from voicepipe.text.en.dictionary import dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A word with inner or outer apostrophes and inner hyphens, dots, a mark.
_TOKEN = re.compile(r"'?[A-Za-z]+(?:['\-]+[A-Za-z]+)*'?|\.(?: *\.)+|\S")
_STUTTER = re.compile(r"((?:[a-z]{1,4}-)+)([a-z][a-z']*)(?=$|-)")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_LAUGH = re.compile(r"(?:b?w?a?)?((?:h[ae])+h?|(?:ha|he|ho)+)")
_VOWEL = re.compile("[0-2]$")
_SOUNDS = {
    "mm": "M",
    "mmm": "M",
    "mhm": "AH0 M HH AH1 M",
    "mm-hm": "AH0 M HH AH1 M",
    "mm-hmm": "AH0 M HH AH1 M",
    "nuh-uh": "N AH1 AH0",
    "hmph": "HH AH1 M F",
    "psst": "P S T",
    "pst": "P S T",
    "pfft": "F T",
    "pff": "F",
    "tsk": "T S K",
    "tch": "CH",
    "brr": "B ER0",
    "grr": "G ER0",
    "zzz": "Z",
    "zz": "Z",
    "ew": "IY1 UW0",
    "eww": "IY1 UW0",
    "meh": "M EH1",
    "shh": "SH",
    "sh": "SH",
    "aah": "AA1",
    "ahh": "AA1",
    "aaah": "AA1",
    "oooh": "UW1",
    "waah": "W AA1",
    "gah": "G AA1",
    "bah": "B AA1",
    "agh": "AA1 G",
    "aagh": "AA1 G",
    "urgh": "ER1 G",
    "ugh": "AH1 G",
    "zeroth": "Z IH1 R OW0 TH",
    "t-shirt": "T IY1 SH ER2 T",
    "t-shirts": "T IY1 SH ER2 T S",
}
"""Sounds people make, which no dictionary lists or which it lists as something else."""
_PREFIXES = {
    "re": "R IY0",
    "de": "D IY0",
    "pre": "P R IY0",
    "co": "K OW0",
    "un": "AH0 N",
    "non": "N AA1 N",
    "ex": "EH1 K S",
    "anti": "AE1 N T IY0",
    "bi": "B AY0",
    "tri": "T R AY0",
    "pro": "P R OW0",
    "sub": "S AH1 B",
    "semi": "S EH1 M IY0",
    "multi": "M AH1 L T IY0",
}
_LETTERED = _words(
    "vitamin plan grade class type section deck gate block option an the letter hepatitis "
    "exit bay wing team channel point platform appendix figure group unit key string side"
)
_INITIALS = frozenset("BCDEFGHIJKLMNOPQRSTUVWXYZ")
_SHORT = 2
_SHORT_WORDS = _words(
    "no so go do me he we be by my oh ha hi up in on at an as is it if of or to us"
)
_ONE_SOUND = _words("th sh ch wh ph kn wr gh")
_LONGEST_DRAWN = 6
"""Drawn-out letters in one word that are tried both single and double."""


def spoken_tokens(text: str) -> list[str]:
    """Cut a normalized text into words and marks, as a person says them.

    Apostrophes outside a word are quotation marks unless the dictionary has the word with them:
    'em, goin'. Lone ones say nothing.
    """
    tokens: list[str] = _TOKEN.findall(text)
    return [*_unquoted(tokens)] if "'" in text else tokens


def _unquoted(tokens: Iterable[str]) -> Iterator[str]:
    for token in tokens:
        if not token.strip("'"):
            continue
        if token[0] == "'" or token[-1] == "'":
            yield _without_quotes(token)
        else:
            yield token


def _without_quotes(token: str) -> str:
    bare = token.strip("'")
    whole = (token, f"'{bare}", f"{bare}'")
    for written in whole:
        if written.strip() in token and written.lower() in dictionary() and written != bare:
            return written
    return bare


def sound_made(word: str) -> tuple[str, ...] | None:
    """Read what is no word: `mmm`, `psst`, `hahaha`; None when it is one."""
    listed = _SOUNDS.get(word)
    if listed:
        return tuple(listed.split())
    if len(word) > 2 and word not in dictionary() and _LAUGH.fullmatch(word):
        vowel = {"a": "AA1", "e": "EH1", "o": "OW1"}
        return tuple(s for letter in word if letter in vowel for s in ("HH", vowel[letter]))
    return None


def draw_in(word: str) -> str | None:
    """Find the word that is drawn out: `nooo` → no, `yesss` → yes, `hmmmm` → hmm.

    Returns:
        A word of the dictionary, or a sound that is made; None when there is none.
    """
    drawn = list(_DRAWN_OUT.finditer(word))
    if not drawn or len(drawn) > _LONGEST_DRAWN:
        return None
    ends = [*(match.end() for match in drawn)]
    starts = [0, *ends]
    pieces = [word[start : match.start()] for start, match in zip(starts, drawn, strict=False)]
    for counts in product((1, 2), repeat=len(drawn)):
        tried = "".join(
            piece + match[1] * count
            for piece, match, count in zip(pieces, drawn, counts, strict=True)
        )
        tried += word[ends[-1] :]
        if (len(tried) > 1 and tried in dictionary()) or tried in _SOUNDS:
            return tried
    return None


def split_stutter(word: str) -> tuple[tuple[str, ...], str] | None:
    """Tell a stutter: `w-what` → ("w",) and what; None for other hyphens.

    Args:
        word: Lower case, with hyphens.

    Returns:
        The broken beginnings, and the word that they begin.
    """
    match = _STUTTER.match(word)
    if match is None:
        return None
    begun, rest = match[1].rstrip("-").split("-"), word[match.start(2) :]
    whole = match[2]
    if not all(whole.startswith(part) and part != whole for part in begun):
        return None
    if any(_is_word(part) for part in begun) or any(part in _PREFIXES for part in begun):
        return None
    return tuple(begun), rest


def _is_word(part: str) -> bool:
    """Whether a beginning is a word of its own: no-nonsense is no stutter, ju-just is one."""
    if len(part) <= _SHORT:
        return part in _SHORT_WORDS
    return part in dictionary() and any(c in "aeiouy" for c in part)


def onset(sounds: Sequence[str], begun: str) -> tuple[str, ...]:
    """Give the sound that a stutter repeats: the consonants before the first vowel, or that vowel.

    Args:
        sounds: Of the whole word.
        begun: The broken beginning; with a vowel in it, the first vowel's sound is part of it.
    """
    if len(begun) == 1 or begun in _ONE_SOUND:
        return tuple(sounds[:1])
    first = next((i for i, sound in enumerate(sounds) if _VOWEL.search(sound)), len(sounds))
    if first == 0 or any(letter in "aeiou" for letter in begun):
        return tuple(sounds[: first + 1])
    return tuple(sounds[:first])


def prefix_sound(part: str) -> tuple[str, ...] | None:
    """Read the part before a hyphen that is a prefix: re-entry, co-pilot."""
    listed = _PREFIXES.get(part)
    return tuple(listed.split()) if listed else None


def is_letter_a(tokens: Sequence[str], index: int) -> bool:
    """Whether `A` is the letter's name rather than the article.

    Args:
        tokens: As written, marks included.
        index: Which of them; `A` or `a`.
    """
    before = tokens[index - 1] if index else "."
    after = tokens[index + 1] if index + 1 < len(tokens) else "."
    named = before.lower() in _LETTERED
    if tokens[index] == "a":
        return named and before.lower() != "the" and not after[0].isalpha()
    # After "I" stands an article: "Was I A fool?"
    if named or (_is_initial(before) and before != "I") or _is_initial(after):
        return True
    if after[0].isalpha():
        return False
    following = tokens[index + 2].lower() if index + 2 < len(tokens) else ""
    return following not in {"a", "an"}


def _is_initial(token: str) -> bool:
    return len(token) == 1 and token in _INITIALS
