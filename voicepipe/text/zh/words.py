"""Chinese word segmentation with parts of speech, by jieba's dictionary and model.

The dictionary is built in memory: jieba's own loader would read a cache file from the
shared temporary folder, which anyone on the machine may have written.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import warnings
from contextlib import contextmanager
from functools import cache, lru_cache
from io import BytesIO
from math import log
from typing import TYPE_CHECKING, Any

import msgspec

from voicepipe.text.zh.tag_search import TagSearch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REMEMBERED = 1 << 12
"""Clauses: a line is read, and then looked through for words that no dictionary knows."""
_REMEMBERED_STRETCHES = 1 << 14
"""Names and single words beside each other that no dictionary lists as one."""
_STRETCH = re.compile("([\u4e00-\u9fd5a-zA-Z0-9+#&._]+)")
"""What the library looks at as a whole."""
_PLAIN = re.compile("[\u4e00-\u9fd5.]+")
"""What is cut here, as the library does; what holds letters or figures it cuts itself."""
_DOTS = re.compile(r"(\.+)")
_LOCK = threading.Lock()


# Words are keys of what is remembered of them: a Struct is made, hashed and compared in C.
class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A word and its part of speech, in jieba's tags (`n…` noun, `v…` verb, `r` pronoun)."""

    text: str
    tag: str
    given: tuple[str, ...] = ()
    """Readings decided by the context, one a character, empty where the dictionary answers; or
    nothing at all."""

    def joined(self, other: Word, tag: str) -> Word:
        """Put another word behind it."""
        given: tuple[str, ...] = ()
        if self.given or other.given:
            given = self.readings() + other.readings()
        return Word(text=self.text + other.text, tag=tag, given=given)

    def readings(self) -> tuple[str, ...]:
        """One a character."""
        return self.given or ("",) * len(self.text)


@contextmanager
def _without_pkg_resources() -> Iterator[None]:
    """Let jieba open its files itself, as where it is not installed: loading it takes longer."""
    if "pkg_resources" in sys.modules:
        yield
        return
    sys.modules["pkg_resources"] = None  # type: ignore[assignment] # importing it now fails
    try:
        yield
    finally:
        del sys.modules["pkg_resources"]


@contextmanager
def _nothing_to_read(tokenizer: Any) -> Iterator[None]:  # noqa: ANN401 - a class without types
    """Keep the library's tagger from reading the dictionary line by line when it is imported."""
    tokenizer.get_dict_file = BytesIO
    try:
        yield
    finally:
        del tokenizer.get_dict_file


def read_dictionary(text: str) -> tuple[dict[str, int], int, dict[str, str]]:
    """Read the library's dictionary in one go: half the time it takes itself.

    Args:
        text: A line a word: the word, how often it was counted, its tag.

    Returns:
        How often each word was counted, 0 for what only begins one; all of it together, what is
        listed twice twice; and the words' tags.
    """
    fields = text.split()
    words = fields[::3]
    tags = dict(zip(words, map(sys.intern, fields[2::3]), strict=True))
    numbers = [int(field) for field in fields[1::3]]
    counts = dict(zip(words, numbers, strict=True))
    for word in words:
        begun = word[:-1]
        while begun and begun not in counts:
            counts[begun] = 0
            begun = begun[:-1]
    return counts, sum(numbers), tags


class _Segmenter:
    """Holds the library's dictionary and model; neither changes after it is built."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # jieba's sources use escapes and resource loaders that newer Pythons warn of.
            warnings.simplefilter("ignore")
            with _without_pkg_resources():
                import jieba  # noqa: PLC0415 - half a second of loading, at first use

                with _nothing_to_read(jieba.dt):
                    import jieba.posseg as tagging  # noqa: PLC0415
        jieba.setLogLevel(logging.WARNING)
        tokenizer: Any = jieba.dt
        with tokenizer.get_dict_file() as file:
            counts, total, tags = read_dictionary(file.read().decode("utf-8"))
        tokenizer.FREQ, tokenizer.total = counts, total
        tokenizer.initialized = True
        self._tokenizer = tokenizer
        self._tagger: Any = tagging.dt
        self._tagger.word_tag_tab = tags
        self._counts: Mapping[str, int] = counts
        self._log_total = log(total)
        self._tags: Mapping[str, str] = tags
        search = TagSearch(
            tagging.char_state_tab_P, tagging.start_P, tagging.trans_P, tagging.emit_P
        )
        self._tagged = lru_cache(_REMEMBERED_STRETCHES)(lambda text: tuple(search.words(text)))

    def words(self, text: str) -> list[Word]:
        """Cut text as the library's tagger does."""
        found: list[tuple[str, str]] = []
        for stretch in _STRETCH.split(text):
            if _PLAIN.fullmatch(stretch):
                self._cut(stretch, found)
            elif stretch:
                found.extend((pair.word, pair.flag) for pair in self._tagger.cut(stretch))
        return [Word(text=word, tag=tag) for word, tag in found]

    def _cut(self, text: str, found: list[tuple[str, str]]) -> None:
        """Cut at the likeliest words; what is left in single characters may be words none lists."""
        ends = self._likeliest_ends(text)
        start = single = 0
        while start < len(text):
            end = ends[start]
            if end - start > 1:
                self._cut_singles(text[single:start], found)
                word = text[start:end]
                found.append((word, self._tags.get(word, "x")))
                single = end
            start = end
        self._cut_singles(text[single:], found)

    def _likeliest_ends(self, text: str) -> list[int]:
        """Say of each character where the word ends that begins with it."""
        counts, log_total, length = self._counts, self._log_total, len(text)
        scores = [0.0] * (length + 1)
        ends = [0] * length
        for start in range(length - 1, -1, -1):
            end = chosen = start + 1
            best = (0.0 - log_total) + scores[end]  # as if it had been counted once
            is_listed = False
            count = counts.get(text[start:end])
            while count is not None:  # listed, or (0) the beginning of what is
                if count:
                    score = (log(count) - log_total) + scores[end]
                    if score >= best or not is_listed:
                        best, chosen, is_listed = score, end, True
                end += 1
                if end > length:
                    break
                count = counts.get(text[start:end])
            scores[start], ends[start] = best, chosen
        return ends

    def _cut_singles(self, text: str, found: list[tuple[str, str]]) -> None:
        if not text:
            return
        if len(text) == 1 or self._counts.get(text):
            found.extend([(character, self._tags.get(character, "x")) for character in text])
            return
        for stretch in _DOTS.split(text):
            if stretch[:1] == ".":
                found.append((stretch, "m"))
            elif stretch:
                found.extend(self._tagged(stretch))

    def parts(self, word: str) -> list[str]:
        return list(self._tokenizer.cut_for_search(word))

    def knows(self, word: str) -> bool:
        return bool(self._counts.get(word, 0))


@cache
def _built() -> _Segmenter:
    return _Segmenter()


def _segmenter() -> _Segmenter:
    with _LOCK:
        return _built()


@lru_cache(maxsize=_REMEMBERED)
def cut_words(text: str) -> tuple[Word, ...]:
    """Cut text into tagged words; nothing is lost or added."""
    return tuple(_segmenter().words(text))


def cut_parts(word: str) -> list[str]:
    """List the words inside a word and the word itself, as a search index would."""
    return _segmenter().parts(word)


def is_known(word: str) -> bool:
    """Tell whether the dictionary lists this word."""
    return _segmenter().knows(word)
