"""Chinese word segmentation with parts of speech, by jieba's dictionary and model.

The dictionary is built in memory: jieba's own loader would read a cache file from the
shared temporary folder, which anyone on the machine may have written.
"""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_REMEMBERED = 1 << 12
"""Stretches: a line is read, and then looked through for words that no dictionary knows."""
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
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


class _Segmenter:
    """Holds the two tokenizers; neither changes after it is built."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # jieba's sources use escapes and resource loaders that newer Pythons warn of.
            warnings.simplefilter("ignore")
            with _without_pkg_resources():
                import jieba  # noqa: PLC0415 - a second of loading, at first use
                import jieba.posseg as tagging  # noqa: PLC0415
        jieba.setLogLevel(logging.WARNING)
        # The library's own pair: its tagger has read the dictionary while it was imported.
        tokenizer: Any = jieba.dt
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
        tokenizer.initialized = True
        self._tokenizer = tokenizer
        self._tagger: Any = tagging.dt
        _remember_unknown(self._tagger)

    def words(self, text: str) -> Iterator[Word]:
        for pair in self._tagger.cut(text):
            yield Word(text=pair.word, tag=pair.flag)

    def parts(self, word: str) -> list[str]:
        return list(self._tokenizer.cut_for_search(word))

    def knows(self, word: str) -> bool:
        return bool(self._tokenizer.FREQ.get(word, 0))


def _remember_unknown(tagger: Any) -> None:  # noqa: ANN401 - a class without types
    """Cut each stretch that the dictionary lacks once: names come back in every scene.

    The search over tags is most of what cutting costs. Nothing is changed where the library no
    longer has the method.
    """
    name = "_POSTokenizer__cut"
    if hasattr(tagger, name):
        cut = getattr(tagger, name)
        setattr(tagger, name, lru_cache(maxsize=_REMEMBERED)(lambda text: tuple(cut(text))))


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
