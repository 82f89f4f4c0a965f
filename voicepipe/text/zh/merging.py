"""Joins words whose tones act on each other, before the tones are changed.

The order is part of the result: 不, then 一, then doubled words, then neighbours in the
third tone, then 儿.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.text.zh.words import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LONGEST_JOINED = 3
"""Characters: third tones are joined into words of up to three."""


def merge_words(words: Sequence[Word], finals_of: Callable[[Word], Sequence[str]]) -> list[Word]:
    """Join words for tone sandhi.

    Args:
        words: As cut, in order.
        finals_of: Rimes with tone digits of a word, before any sandhi.

    Returns:
        Words that spell the same text; a joined word keeps the tag of its first part
        (of its second after 不).
    """
    merged = _merge_yi(_merge_bu(words))
    merged = _merge_doubled(merged)
    merged = _merge_third_tones(merged, finals_of, whole_words=True)
    merged = _merge_third_tones(merged, finals_of, whole_words=False)
    return _merge_er(merged)


def _merge_bu(words: Sequence[Word]) -> list[Word]:
    merged: list[Word] = []
    pending: Word | None = None
    for word in words:
        joined = pending.joined(word, word.tag) if pending else word
        if joined.text == "不":
            pending = joined
            continue
        merged.append(joined)
        # 不不: the first negates the second, which then begins nothing.
        pending = None
    if pending:
        merged.append(Word(text=pending.text, tag="d"))
    return merged


def _merge_yi(words: Sequence[Word]) -> list[Word]:
    joined: list[Word] = []
    index = 0
    while index < len(words):
        word = words[index]
        if joined and word.text == "一" and _is_verb_twice(joined[-1], words[index + 1 :]):
            verb = joined[-1]
            joined[-1] = verb.joined(word, verb.tag).joined(verb, verb.tag)
            index += 2
            continue
        joined.append(word)
        index += 1
    merged: list[Word] = []
    for word in joined:
        if merged and merged[-1].text == "一":
            merged[-1] = merged[-1].joined(word, merged[-1].tag)
        else:
            merged.append(word)
    return merged


def _is_verb_twice(before: Word, following: Sequence[Word]) -> bool:
    if not following or before.tag != "v":
        return False
    return (before.text, before.tag) == (following[0].text, following[0].tag)


def _merge_doubled(words: Sequence[Word]) -> list[Word]:
    merged: list[Word] = []
    for word in words:
        if merged and word.text == merged[-1].text:
            merged[-1] = merged[-1].joined(word, merged[-1].tag)
        else:
            merged.append(word)
    return merged


def _merge_third_tones(
    words: Sequence[Word], finals_of: Callable[[Word], Sequence[str]], *, whole_words: bool
) -> list[Word]:
    """Join neighbours in the third tone: wholly so, or only where they touch."""
    finals = [finals_of(word) for word in words]
    merged: list[Word] = []
    was_joined = False
    for index, word in enumerate(words):
        touches = index > 0 and _touch(finals[index - 1], finals[index], whole_words=whole_words)
        is_joined = touches and not was_joined and _may_join(words[index - 1].text, word.text)
        if is_joined:
            merged[-1] = merged[-1].joined(word, merged[-1].tag)
        else:
            merged.append(word)
        was_joined = is_joined
    return merged


def _touch(before: Sequence[str], after: Sequence[str], *, whole_words: bool) -> bool:
    if not (before[-1].endswith("3") and after[0].endswith("3")):
        return False
    return not whole_words or all(final.endswith("3") for final in (*before, *after))


def _may_join(before: str, after: str) -> bool:
    is_doubled = len(before) == 2 and before[0] == before[1]  # 奶奶: its own rule follows
    return not is_doubled and len(before) + len(after) <= _LONGEST_JOINED


def _merge_er(words: Sequence[Word]) -> list[Word]:
    merged: list[Word] = []
    for word in words:
        if merged and word.text == "儿":
            merged[-1] = merged[-1].joined(word, merged[-1].tag)
        else:
            merged.append(word)
    return merged
