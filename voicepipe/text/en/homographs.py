"""English words written alike and said differently.

With the reference style every such word is read as a noun would be: the public
checkpoints' golden rows were made so. The spoken style looks at the words around.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from voicepipe.text.en.g2p_en_files import g2p_en_file
from voicepipe.text.en.homograph_rules import (
    AUXILIARIES,
    DETERMINERS,
    OBJECTS,
    PUNCTUATION,
    WORDS_WITH_RULES,
    Beside,
    read_by_rule,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BEFORE_VERBS = frozenset(
    [
        "to",
        "i",
        "you",
        "we",
        "they",
        "will",
        "would",
        "can",
        "could",
        "should",
        "shall",
        "may",
        "might",
        "must",
        "don't",
        "didn't",
        "doesn't",
        "won't",
        "can't",
        "couldn't",
        "wouldn't",
        "shouldn't",
        "i'll",
        "you'll",
        "we'll",
        "they'll",
        "he'll",
        "she'll",
        "it'll",
        "i'd",
        "you'd",
        "we'd",
        "they'd",
        "let's",
        "please",
        "never",
        "always",
        "cannot",
        "not",
        "who",
        "ever",
        "just",
        "still",
        "also",
    ]
)
_BEFORE_THIRD_PERSON = frozenset(
    ["he", "she", "it", "who", "that", "which", "nobody", "everyone", "someone"]
)
_AFTER_IMPERATIVES = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "my",
        "your",
        "his",
        "her",
        "its",
        "our",
        "their",
        "it",
        "me",
        "us",
        "them",
        "him",
        "every",
        "all",
        "your",
        "any",
        "some",
        "no",
        "here",
        "there",
        "down",
        "up",
        "on",
        "off",
        "out",
    ]
)
_BEFORE_ADJECTIVES = frozenset(
    [
        "am",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "i'm",
        "you're",
        "he's",
        "she's",
        "it's",
        "we're",
        "they're",
        "feel",
        "feels",
        "felt",
        "seem",
        "seems",
        "so",
        "too",
        "very",
        "more",
        "most",
        "quite",
        "a",
    ]
)
_NOUN_TAG = "NN"

# (as a verb, otherwise): corrections of the list below, and words it lacks.
_SPOKEN: Mapping[str, tuple[str, str]] = {
    "winds": ("W AY1 N D Z", "W IH1 N D Z"),
    "mouth": ("M AW1 DH", "M AW1 TH"),
    "mouths": ("M AW1 DH Z", "M AW1 DH Z"),
    "object": ("AH0 B JH EH1 K T", "AA1 B JH EH0 K T"),
    "objects": ("AH0 B JH EH1 K T S", "AA1 B JH EH0 K T S"),
    "contents": ("K AH0 N T EH1 N T S", "K AA1 N T EH0 N T S"),
    "closer": ("K L OW1 S ER0", "K L OW1 S ER0"),
    "blessed": ("B L EH1 S T", "B L EH1 S IH0 D"),
    "house": ("HH AW1 Z", "HH AW1 S"),
    "essay": ("EH1 S EY2", "EH1 S EY2"),
    "progress": ("P R AH0 G R EH1 S", "P R AA1 G R EH2 S"),
    "process": ("P R AA1 S EH2 S", "P R AA1 S EH2 S"),
    "learned": ("L ER1 N D", "L ER1 N D"),
    "affect": ("AH0 F EH1 K T", "AH0 F EH1 K T"),
    "snapshot": ("S ER0 V EY1", "S ER1 V EY2"),
}


@cache
def _listed() -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...], str]]:
    """Load word → (in its marked role, otherwise, the role), from the list g2p_en ships."""
    without = "words with two readings cannot be told apart"
    found = {}
    text = g2p_en_file("homographs.en", without=without).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, marked, other, role = line.strip().split("|")
            found[word.lower()] = (tuple(marked.split()), tuple(other.split()), role)
    # The list's own entry for "read" names the past tense; the reference replaces it.
    found["read"] = (("R", "IY1", "D"), ("R", "EH1", "D"), "VBP")
    return found


def read_as_noun(word: str) -> tuple[str, ...] | None:
    """Read a homograph the way the reference does when it takes every word for a noun.

    Args:
        word: Lower case.

    Returns:
        ARPAbet, or None when the word has one reading.
    """
    listed = _listed().get(word)
    if listed is None:
        return None
    marked, other, role = listed
    return marked if _NOUN_TAG.startswith(role) else other


def read_in_context(words: Sequence[str], index: int) -> tuple[str, ...] | None:
    """Read a homograph by the words around it.

    Args:
        words: Lower-case tokens of the sentence, marks included.
        index: Which of them.

    Returns:
        ARPAbet, or None when the word has one reading.
    """
    word = words[index]
    if not has_two_readings(word):
        return None
    ruled = read_by_rule(words, index)
    if ruled:
        return ruled
    spoken = _SPOKEN.get(word)
    if spoken:
        return tuple(spoken[0 if _is_verb(words, index) else 1].split())
    listed = _listed().get(word)
    if listed is None:
        return None
    marked, other, role = listed
    if not role.startswith("V"):  # content, complex: a noun unless something is so
        return other if (_previous(words, index) in _BEFORE_ADJECTIVES) == (role == "N") else marked
    return marked if _is_verb(words, index) else other


def has_two_readings(word: str) -> bool:
    """Tell whether a word's sound depends on those around it.

    Args:
        word: Lower case.
    """
    return word in _two_readings()


@cache
def _two_readings() -> frozenset[str]:
    """Name every word whose sound depends on those around it."""
    return frozenset((*WORDS_WITH_RULES, *_SPOKEN, *_listed()))


def _previous(words: Sequence[str], index: int) -> str:
    return words[index - 1] if index else "."


def _is_imperative(words: Sequence[str], index: int) -> bool:
    following = words[index + 1] if index + 1 < len(words) else "."
    return _previous(words, index) in PUNCTUATION and following in _AFTER_IMPERATIVES


def _is_verb(words: Sequence[str], index: int) -> bool:
    near = Beside(words=words, index=index)
    before = near.before
    if before in DETERMINERS - {"that", "which"}:
        return near.at(-2) in AUXILIARIES and before == "her"
    has_object = near.after in OBJECTS or (near.after in DETERMINERS and before not in PUNCTUATION)
    if words[index].endswith("s") and words[index] not in {"process", "impress", "progress"}:
        return before in _BEFORE_THIRD_PERSON or (has_object and before.isalpha())
    return (
        before in _BEFORE_VERBS
        or near.is_asked
        or near.after in OBJECTS - {"you", "it"}
        or _is_imperative(words, index)
        or (before in {"and", "or", "then"} and has_object)
    )
